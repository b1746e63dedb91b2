/**
 * Writes a page run whose content is too large to be held: pages go out as they come, their checksums are
 * gathered, and the checksum pages follow behind (see `format/page-run.ts`).
 *
 * Invariants
 * - The run's pages are taken when the writer is made; `abandon` gives all of them back.
 * - Exactly `contentPages` pages are pushed before `finish`.
 */
import { assert } from '../errors/index.js'
import { contentPagesOf, crc32, inlineChecksumPagesMax, type PageRun, runPagesOf } from '../format/index.js'
import { pageBytes } from '../limits.js'
import type { PageStore } from './page-store.js'

/** Pages gathered before a write. */
const bufferPages = 64

/** Checksums that a checksum page holds. */
const checksumsPerPage = pageBytes / 4

export class PageRunWriter {
  readonly #store: PageStore
  readonly #contentBytes: number
  readonly #contentPages: number
  readonly #firstPage: number
  readonly #checksums: Uint32Array
  readonly #buffer: Uint8Array
  #pushed = 0
  #written = 0

  constructor(store: PageStore, contentBytes: number) {
    const contentPages = contentPagesOf(contentBytes)
    this.#store = store
    this.#contentBytes = contentBytes
    this.#contentPages = contentPages
    this.#checksums = new Uint32Array(contentPages)
    this.#buffer = new Uint8Array(Math.min(bufferPages, contentPages) * pageBytes)
    this.#firstPage = store.allocate(this.runPages)
  }

  /** Pages of the whole run, checksum pages too. */
  get runPages(): number {
    return runPagesOf(this.#contentBytes)
  }

  /** Appends a page; the last is filled up. */
  push(page: Uint8Array): void {
    assert(this.#pushed < this.#contentPages, `page ${this.#pushed} of ${this.#contentPages} of a run`)
    const at = (this.#pushed - this.#written) * pageBytes
    const whole = this.#buffer.subarray(at, at + pageBytes)
    whole.set(page)
    whole.fill(0, page.length)
    this.#checksums[this.#pushed] = crc32(whole)
    this.#pushed++
    if ((this.#pushed - this.#written) * pageBytes === this.#buffer.length) this.#flush()
  }

  /** Writes what is left and the checksum pages. */
  finish(): PageRun {
    assert(this.#pushed === this.#contentPages, `${this.#pushed} of ${this.#contentPages} pages of a run`)
    this.#flush()
    const contentBytes = this.#contentBytes
    if (this.#contentPages <= inlineChecksumPagesMax) {
      return { firstPage: this.#firstPage, contentBytes, checksums: this.#checksums }
    }
    const checksumPages = this.runPages - this.#contentPages
    const bytes = new Uint8Array(checksumPages * pageBytes)
    const view = new DataView(bytes.buffer)
    for (let page = 0; page < this.#contentPages; page++)
      view.setUint32(page * 4, this.#checksums[page]!, true)
    this.#store.writePages(this.#firstPage + this.#contentPages, bytes)
    const checksums = new Uint32Array(checksumPages)
    assert(checksumPages === Math.ceil(this.#contentPages / checksumsPerPage), 'checksum pages of a run')
    for (let page = 0; page < checksumPages; page++) {
      checksums[page] = crc32(bytes.subarray(page * pageBytes, (page + 1) * pageBytes))
    }
    return { firstPage: this.#firstPage, contentBytes, checksums }
  }

  /** Gives the pages back; the run never was. */
  abandon(): void {
    this.#store.free(this.#firstPage, this.runPages)
  }

  #flush(): void {
    const pages = this.#pushed - this.#written
    if (pages === 0) return
    this.#store.writePages(this.#firstPage + this.#written, this.#buffer.subarray(0, pages * pageBytes))
    this.#written = this.#pushed
  }
}
