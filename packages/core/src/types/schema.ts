import type { LogicalType } from './logical-type.js'

/** One column of a table. The key column of a node table is never null; every other column may be. */
export interface ColumnSchema {
  readonly name: string
  readonly type: LogicalType
}

/** What `CREATE NODE TABLE` declares. `keyColumn` is an index into `columns`. */
export interface NodeTableSchema {
  readonly kind: 'node'
  readonly name: string
  readonly columns: readonly ColumnSchema[]
  readonly keyColumn: number
}

/** What `CREATE REL TABLE` declares. `columns` are the properties only; the endpoints are node offsets. */
export interface RelTableSchema {
  readonly kind: 'rel'
  readonly name: string
  readonly fromTable: string
  readonly toTable: string
  readonly columns: readonly ColumnSchema[]
}

export type TableSchema = NodeTableSchema | RelTableSchema
