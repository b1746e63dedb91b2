/**
 * `pnpm bench:growth`: 50 M nodes with shuffled keys, then 100 M relationships between them, into one
 * database: its key index and its relationships are far larger than the memory budget. Makes the inputs
 * (about 3.5 GB) and removes them afterwards, and the database. Prints a table and keeps the runs as JSON.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BenchOptions, benchCommand, oneOf, positive } from '../command-line.js'
import {
  bytesIn,
  freshFolder,
  importChecked,
  medians,
  millrace,
  removeFolder,
  settle,
} from '../import/index.js'
import { beginBench, megabytes, millions, rowCount, seconds, terminalTable } from '../report/index.js'
import { prepareWorkload, removeWorkload, shapes } from '../workloads/index.js'
import type { GrowthRecord, GrowthStep } from './record.js'

interface Options extends Omit<BenchOptions, 'runs'> {
  /** In MiB. */
  readonly memory?: number
  readonly keep: boolean
}

const names = ['G1', 'G2'] as const
type StepName = (typeof names)[number]
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

async function importStep(name: StepName, folder: string, options: Options): Promise<GrowthStep> {
  onStep(`${name}: making the input`)
  const workload = await prepareWorkload(name, options.scale, options.folder, options.seed)
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
  const table = terminalTable([...headings, ...disk])
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

/** Where the nodes wait for the relationships, also from one command to the next. */
function databaseFolder({ folder, scale, seed, memory }: Options): string {
  return join(folder, `growth-${scale}-${seed}-${memory ?? 'default'}`)
}

/** Runs `steps` in order. The last one removes the database; one that fails does, too. */
async function runSteps(
  chosen: readonly StepName[],
  options: Options,
  onStepDone: (step: GrowthStep) => void,
): Promise<void> {
  const folder = databaseFolder(options)
  if (chosen.includes('G1')) freshFolder(folder, undefined)
  else if (!existsSync(folder))
    throw new Error('there are no nodes to join: `pnpm bench:growth G1` loads them')
  let isWanted = false
  try {
    for (const name of names) {
      if (chosen.includes(name)) onStepDone(await importStep(name, folder, options))
    }
    isWanted = !chosen.includes('G2')
  } finally {
    if (!isWanted) removeFolder(folder)
  }
}

async function benchGrowth(chosen: readonly StepName[], options: Options): Promise<void> {
  const { machine, startedAt, results } = beginBench('growth')
  const steps: GrowthStep[] = []
  const { scale, seed } = options
  await runSteps(chosen, options, (step) => {
    steps.push(step)
    results.save({ startedAt, machine, options: { scale, seed, cold: false }, steps } satisfies GrowthRecord)
  })
  console.log(growthTable(steps))
  console.log(`One run each; every result checked. As JSON: ${results.path}`)
  if (!chosen.includes('G2')) console.log('The nodes stay on the disk, for `pnpm bench:growth G2`.')
}

await benchCommand('bench:growth', '50 M nodes and 100 M relationships.', { runs: 'one' })
  .argument('[step...]', 'G1, the nodes; G2, the relationships (default: both)', oneOf(names))
  .option('--memory <MiB>', "memory budget (default: the engine's)", positive)
  .option('--keep', 'keep the inputs, for another run', false)
  .action((steps: StepName[], options: Options) => benchGrowth(steps.length === 0 ? names : steps, options))
  .parseAsync()
