/**
 * All that passes between the caller's thread and the workers that make rows.
 *
 * - `WorkerPlan` comes with the worker (`workerData`): it makes its own plan of it. Pools are shared memory.
 * - A `RowsTask` asks for rows of one table; its slot is shared memory, the worker's own until it answers.
 * - A `RowsOutcome` says how many bytes of the slot hold the rows. A worker that needed more memory sends the
 *   larger slot back; the old one is garbage.
 */
import type { FormatName } from '../formats/index.js'
import type { Projection } from '../plan/index.js'
import type { Schema } from '../schema/index.js'
import type { Pool } from '../values/index.js'

export interface WorkerPlan {
  readonly schema: Schema
  readonly seed: number
  readonly rows: Readonly<Record<string, number>>
  readonly format: FormatName
  readonly insertRows: number
  readonly pools: ReadonlyMap<string, Pool>
}

export interface RowsTask {
  readonly table: string
  readonly first: number
  readonly end: number
  /** Other columns than the table's own. */
  readonly projection?: Projection | undefined
  readonly slot: SharedArrayBuffer
}

export interface RowsOutcome {
  readonly length: number
  readonly slot: SharedArrayBuffer
}
