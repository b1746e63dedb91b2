/**
 * Reads page runs: from the pool where it holds them, else from the file, verified and then kept in the pool.
 *
 * Invariants
 * - No byte is handed out that was not verified against the checksum in the run's parent, at the latest when
 *   it was loaded. A run with checksum pages is verified through them; they are verified against the parent
 *   themselves.
 * - A page that fails is never put into the pool; the error names file, table, column and page.
 *
 * One reader per thread and file: it keeps a buffer of `readAheadBytesMax` bytes for itself.
 */
import { assert, MillraceError } from '../errors/index.js'
import {
  checksumBytes,
  checksumPagesOf,
  checksumsPerPage,
  contentPagesOf,
  crc32,
  type PageRun,
} from '../format/index.js'
import { type File, wrapIoError } from '../io/index.js'
import { pageBytes, readAheadBytesMax } from '../limits.js'
import type { BufferPool } from './buffer-pool.js'

/** Whose run it is, for the error of a damaged page. */
export interface RunPlace {
  readonly table?: string
  readonly column?: string
  /** `the catalog`, `the key index`, `row group 3` … */
  readonly what?: string
}

/** `table Person, column name, row group 3`. */
export function describePlace(place: RunPlace): string {
  const parts: string[] = []
  if (place.table !== undefined) parts.push(`table ${place.table}`)
  if (place.column !== undefined) parts.push(`column ${place.column}`)
  if (place.what !== undefined) parts.push(place.what)
  return parts.join(', ')
}

export interface PageReaderOptions {
  /**
   * Says whether the file's writer has moved on since this process opened it read-only: then a page that does
   * not verify was used again, and the file is sound (`MILLRACE_SNAPSHOT_GONE`).
   */
  readonly isOutdated?: () => boolean
  /** See `PageReader.check`. Default: does nothing. */
  readonly check?: () => void
}

const readAheadPages = readAheadBytesMax / pageBytes

export class PageReader {
  readonly #file: File
  readonly #pool: BufferPool
  readonly #isOutdated: () => boolean
  /**
   * Asked before everything that is read, and by long work between its steps: throws when the work that this
   * reads for is to stop.
   */
  readonly check: () => void
  #scratch: Uint8Array | undefined
  #pastPool = false
  /** Checksums of the checksum page used last, and what the parent says it is. */
  #checksums = new Uint32Array(0)
  #checksumsPage = 0
  #checksumsChecksum = 0

  constructor(file: File, pool: BufferPool, options: PageReaderOptions = {}) {
    this.#file = file
    this.#pool = pool
    this.#isOutdated = options.isOutdated ?? (() => false)
    this.check = options.check ?? (() => {})
  }

  /** Another reader of the same file, for work that `check` can stop. */
  checking(check: () => void): PageReader {
    return new PageReader(this.#file, this.#pool, { isOutdated: this.#isOutdated, check })
  }

  /** The file's path, for errors. */
  get path(): string {
    return this.#file.path
  }

  /**
   * Copies bytes [`offset`, `offset` + `into.length`) of the run's content. `into` may lie in shared or
   * WebAssembly memory.
   * @throws MillraceError `MILLRACE_CORRUPT` with table, column and page when a page does not match its
   * checksum
   */
  read(run: PageRun, place: RunPlace, offset: number, into: Uint8Array): void {
    this.check()
    const end = offset + into.length
    assert(
      offset >= 0 && end <= run.contentBytes,
      `bytes ${offset} to ${end} lie in ${run.contentBytes} of content`,
    )
    const lastIndex = contentPagesOf(end) - 1
    let index = Math.floor(offset / pageBytes)
    while (index <= lastIndex && into.length > 0) {
      if (this.#copyFromPool(run, index, offset, into)) {
        index++
        continue
      }
      const missing = this.#missingPages(run, index, lastIndex)
      const bytes = this.#load(run, place, index, missing)
      for (let page = 0; page < missing; page++) {
        const content = bytes.subarray(page * pageBytes, (page + 1) * pageBytes)
        this.#pool.put(run.firstPage + index + page, content)
        copyPart(content, index + page, offset, into)
      }
      index += missing
    }
  }

  /**
   * Copies bytes of the run's content as `read` does, but past the pool: for what is read from end to end,
   * and would push everything else out.
   * @param offset a multiple of the page size
   * @param verified true when the caller has had these bytes verified before: they are not again
   * @throws MillraceError `MILLRACE_CORRUPT` as `read` does
   */
  readPastPool(run: PageRun, place: RunPlace, offset: number, into: Uint8Array, verified: boolean): void {
    this.check()
    const end = offset + into.length
    assert(
      offset % pageBytes === 0 && end <= run.contentBytes,
      `bytes ${offset} to ${end} lie in ${run.contentBytes} of content`,
    )
    const first = offset / pageBytes
    if (verified) {
      this.#readPages(run.firstPage + first, into, place)
      return
    }
    const pages = contentPagesOf(end) - first
    for (let index = 0; index < pages; index += readAheadPages) {
      const bytes = this.#load(run, place, first + index, Math.min(readAheadPages, pages - index))
      const at = index * pageBytes
      into.set(bytes.subarray(0, Math.min(bytes.length, into.length - at)), at)
    }
  }

  /**
   * Reads all pages of `run` from the file, past the pool, and verifies them.
   * @throws MillraceError `MILLRACE_CORRUPT` for the first page that does not match its checksum
   */
  verify(run: PageRun, place: RunPlace): void {
    const pages = contentPagesOf(run.contentBytes)
    this.#checksumsPage = 0
    this.#pastPool = true
    try {
      for (let index = 0; index < pages; index += readAheadPages) {
        this.#load(run, place, index, Math.min(readAheadPages, pages - index))
      }
    } finally {
      this.#pastPool = false
    }
  }

  #copyFromPool(run: PageRun, index: number, offset: number, into: Uint8Array): boolean {
    const start = index * pageBytes
    const from = Math.max(start, offset)
    const to = Math.min(start + pageBytes, offset + into.length)
    return this.#pool.copy(run.firstPage + index, from - start, to - from, into, from - offset)
  }

