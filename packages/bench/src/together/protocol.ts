/** What passes between the bench and a process that does several imports at once. */
import type { EngineOptions } from '../import/index.js'
import type { ProcessUsage } from '../usage/index.js'
import type { TableDescription } from '../workloads/index.js'

export interface TogetherRequest {
  readonly action: 'import'
  readonly imports: readonly {
    readonly databasePath: string
    readonly csvPath: string
    readonly table: TableDescription
  }[]
  /** Of each database. */
  readonly engine: EngineOptions
}

export interface TogetherAnswer extends ProcessUsage {
  /** From before each database is opened to its durable commit, in the order of the request. */
  readonly importMs: readonly number[]
}
