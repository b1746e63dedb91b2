/**
 * Which pages of the data file may be written. Nothing of it is stored: it is derived at open from what the
 * catalog reaches.
 *
 * ```
 *            allocate                    commit (added)                 commit (removed)
 *   ┌──────┐ ────────► ┌───────────────┐ ─────────────► ┌─────────────┐ ────────────────► ┌─────────┐
 *   │ free │           │ not committed │                │  reachable  │                   │ removed │
 *   └──────┘ ◄──────── └───────────────┘                └─────────────┘                   └─────────┘
 *      ▲     giveBack                                                                          │ checkpointed
 *      │                    release: no reader of an older version is left     ┌─────────┐     │
 *      └────────────────────────────────────────────────────────────────────── │ waiting │ ◄───┘
 *                                                                              └─────────┘
 * ```
 *
 * Invariants
 * - A page that the ruling superblock and its log reach is never free: what a change removes stays until a
 *   checkpoint no longer reaches it, and until no reader of a version before the removal is left.
 * - Every page from `superblockPages` to `pageCount` is in exactly one of these states.
 */
import { assert, MillraceError } from './errors/index.js'
import { ExtentSet } from './extent-set.js'
import { type Extent, superblockPages } from './format/index.js'
import { pagesMax } from './limits.js'

/** An extent that the change to `version` made unreachable. */
interface RemovedExtent extends Extent {
  readonly version: number
}

export interface Allocation {
  readonly first: number
  /** True when the pages may have held something before, so that pools may still hold it. */
  readonly reused: boolean
}

export class FreeSpace {
  #pageCount: number
  /** Pages from here on were never in use since the file was opened. */
  #touchedEnd: number
  readonly #free = new ExtentSet()
  readonly #uncommitted = new ExtentSet()
  #removed: RemovedExtent[] = []
  #removedPages = 0
  #waiting: RemovedExtent[] = []

  private constructor(pageCount: number) {
    this.#pageCount = pageCount
    this.#touchedEnd = pageCount
  }

  /**
   * The free space of a file in which exactly `inUse` is in use.
   * @returns a sentence that says which page two extents claim, when two do
   */
  static derive(inUse: Iterable<Extent>): FreeSpace | string {
    const extents = [...inUse].sort((a, b) => a.first - b.first)
    let end = superblockPages
    const free: Extent[] = []
    for (const { first, pages } of extents) {
      if (first < end) return `page ${first} is in use twice`
      if (first > end) free.push({ first: end, pages: first - end })
      end = first + pages
    }
    const space = new FreeSpace(end)
    for (const { first, pages } of free) space.#free.add(first, pages)
    return space
  }

  /** Pages of the file, superblocks and free pages included. */
  get pageCount(): number {
    return this.#pageCount
  }

  /** Pages that `allocate` hands out without growing the file. */
  get freePages(): number {
    return this.#free.pageCount
  }

  /** Pages that changes since the last checkpoint have removed. */
  get removedPages(): number {
    return this.#removedPages
  }

  /** Pages allocated and neither committed nor given back. */
  get uncommittedPages(): number {
    return this.#uncommitted.pageCount
  }

  /**
   * Takes `pages` contiguous pages: the first fit among the free ones, else behind the end.
   * @param fresh behind the end in any case: no byte of the file as it is will be written
   */
  allocate(pages: number, fresh = false): Allocation {
    assert(Number.isInteger(pages) && pages > 0, `${pages} pages can be allocated`)
    let first = fresh ? this.#append(this.#pageCount, pages) : this.#free.takeFirstFit(pages)
    if (first === -1) first = this.#grow(pages)
    this.#uncommitted.add(first, pages)
    // Pages behind the end may have been in use before the end moved back.
    const reused = first < this.#touchedEnd
    this.#touchedEnd = Math.max(this.#touchedEnd, first + pages)
    return { first, reused }
  }

  /**
   * Takes `pages` contiguous free pages that end before page `end`. @returns the first; −1 when there are
   * none
   */
  allocateBelow(end: number, pages: number): number {
    const first = this.#free.takeFirstFit(pages)
    if (first === -1) return -1
    if (first + pages > end) {
      this.#free.add(first, pages)
      return -1
    }
    this.#uncommitted.add(first, pages)
    return first
  }

  /** Grows by as little as makes `pages` contiguous pages at the end: a free extent there is used. */
  #grow(pages: number): number {
    const tail = this.#free.takeEndingAt(this.#pageCount)
    try {
      return this.#append(tail?.first ?? this.#pageCount, pages)
    } catch (error) {
      if (tail !== undefined) this.#free.add(tail.first, tail.pages)
      throw error
    }
  }

  /** Makes the file end behind `pages` pages from `first` on, and returns `first`. */
  #append(first: number, pages: number): number {
    if (first + pages > pagesMax) {
      const what = 'The database file'
      throw new MillraceError('MILLRACE_LIMIT', {
        what,
        value: `${first + pages} pages`,
        limit: `${pagesMax} pages`,
      })
    }
    this.#pageCount = first + pages
    return first
  }

  /** Gives back pages that were allocated and not committed. */
  giveBack(first: number, pages: number): void {
    this.#uncommitted.remove(first, pages)
    this.#free.add(first, pages)
  }

  /** True when every page of `extents` was allocated and not yet committed. */
  areUncommitted(extents: readonly Extent[]): boolean {
    return extents.every(({ first, pages }) => this.#uncommitted.contains(first, pages))
  }

  /** The change to `version` reaches `added` and no longer reaches `removed`. */
  commit(version: number, added: readonly Extent[], removed: readonly Extent[]): void {
    for (const { first, pages } of added) this.#uncommitted.remove(first, pages)
    for (const extent of removed) {
      this.#removed.push({ ...extent, version })
      this.#removedPages += extent.pages
    }
  }

  /** A checkpoint is durable: what was removed before it needs to wait for readers only. */
  checkpointed(): void {
    for (const removed of this.#removed) this.#waiting.push(removed)
    this.#removed = []
    this.#removedPages = 0
  }

  /** Frees the waiting pages that no version from `oldestVersionInUse` on reaches. */
  release(oldestVersionInUse: number): void {
    const kept: RemovedExtent[] = []
    for (const extent of this.#waiting) {
      if (extent.version <= oldestVersionInUse) this.#free.add(extent.first, extent.pages)
      else kept.push(extent)
    }
    this.#waiting = kept
  }

  /** Gives up the free pages at the end of the file; returns the new page count. */
  trim(): number {
    const tail = this.#free.takeEndingAt(this.#pageCount)
    if (tail !== undefined) this.#pageCount = tail.first
    return this.#pageCount
  }
}
