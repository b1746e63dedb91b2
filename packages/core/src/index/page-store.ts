import type { PageReader } from '../buffer/index.js'
import type { FileSystem } from '../io/index.js'

/**
 * What a load needs of the store: pages to take, write and give back, and a way to read them again. `Store`
 * is one.
 */
export interface PageStore {
  readonly path: string
  readonly fileSystem: FileSystem
  readonly reader: PageReader
  /** Takes a contiguous run of pages and returns the first. */
  allocate(pages: number): number
  /** Gives back pages of a load that did not commit. */
  free(firstPage: number, pages: number): void
  writePages(firstPage: number, bytes: Uint8Array): void
}
