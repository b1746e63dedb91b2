/**
 * As many numbers as one row needs, for texts and lists: a SplitMix of 32 bits, whose state and stride are
 * the 64 bits of the row. Started anew for every row, so that still nothing is remembered.
 */
import { mix32 } from './permutation.js'
import { fillWords, type Key } from './threefry.js'

const row = new Float64Array(1)
const high = new Uint32Array(1)
const low = new Uint32Array(1)

export class RowStream {
  readonly #key: Key
  #state = 0
  #stride = 1

  constructor(key: Key) {
    this.#key = key
  }

  /** The numbers of `rowNumber` from the first on. */
  start(rowNumber: number): void {
    row[0] = rowNumber
    fillWords(this.#key, row, 1, 0, high, low)
    this.#state = high[0] as number
    this.#stride = (low[0] as number) | 1
  }

  /** The next whole number from 0 to below `limit` ≤ 2^32. */
  below(limit: number): number {
    this.#state = (this.#state + this.#stride) | 0
    return Math.floor((mix32(this.#state) / 0x1_0000_0000) * limit)
  }
}
