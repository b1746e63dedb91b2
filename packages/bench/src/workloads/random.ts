/**
 * Numbers that look random and are the same on every machine: a function of a seed and a row, so that any row
 * can be made again without making those before it.
 */

/** Mixes 32 bits: a bijection, after Wellons' lowbias32 (hash-prospector). */
export function mix32(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** The seed of the files that everybody has. */
export const defaultSeed = 1

/** All the numbers of one seed. Two seeds give other numbers; the default seed is one of them. */
export class Random {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = mix32(seed - defaultSeed)
  }

  /** A random 32-bit number for a row; each `salt` gives another sequence. */
  at(row: number, salt: number): number {
    return mix32(mix32(row + Math.imul(salt, 0x9e3779b1)) ^ Math.imul(salt, 0x85ebca6b) ^ this.#seed)
  }

  /** A random whole number in [0, limit). */
  below(row: number, salt: number, limit: number): number {
    return Math.floor((this.at(row, salt) / 0x1_0000_0000) * limit)
  }

  /** A bijection of 32 bits: no two rows have the same number. */
  unique(row: number): number {
    return mix32(row ^ 0x5bd1e995 ^ this.#seed)
  }

  /**
   * A permutation of [0, size): row `index` of a table in random order. A four-round Feistel network over the
   * next power of four, walked until it lands inside (cycle walking; Black and Rogaway, 2002).
   */
  permutation(size: number): (index: number) => number {
    let halfBits = 1
    while (4 ** halfBits < size) halfBits++
    const mask = 2 ** halfBits - 1
    const step = (value: number): number => {
      let left = Math.floor(value / (mask + 1))
      let right = value % (mask + 1)
      for (let round = 1; round <= 4; round++) {
        const next = left ^ (this.at(right, 100 + round) & mask)
        left = right
        right = next
      }
      return left * (mask + 1) + right
    }
    return (index) => {
      let value = step(index)
      while (value >= size) value = step(value)
      return value
    }
  }
}
