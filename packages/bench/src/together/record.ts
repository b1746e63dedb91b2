/** What the bench of imports at once keeps as JSON. */
import type { RecordOptions } from '../import/index.js'
import type { Machine } from '../report/index.js'
import type { CaseName } from '../workloads/index.js'

/** `in turn`: each alone, one after the other, for comparison. */
export type Way = 'in turn' | 'one process' | 'two processes'

export interface TogetherRun {
  /** From the start of the first process to the exit of the last. */
  readonly elapsedMs: number
  /** Of each process. */
  readonly peakRssBytes: readonly number[]
  /** Of each import. */
  readonly importMs: readonly number[]
}

export interface TogetherPoint {
  readonly cases: readonly CaseName[]
  readonly way: Way
  readonly rows: readonly number[]
  readonly inputBytes: number
  /** Of each database, in bytes; absent: the engine's default. */
  readonly memoryBudget?: number
  readonly runs: readonly TogetherRun[]
  /** Medians. */
  readonly elapsedMs: number
  readonly importMs: readonly number[]
  /** The most of all runs, of each process. */
  readonly peakRssBytesMax: readonly number[]
}

export interface TogetherRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  readonly points: readonly TogetherPoint[]
}
