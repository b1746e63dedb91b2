/**
 * `pnpm bench:memory`: peak resident memory of whole import processes, over the size of the input (the shape
 * of N3), with the default budget and with a small one. Prints a table and keeps every run as JSON.
 */
import { type BenchOptions, benchCommand, positives, withCold } from '../command-line.js'
import { measureRuns, medians, millrace } from '../import/index.js'
import { beginBench, megabytes, seconds, terminalTable } from '../report/index.js'
import { prepareRows } from '../workloads/index.js'
import type { MemoryPoint, MemoryRecord } from './record.js'

interface Options extends BenchOptions {
  readonly cold: boolean
  readonly large: boolean
}

/** In MB. */
const sizes = [100, 500, 1000]
const largeSize = 5000

/** What a row of N3 takes on average, header and all. */
const bytesPerRow = 264

/** The default (undefined), and the smallest that a user is promised. */
const budgets = [undefined, 64 * 1024 ** 2]

async function measurePoint(
  megabytesWanted: number,
  memoryBudget: number | undefined,
  options: Options,
): Promise<MemoryPoint> {
  const rows = Math.max(1, Math.round((megabytesWanted * 1e6 * options.scale) / bytesPerRow))
  const budget = memoryBudget === undefined ? {} : { memoryBudget }
  console.error(`${rows} rows: making the input`)
  const workload = await prepareRows('N3', { rows, nodes: 0, seed: options.seed }, options.folder)
  const onStep = (text: string) => console.error(`${megabytes(workload.bytes)}, ${text}`)
  const measureOptions = { folder: options.folder, cold: options.cold, onStep }
  const runs = await measureRuns(millrace(budget), workload, options.runs, measureOptions)
  const input = { rows, inputBytes: workload.bytes }
  const peakRssBytesMax = Math.max(...runs.map((run) => run.peakRssBytes))
  return { ...input, ...budget, runs, medians: medians(input, runs), peakRssBytesMax }
}

function memoryTable(points: readonly MemoryPoint[]): string {
  const headings = ['input', 'budget', 'import', 'MB/s', 'peak RSS', 'most of all runs']
  const table = terminalTable(headings, [])
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

async function benchMemory(wanted: readonly number[], options: Options): Promise<void> {
  const { machine, startedAt, results } = beginBench('memory')
  const points: MemoryPoint[] = []
  const usual = options.large ? [...sizes, largeSize] : sizes
  for (const size of wanted.length > 0 ? wanted : usual) {
    for (const budget of budgets) {
      points.push(await measurePoint(size, budget, options))
      results.save({ startedAt, machine, options, points } satisfies MemoryRecord)
    }
  }
  console.log(memoryTable(points))
  console.log(`Every run: ${results.path}`)
}

await withCold(
  benchCommand('bench:memory', 'Peak memory of imports over the size of the input.', { runs: 3 }),
)
  .argument('[MB...]', `sizes of the input (default: ${sizes.join(', ')})`, positives)
  .option('--large', 'also 5 GB', false)
  .action((wanted: number[], options: Options) => benchMemory(wanted, options))
  .parseAsync()
