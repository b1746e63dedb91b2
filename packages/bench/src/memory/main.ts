/**
 * `pnpm bench:memory`: peak resident memory of whole import processes, over the size of the input (the shape
 * of N3), with the default budget and with a small one. Prints a table and keeps every run as JSON.
 */
import Table from 'cli-table3'
import { Command } from 'commander'
import { positive, whole } from '../command-line.js'
import { measureRuns, medians, millrace } from '../import/index.js'
import { dataFolder, describeMachine, machineLine, megabytes, saveResults, seconds } from '../report/index.js'
import { prepareRows } from '../workloads/index.js'
import type { MemoryPoint, MemoryRecord } from './record.js'

interface Options {
  readonly scale: number
  readonly runs: number
  readonly cold: boolean
  readonly large: boolean
}

const sizes = [100e6, 500e6, 1e9]
const largeSize = 5e9

/** What a row of N3 takes on average, header and all. */
const bytesPerRow = 264

/** The default (undefined), and the smallest that a user is promised. */
const budgets = [undefined, 64 * 1024 ** 2]

async function measurePoint(
  inputBytes: number,
  memoryBudget: number | undefined,
  options: Options,
): Promise<MemoryPoint> {
  const rows = Math.max(1, Math.round((inputBytes * options.scale) / bytesPerRow))
  const budget = memoryBudget === undefined ? {} : { memoryBudget }
  console.error(`${rows} rows: making the input`)
  const workload = prepareRows('N3', { rows, nodes: 0 }, dataFolder)
  const onStep = (text: string) => console.error(`${megabytes(workload.bytes)}, ${text}`)
  const measureOptions = { folder: dataFolder, cold: options.cold, onStep }
  const runs = await measureRuns(millrace(budget), workload, options.runs, measureOptions)
  const input = { rows, inputBytes: workload.bytes }
  const peakRssBytesMax = Math.max(...runs.map((run) => run.peakRssBytes))
  return { ...input, ...budget, runs, medians: medians(input, runs), peakRssBytesMax }
}

function memoryTable(points: readonly MemoryPoint[]): string {
  const headings = ['input', 'budget', 'import', 'MB/s', 'peak RSS', 'most of all runs']
  const table = new Table({
    head: headings,
    colAligns: headings.map(() => 'right' as const),
    style: { head: [], border: [] },
  })
  for (const { inputBytes, memoryBudget, medians, peakRssBytesMax } of points) {
    table.push([
      megabytes(inputBytes),
      memoryBudget === undefined ? 'default' : `${memoryBudget / 1024 ** 2} MiB`,
      seconds(medians.importMs),
      (medians.bytesPerSecond / 1e6).toFixed(0),
      megabytes(medians.peakRssBytes),
      megabytes(peakRssBytesMax),
    ])
  }
  return table.toString()
}

async function benchMemory(options: Options): Promise<void> {
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  console.log(machineLine(machine))
  const points: MemoryPoint[] = []
  for (const size of options.large ? [...sizes, largeSize] : sizes) {
    for (const budget of budgets) points.push(await measurePoint(size, budget, options))
  }
  console.log(memoryTable(points))
  const record: MemoryRecord = { startedAt, machine, options, points }
  console.log(`Every run: ${saveResults('memory', record)}`)
}

await new Command('bench:memory')
  .description('Peak memory of imports over the size of the input.')
  .option('--scale <factor>', 'sizes, as a part of the whole', positive, 1)
  .option('--runs <count>', 'runs of each size and budget', whole, 3)
  .option('--cold', 'drop the input from the page cache before each run', false)
  .option('--large', 'also 5 GB', false)
  .action((options: Options) => benchMemory(options))
  .parseAsync()
