/**
 * A batch of parsed rows, as typed arrays. It owns its memory: whoever keeps it may.
 *
 * Positions in `validity` are bits, the lowest first, as Arrow has them: 1 for a value, 0 for a null.
 */
import {
  type Int64Mode,
  type LogicalType,
  physicalTypeOf,
  QueryResult,
  QueryRun,
  type ResultVector,
  rowMaker,
  valueReader,
} from '@millrace/core/base'
import { type ColumnBatch, type ColumnPlace, laneWidth } from '../batch/index.js'

/** A table of the package apache-arrow, which is loaded when it is asked for. */
export type ArrowTable = Awaited<ReturnType<QueryResult['toArrow']>>

/** What all columns have. */
interface ColumnOfBatch {
  readonly name: string
  readonly type: LogicalType
  readonly nullCount: number
  /** Null when no row is null. */
  readonly validity: Uint8Array | null
}

/**
 * A column of numbers: DOUBLE and FLOAT as `Float64Array`; INT64, and TIMESTAMP in microseconds since 1970,
 * as `BigInt64Array`; INT32, and DATE in days since 1970, as `Int32Array`; BOOL as `Uint8Array` of 0 and 1.
 * The value at a null is 0.
 */
export interface NumberColumn extends ColumnOfBatch {
  readonly kind: 'number'
  readonly values: Float64Array | BigInt64Array | Int32Array | Uint8Array
}

/** A column of texts: that of row i is `bytes[offsets[i] … offsets[i + 1])`, in UTF-8. */
export interface TextColumn extends ColumnOfBatch {
  readonly kind: 'text'
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

export type CsvColumn = NumberColumn | TextColumn

/** A row by column name. It has no prototype: every column name is safe. */
export type CsvRow = Record<string, unknown>

/** What a column is called, and what it holds. */
export interface CsvColumnInfo {
  readonly name: string
  readonly type: LogicalType
}

export class CsvBatch {
  /** Rows of the batch. */
  readonly rowCount: number
  /** Rows that batches before this one had. */
  readonly firstRow: number
  readonly columns: readonly CsvColumn[]
  readonly #int64: Int64Mode

  constructor(infos: readonly CsvColumnInfo[], batch: ColumnBatch, firstRow: number, int64: Int64Mode) {
    this.rowCount = batch.rows
    this.firstRow = firstRow
    this.#int64 = int64
    this.columns = infos.map((info, i) => columnOf(info, batch.columns[i]!, batch))
  }

  /** The column called `name`; undefined when there is none. */
  column(name: string): CsvColumn | undefined {
    return this.columns.find((column) => column.name === name)
  }

  /**
   * The rows as objects, with the values that queries give: numbers (or bigints, see the option `int64`),
   * strings, booleans, `Date`, null.
   * @throws MillraceError `MILLRACE_INT64_RANGE` for an INT64 beyond 2^53, unless they are asked for as
   * bigints
   */
  *rows(): Generator<CsvRow> {
    const readers = this.columns.map((column) =>
      valueReader(this.#vectorOf(column), column.type, column.name, this.#int64),
    )
    const names = this.columns.map(({ name }) => name)
    const rowAt = rowMaker(names, readers)
    for (let at = 0; at < this.rowCount; at++) yield rowAt(at)
  }

  /** The batch as an Arrow table of one record batch. */
  async toArrow(): Promise<ArrowTable> {
    return await arrowOf(this.columns, [this], this.#int64)
  }

  /** The columns as the engine's queries have them. */
  vectors(): ResultVector[] {
    return this.columns.map((column) => this.#vectorOf(column))
  }

  #vectorOf(column: CsvColumn): ResultVector {
    const rows = this.rowCount
    const { type } = column
    const nulls = column.validity === null ? null : nullBytes(column.validity, rows)
    if (column.kind === 'text') {
      const offsets = new Uint32Array(column.offsets.buffer, column.offsets.byteOffset, rows + 1)
      return {
        kind: 'string',
        type: type as 'STRING',
        rows,
        codes: null,
        offsets,
        bytes: column.bytes,
        nulls,
      }
    }
    const { values } = column
    if (values instanceof BigInt64Array) return { kind: 'bigint', type, rows, values, nulls }
    const doubles = values instanceof Float64Array ? values : Float64Array.from(values)
    return { kind: 'number', type, rows, values: doubles, nulls }
  }
}

/** An Arrow table of batches with the same columns. */
export async function arrowOf(
  columns: readonly CsvColumnInfo[],
  batches: readonly CsvBatch[],
  int64: Int64Mode,
): Promise<ArrowTable> {
  const infos = columns.map(({ name, type }) => ({ name, type }))
  const start = () => batches.map((batch) => ({ rows: batch.rowCount, columns: batch.vectors() }))
  return await new QueryResult(infos, new QueryRun(start, { int64 })).toArrow()
}

/** 1 where a bit is 0. */
function nullBytes(validity: Uint8Array, rows: number): Uint8Array {
  const nulls = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) nulls[row] = ((validity[row >> 3]! >> (row & 7)) & 1) ^ 1
  return nulls
}

function columnOf(
  { name, type }: CsvColumnInfo,
  place: ColumnPlace,
  { memory, rows }: ColumnBatch,
): CsvColumn {
  const { nullCount, values: at } = place
  const validity = place.validity === -1 ? null : new Uint8Array(memory, place.validity, Math.ceil(rows / 8))
  const common = { name, type, nullCount, validity }
  switch (laneWidth(type)) {
    case 0: {
      const offsets = new Int32Array(memory, at, rows + 1)
      return { kind: 'text', ...common, offsets, bytes: new Uint8Array(memory, place.text, place.textBytes) }
    }
    case 1:
      return { kind: 'number', ...common, values: new Uint8Array(memory, at, rows) }
    case 4:
      return { kind: 'number', ...common, values: new Int32Array(memory, at, rows) }
    default: {
      const isDouble = physicalTypeOf(type) === 'double'
      const values = isDouble ? new Float64Array(memory, at, rows) : new BigInt64Array(memory, at, rows)
      return { kind: 'number', ...common, values }
    }
  }
}
