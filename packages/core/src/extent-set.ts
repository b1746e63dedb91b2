/**
 * A set of page numbers, kept as extents: sorted, disjoint, never touching (neighbours are merged).
 *
 * Invariant: `#firsts[i] + #pages[i] < #firsts[i + 1]` for every i.
 */
import { assert } from './errors/index.js'
import type { Extent } from './format/index.js'

export class ExtentSet {
  readonly #firsts: number[] = []
  readonly #pages: number[] = []
  #total = 0

  /** Pages in the set. */
  get pageCount(): number {
    return this.#total
  }

  /** Extents in the set. */
  get extentCount(): number {
    return this.#firsts.length
  }

  /** The extents in ascending order. */
  *[Symbol.iterator](): Generator<Extent> {
    for (let index = 0; index < this.#firsts.length; index++) {
      yield { first: this.#firsts[index]!, pages: this.#pages[index]! }
    }
  }

  /** Index of the last extent that begins at or before `page`; −1 when none does. */
  #indexAt(page: number): number {
    let low = 0
    let high = this.#firsts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#firsts[middle]! <= page) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #endOf(index: number): number {
    return this.#firsts[index]! + this.#pages[index]!
  }

  /** True when all of [first, first + pages) is in the set. */
  contains(first: number, pages: number): boolean {
    const index = this.#indexAt(first)
    return index >= 0 && this.#endOf(index) >= first + pages
  }

  /** True when any page of [first, first + pages) is in the set. */
  overlaps(first: number, pages: number): boolean {
    const index = this.#indexAt(first + pages - 1)
    return index >= 0 && this.#endOf(index) > first
  }

  /** Adds [first, first + pages), none of which may be there. */
  add(first: number, pages: number): void {
    if (pages === 0) return
    assert(!this.overlaps(first, pages), `pages ${first} to ${first + pages - 1} are not in the set twice`)
    this.#total += pages
    const before = this.#indexAt(first)
    const after = before + 1
    const joinsBefore = before >= 0 && this.#endOf(before) === first
    const joinsAfter = after < this.#firsts.length && this.#firsts[after] === first + pages
    if (joinsBefore) {
      this.#pages[before] = this.#pages[before]! + pages + (joinsAfter ? this.#pages[after]! : 0)
      if (joinsAfter) this.#splice(after, 1)
    } else if (joinsAfter) {
      this.#firsts[after] = first
      this.#pages[after] = this.#pages[after]! + pages
    } else {
      this.#splice(after, 0, { first, pages })
    }
  }

  /** Removes [first, first + pages), all of which must be there. */
  remove(first: number, pages: number): void {
    if (pages === 0) return
    assert(this.contains(first, pages), `pages ${first} to ${first + pages - 1} are in the set`)
    this.#total -= pages
    const index = this.#indexAt(first)
    const left = { first: this.#firsts[index]!, pages: first - this.#firsts[index]! }
    const right = { first: first + pages, pages: this.#endOf(index) - (first + pages) }
    this.#splice(index, 1, ...[left, right].filter((extent) => extent.pages > 0))
  }

  /** Removes the first `pages` pages of the first extent that has so many; returns its first page, or −1. */
  takeFirstFit(pages: number): number {
    const index = this.#pages.findIndex((length) => length >= pages)
    if (index === -1) return -1
    const first = this.#firsts[index]!
    this.remove(first, pages)
    return first
  }

  /** Removes and returns the extent that ends at page `end` (exclusive), if there is one. */
  takeEndingAt(end: number): Extent | undefined {
    const index = this.#indexAt(end - 1)
    if (index < 0 || this.#endOf(index) !== end) return undefined
    const extent = { first: this.#firsts[index]!, pages: this.#pages[index]! }
    this.remove(extent.first, extent.pages)
    return extent
  }

  #splice(index: number, removed: number, ...inserted: Extent[]): void {
    this.#firsts.splice(index, removed, ...inserted.map((extent) => extent.first))
    this.#pages.splice(index, removed, ...inserted.map((extent) => extent.pages))
  }
}
