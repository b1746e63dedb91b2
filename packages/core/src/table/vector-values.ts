/** Single values of vectors: for keys, messages and tests. Operators loop over the arrays themselves. */
import type { StringVector, Vector } from '../column/index.js'

/** A key as the index knows it. */
export type KeyValue = bigint | string

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The bytes of a string vector's row. */
export function stringBytesAt(vector: StringVector, row: number): Uint8Array {
  const entry = vector.codes === null ? row : vector.codes[row]!
  return vector.bytes.subarray(vector.offsets[entry]!, vector.offsets[entry + 1]!)
}

/** The value at a row, or null. Int types give number or bigint as the vector does; BOOL gives 0 or 1. */
export function valueAt(vector: Vector, row: number): number | bigint | string | null {
  if (vector.nulls !== null && vector.nulls[row] === 1) return null
  if (vector.kind === 'string') return decoder.decode(stringBytesAt(vector, row))
  return vector.values[row]!
}
