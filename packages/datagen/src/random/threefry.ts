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

/** The words of the last blocks: an array that is reused. */
const words = new Uint32Array(4)

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

/**
 * Two blocks at once, of counters (`c0`, `c1`) and (`d0`, `d1`), left in `words`. Each round waits for the
 * one before it; of two blocks one can go on while the other waits.
 */
function twoBlocks(k0: number, k1: number, c0: number, c1: number, d0: number, d1: number): void {
  let high = k1
  let low = parity ^ k0 ^ k1
  let a0 = (c0 + k0) | 0
  let a1 = (c1 + k1) | 0
  let b0 = (d0 + k0) | 0
  let b1 = (d1 + k1) | 0
  for (let group = 1; group <= 5; group++) {
    if ((group & 1) === 1) {
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 13) | (a1 >>> 19)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 13) | (b1 >>> 19)) ^ b0
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 15) | (a1 >>> 17)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 15) | (b1 >>> 17)) ^ b0
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 26) | (a1 >>> 6)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 26) | (b1 >>> 6)) ^ b0
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 6) | (a1 >>> 26)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 6) | (b1 >>> 26)) ^ b0
    } else {
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 17) | (a1 >>> 15)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 17) | (b1 >>> 15)) ^ b0
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 29) | (a1 >>> 3)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 29) | (b1 >>> 3)) ^ b0
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 16) | (a1 >>> 16)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 16) | (b1 >>> 16)) ^ b0
      a0 = (a0 + a1) | 0
      a1 = ((a1 << 24) | (a1 >>> 8)) ^ a0
      b0 = (b0 + b1) | 0
      b1 = ((b1 << 24) | (b1 >>> 8)) ^ b0
    }
    a0 = (a0 + high) | 0
    a1 = (a1 + low + group) | 0
    b0 = (b0 + high) | 0
    b1 = (b1 + low + group) | 0
    // The three words of the key take turns.
    const next = parity ^ high ^ low
    high = low
    low = next
  }
  words[0] = a0
  words[1] = a1
  words[2] = b0
  words[3] = b1
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
  const drawBits = draw << 21
  let at = 0
  for (; at + 1 < count; at += 2) {
    const one = rows[at] as number
    const two = rows[at + 1] as number
    twoBlocks(k0, k1, one | 0, (one / wordSpan) | 0 | drawBits, two | 0, (two / wordSpan) | 0 | drawBits)
    high[at] = words[0] as number
    low[at] = words[1] as number
    high[at + 1] = words[2] as number
    low[at + 1] = words[3] as number
  }
  if (at === count) return
  const row = rows[at] as number
  block(k0, k1, row | 0, (row / wordSpan) | 0 | drawBits)
  high[at] = words[0] as number
  low[at] = words[1] as number
}

/** 53 of 64 random bits as a number in [0, 1). */
function unit(high: number, low: number): number {
  return (high >>> 5) * 2 ** -27 + (low >>> 6) * 2 ** -53
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
  const drawBits = draw << 21
  let at = 0
  for (; at + 1 < count; at += 2) {
    const one = rows[at] as number
    const two = rows[at + 1] as number
    twoBlocks(k0, k1, one | 0, (one / wordSpan) | 0 | drawBits, two | 0, (two / wordSpan) | 0 | drawBits)
    out[at] = unit(words[0] as number, words[1] as number)
    out[at + 1] = unit(words[2] as number, words[3] as number)
  }
  if (at < count) out[at] = uniformAt(key, rows[at] as number, draw)
}

/** A number in [0, 1) for one row and draw. */
export function uniformAt(key: Key, row: number, draw: number): number {
  block(key.k0, key.k1, row | 0, (row / wordSpan) | 0 | (draw << 21))
  return unit(words[0] as number, words[1] as number)
}
