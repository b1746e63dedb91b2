/**
 * Codes of keys: a number of 64 bits that is as good as the key. Integers are their own codes. Strings have
 * codes when they differ in few places, and there in few ways: a fixed beginning, digits, hexadecimal.
 *
 * ```
 * user-7f3a…   5 positions of one byte: 0 bits each; 16 positions of 16 bytes: 4 bits each; 64 together
 * P1, P2, … P99999   1 position of one byte; 5 of ten bytes or an end: 4 bits each
 * ```
 *
 * Invariants
 * - Different keys of a table have different codes; a key that has none is not in the table. So codes are
 *   compared instead of keys, and the answer is exact.
 * - Alphabets are made from all keys there are, not from a sample.
 */
import type { NodeTable } from '../catalog/index.js'
import { statsPrefixBytesMax } from '../column/index.js'
import { physicalTypeOf } from '../types/index.js'

/** Bytes of the longest string with a code. */
export const codePositionsMax = 64

const lengthsByte = 256 * codePositionsMax

/** Bytes of what `scanStrings` marks. */
export const seenBytes = lengthsByte + codePositionsMax + 8

const codeBits = 64
const noSymbol = 2n ** 64n - 1n

/** The alphabets of a table's keys. */
export interface KeyAlphabet {
  readonly positions: number
  /** As the kernel reads it (`assembly/key-codes.ts`). */
  readonly words: BigUint64Array
}

/** Marks what one string has where, as `scanStrings` does. */
export function markString(seen: Uint8Array, text: Uint8Array): void {
  seen[lengthsByte + text.length] = 1
  text.forEach((byte, position) => {
    seen[position * 256 + byte] = 1
  })
}

/** The alphabets of the strings marked in `seen`; null when their codes take more than 64 bits. */
export function alphabetOf(seen: Uint8Array): KeyAlphabet | null {
  let positions = codePositionsMax
  while (positions > 0 && seen[lengthsByte + positions] === 0) positions--
  const words = new BigUint64Array(256 * positions + positions + 1).fill(noSymbol)
  const ends: bigint[] = []
  let bits = 0
  let mayEnd = false
  for (let position = 0; position < positions; position++) {
    mayEnd ||= seen[lengthsByte + position] === 1
    const symbols: number[] = []
    for (let byte = 0; byte < 256; byte++) if (seen[position * 256 + byte] === 1) symbols.push(byte)
    const count = symbols.length + (mayEnd ? 1 : 0)
    const width = Math.ceil(Math.log2(Math.max(1, count)))
    if (bits + width > codeBits) return null
    symbols.forEach((byte, symbol) => {
      words[position * 256 + byte] = BigInt(symbol) << BigInt(bits)
    })
    ends.push(mayEnd ? BigInt(symbols.length) << BigInt(bits) : 0n)
    bits += width
  }
  let tail = 0n
  for (let length = positions; length >= 0; length--) {
    if (seen[lengthsByte + length] === 1) words[256 * positions + length] = tail
    tail |= ends[length - 1] ?? 0n
  }
  return { positions, words }
}

/** Whether a table's keys have codes, as far as the smallest and largest of each segment tell. */
export function haveCodes(table: NodeTable): boolean {
  if (physicalTypeOf(table.columns[table.keyColumn]!.type) !== 'string') return true
  const seen = new Uint8Array(seenBytes)
  for (const { segments } of table.groups) {
    const { stats, nullCount, rows } = segments.at(table.keyColumn)!
    // All its nodes were deleted.
    if (nullCount === rows) continue
    if (stats?.kind !== 'string') return false
    for (const text of [stats.min, stats.max]) {
      // What follows a prefix is not known.
      if (text.length >= statsPrefixBytesMax) return false
      markString(seen, text)
    }
  }
  return alphabetOf(seen) !== null
}
