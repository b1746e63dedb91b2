/** What the scaling bench keeps as JSON. */
import type { RecordOptions } from '../import/index.js'
import type { Pairs } from '../peers/index.js'
import type { Machine } from '../report/index.js'
import type { CaseName } from '../workloads/index.js'

/** `threads`: the engine's option; `cores`: the processors that the whole process may run on. */
export type ScalingBy = 'threads' | 'cores'

export interface ScalingCaseRecord {
  readonly name: CaseName
  readonly title: string
  readonly rows: number
  readonly inputBytes: number
  readonly by: ScalingBy
  /** Threads, or cores, of `pairs.ours`; `pairs.theirs` has one. */
  readonly count: number
  readonly pairs: Pairs
}

export interface ScalingRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  readonly cases: readonly ScalingCaseRecord[]
}
