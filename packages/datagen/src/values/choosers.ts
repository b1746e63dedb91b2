/** How a row chooses from a domain: evenly, by weight, by a distribution, or each value once. */
import { fillRowsMax } from '../limits.js'
import {
  AliasTable,
  fillUniform,
  type Key,
  normalQuantile,
  normalShare,
  Permutation,
  permutationSizeMax,
  uniformAt,
  Zipf,
} from '../random/index.js'
import type { RowSet } from './row-set.js'
import type { Chooser } from './source.js'

/** Every value as likely as the other. */
export class UniformChooser implements Chooser {
  readonly #key: Key
  readonly #size: number

  constructor(key: Key, size: number) {
    this.#key = key
    this.#size = size
  }

  choose(set: RowSet, out: Float64Array): void {
    fillUniform(this.#key, set.rows, set.count, 0, out)
    const size = this.#size
    for (let at = 0; at < set.count; at++) out[at] = Math.floor((out[at] as number) * size)
  }
}

/** By weight. */
export class WeightedChooser implements Chooser {
  readonly #key: Key
  readonly #table: AliasTable

  constructor(key: Key, weights: readonly number[]) {
    this.#key = key
    this.#table = new AliasTable(weights)
  }

  choose(set: RowSet, out: Float64Array): void {
    fillUniform(this.#key, set.rows, set.count, 0, out)
    for (let at = 0; at < set.count; at++) out[at] = this.#table.pick(out[at] as number)
  }
}

/** A few values often, most of them seldom. Which ones is the key's choice, unless the order is kept. */
export class ZipfChooser implements Chooser {
  readonly #key: Key
  readonly #zipf: Zipf
  readonly #order: Permutation | undefined
  #row = 0
  readonly #draw = (draw: number): number => uniformAt(this.#key, this.#row, draw)

  constructor(key: Key, size: number, exponent: number, options: { readonly keepOrder?: boolean } = {}) {
    this.#key = key
    this.#zipf = new Zipf(size, exponent)
    this.#order = options.keepOrder === true ? undefined : new Permutation(key, size)
  }

  choose(set: RowSet, out: Float64Array): void {
    for (let at = 0; at < set.count; at++) {
      this.#row = set.rows[at] as number
      const rank = this.#zipf.pick(this.#draw) - 1
      out[at] = this.#order === undefined ? rank : this.#order.at(rank)
    }
  }
}

/** Those in the middle most often: a normal curve over the domain, three deviations to each end. */
export class NormalChooser implements Chooser {
  readonly #key: Key
  readonly #size: number

  constructor(key: Key, size: number) {
    this.#key = key
    this.#size = size
  }

  choose(set: RowSet, out: Float64Array): void {
    fillUniform(this.#key, set.rows, set.count, 0, out)
    const low = normalShare(-3)
    const size = this.#size
    for (let at = 0; at < set.count; at++) {
      const z = normalQuantile(low + (out[at] as number) * (1 - 2 * low))
      out[at] = Math.min(size - 1, Math.max(0, Math.floor(((z + 3) / 6) * size)))
    }
  }
}

/** The value that row `row` of `rows` has, when the rows are divided among `size` values, in order. */
function evenShare(row: number, size: number, rows: number): number {
  return Math.min(size - 1, Math.floor(row * (size / rows)))
}

/** The first of `rows` that has at least the value `share`. */
function firstOfShare(share: number, size: number, rows: number): number {
  let row = Math.min(rows, Math.ceil((share / size) * rows))
  // What was rounded up or down is a row at most.
  while (row > 0 && evenShare(row - 1, size, rows) >= share) row--
  while (row < rows && evenShare(row, size, rows) < share) row++
  return row
}

/** The rows divided among the values, in order: the first rows get the first value, and so on. */
export class EvenChooser implements Chooser {
  readonly #size: number
  readonly #rows: number

  constructor(size: number, rows: number) {
    this.#size = size
    this.#rows = Math.max(1, rows)
  }

  choose(set: RowSet, out: Float64Array): void {
    for (let at = 0; at < set.count; at++) out[at] = evenShare(set.rows[at] as number, this.#size, this.#rows)
  }
}

/** Any of the rows that have the same share of `size` values as the row of another table has. */
export class BesideChooser implements Chooser {
  readonly #key: Key
  readonly #other: { read(set: RowSet): RowSet }
  readonly #size: number
  readonly #otherRows: number
  readonly #rows: number

