/**
 * A vector is a decoded column (or slice of one) on the reading side: plain typed arrays that operators loop
 * over.
 *
 * - int types decode to `number` when the statistics prove every value safe (|v| ≤ 2^53), else to `bigint`.
 * - The values are lanes (`types/logical-type.ts`): BOOL is a `number` vector of 0 and 1, DATE holds days,
 *   UINT64 the value less 2^63, a DECIMAL the value × 10^scale.
 * - `nulls` is null when no value is null; else 1 at null rows. The value at a null row is unspecified.
 * - Vectors are immutable: they may be cached and shared by operators.
 */
import type { LogicalType } from '../types/index.js'

export interface NumberVector {
  readonly kind: 'number'
  readonly type: LogicalType
  readonly rows: number
  readonly values: Float64Array
  readonly nulls: Uint8Array | null
}

export interface BigIntVector {
  readonly kind: 'bigint'
  readonly type: LogicalType
  readonly rows: number
  readonly values: BigInt64Array
  readonly nulls: Uint8Array | null
}

/**
 * Row i is entry `codes[i]`, or entry i when `codes` is null. Entry e is `bytes[offsets[e] … offsets[e +
 * 1])`: UTF-8 where the type is a text, else any bytes.
 */
export interface StringVector {
  readonly kind: 'string'
  readonly type: LogicalType
  readonly rows: number
  readonly codes: Uint32Array | null
  readonly offsets: Uint32Array
  readonly bytes: Uint8Array
  readonly nulls: Uint8Array | null
}

export type Vector = NumberVector | BigIntVector | StringVector
