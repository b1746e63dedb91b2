import type { PageStore } from '../index/index.js'
import { pageBytes } from '../limits.js'

/** The pages a load has taken, so that it can give all of them back. */
export class PageLedger {
  readonly #store: PageStore
  readonly #firstPages: number[] = []
  readonly #counts: number[] = []

  constructor(store: PageStore) {
    this.#store = store
  }

  /**
   * Takes a run for `bytes` (whole pages) and writes them there. @returns the first page; 0 when there are
   * none
   */
  write(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0
    const firstPage = this.#store.allocate(bytes.length / pageBytes)
    this.adopt(firstPage, bytes.length / pageBytes)
    this.#store.writePages(firstPage, bytes)
    return firstPage
  }

  /** Notes pages that were taken elsewhere for this load. */
  adopt(firstPage: number, pages: number): void {
    this.#firstPages.push(firstPage)
    this.#counts.push(pages)
  }

  /** Gives all pages back. */
  freeAll(): void {
    for (const [index, firstPage] of this.#firstPages.entries())
      this.#store.free(firstPage, this.#counts[index]!)
    this.#firstPages.length = 0
    this.#counts.length = 0
  }
}