  /** How many pages from `index` on are not in the pool: what one read of the file brings. */
  #missingPages(run: PageRun, index: number, lastIndex: number): number {
    const end = Math.min(lastIndex + 1, index + readAheadPages)
    let next = index + 1
    while (next < end && !this.#pool.has(run.firstPage + next)) next++
    return next - index
  }

  /** Reads and verifies content pages [index, index + pages). The result is valid until the next call. */
  #load(run: PageRun, place: RunPlace, index: number, pages: number): Uint8Array {
    this.#scratch ??= new Uint8Array(readAheadBytesMax)
    const bytes = this.#scratch.subarray(0, pages * pageBytes)
    this.#readPages(run.firstPage + index, bytes, place)
    for (let page = 0; page < pages; page++) {
      const computed = crc32(bytes.subarray(page * pageBytes, (page + 1) * pageBytes))
      const expected = this.#expectedChecksum(run, place, index + page)
      if (computed !== expected) throw this.#damaged(run.firstPage + index + page, place)
    }
    return bytes
  }

  #expectedChecksum(run: PageRun, place: RunPlace, index: number): number {
    const contentPages = contentPagesOf(run.contentBytes)
    if (checksumPagesOf(contentPages) === 0) return run.checksums[index]!
    const which = Math.floor(index / checksumsPerPage)
    const page = run.firstPage + contentPages + which
    const checksum = run.checksums[which]!
    if (page !== this.#checksumsPage || checksum !== this.#checksumsChecksum) {
      this.#loadChecksums(page, checksum, place)
    }
    return this.#checksums[index % checksumsPerPage]!
  }

  #loadChecksums(page: number, checksum: number, place: RunPlace): void {
    const bytes = new Uint8Array(pageBytes)
    if (this.#pastPool || !this.#pool.copy(page, 0, pageBytes, bytes, 0)) {
      this.#readPages(page, bytes, place)
      if (crc32(bytes) !== checksum) throw this.#damaged(page, place)
      this.#pool.put(page, bytes)
    }
    const view = new DataView(bytes.buffer)
    const checksums = new Uint32Array(checksumsPerPage)
    for (let entry = 0; entry < checksumsPerPage; entry++) {
      checksums[entry] = view.getUint32(entry * checksumBytes, true)
    }
    this.#checksums = checksums
    this.#checksumsPage = page
    this.#checksumsChecksum = checksum
  }

  #readPages(firstPage: number, into: Uint8Array, place: RunPlace): void {
    let length: number
    try {
      length = this.#file.read(into, firstPage * pageBytes)
    } catch (error) {
      throw wrapIoError(error, { operation: 'reading', file: this.#file.path })
    }
    if (length < into.length)
      throw this.#damaged(firstPage + Math.floor(length / pageBytes), place, 'the file ends')
  }

  #damaged(page: number, place: RunPlace, problem = 'its checksum does not match'): MillraceError {
    const where = describePlace(place)
    const { table, column } = place
    if (this.#isOutdated()) {
      const what = `page ${page} (${where}) was used again`
      return new MillraceError('MILLRACE_SNAPSHOT_GONE', { file: this.#file.path, what, page, table, column })
    }
    const what = `page ${page} (${where}): ${problem}`
    return new MillraceError('MILLRACE_CORRUPT', { file: this.#file.path, what, page, table, column })
  }
}

/**
 * Copies what `content`, the content page `index` of a run, and the range that `into` asks for have in
 * common.
 */
function copyPart(content: Uint8Array, index: number, offset: number, into: Uint8Array): void {
  const start = index * pageBytes
  const from = Math.max(start, offset)
  const to = Math.min(start + pageBytes, offset + into.length)
  into.set(content.subarray(from - start, to - start), from - offset)
}
