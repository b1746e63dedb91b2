/**
 * Reads key index runs: one hash at a time, or all entries in hash order.
 * A reader keeps the page it read last, so that hashes asked for in ascending order read every page once.
 */
import type { PageReader } from '../buffer/index.js'
import type { KeyIndexRun } from '../catalog/index.js'
import { pageBytes } from '../limits.js'
import { bucketOf, KeyPage } from './key-page.js'

export class KeyRunReader {
  readonly run: KeyIndexRun
  readonly #reader: PageReader
  readonly #table: string
  readonly #page = new KeyPage()
  #bucket = -1

  constructor(reader: PageReader, run: KeyIndexRun, table: string) {
    this.#reader = reader
    this.run = run
    this.#table = table
  }

  /** The page of a bucket; valid until the next one is asked for. */
  page(bucket: number): KeyPage {
    if (bucket !== this.#bucket) {
      this.#bucket = -1
      const place = { table: this.#table, what: 'key index' }
      this.#reader.read(this.run.pages, place, bucket * pageBytes, this.#page.bytes)
      this.#page.check(this.#table)
      this.#bucket = bucket
    }
    return this.#page
  }

  /** Appends to `into` the node offsets of the entries whose kept hash is `hash`. */
  offsetsOf(hash: number, into: number[]): void {
    if (this.run.entries === 0) return
    const page = this.page(bucketOf(Math.floor(hash / 256), this.run.bucketPages))
    for (let index = page.find(hash); index < page.entries && page.hashAt(index) === hash; index++) {
      into.push(page.offsetAt(index))
    }
  }
}

/** Walks through all entries of a run in hash order. */
export class KeyRunCursor {
  readonly #reader: KeyRunReader
  #bucket = -1
  #index = -1
  #page: KeyPage | null = null
  /** The kept hash of the entry the cursor stands on; infinite behind the last one. */
  hash = -1
  offset = -1

  constructor(reader: KeyRunReader) {
    this.#reader = reader
    this.next()
  }

  /** Steps to the next entry. */
  next(): void {
    this.#index++
    while (this.#page === null || this.#index >= this.#page.entries) {
      this.#bucket++
      if (this.#bucket >= this.#reader.run.bucketPages) {
        this.hash = Number.POSITIVE_INFINITY
        return
      }
      this.#page = this.#reader.page(this.#bucket)
      this.#index = 0
    }
    this.hash = this.#page.hashAt(this.#index)
    this.offset = this.#page.offsetAt(this.#index)
  }
}
