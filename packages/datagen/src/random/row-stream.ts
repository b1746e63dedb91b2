/**
 * As many numbers as one row needs, for texts and lists: a SplitMix of 32 bits, whose state and stride are
 * the 64 bits of the row. Started anew for every row, so that still nothing is remembered.
 */
import { fillRowsMax } from '../limits.js'
import { mix32 } from './permutation.js'
import { fillWords, type Key } from './threefry.js'

export class RowStream {
  readonly #key: Key
  readonly #states = new Uint32Array(fillRowsMax)
  readonly #strides = new Uint32Array(fillRowsMax)
  #state = 0
  #stride = 1

  constructor(key: Key) {
    this.#key = key
  }

  /** The first `count` of `rows` are about to be started. */
  load(rows: Float64Array, count: number): void {
    fillWords(this.#key, rows, count, 0, this.#states, this.#strides)
  }

  /** The numbers of row `at` of those loaded, from the first on. */
  start(at: number): void {
    this.#state = this.#states[at] as number
    this.#stride = (this.#strides[at] as number) | 1
  }

  /** The next whole number from 0 to below `limit` ≤ 2^32. */
  below(limit: number): number {
    this.#state = (this.#state + this.#stride) | 0
    return Math.floor((mix32(this.#state) / 0x1_0000_0000) * limit)
  }
}
