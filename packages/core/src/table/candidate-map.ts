/**
 * A map of all keys in the index runs of a node table, in one memory that all parse workers share: from a
 * key's hash to the nodes that may have it. The keys themselves are not in it, so what it names is compared
 * with the key segments (`key-candidates.ts`).
 *
 * Invariants
 * - Built once, by whichever workers come: each takes parts of the hash range and fills them from the index
 *   runs, whose pages lie in hash order, as the buckets do (`assembly/shared/key-map.ts`).
 * - Buckets are written by the worker that took their part, and read by others when all parts are done. A
 *   window is one worker's own.
 */
import type { PageReader } from '../buffer/index.js'
import type { KeyIndexRun, NodeTable } from '../catalog/index.js'
import { checkPageEntries, pageEntriesMax } from '../index/index.js'
import { pageBytes, readAheadBytesMax } from '../limits.js'
import { loadSharedKernels, type SharedKernels } from './shared-kernels.js'
import {
  bucketBytes,
  candidateBuckets,
  controlBytes,
  indexedKeys,
  pairBytes,
  rangeBuckets,
  type SharedMapPlace,
  scratchByte,
  wordsByte,
  wordsMax,
  wordsOf,
} from './shared-map-place.js'
import { SharedParts } from './shared-parts.js'

/** Ranges of buckets that a worker fills at once: about 2 MiB of the index. */
const partRanges = 16

const writtenByte = scratchByte + 512

export class CandidateMap {
  readonly candidatesMax = wordsMax
  readonly #kernels: SharedKernels
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #buckets: number
  readonly #window: number

  private constructor(place: SharedMapPlace, buckets: number, window: number) {
    const { buffer } = place.memory
    this.#kernels = loadSharedKernels(place.memory)
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
    this.#buckets = buckets
    this.#window = window
  }

  /**
   * The map, filled; or null where it could not be. Takes part in filling it, or waits for those who do.
   * @param window the worker's own, an address in the map's memory
   * @throws MillraceError `MILLRACE_CORRUPT` when a page of the index is damaged
   */
  static attach(
    place: SharedMapPlace,
    window: number,
    table: NodeTable,
    reader: PageReader,
  ): CandidateMap | null {
    const buckets = candidateBuckets(indexedKeys(table))
    const map = new CandidateMap(place, buckets, window)
    const partBuckets = partRanges * rangeBuckets
    const words = wordsOf(place, 'candidates')
    const parts = new SharedParts(words, Math.ceil(buckets / partBuckets), () => reader.check())
    const filled = parts.run((part) => {
      const first = part * partBuckets
      const end = Math.min(first + partBuckets, buckets)
      // Packed keys were counted there; all workers are done with that.
      if (place.kind === 'packed') map.#clear(first, end)
      return table.keys.runs.every((run) => map.#fillPart(table, reader, run, first, end))
    })
    return filled ? map : null
  }

  /**
   * Looks up pairs {hash u64, row u64}.
   * @param pairs bytes of at most 4,096 of them
   * @param into room for `candidatesMax` words; candidates (`key-candidates.ts`) come there
   * @returns pairs consumed, from the first on, and candidates
   */
  probe(pairs: Uint8Array, into: Uint8Array): { consumed: number; candidates: number } {
    this.#bytes.set(pairs, this.#window)
    const candidates = this.#window + wordsByte
    const written = this.#window + writtenByte
    const consumed = this.#kernels.probePairs(
      this.#window,
      pairs.length / pairBytes,
      controlBytes,
      this.#buckets,
      this.#window + scratchByte,
      candidates,
      wordsMax,
      written,
    )
    const count = this.#view.getUint32(written, true)
    into.set(this.#bytes.subarray(candidates, candidates + count * 8))
    return { consumed, candidates: count }
  }

  #clear(first: number, end: number): void {
    this.#bytes.fill(0, controlBytes + first * bucketBytes, controlBytes + end * bucketBytes)
  }

  /** Adds the entries of buckets `first` … `end` − 1 of a run; false when they cannot be. */
  #fillPart(table: NodeTable, reader: PageReader, run: KeyIndexRun, first: number, end: number): boolean {
    const pagesMax = readAheadBytesMax / pageBytes
    const place = { table: table.name, what: 'key index' }
    // A page more on either side: pages and buckets do not begin at the same hashes.
    let page = Math.max(0, Math.floor((first * run.bucketPages) / this.#buckets) - 1)
    const endPage = Math.min(run.bucketPages, Math.ceil((end * run.bucketPages) / this.#buckets) + 1)
    while (page < endPage) {
      const pages = Math.min(pagesMax, endPage - page)
      const into = this.#bytes.subarray(this.#window, this.#window + pages * pageBytes)
      reader.readPastPool(run.pages, place, page * pageBytes, into, false)
      for (let index = 0; index < pages; index++) {
        const at = this.#window + index * pageBytes
        checkPageEntries(this.#view.getUint32(at, true), table.name)
        const status = this.#kernels.addPage(at, pageEntriesMax, controlBytes, this.#buckets, first, end)
        if (status !== 0) return false
      }
      page += pages
    }
    return true
  }
}
