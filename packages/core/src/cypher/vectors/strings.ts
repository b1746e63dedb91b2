/**
 * Comparing strings as the bytes they are, without making JavaScript strings.
 * The order is that of the bytes, which for UTF-8 is that of the code points.
 */
import { type NumberVector, numberVector, type StringVector } from './vector.js'

/** Less than, equal to or greater than 0 as a's bytes are less than, equal to or greater than b's. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart)
  for (let at = 0; at < shared; at++) {
    const difference = a[aStart + at]! - b[bStart + at]!
    if (difference !== 0) return difference
  }
  return aEnd - aStart - (bEnd - bStart)
}

/** Compares two rows that are not null. */
export function compareStringRows(a: StringVector, aRow: number, b: StringVector, bRow: number): number {
  const aEntry = a.codes === null ? aRow : a.codes[aRow]!
  const bEntry = b.codes === null ? bRow : b.codes[bRow]!
  return compareBytes(
    a.bytes,
    a.offsets[aEntry]!,
    a.offsets[aEntry + 1]!,
    b.bytes,
    b.offsets[bEntry]!,
    b.offsets[bEntry + 1]!,
  )
}

export type BytesTest = (bytes: Uint8Array, start: number, end: number) => boolean

const unknown = 0
const no = 1
const yes = 2

/**
 * Applies a test to every row. Where rows share entries (a dictionary), each entry is tested once for as long
 * as the same dictionary comes back.
 */
export function memoizedTest(test: BytesTest): (vector: StringVector) => NumberVector {
  let memoOf: Uint32Array | undefined
  let memo = new Uint8Array(0)
  return (vector) => {
    const { rows, codes, offsets, bytes } = vector
    const values = new Float64Array(rows)
    if (codes === null) {
      for (let row = 0; row < rows; row++) values[row] = test(bytes, offsets[row]!, offsets[row + 1]!) ? 1 : 0
      return numberVector('BOOL', values, vector.nulls)
    }
    if (memoOf !== offsets) {
      memoOf = offsets
      memo = new Uint8Array(Math.max(0, offsets.length - 1))
    }
    for (let row = 0; row < rows; row++) {
      const entry = codes[row]!
      let known = memo[entry]!
      if (known === unknown && entry < memo.length) {
        known = test(bytes, offsets[entry]!, offsets[entry + 1]!) ? yes : no
        memo[entry] = known
      }
      values[row] = known === yes ? 1 : 0
    }
    return numberVector('BOOL', values, vector.nulls)
  }
}

/** True where bytes [start, end) begin with `prefix`. */
export function startsWithBytes(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false
  for (let at = 0; at < prefix.length; at++) if (bytes[start + at] !== prefix[at]) return false
  return true
}

/** True where `needle` stands anywhere in bytes [start, end). */
export function containsBytes(bytes: Uint8Array, start: number, end: number, needle: Uint8Array): boolean {
  for (let at = start; at + needle.length <= end; at++) {
    if (startsWithBytes(bytes, at, end, needle)) return true
  }
  return false
}
