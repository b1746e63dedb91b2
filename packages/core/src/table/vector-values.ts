/** Single values of vectors: for keys, messages and tests. Operators loop over the arrays themselves. */
import type { StringVector, Vector } from '../column/index.js'
import { integerRanges, laneOfBytes, textOfValue } from '../values/index.js'

/** A key as the index knows it. */
export type KeyValue = bigint | string

/** The bytes of a string vector's row. */
export function stringBytesAt(vector: StringVector, row: number): Uint8Array {
  const entry = vector.codes === null ? row : vector.codes[row]!
  return vector.bytes.subarray(vector.offsets[entry]!, vector.offsets[entry + 1]!)
}

/** The value at a row, or null. Int types give number or bigint as the vector does; BOOL gives 0 or 1. */
export function valueAt(vector: Vector, row: number): number | bigint | string | null {
  if (vector.nulls !== null && vector.nulls[row] === 1) return null
  if (vector.kind === 'string') {
    const bytes = stringBytesAt(vector, row)
    return laneOfBytes(vector.type, bytes, 0, bytes.length)
  }
  return vector.values[row]!
}

/** The value at a row as messages show it. */
export function shownValueAt(vector: Vector, row: number): string {
  const value = valueAt(vector, row)
  return value === null ? 'null' : textOfValue(vector.type, value)
}

/** The value of a key as errors carry it: numbers as they are, where they are. */
export function keyDetailAt(vector: Vector, row: number): number | bigint | string {
  const value = valueAt(vector, row)
  const isPlain = integerRanges[vector.type] !== undefined && vector.type !== 'UINT64'
  return isPlain && value !== null ? value : shownValueAt(vector, row)
}
