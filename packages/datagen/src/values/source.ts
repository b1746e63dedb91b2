/**
 * A source makes the values of one column. What it makes for a row depends on the row's number, and on
 * nothing that was made before.
 *
 * - `read` fills the source's lane for a set of rows, once per filling of the set: whoever asks again gets
 *   the same lane. It is overwritten when the source reads another set.
 * - A source belongs to one thread, and to one user or to users that read the same sets.
 */
import { Lane, type LaneKind } from './lane.js'
import type { Pool } from './pool.js'
import type { RowSet } from './row-set.js'

export abstract class Source {
  readonly lane: Lane
  /** Characters of the longest text; Infinity when unknown. For lanes of bytes and pools. */
  readonly lengthMax: number
  /** Texts hold nothing that any format must escape or quote: letters, digits, `-` and such. */
  readonly isPlain: boolean
  /** Decimal places of `numbers`. */
  readonly scale: number
  #version = -1

  constructor(
    kind: LaneKind,
    options: {
      readonly pool?: Pool
      readonly lengthMax?: number
      readonly isPlain?: boolean
      readonly scale?: number
    } = {},
  ) {
    this.lane = new Lane(kind, options.pool)
    this.lengthMax = options.lengthMax ?? options.pool?.lengthMax ?? Number.POSITIVE_INFINITY
    this.isPlain = options.isPlain ?? false
    this.scale = options.scale ?? 0
  }

  /** The values for the rows of `set`. */
  read(set: RowSet): Lane {
    if (set.version !== this.#version) {
      this.lane.clearNulls()
      this.fill(set)
      this.#version = set.version
    }
    return this.lane
  }

  /** Fills the lane; its NULLs are clear. */
  protected abstract fill(set: RowSet): void
}

/**
 * Whole numbers that choose values: which of `size` values a row gets. The domain of a unique column is
 * permuted, any other is drawn from.
 */
export interface Chooser {
  /** Fills `out` with a number from 0 to below the size of the domain for each row of `set`. */
  choose(set: RowSet, out: Float64Array): void
}
