/**
 * A permutation of [0, size) as a function of the index: an alternating Feistel network over the next power
 * of two, walked until it lands inside (cycle walking; Black and Rogaway, "Ciphers with arbitrary finite
 * domains", 2002). Fewer than two steps on average; nothing is stored.
 */
import type { Key } from './threefry.js'

/** The largest domain: two halves of 26 bits. */
export const permutationSizeMax = 2 ** 52

const rounds = 6

/** Mixes 32 bits; a bijection, after Wellons' lowbias32. */
export function mix32(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

export class Permutation {
  readonly size: number
  readonly #lowSpan: number
  readonly #lowMask: number
  readonly #highMask: number
  readonly #roundKeys: Int32Array

  /** @param size a whole number from 1 to `permutationSizeMax` */
  constructor(key: Key, size: number) {
    this.size = size
    let bits = 2
    while (2 ** bits < size) bits++
    const lowBits = bits >> 1
    this.#lowSpan = 2 ** lowBits
    this.#lowMask = this.#lowSpan - 1
    this.#highMask = 2 ** (bits - lowBits) - 1
    this.#roundKeys = new Int32Array(rounds)
    let state = key.k0 ^ mix32(key.k1)
    for (let round = 0; round < rounds; round++) {
      state = mix32(state + 0x9e3779b9) ^ key.k1
      this.#roundKeys[round] = state
    }
  }

  /** Where `index` goes; every index below `size` to another place below `size`. */
  at(index: number): number {
    if (this.size === 1) return 0
    let value = this.#step(index)
    while (value >= this.size) value = this.#step(value)
    return value
  }

  #step(value: number): number {
    const keys = this.#roundKeys
    let high = Math.floor(value / this.#lowSpan)
    let low = value - high * this.#lowSpan
    for (let round = 0; round < rounds; round += 2) {
      high ^= mix32(low ^ (keys[round] as number)) & this.#highMask
      low ^= mix32(high ^ (keys[round + 1] as number)) & this.#lowMask
    }
    return high * this.#lowSpan + low
  }
}
