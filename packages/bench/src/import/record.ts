/** What the import bench keeps as JSON. */
import type { Machine } from '../report/index.js'
import type { CaseName } from '../workloads/index.js'
import type { ImportRun } from './measure.js'
import type { Medians } from './medians.js'

/** What tells results apart that were measured with the same command. */
export interface RecordOptions {
  readonly scale: number
  readonly cold: boolean
  /** Absent: the default. */
  readonly seed?: number
}

export interface CaseRecord {
  readonly name: CaseName
  readonly title: string
  readonly rows: number
  readonly inputBytes: number
  readonly runs: readonly ImportRun[]
  readonly medians: Medians
}

export interface ImportRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions & {
    readonly threads?: number
    /** In MiB. */
    readonly memory?: number
  }
  readonly cases: readonly CaseRecord[]
}
