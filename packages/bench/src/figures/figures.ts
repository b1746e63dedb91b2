/**
 * The figures of record: of every case, pair and size the newest result, condensed to its medians, with the
 * machine it was measured on. They lie in `packages/bench/figures.json`; pages and charts are made from them.
 *
 * Counted are whole runs of the default engine with the input in the page cache. What was measured with other
 * options answers other questions.
 */
import { type ImportRecord, type Medians, medians } from '../import/index.js'
import type { MemoryRecord } from '../memory/index.js'
import { type KernelFigure, suiteNames } from '../micro/index.js'
import { type PeersRecord, peers, type Ratios } from '../peers/index.js'
import type { Machine } from '../report/index.js'
import { type CaseName, caseNames } from '../workloads/index.js'

interface Measured {
  readonly measuredAt: string
  readonly machine: Machine
}

interface Input {
  readonly rows: number
  readonly inputBytes: number
}

export interface ImportFigure extends Measured, Input {
  readonly name: CaseName
  readonly title: string
  readonly medians: Medians
}

export interface PairFigure extends Measured, Input {
  readonly name: CaseName
  readonly rival: { readonly name: string; readonly title: string }
  readonly ours: Medians
  readonly theirs: Medians
  readonly ratios: Ratios
}

export interface MemoryFigure extends Measured, Input {
  /** Absent: the engine's default. */
  readonly memoryBudget?: number
  readonly medians: Medians
  readonly peakRssBytesMax: number
}

export interface SuiteFigure extends Measured {
  readonly suite: string
  readonly kernels: readonly KernelFigure[]
}

export interface Figures {
  readonly imports: readonly ImportFigure[]
  readonly pairs: readonly PairFigure[]
  readonly memory: readonly MemoryFigure[]
  readonly suites: readonly SuiteFigure[]
}

export const noFigures: Figures = { imports: [], pairs: [], memory: [], suites: [] }

/** What the benches have kept, oldest first. */
export interface Records {
  readonly imports: readonly ImportRecord[]
  readonly peers: readonly PeersRecord[]
  readonly memory: readonly MemoryRecord[]
  readonly micro: readonly MicroRecord[]
}

export interface MicroRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly figures: readonly KernelFigure[]
}

function measured(record: { readonly startedAt: string; readonly machine: Machine }): Measured {
  return { measuredAt: record.startedAt, machine: record.machine }
}

/** What tells figures apart, and the order in which they stand. */
type Key = readonly number[]

function compareKeys(a: Key, b: Key): number {
  const at = a.findIndex((part, index) => part !== b[index])
  return at === -1 ? 0 : (a[at] as number) - (b[at] as number)
}

/** The newest of those with the same key, in order of their keys. */
function newest<Figure extends Measured>(
  figures: readonly Figure[],
  keyOf: (figure: Figure) => Key,
): Figure[] {
  const byKey = new Map<string, Figure>()
  for (const figure of figures) {
    const key = String(keyOf(figure))
    const known = byKey.get(key)
    if (known === undefined || known.measuredAt <= figure.measuredAt) byKey.set(key, figure)
  }
  return [...byKey.values()].sort((a, b) => compareKeys(keyOf(a), keyOf(b)))
}

const peerNames = peers.map((peer) => peer.name)

function importsOf(records: Records): ImportFigure[] {
  const alone = records.imports.flatMap((record) =>
    record.cases.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
  const besideOthers = records.peers.flatMap((record) =>
    record.cases.flatMap(({ name, title, rows, inputBytes, pairs }) => {
      const runs = pairs.flatMap((pair) => pair.ours.runs)
      const input = { rows, inputBytes }
      if (runs.length === 0) return []
      return [{ ...measured(record), name, title, ...input, medians: medians(input, runs) }]
    }),
  )
  return [...alone, ...besideOthers]
}

function pairsOf(records: Records): PairFigure[] {
  return records.peers.flatMap((record) =>
    record.cases.flatMap(({ name, rows, inputBytes, pairs }) =>
      pairs.map(({ rival, ours, theirs, ratios }) => ({
        ...measured(record),
        name,
        rows,
        inputBytes,
        rival,
        ours: ours.medians,
        theirs: theirs.medians,
        ratios,
      })),
    ),
  )
}

/** The figures after these results, of which only those at `scale` count. */
export function addRecords(figures: Figures, all: Records, scale: number): Figures {
  const isWhole = ({ options }: ImportRecord | PeersRecord | MemoryRecord) =>
    options.scale === scale &&
    !options.cold &&
    !('threads' in options && options.threads !== undefined) &&
    !('memory' in options && options.memory !== undefined)
  const records = {
    ...all,
    imports: all.imports.filter(isWhole),
    peers: all.peers.filter(isWhole),
    memory: all.memory.filter(isWhole),
  }
  const points = records.memory.flatMap((record) =>
    record.points.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
  const suites = records.micro.flatMap((record) =>
    [...new Set(record.figures.map((kernel) => kernel.suite))].map((suite) => {
      const kernels = record.figures.filter((kernel) => kernel.suite === suite)
      return { ...measured(record), suite, kernels }
    }),
  )
  return {
    imports: newest([...figures.imports, ...importsOf(records)], ({ name }) => [caseNames.indexOf(name)]),
    pairs: newest([...figures.pairs, ...pairsOf(records)], ({ name, rival }) => [
      caseNames.indexOf(name),
      peerNames.indexOf(rival.name),
    ]),
    memory: newest([...figures.memory, ...points], ({ rows, memoryBudget }) => [memoryBudget ?? 0, rows]),
    suites: newest([...figures.suites, ...suites], ({ suite }) => [suiteNames.indexOf(suite)]),
  }
}
