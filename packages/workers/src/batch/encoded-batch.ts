/** What travels in a slot, and what it is made for. Plain values: they are posted between threads. */
import type { EncodedNodeBatch, EncodedRelBatch, LogicalType, RelPartitioning } from '@millrace/core/internal'

/** A batch in a slot. */
export type EncodedBatch = StoreBatch | ColumnBatch

/** A batch for a table. */
export type StoreBatch =
  | ({ readonly kind: 'nodes' } & EncodedNodeBatch)
  | ({ readonly kind: 'rels' } & EncodedRelBatch)

/**
 * A batch of plain columns, for whoever reads CSV without a database. It does not lie in its slot, but brings
 * memory of its own, which moves from thread to thread: it is never copied.
 */
export interface ColumnBatch {
  readonly kind: 'columns'
  readonly rows: number
  readonly memory: ArrayBuffer
  /** Of the memory, which may be larger. */
  readonly bytes: number
  readonly columns: readonly ColumnPlace[]
}

/**
 * Where a column stands in its memory. All places are bytes from its start, and multiples of 8 but `text`.
 *
 * | part     | holds                                                                                |
 * |----------|--------------------------------------------------------------------------------------|
 * | validity | a bit a row, the lowest first, 1 for a value; whole 64-bit words. Only with nulls     |
 * | values   | numbers: 8, 4 or 1 bytes a row (`lane-width.ts`); texts: `rows` + 1 u32 where they end |
 * | text     | the bytes of all texts, one behind the other                                          |
 */
export interface ColumnPlace {
  readonly nullCount: number
  /** −1: no row is null. */
  readonly validity: number
  readonly values: number
  readonly text: number
  readonly textBytes: number
}

/** A column of the table that no column of the input fills: null in every row. */
export interface AbsentColumn {
  /** Among the table's columns. */
  readonly index: number
  readonly type: LogicalType
}

/** What a parsed batch becomes: how the encoder half of the sink is set up in a parse worker. */
export type EncodeSpec =
  | {
      readonly kind: 'nodes'
      readonly keyColumn: number
      readonly absent: readonly AbsentColumn[]
    }
  | {
      readonly kind: 'rels'
      readonly fromTableId: number
      readonly toTableId: number
      readonly absent: readonly AbsentColumn[]
      readonly partitioning: RelPartitioning
      /** The encoded catalog, for looking up endpoint keys. */
      readonly catalog: SharedArrayBuffer
      readonly databasePath: string
    }
