/**
 * Finds all rows of a load whose keys are there already, earlier in the load or in the table: for loads that
 * leave such rows out. Of rows with one key the first stays.
 *
 * Keys are compared many at once, group by group, because each comparison alone would decode two segments.
 * Rows whose hashes are equal are compared with the rows of the table that have the hash, and with the first
 * of the load. What differs from that first one has another key with the same hash; such rows are few, and
 * are compared with each other at the end.
 */
import type { DuplicateKeyFinder } from './duplicate-key.js'
import { type Key, keysAt } from './keys-at.js'
import type { StoredNodeReader } from './node-reader.js'
import type { RowMarks } from './row-marks.js'

/** Pairs of rows that are compared at once. */
const pairsMax = 32_768

export class DuplicateCollector implements DuplicateKeyFinder {
  readonly laterMax = Number.POSITIVE_INFINITY
  readonly findsAll = true
  readonly #firstOffset: number
  readonly #marks: RowMarks
  #reader: StoredNodeReader | null = null
  readonly #earlier = new Float64Array(pairsMax)
  readonly #later = new Float64Array(pairsMax)
  #pairs = 0
  /** By the first row of the load with a hash: rows that have the hash, but not its key. */
  readonly #others = new Map<number, Set<number>>()

  /** @param firstOffset the load's first node offset; `marks` counts from there */
  constructor(firstOffset: number, marks: RowMarks) {
    this.#firstOffset = firstOffset
    this.#marks = marks
  }

  readFrom(reader: StoredNodeReader): void {
    this.#reader = reader
  }

  note(_earlier: number, later: number): void {
    this.#marks.mark(later - this.#firstOffset)
  }

  compare(earlier: number, later: number): void {
    this.#earlier[this.#pairs] = earlier
    this.#later[this.#pairs] = later
    this.#pairs += 1
    if (this.#pairs === pairsMax) this.#comparePairs()
  }

  settle(): boolean {
    this.#comparePairs()
    for (const [, rows] of this.#others) this.#compareOthers([...rows].sort((left, right) => left - right))
    this.#others.clear()
    this.#marks.settle()
    return this.#marks.count > 0
  }

  #comparePairs(): void {
    const count = this.#pairs
    this.#pairs = 0
    const earlierKeys = this.#keysAt(this.#earlier.subarray(0, count))
    const laterKeys = this.#keysAt(this.#later.subarray(0, count))
    for (let pair = 0; pair < count; pair++) {
      const [earlier, later] = [this.#earlier[pair]!, this.#later[pair]!]
      if (earlierKeys[pair] !== null && earlierKeys[pair] === laterKeys[pair]) this.note(earlier, later)
      else if (earlier >= this.#firstOffset) this.#addOther(earlier, later)
    }
  }

  #addOther(first: number, row: number): void {
    const others = this.#others.get(first)
    if (others === undefined) this.#others.set(first, new Set([row]))
    else others.add(row)
  }

  /** Rows with one hash, ascending: the first of each key stays. */
  #compareOthers(rows: readonly number[]): void {
    const keys = this.#keysAt(Float64Array.from(rows))
    const seen = new Set<string>()
    for (const [index, row] of rows.entries()) {
      const key = String(keys[index])
      if (seen.has(key)) this.note(-1, row)
      else seen.add(key)
    }
  }

  #keysAt(offsets: Float64Array): Key[] {
    return keysAt(this.#reader!, offsets)
  }
}
