/** What the import bench keeps as JSON. */
import type { Machine } from '../report/index.js'
import type { CaseName } from '../workloads/index.js'
import type { ImportRun } from './measure.js'
import type { Medians } from './medians.js'

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
  readonly options: {
    readonly scale: number
    readonly cold: boolean
    readonly threads?: number
    readonly memory?: number
  }
  readonly cases: readonly CaseRecord[]
}
