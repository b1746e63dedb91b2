/**
 * Takes what the benches have kept into the figures of record.
 *
 * - Of every case (and rival, budget, limit, size, …) the newest result counts, wherever it lies: benches may
 *   be run in pieces, in any order, and a case that is measured again replaces what was there.
 * - Counted are runs of one scale and one seed. What was measured with other options answers other questions:
 *   a small budget and a cold cache have tables of their own, other numbers of threads count nowhere but in
 *   the bench of scaling.
 */
import { generateCaseNames } from '../generate/index.js'
import { type ImportRecord, medians, type RecordOptions } from '../import/index.js'
import { suiteNames } from '../micro/index.js'
import { type PeersRecord, peers } from '../peers/index.js'
import { readers } from '../read/index.js'
import type { Machine } from '../report/index.js'
import { caseNames, defaultSeed } from '../workloads/index.js'
import type {
  BudgetFigure,
  CgroupFigure,
  Figures,
  GenerateFigure,
  GrowthFigure,
  ImportFigure,
  Measured,
  MemoryFigure,
  PairFigure,
  ReadFigure,
  ReadSizeFigure,
  Records,
  ScalingFigure,
  SuiteFigure,
  TogetherFigure,
} from './figures.js'

/** Which results count. */
export interface Choice {
  readonly scale: number
  readonly seed?: number
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
const readerNames = readers.map((reader) => reader.name)
const ways = ['in turn', 'one process', 'two processes']
const growthNames = ['G1', 'G2']

function importsOf(records: readonly ImportRecord[]): ImportFigure[] {
  return records.flatMap((record) =>
    record.cases.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
}

/** Millrace's own runs beside others are imports, too, all of them together. */
function importsBesideOthers(records: readonly PeersRecord[]): ImportFigure[] {
  return records.flatMap((record) =>
    record.cases.flatMap(({ name, title, rows, inputBytes, pairs }) => {
      const runs = pairs.flatMap((pair) => pair.ours.runs)
      const input = { rows, inputBytes }
      if (runs.length === 0) return []
      return [{ ...measured(record), name, title, ...input, medians: medians(input, runs) }]
    }),
  )
}

function budgetsOf(records: readonly ImportRecord[]): BudgetFigure[] {
  return records.flatMap((record) => {
    const { memory } = record.options
    if (memory === undefined) return []
    const memoryBudget = Math.round(memory * 1024 ** 2)
    return importsOf([record]).map((figure) => ({ ...figure, memoryBudget }))
  })
}

function pairsOf(records: readonly PeersRecord[]): PairFigure[] {
  return records.flatMap((record) =>
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

function readsOf(records: Records['reads']): ReadFigure[] {
  return records.flatMap((record) =>
    record.cases.flatMap(({ name, title, rows, inputBytes, pairs }) =>
      pairs.map(({ rival, ours, theirs, ratios }) => ({
        ...measured(record),
        ...{ name, title, rows, inputBytes, rival, ratios },
        ours: { medians: ours.medians },
        theirs: { medians: theirs.medians },
      })),
    ),
  )
}

function readSizesOf(records: Records['reads']): ReadSizeFigure[] {
  return records.flatMap((record) =>
    record.sizes.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
}

function scalingOf(records: Records['scaling']): ScalingFigure[] {
  return records.flatMap((record) =>
    record.cases.map(({ pairs, ...figure }) => ({
      ...measured(record),
      ...figure,
      one: pairs.theirs.medians,
      several: pairs.ours.medians,
      ratios: pairs.ratios,
    })),
  )
}

function memoryOf(records: Records['memory']): MemoryFigure[] {
  return records.flatMap((record) =>
    record.points.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
}

function cgroupsOf(records: Records['cgroups']): CgroupFigure[] {
  return records.flatMap((record) =>
    record.points.map(({ runs, ...figure }) => ({ ...measured(record), ...figure, successes: runs.length })),
  )
}

function togetherOf(records: Records['together']): TogetherFigure[] {
  return records.flatMap((record) =>
    record.points.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
}

function growthOf(records: Records['growth']): GrowthFigure[] {
  return records.flatMap((record) =>
    record.steps.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
}

function generatedOf(records: Records['generated']): GenerateFigure[] {
  return records.flatMap((record) =>
    record.points.map(({ runs: _runs, ...figure }) => ({ ...measured(record), ...figure })),
  )
}

function suitesOf(records: Records['micro']): SuiteFigure[] {
  return records.flatMap((record) =>
    [...new Set(record.figures.map((kernel) => kernel.suite))].map((suite) => {
      const kernels = record.figures.filter((kernel) => kernel.suite === suite)
      return { ...measured(record), suite, kernels }
    }),
  )
}

/** The figures after these results, of which only those of `choice` count. */
export function addRecords(figures: Figures, all: Records, { scale, seed = defaultSeed }: Choice): Figures {
  const chosen = <Kept extends { readonly options: RecordOptions }>(records: readonly Kept[], cold = false) =>
    records.filter(
      ({ options }) =>
        options.scale === scale && (options.seed ?? defaultSeed) === seed && options.cold === cold,
    )
  const usualThreads = all.imports.filter(({ options }) => options.threads === undefined)
  const usual = usualThreads.filter(({ options }) => options.memory === undefined)
  const peersWarm = chosen(all.peers)
  const imports = [...figures.imports, ...importsOf(chosen(usual)), ...importsBesideOthers(peersWarm)]
  const coldImports = [
    ...figures.coldImports,
    ...importsOf(chosen(usual, true)),
    ...importsBesideOthers(chosen(all.peers, true)),
  ]
  const ofCase = ({ name }: ImportFigure) => [caseNames.indexOf(name)]
  const ofPair = ({ name, rival }: PairFigure) => [caseNames.indexOf(name), peerNames.indexOf(rival.name)]
  return {
    imports: newest(imports, ofCase),
    pairs: newest([...figures.pairs, ...pairsOf(peersWarm)], ofPair),
    reads: newest([...figures.reads, ...readsOf(chosen(all.reads))], ({ name, rival }) => [
      caseNames.indexOf(name),
      readerNames.indexOf(rival.name),
    ]),
    readSizes: newest([...figures.readSizes, ...readSizesOf(chosen(all.reads))], ({ rows }) => [rows]),
    scaling: newest([...figures.scaling, ...scalingOf(chosen(all.scaling))], (figure) => [
      figure.by === 'threads' ? 0 : 1,
      figure.count,
      caseNames.indexOf(figure.name),
    ]),
    memory: newest([...figures.memory, ...memoryOf(chosen(all.memory))], ({ rows, memoryBudget }) => [
      memoryBudget ?? 0,
      rows,
    ]),
    budgets: newest([...figures.budgets, ...budgetsOf(chosen(usualThreads))], (figure) => [
      figure.memoryBudget,
      ...ofCase(figure),
    ]),
    cgroups: newest([...figures.cgroups, ...cgroupsOf(chosen(all.cgroups))], ({ name, limitBytes }) => [
      caseNames.indexOf(name),
      -limitBytes,
    ]),
    together: newest([...figures.together, ...togetherOf(chosen(all.together))], (figure) => [
      ...[0, 1, 2, 3].map((place) => caseNames.indexOf(figure.cases[place] ?? 'N1')),
      figure.cases.length,
      figure.memoryBudget ?? 0,
      ways.indexOf(figure.way),
    ]),
    growth: newest([...figures.growth, ...growthOf(chosen(all.growth))], ({ name, memoryBudget }) => [
      memoryBudget ?? 0,
      growthNames.indexOf(name),
    ]),
    generated: newest([...figures.generated, ...generatedOf(chosen(all.generated))], ({ name }) => [
      generateCaseNames.indexOf(name),
    ]),
    coldImports: newest(coldImports, ofCase),
    coldPairs: newest([...figures.coldPairs, ...pairsOf(chosen(all.peers, true))], ofPair),
    suites: newest([...figures.suites, ...suitesOf(all.micro)], ({ suite }) => [suiteNames.indexOf(suite)]),
  }
}
