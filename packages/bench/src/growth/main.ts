/**
 * `pnpm bench:growth`: 50 M nodes with shuffled keys, then 100 M relationships between them, into one
 * database: its key index and its relationships are far larger than the memory budget. Makes the inputs
 * (about 3.5 GB) and removes them afterwards. Prints a table and keeps the runs as JSON.
 */
import { join } from 'node:path'
import Table from 'cli-table3'
import { type BenchOptions, benchCommand, positive } from '../command-line.js'
import {
  bytesIn,
  freshFolder,
  importChecked,
  medians,
  millrace,
  ownName,
  removeAbandoned,
  removeFolder,
  settle,
} from '../import/index.js'
import {
  describeMachine,
  machineLine,
  megabytes,
  millions,
  ResultsFile,
  rowCount,
  seconds,
} from '../report/index.js'
import { prepareWorkload, removeWorkload, shapes } from '../workloads/index.js'
import type { GrowthRecord, GrowthStep } from './record.js'

interface Options extends BenchOptions {
  /** In MiB. */
  readonly memory?: number
  readonly keep: boolean
}

const names = ['G1', 'G2'] as const
const watchMs = 100

const onStep = (text: string) => console.error(text)

/** The largest size that a folder had while `work` was done. */
async function watchFolder<Result>(
  folder: string,
  work: () => Promise<Result>,
): Promise<{ result: Result; bytesMax: number }> {
  let bytesMax = bytesIn(folder)
  const look = () => {
    try {
      bytesMax = Math.max(bytesMax, bytesIn(folder))
    } catch {
      // A file was removed between being listed and being asked.
    }
  }
  const timer = setInterval(look, watchMs)
  try {
    const result = await work()
    look()
    return { result, bytesMax }
  } finally {
    clearInterval(timer)
  }
}

async function importStep(
  name: (typeof names)[number],
  folder: string,
  options: Options,
): Promise<GrowthStep> {
  onStep(`${name}: making the input`)
  const workload = prepareWorkload(name, options.scale, options.folder, options.seed)
  const { rows, bytes } = workload
  const budget = options.memory === undefined ? {} : { memoryBudget: Math.round(options.memory * 1024 ** 2) }
  const before = bytesIn(folder)
  settle(workload.path, false)
  onStep(`${name}: importing and checking ${rowCount(rows)} rows`)
  const load = { contender: millrace(budget), workload, folder }
  const { result, bytesMax } = await watchFolder(folder, () => importChecked(load))
  if (!options.keep) removeWorkload(workload)
  const run = { ...result, databaseBytes: bytesIn(folder) - before }
  const input = { rows, inputBytes: bytes }
  return {
    name,
    title: shapes[name].title,
    ...input,
    ...budget,
    runs: [run],
    medians: medians(input, [run]),
    ...(run.writtenBytes === undefined
      ? {}
      : { spilledBytes: Math.max(0, run.writtenBytes - run.databaseBytes) }),
    diskBytesMax: bytesMax,
  }
}

function growthTable(steps: readonly GrowthStep[]): string {
  const headings = ['case', 'rows', 'input', 'import', 'rows/s', 'process', 'peak RSS']
  const disk = ['database', 'written', 'spilled', 'most on the disk']
  const table = new Table({
    head: [...headings, ...disk],
    colAligns: [...headings, ...disk].map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  })
  for (const { name, title, rows, inputBytes, medians, spilledBytes, diskBytesMax } of steps) {
    table.push([
      `${name} ${title}`,
      rowCount(rows),
      megabytes(inputBytes),
      seconds(medians.importMs),
      millions(medians.rowsPerSecond),
      seconds(medians.processMs),
      megabytes(medians.peakRssBytes),
      megabytes(medians.databaseBytes),
      megabytes(medians.writtenBytes),
      megabytes(spilledBytes),
      megabytes(diskBytesMax),
    ])
  }
  return table.toString()
}

async function benchGrowth(options: Options): Promise<void> {
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  console.log(machineLine(machine))
  removeAbandoned(options.folder)
  const folder = join(options.folder, ownName('growth'))
  const steps: GrowthStep[] = []
  const results = new ResultsFile('growth')
  try {
    freshFolder(folder, undefined)
    for (const name of names) {
      steps.push(await importStep(name, folder, options))
      const { scale, seed } = options
      results.save({
        startedAt,
        machine,
        options: { scale, seed, cold: false },
        steps,
      } satisfies GrowthRecord)
    }
  } finally {
    removeFolder(folder)
  }
  console.log(growthTable(steps))
  console.log(`One run each; every result checked. As JSON: ${results.path}`)
}

await benchCommand('bench:growth', '50 M nodes and 100 M relationships.', { runs: 1 })
  .option('--memory <MiB>', "memory budget (default: the engine's)", positive)
  .option('--keep', 'keep the inputs, for another run', false)
  .action((options: Options) => benchGrowth(options))
  .parseAsync()
