/**
 * The columns that operators pass to each other: the vectors of the store, and lists.
 *
 * - A node or relationship is a number vector of its identity (see `identity.ts`).
 * - A batch is dense: every row counts. It has at most `batchRowsMax` rows, unless it has no columns at all.
 * - Vectors are immutable once they are in a batch, and never reused for another: whoever keeps one may.
 */
import type { BigIntVector, NumberVector, StringVector, Vector } from '../../column/index.js'
import type { LogicalType } from '../../types/index.js'
import { bytesOfLane, laneOfBytes } from '../../values/index.js'
import type { ValueType } from '../expression/types.js'

export type { BigIntVector, NumberVector, StringVector, Vector }

/** Rows of a batch. */
export const batchRowsMax = 2048

/** Lists, as JavaScript arrays of plain values; only `collect` and list literals make them. */
export interface ListVector {
  readonly kind: 'list'
  readonly type: 'LIST'
  /**
   * The type of the values in the lists, which are lanes; undefined for a list literal, which holds
   * constants.
   */
  readonly itemType?: ValueType | undefined
  readonly rows: number
  readonly values: readonly (readonly unknown[])[]
  readonly nulls: Uint8Array | null
}

export type WorkVector = Vector | ListVector

/** Columns by slot; a slot that is not alive here is undefined. */
export interface Batch {
  readonly rows: number
  readonly columns: readonly (WorkVector | undefined)[]
  /** Of a batch without rows: what has to happen before there is more to do. Never rejects. */
  readonly until?: Promise<void>
}

export function numberVector(
  type: LogicalType,
  values: Float64Array,
  nulls: Uint8Array | null,
  rows = values.length,
): NumberVector {
  return { kind: 'number', type, rows, values, nulls }
}

/** A vector of nothing but nulls. */
export function nullVector(rows: number): NumberVector {
  return numberVector('INT64', new Float64Array(rows), new Uint8Array(rows).fill(1))
}

/** Nulls of a result that is null wherever one of two inputs is. */
export function mergeNulls(a: Uint8Array | null, b: Uint8Array | null, rows: number): Uint8Array | null {
  if (a === null) return b
  if (b === null) return a
  const merged = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) merged[row] = a[row]! | b[row]!
  return merged
}

const encoder = new TextEncoder()

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text of bytes [start, end). */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}

/** The text of a row that is not null; of a type of bytes the bytes as characters. */
export function textAt(vector: StringVector, row: number): string {
  const entry = vector.codes === null ? row : vector.codes[row]!
  return laneOfBytes(vector.type, vector.bytes, vector.offsets[entry]!, vector.offsets[entry + 1]!)
}

/** The value of a row as the engine holds it: BOOL as 0 or 1, DATE in days; null when null. */
export function valueAt(
  vector: WorkVector,
  row: number,
): null | number | bigint | string | readonly unknown[] {
  if (vector.nulls !== null && vector.nulls[row] === 1) return null
  return vector.kind === 'string' ? textAt(vector, row) : vector.values[row]!
}

/** Makes a string vector of values of a type of bytes, one entry a row. */
export function bytesVector(type: LogicalType, values: readonly (string | null)[]): StringVector {
  const vector = stringVector(values.map((value) => (value === null ? null : '')))
  const parts = values.map((value) => bytesOfLane(type, value ?? ''))
  const { offsets } = vector
  parts.forEach((part, row) => {
    offsets[row + 1] = offsets[row]! + part.length
  })
  const bytes = new Uint8Array(offsets[values.length]!)
  parts.forEach((part, row) => {
    bytes.set(part, offsets[row])
  })
  return { ...vector, type, bytes }
}

/** Makes a string vector of JavaScript strings, one entry a row. */
export function stringVector(texts: readonly (string | null)[]): StringVector {
  const rows = texts.length
  const offsets = new Uint32Array(rows + 1)
  let nulls: Uint8Array | null = null
  let size = 0
  for (let row = 0; row < rows; row++) {
    size += Buffer.byteLength(texts[row] ?? '')
    offsets[row + 1] = size
  }
  const bytes = new Uint8Array(size)
  for (let row = 0; row < rows; row++) {
    const text = texts[row]
    if (text === null || text === undefined) {
      nulls ??= new Uint8Array(rows)
      nulls[row] = 1
    } else if (text.length > 0) encoder.encodeInto(text, bytes.subarray(offsets[row]!, offsets[row + 1]!))
  }
  return { kind: 'string', type: 'STRING', rows, codes: null, offsets, bytes, nulls }
}
