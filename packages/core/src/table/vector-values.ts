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

/** True when two rows of key columns are equal. A null, which a deleted node has, equals nothing. */
export function sameKey(left: Vector, leftRow: number, right: Vector, rightRow: number): boolean {
  if (left.nulls?.[leftRow] === 1 || right.nulls?.[rightRow] === 1) return false
  if (left.kind === 'string' && right.kind === 'string') {
    const a = stringBytesAt(left, leftRow)
    const b = stringBytesAt(right, rightRow)
    return a.length === b.length && Buffer.compare(a, b) === 0
  }
  if (left.kind === 'string' || right.kind === 'string') return false
  // A number and a bigint compare by value.
  // biome-ignore lint/suspicious/noDoubleEquals: 1 == 1n is meant
  return left.values[leftRow]! == right.values[rightRow]!
}
