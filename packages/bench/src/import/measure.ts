/**
 * Runs an import in fresh processes, each into a fresh database, and reports only what it has checked.
 *
 * - The input is read before each run, so every run finds it in the page cache; or dropped from there, when
 *   the cold cache is what is asked about. What earlier runs wrote is synced before the clock starts.
 * - Relationships need nodes: they are loaded once, by a process of their own, and the database is copied for
 *   each run.
 * - The clock of a run stops when its import is durable; `processMs` is the whole process, start to exit.
 * - A run is checked by another process, which opens the database anew.
 */
import { join } from 'node:path'
import { prepareRows, shapes, sumsOf, type Workload } from '../workloads/index.js'
import { runChild } from './child-process.js'
import type { Contender } from './contender.js'
import { bytesIn, freshFolder, removeFolder } from './folders.js'
import { settle } from './page-cache.js'
import type { CheckAnswer, ImportAnswer } from './protocol.js'

export interface MeasureOptions {
  /** Where inputs and databases lie. */
  readonly folder: string
  /** The input is not in the page cache when a run starts. */
  readonly cold: boolean
  /** Told what is going on, for the terminal. */
  readonly onStep: (text: string) => void
}

export interface ImportRun extends ImportAnswer {
  readonly processMs: number
  /** How much the database grew. */
  readonly databaseBytes: number
}

/** A contender that is ready to load one workload again and again. */
export interface PreparedRuns {
  /** One run. Throws when the import fails or its result is wrong. */
  run(): Promise<ImportRun>
  /** Removes all databases that were made. */
  remove(): void
}

async function importChecked(
  contender: Contender,
  workload: Workload,
  folder: string,
): Promise<ImportAnswer & { processMs: number }> {
  const { modulePath, engine } = contender
  const request = {
    databasePath: join(folder, 'database.mill'),
    csvPath: workload.path,
    table: shapes[workload.name].table,
  }
  const { answer, processMs } = await runChild(modulePath, { action: 'import', ...request, engine })
  const { rows, checks } = workload
  const sums = sumsOf(workload)
  const checked = await runChild(modulePath, { action: 'check', ...request, rows, sums, checks })
  const { mistakes } = checked.answer as CheckAnswer
  if (mistakes.length > 0) throw new Error(`the result is wrong: ${mistakes.join('\n')}`)
  return { ...(answer as ImportAnswer), processMs }
}

/** Loads the nodes that a relationship workload joins, once; undefined when there are none to load. */
async function prepareNodes(
  contender: Contender,
  workload: Workload,
  options: MeasureOptions,
): Promise<string | undefined> {
  const name = shapes[workload.name].nodes
  if (name === undefined || !contender.needsNodes) return undefined
  options.onStep(`${workload.name}, ${contender.title}: loading the nodes of ${name}`)
  const nodes = prepareRows(name, { rows: workload.nodes, nodes: 0 }, options.folder)
  const folder = join(options.folder, `nodes-of-${workload.name}-${contender.name}`)
  freshFolder(folder, undefined)
  await importChecked(contender, nodes, folder)
  return folder
}

export async function prepareRuns(
  contender: Contender,
  workload: Workload,
  options: MeasureOptions,
): Promise<PreparedRuns> {
  const nodesFolder = await prepareNodes(contender, workload, options)
  const nodesBytes = nodesFolder === undefined ? 0 : bytesIn(nodesFolder)
  const folder = join(options.folder, `run-${contender.name}`)
  return {
    async run() {
      freshFolder(folder, nodesFolder)
      settle(workload.path, options.cold)
      const run = await importChecked(contender, workload, folder)
      const databaseBytes = bytesIn(folder) - nodesBytes
      removeFolder(folder)
      return { ...run, databaseBytes }
    },
    remove() {
      removeFolder(folder)
      if (nodesFolder !== undefined) removeFolder(nodesFolder)
    },
  }
}

/** Measures one contender on one workload. Throws when a run's result is wrong. */
export async function measureRuns(
  contender: Contender,
  workload: Workload,
  count: number,
  options: MeasureOptions,
): Promise<ImportRun[]> {
  const prepared = await prepareRuns(contender, workload, options)
  try {
    const runs: ImportRun[] = []
    for (let run = 1; run <= count; run++) {
      options.onStep(`${workload.name}, ${contender.title}: run ${run} of ${count}`)
      runs.push(await prepared.run())
    }
    return runs
  } finally {
    prepared.remove()
  }
}
