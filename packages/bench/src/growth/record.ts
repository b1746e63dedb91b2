/** What the growth bench keeps as JSON. */
import type { ImportRun, Medians, RecordOptions } from '../import/index.js'
import type { Machine } from '../report/index.js'

export interface GrowthStep {
  readonly name: 'G1' | 'G2'
  readonly title: string
  readonly rows: number
  readonly inputBytes: number
  /** Bytes; absent: the engine's default. */
  readonly memoryBudget?: number
  readonly runs: readonly ImportRun[]
  readonly medians: Medians
  /** Written beyond what the database grew by: sorted runs and other intermediate data that were spilled. */
  readonly spilledBytes?: number
  /** The most that the database and all beside it took on the disk during the import. */
  readonly diskBytesMax: number
}

export interface GrowthRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  readonly steps: readonly GrowthStep[]
}
