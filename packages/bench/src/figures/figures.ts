/**
 * The figures of record: of every case, pair and size the newest result, condensed to its medians, with the
 * machine it was measured on. They lie in `packages/bench/figures.json`; pages and charts are made from them.
 */
import type { CgroupPoint, CgroupRecord } from '../cgroup/index.js'
import type { GeneratePoint, GenerateRecord } from '../generate/index.js'
import type { GrowthRecord, GrowthStep } from '../growth/index.js'
import type { ImportRecord, Medians } from '../import/index.js'
import type { MemoryRecord } from '../memory/index.js'
import type { KernelFigure } from '../micro/index.js'
import type { PeersRecord, Ratios } from '../peers/index.js'
import type { ReadPairs, ReadRecord, ReadSize } from '../read/index.js'
import type { Machine } from '../report/index.js'
import type { ScalingBy, ScalingRecord } from '../scaling/index.js'
import type { TogetherPoint, TogetherRecord } from '../together/index.js'
import type { CaseName } from '../workloads/index.js'

export interface Measured {
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

export interface BudgetFigure extends ImportFigure {
  /** Bytes. */
  readonly memoryBudget: number
}

export interface PairFigure extends Measured, Input {
  readonly name: CaseName
  readonly rival: { readonly name: string; readonly title: string }
  readonly ours: Medians
  readonly theirs: Medians
  readonly ratios: Ratios
}

type OfRuns<Side extends { readonly runs: unknown }> = Omit<Side, 'runs'>

/** `readCsv` beside another parser. */
export interface ReadFigure extends Measured, Input, Omit<ReadPairs, 'ours' | 'theirs'> {
  readonly name: CaseName
  readonly title: string
  readonly ours: OfRuns<ReadPairs['ours']>
  readonly theirs: OfRuns<ReadPairs['theirs']>
}

export interface ReadSizeFigure extends Measured, OfRuns<ReadSize> {}

export interface ScalingFigure extends Measured, Input {
  readonly name: CaseName
  readonly title: string
  readonly by: ScalingBy
  /** Threads, or cores, of `several`. */
  readonly count: number
  readonly one: Medians
  readonly several: Medians
  /** One to several. */
  readonly ratios: Ratios
}

export interface MemoryFigure extends Measured, Input {
  /** Absent: the engine's default. */
  readonly memoryBudget?: number
  readonly medians: Medians
  readonly peakRssBytesMax: number
}

export interface CgroupFigure extends Measured, Omit<CgroupPoint, 'runs'> {
  /** Runs that succeeded. */
  readonly successes: number
}

export type TogetherFigure = Measured & Omit<TogetherPoint, 'runs'>

export type GrowthFigure = Measured & Omit<GrowthStep, 'runs'>

export type GenerateFigure = Measured & Omit<GeneratePoint, 'runs'>

export interface SuiteFigure extends Measured {
  readonly suite: string
  readonly kernels: readonly KernelFigure[]
}

export interface Figures {
  readonly imports: readonly ImportFigure[]
  readonly pairs: readonly PairFigure[]
  readonly reads: readonly ReadFigure[]
  readonly readSizes: readonly ReadSizeFigure[]
  readonly scaling: readonly ScalingFigure[]
  readonly memory: readonly MemoryFigure[]
  readonly budgets: readonly BudgetFigure[]
  readonly cgroups: readonly CgroupFigure[]
  readonly together: readonly TogetherFigure[]
  readonly growth: readonly GrowthFigure[]
  readonly generated: readonly GenerateFigure[]
  /** With the input not in the page cache. */
  readonly coldImports: readonly ImportFigure[]
  readonly coldPairs: readonly PairFigure[]
  readonly suites: readonly SuiteFigure[]
}

export const noFigures: Figures = {
  imports: [],
  pairs: [],
  reads: [],
  readSizes: [],
  scaling: [],
  memory: [],
  budgets: [],
  cgroups: [],
  together: [],
  growth: [],
  generated: [],
  coldImports: [],
  coldPairs: [],
  suites: [],
}

export interface MicroRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly figures: readonly KernelFigure[]
}

/** What the benches have kept, oldest first. */
export interface Records {
  readonly imports: readonly ImportRecord[]
  readonly peers: readonly PeersRecord[]
  readonly reads: readonly ReadRecord[]
  readonly scaling: readonly ScalingRecord[]
  readonly memory: readonly MemoryRecord[]
  readonly cgroups: readonly CgroupRecord[]
  readonly together: readonly TogetherRecord[]
  readonly growth: readonly GrowthRecord[]
  readonly generated: readonly GenerateRecord[]
  readonly micro: readonly MicroRecord[]
}

export const noRecords: Records = {
  imports: [],
  peers: [],
  reads: [],
  scaling: [],
  memory: [],
  cgroups: [],
  together: [],
  growth: [],
  generated: [],
  micro: [],
}
