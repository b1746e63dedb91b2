/** Finding the first duplicate among the keys of a load, and the error that names it. */
import { MillraceError } from '../errors/index.js'
import type { DuplicateCheck } from '../index/index.js'
import { keysAt } from './keys-at.js'
import type { StoredNodeReader } from './node-reader.js'
import { keyDetailAt } from './vector-values.js'

/** Two rows with the same key. */
export interface DuplicateKey {
  readonly table: string
  readonly column: string
  readonly value: number | bigint | string
  /** The later row, counted from 0 at the load's first row. */
  readonly loadRow: number
  /** The earlier row of the load, or null when the key was in the table before. */
  readonly firstLoadRow: number | null
}

/**
 * A load holds a key twice, or one that the table has. Of all such rows `duplicate.loadRow` is the first.
 * Who knows the files of the load makes a better message from `duplicate`.
 */
export class DuplicateKeyError extends MillraceError<'MILLRACE_DUPLICATE_KEY'> {
  readonly duplicate: DuplicateKey

  constructor(duplicate: DuplicateKey) {
    const { table, column, value, loadRow, firstLoadRow } = duplicate
    super('MILLRACE_DUPLICATE_KEY', {
      place: `row ${loadRow + 1} of the load`,
      value,
      table,
      column,
      first: firstLoadRow === null ? ' (in the table)' : ` (in row ${firstLoadRow + 1})`,
      loadRow,
      firstLoadRow: firstLoadRow ?? 'in the table',
    })
    this.duplicate = duplicate
  }
}

/** What becomes of equal keys that a load meets. */
export interface DuplicateKeyFinder extends DuplicateCheck {
  /** Gives the finder the table with the load's groups, so that it can read keys back. */
  readFrom(reader: StoredNodeReader): void
  /** Notes two offsets that are known to have the same key. */
  note(earlier: number, later: number): void
  /**
   * All keys were compared; `firstOffset` is the load's first node offset. True: rows have to be left out.
   * @throws DuplicateKeyError when one was found that must not be
   */
  settle(firstOffset: number): boolean
}

/** Finds nothing: the keys were compared before. */
export const noDuplicates: DuplicateKeyFinder = {
  laterMax: 0,
  findsAll: false,
  readFrom: () => undefined,
  note: () => undefined,
  compare: () => undefined,
  settle: () => false,
}

/**
 * Pairs of rows that are compared at once. Among 50 million keys a thousand pairs share a kept hash; in the
 * worst case as many comparisons are made in vain before the first duplicate is known.
 */
const pairsMax = 4096

/**
 * Keeps the duplicate whose later row is the smallest. Compares keys only where that could still change, and
 * many at once, because each comparison alone would decode two segments.
 */
export class DuplicateFinder implements DuplicateKeyFinder {
  readonly findsAll = false
  /** Offsets from here on cannot be the first duplicate any more. */
  laterMax = Number.POSITIVE_INFINITY
  #earlier = -1
  #reader: StoredNodeReader | null = null
  readonly #pairs = { earlier: new Float64Array(pairsMax), later: new Float64Array(pairsMax), count: 0 }

  readFrom(reader: StoredNodeReader): void {
    this.#reader = reader
  }

  note(earlier: number, later: number): void {
    if (later >= this.laterMax) return
    this.laterMax = later
    this.#earlier = earlier
  }

  compare(earlier: number, later: number): void {
    if (later >= this.laterMax) return
    const pairs = this.#pairs
    pairs.earlier[pairs.count] = earlier
    pairs.later[pairs.count] = later
    pairs.count += 1
    if (pairs.count === pairsMax) this.#comparePairs()
  }

  #comparePairs(): void {
    const pairs = this.#pairs
    const { count } = pairs
    if (count === 0) return
    pairs.count = 0
    const earlierKeys = keysAt(this.#reader!, pairs.earlier.subarray(0, count))
    const laterKeys = keysAt(this.#reader!, pairs.later.subarray(0, count))
    for (let pair = 0; pair < count; pair++) {
      if (earlierKeys[pair] === null || earlierKeys[pair] !== laterKeys[pair]) continue
      this.note(pairs.earlier[pair]!, pairs.later[pair]!)
    }
  }

  settle(firstOffset: number): false {
    this.#comparePairs()
    if (this.laterMax === Number.POSITIVE_INFINITY) return false
    const reader = this.#reader!
    const { table } = reader
    const group = reader.groupOf(this.laterMax)
    const value = keyDetailAt(reader.column(group, table.keyColumn), this.laterMax - reader.groupStart(group))
    throw new DuplicateKeyError({
      table: table.name,
      column: table.columns[table.keyColumn]!.name,
      value,
      loadRow: this.laterMax - firstOffset,
      firstLoadRow: this.#earlier >= firstOffset ? this.#earlier - firstOffset : null,
    })
  }
}
