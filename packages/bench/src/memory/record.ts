/** What the memory bench keeps as JSON. */
import type { ImportRun, Medians, RecordOptions } from '../import/index.js'
import type { Machine } from '../report/index.js'

export interface MemoryPoint {
  readonly rows: number
  readonly inputBytes: number
  /** Bytes; absent: the engine's default. */
  readonly memoryBudget?: number
  readonly runs: readonly ImportRun[]
  readonly medians: Medians
  /** The most of all runs. */
  readonly peakRssBytesMax: number
}

export interface MemoryRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  readonly points: readonly MemoryPoint[]
}
