/**
 * Writes a key index run from entries that come in hash order.
 *
 * The number of pages must be fixed before the first entry, because it decides which page an entry belongs
 * to. Hashes spread evenly, so a page that holds 303 entries on average (74 %) overflows 408 once in about
 * 10^8 pages; when it happens the caller begins again with more pages. A run of one page is filled to the
 * brim.
 */
import type { KeyIndexRun } from '../catalog/index.js'
import { pageBytes } from '../limits.js'
import { bucketOf, KeyPage, pageEntriesMax } from './key-page.js'
import { PageRunWriter } from './page-run-writer.js'
import type { PageStore } from './page-store.js'

/** Entries of a page on average, so that six standard deviations (√303 = 17.4) more still fit. */
const pageEntriesMean = 303

/** Pages for a run of `entries` entries, `attempt` pages having overflowed before. */
export function bucketPagesFor(entries: number, attempt = 0): number {
  if (attempt === 0 && entries <= pageEntriesMax) return 1
  return Math.ceil((entries / pageEntriesMean) * 1.15 ** attempt) + attempt
}

export class KeyRunWriter {
  readonly bucketPages: number
  readonly #pages: PageRunWriter
  readonly #page = new KeyPage()
  #bucket = 0
  #entries = 0

  constructor(store: PageStore, bucketPages: number) {
    this.bucketPages = bucketPages
    this.#pages = new PageRunWriter(store, bucketPages * pageBytes)
  }

  /**
   * Appends an entry; `hash` is the kept hash and does not descend. False when its page is full: abandon the
   * run.
   */
  add(hash: number, offset: number): boolean {
    this.#goTo(bucketOf(Math.floor(hash / 256), this.bucketPages))
    this.#entries++
    return this.#page.add(hash, offset)
  }

  /**
   * Appends entries of one page, the first `count` of `lanes`, which are laid out as those of a page. As
   * `add` otherwise.
   */
  append(lanes: Uint8Array, count: number): boolean {
    const [high = 0] = new Uint32Array(lanes.buffer, lanes.byteOffset, 1)
    this.#goTo(bucketOf(high, this.bucketPages))
    this.#entries += count
    return this.#page.append(lanes, count)
  }

  /** Writes the pages left. */
  finish(): KeyIndexRun {
    this.#goTo(this.bucketPages)
    return { entries: this.#entries, bucketPages: this.bucketPages, pages: this.#pages.finish() }
  }

  /** Gives the pages back. */
  abandon(): void {
    this.#pages.abandon()
  }

  /** Writes the pages before that of `bucket`. */
  #goTo(bucket: number): void {
    for (; this.#bucket < bucket; this.#bucket++) {
      this.#pages.push(this.#page.bytes)
      this.#page.clear()
    }
  }
}
