/** What the columns of a table may ask of the plan that they belong to. */
import type { PoolSource } from '../pools/index.js'
import type { Schema, SqlType, Table } from '../schema/index.js'
import type { ColumnOptions } from './column-options.js'
import type { DecidedKeys } from './foreign-keys.js'
import type { Choice } from './uniqueness.js'

export interface PlanView {
  readonly schema: Schema
  readonly seed: number
  readonly pools: PoolSource
  readonly types: ReadonlyMap<string, SqlType>
  rowsOf(table: Table): number
  options(table: Table): ColumnOptions
  decidedKeys(table: Table): DecidedKeys
  /** The choices of units that must be unique, by unit. */
  choices(table: Table): ReadonlyMap<string, Choice>
  /** The column takes part in a unique constraint. */
  isInUniqueSet(table: Table, name: string): boolean
}
