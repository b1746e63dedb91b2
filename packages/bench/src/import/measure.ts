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
import { bytesIn, freshFolder, ownName, removeAbandoned, removeFolder } from './folders.js'
import { requireCold, settle } from './page-cache.js'
import type { CheckAnswer, CheckRequest, ImportAnswer, ImportRequest } from './protocol.js'

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
  /**
   * One run, through `launcher` (`runChild`; else the contender's). Throws when the import fails or its
   * result is wrong, and when a cold run was none.
   */
  run(launcher?: readonly string[]): Promise<ImportRun>
  /** Removes all databases that were made. */
  remove(): void
}

/** Who loads what into which folder. */
interface Load {
  readonly contender: Contender
  readonly workload: Workload
  readonly folder: string
}

/** What the processes of a load are told, both that of the import and that of the check. */
export function requestOf({ workload, folder }: Omit<Load, 'contender'>) {
  return {
    databasePath: join(folder, 'database.mill'),
    csvPath: workload.path,
    table: shapes[workload.name].table,
  }
}

/** Another process opens the database anew. Throws when its answers are wrong. */
export async function requireRight(load: Load): Promise<void> {
  const { rows, checks } = load.workload
  const request: CheckRequest = {
    action: 'check',
    ...requestOf(load),
    rows,
    sums: sumsOf(load.workload),
    checks,
  }
  const { mistakes } = (await runChild(load.contender.modulePath, request)).answer as CheckAnswer
  if (mistakes.length > 0) throw new Error(`the result is wrong: ${mistakes.join('\n')}`)
}

/** Runs an import in a process of its own, and checks its result in another. */
export async function importChecked(
  load: Load,
  launcher: readonly string[] = [],
): Promise<ImportAnswer & { processMs: number }> {
  const { modulePath, engine } = load.contender
  const request: ImportRequest = { action: 'import', ...requestOf(load), engine }
  const { answer, processMs } = await runChild(modulePath, request, launcher)
  await requireRight(load)
  return { ...(answer as ImportAnswer), processMs }
}

/**
 * Loads the nodes that a relationship workload joins, once, into a folder of their own; undefined when there
 * are none to load.
 */
export async function prepareNodes(
  contender: Contender,
  workload: Workload,
  options: MeasureOptions,
): Promise<string | undefined> {
  const name = shapes[workload.name].joined?.name
  if (name === undefined || !contender.needsNodes) return undefined
  options.onStep(`${workload.name}, ${contender.title}: loading the nodes of ${name}`)
  const size = { rows: workload.nodes, nodes: 0, seed: workload.seed }
  const nodes = await prepareRows(name, size, options.folder)
  const folder = join(options.folder, ownName(`nodes-of-${workload.name}-${contender.name}`))
  freshFolder(folder, undefined)
  await importChecked({ contender, workload: nodes, folder })
  return folder
}

export async function prepareRuns(
  contender: Contender,
  workload: Workload,
  options: MeasureOptions,
): Promise<PreparedRuns> {
  removeAbandoned(options.folder)
  const nodesFolder = await prepareNodes(contender, workload, options)
  const nodesBytes = nodesFolder === undefined ? 0 : bytesIn(nodesFolder)
  const folder = join(options.folder, ownName(contender.name))
  return {
    async run(launcher = contender.launcher ?? []) {
      freshFolder(folder, nodesFolder)
      settle(workload.path, options.cold)
      const run = await importChecked({ contender, workload, folder }, launcher)
      if (options.cold) requireCold(workload.bytes, run.readBytes)
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