  /**
   * @param other the rows of the other table, of which there are `otherRows`
   * @param rows to choose from: at least `size`
   */
  constructor(
    key: Key,
    other: { read(set: RowSet): RowSet },
    { size, otherRows, rows }: { readonly size: number; readonly otherRows: number; readonly rows: number },
  ) {
    this.#key = key
    this.#other = other
    this.#size = size
    this.#otherRows = otherRows
    this.#rows = rows
  }

  choose(set: RowSet, out: Float64Array): void {
    const { rows } = this.#other.read(set)
    fillUniform(this.#key, set.rows, set.count, 0, out)
    for (let at = 0; at < set.count; at++) {
      const share = evenShare(rows[at] as number, this.#size, this.#otherRows)
      const first = firstOfShare(share, this.#size, this.#rows)
      const end = firstOfShare(share + 1, this.#size, this.#rows)
      out[at] = first + Math.floor((out[at] as number) * (end - first))
    }
  }
}

/** Any number but those of a few places: `chosen` counts the numbers without them. */
export class SkipChooser implements Chooser {
  readonly #chosen: Chooser
  readonly #places: readonly number[]

  /** @param places ascending, each once */
  constructor(chosen: Chooser, places: readonly number[]) {
    this.#chosen = chosen
    this.#places = places
  }

  choose(set: RowSet, out: Float64Array): void {
    this.#chosen.choose(set, out)
    for (const place of this.#places) {
      for (let at = 0; at < set.count; at++) {
        if ((out[at] as number) >= place) out[at] = (out[at] as number) + 1
      }
    }
  }
}

/** Any row but the one that another key of the row has chosen: `chosen` counts the rows without it. */
export class ApartChooser implements Chooser {
  readonly #chosen: Chooser
  readonly #other: { read(set: RowSet): RowSet }

  constructor(chosen: Chooser, other: { read(set: RowSet): RowSet }) {
    this.#chosen = chosen
    this.#other = other
  }

  choose(set: RowSet, out: Float64Array): void {
    const { rows } = this.#other.read(set)
    this.#chosen.choose(set, out)
    for (let at = 0; at < set.count; at++) {
      if ((out[at] as number) >= (rows[at] as number)) out[at] = (out[at] as number) + 1
    }
  }
}

/** Every value at most once: a permutation of the domain. */
export class UniqueChooser implements Chooser {
  readonly #permutation: Permutation

  constructor(key: Key, size: number) {
    this.#permutation = new Permutation(key, Math.min(size, permutationSizeMax))
  }

  choose(set: RowSet, out: Float64Array): void {
    for (let at = 0; at < set.count; at++) out[at] = this.#permutation.at(set.rows[at] as number)
  }
}

/** The row's own number: each value once, in order. */
export class RowChooser implements Chooser {
  choose(set: RowSet, out: Float64Array): void {
    out.set(set.rows.subarray(0, set.count))
  }
}

/**
 * Choices for several domains at once, no combination twice: a permutation of all combinations, of which each
 * domain takes its digit.
 */
export class Combination {
  readonly #permutation: Permutation
  readonly #sizes: readonly number[]
  readonly #digits: readonly Float64Array[]
  #version = -1

  /** @param sizes of the domains; at least one combination for each row */
  constructor(key: Key, sizes: readonly number[]) {
    const all = sizes.reduce((product, size) => product * size, 1)
    this.#permutation = new Permutation(key, Math.min(all, permutationSizeMax))
    this.#sizes = sizes
    this.#digits = sizes.map(() => new Float64Array(fillRowsMax))
  }

  /** The chooser of one of the domains. */
  chooser(domain: number): Chooser {
    return {
      choose: (set, out) => {
        this.#read(set)
        out.set((this.#digits[domain] as Float64Array).subarray(0, set.count))
      },
    }
  }

  #read(set: RowSet): void {
    if (set.version === this.#version) return
    for (let at = 0; at < set.count; at++) {
      let rest = this.#permutation.at(set.rows[at] as number)
      for (let domain = 0; domain < this.#sizes.length; domain++) {
        const size = this.#sizes[domain] as number
        const next = Math.floor(rest / size)
        ;(this.#digits[domain] as Float64Array)[at] = rest - next * size
        rest = next
      }
    }
    this.#version = set.version
  }
}
