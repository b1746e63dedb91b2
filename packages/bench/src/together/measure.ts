/** Runs the imports of several workloads in turn, at once in one process, or at once in one process each. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Contender,
  type EngineOptions,
  freshFolder,
  type ImportAnswer,
  type MeasureOptions,
  ownName,
  prepareNodes,
  removeAbandoned,
  removeFolder,
  requestOf,
  requireRight,
  runChild,
  settle,
} from '../import/index.js'
import { median } from '../report/index.js'
import type { CaseName, Workload } from '../workloads/index.js'
import type { TogetherAnswer, TogetherRequest } from './protocol.js'
import type { TogetherPoint, TogetherRun, Way } from './record.js'

/** A database to be made; `nodesFolder`: what it begins with. */
interface Place {
  readonly workload: Workload<CaseName>
  readonly folder: string
  readonly nodesFolder: string | undefined
}

/** The module of a process that does several imports at once. */
const togetherModulePath = fileURLToPath(new URL('./child.js', import.meta.url))

async function importInOne(
  modulePath: string,
  places: readonly Place[],
  engine: EngineOptions,
): Promise<TogetherRun> {
  const request: TogetherRequest = { action: 'import', imports: places.map(requestOf), engine }
  const { answer, processMs } = await runChild(modulePath, request)
  const { importMs, peakRssBytes } = answer as TogetherAnswer
  return { elapsedMs: processMs, peakRssBytes: [peakRssBytes], importMs }
}

async function importAlone({ modulePath, engine }: Contender, place: Place): Promise<ImportAnswer> {
  const request = { action: 'import', ...requestOf(place), engine }
  return (await runChild(modulePath, request)).answer as ImportAnswer
}

async function importInSeveral(
  contender: Contender,
  places: readonly Place[],
  way: Way,
): Promise<TogetherRun> {
  const startedMs = performance.now()
  const answers: ImportAnswer[] = []
  if (way === 'in turn') for (const place of places) answers.push(await importAlone(contender, place))
  else answers.push(...(await Promise.all(places.map((place) => importAlone(contender, place)))))
  const elapsedMs = performance.now() - startedMs
  const of = (name: 'peakRssBytes' | 'importMs') => answers.map((answer) => answer[name])
  return { elapsedMs, peakRssBytes: of('peakRssBytes'), importMs: of('importMs') }
}

/** Throws when an import fails or its result is wrong. */
export async function measureTogether(
  contender: Contender,
  workloads: readonly Workload<CaseName>[],
  way: Way,
  options: MeasureOptions & { readonly runs: number; readonly modulePath?: string },
): Promise<TogetherPoint> {
  removeAbandoned(options.folder)
  const { engine } = contender
  const modulePath = options.modulePath ?? togetherModulePath
  const places: Place[] = []
  for (const [index, workload] of workloads.entries()) {
    const named = { ...contender, name: `${contender.name}-${index}` }
    const nodesFolder = await prepareNodes(named, workload, options)
    places.push({ workload, folder: join(options.folder, ownName(`together-${index}`)), nodesFolder })
  }
  const runs: TogetherRun[] = []
  try {
    for (let count = 1; count <= options.runs; count++) {
      options.onStep(`${workloads.map(({ name }) => name).join(' and ')}, ${way}: run ${count}`)
      for (const { folder, nodesFolder } of places) freshFolder(folder, nodesFolder)
      for (const { workload } of places) settle(workload.path, false)
      const run = await (way === 'one process'
        ? importInOne(modulePath, places, engine)
        : importInSeveral(contender, places, way))
      for (const { workload, folder } of places) await requireRight({ contender, workload, folder })
      runs.push(run)
    }
  } finally {
    for (const { folder, nodesFolder } of places) {
      removeFolder(folder)
      if (nodesFolder !== undefined) removeFolder(nodesFolder)
    }
  }
  const columns = (name: 'importMs' | 'peakRssBytes') =>
    (runs[0]?.[name] ?? []).map((_, index) => runs.map((run) => run[name][index] ?? 0))
  return {
    cases: workloads.map(({ name }) => name),
    way,
    rows: workloads.map(({ rows }) => rows),
    inputBytes: workloads.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(engine.memoryBudget === undefined ? {} : { memoryBudget: engine.memoryBudget }),
    runs,
    elapsedMs: median(runs.map((run) => run.elapsedMs)),
    importMs: columns('importMs').map(median),
    peakRssBytesMax: columns('peakRssBytes').map((bytes) => Math.max(...bytes)),
  }
}
