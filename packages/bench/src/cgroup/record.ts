/** What the cgroup bench keeps as JSON. */
import type { ImportRun, Medians, RecordOptions } from '../import/index.js'
import type { Machine } from '../report/index.js'
import type { CaseName } from '../workloads/index.js'

export interface CgroupRun extends ImportRun {
  /** The most that the group was charged with: the process, its page cache, its share of the kernel. */
  readonly groupPeakBytes: number
}

export interface CgroupPoint {
  readonly name: CaseName
  readonly title: string
  readonly rows: number
  readonly inputBytes: number
  /** Of memory; there is no swap. */
  readonly limitBytes: number
  readonly runs: readonly CgroupRun[]
  /** How the runs ended that did not succeed. */
  readonly failures: readonly string[]
  /** Of the runs that succeeded; absent when none did. */
  readonly medians?: Medians
  /** The most of all runs that succeeded. */
  readonly groupPeakBytesMax: number
}

export interface CgroupRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  readonly points: readonly CgroupPoint[]
}
