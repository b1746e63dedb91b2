/**
 * Random numbers as a function: Threefry-2x32-20 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
 * easy as 1, 2, 3", 2011). A key and a counter go in, 64 random bits come out; nothing is remembered.
 *
 * - The key is made of the seed and names (table, column, purpose); the counter is the row's number and the
 *   number of the draw: word 0 is the row's low 32 bits, word 1 its high 21 bits with the draw above them.
 * - Rows are whole numbers below 2^53, draws below 2^11. Two cells share no counter under one key.
 * - All arithmetic is on 32-bit integers, so every machine and every thread has the same numbers.
 */

/** The key of one stream of numbers. */
export interface Key {
  readonly k0: number
  readonly k1: number
}

const parity = 0x1bd11bda

/** The two words of the last `block` call: an array that is reused. */
const words = new Uint32Array(2)

/**
 * One block: 64 bits for the counter (`c0`, `c1`) under the key (`k0`, `k1`), left in `words`. Twenty rounds
 * written out, a word of the key after every fourth; a loop takes twice as long.
 */
function block(k0: number, k1: number, c0: number, c1: number): void {
  const k2 = parity ^ k0 ^ k1
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k1) | 0
  x1 = (x1 + k2 + 1) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
  x0 = (x0 + k2) | 0
  x1 = (x1 + k0 + 2) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k0) | 0
  x1 = (x1 + k1 + 3) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
  x0 = (x0 + k1) | 0
  x1 = (x1 + k2 + 4) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + k2) | 0
  x1 = (x1 + k0 + 5) | 0
  words[0] = x0
  words[1] = x1
}

/** 2^32, where a row's number is split. */
const wordSpan = 0x1_0000_0000

/** `[word0, word1]` of a key and a counter of two words; for known answers. */
export function threefry(key: Key, c0: number, c1: number): [number, number] {
  block(key.k0 | 0, key.k1 | 0, c0 | 0, c1 | 0)
  return [words[0] as number, words[1] as number]
}

/** The key of a stream: of `seed` and the names that say what the stream is for. */
export function streamKey(seed: number, ...names: readonly string[]): Key {
  let k0 = Math.floor(seed / wordSpan) | 0
  let k1 = seed | 0
  for (const name of names) {
    const bytes = Buffer.from(name, 'utf8')
    for (const byte of bytes) {
      block(k0, k1, byte, 1)
      k0 = words[0] as number
      k1 = words[1] as number
    }
    // Where a name ends counts too: ("ab", "c") is not ("a", "bc").
    block(k0, k1, bytes.length, 2)
    k0 = words[0] as number
    k1 = words[1] as number
  }
  return { k0: k0 | 0, k1: k1 | 0 }
}

/** Fills `high` and `low` with 32 random bits each, for `count` row numbers of `rows`. */
export function fillWords(
  key: Key,
  rows: Float64Array,
  count: number,
  draw: number,
  high: Uint32Array,
  low: Uint32Array,
): void {
  const { k0, k1 } = key
  for (let at = 0; at < count; at++) {
    const row = rows[at] as number
    block(k0, k1, row | 0, (row / wordSpan) | 0 | (draw << 21))
    high[at] = words[0] as number
    low[at] = words[1] as number
  }
}

/** Fills `out` with numbers in [0, 1), multiples of 2^-53, for `count` row numbers of `rows`. */
export function fillUniform(
  key: Key,
  rows: Float64Array,
  count: number,
  draw: number,
  out: Float64Array,
): void {
  const { k0, k1 } = key
  for (let at = 0; at < count; at++) {
    const row = rows[at] as number
    block(k0, k1, row | 0, (row / wordSpan) | 0 | (draw << 21))
    out[at] =
      ((words[0] as number) >>> 5) * 7.450580596923828e-9 +
      ((words[1] as number) >>> 6) * 1.1102230246251565e-16
  }
}

/** A number in [0, 1) for one row and draw. */
export function uniformAt(key: Key, row: number, draw: number): number {
  block(key.k0, key.k1, row | 0, (row / wordSpan) | 0 | (draw << 21))
  return (
    ((words[0] as number) >>> 5) * 7.450580596923828e-9 +
    ((words[1] as number) >>> 6) * 1.1102230246251565e-16
  )
}
