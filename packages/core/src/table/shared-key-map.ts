/**
 * A map of all keys in the index runs of a node table, in one memory that all parse workers share: from a
 * key's hash to the nodes that may have it. About 6.7 bytes a key; the keys themselves are not in it, so what
 * it names is compared with the key segments (`key-candidates.ts`).
 *
 * ```
 * | control: 64 KiB | buckets of 64 bytes (`assembly/shared/key-map.ts`) | a window for each worker |
 * ```
 *
 * Invariants
 * - Built once, by whichever workers come: each claims parts of the hash range, fills them from the index
 *   runs (whose pages lie in hash order, as the buckets do) and waits until all parts are filled.
 * - The words of the control part are used with Atomics only. Buckets are written by the worker that claimed
 *   them, and read by others after the last part was counted as filled. A window is one worker's own.
 * - A worker that fails says so in the control part: the others do without the map, and none waits for ever.
 */
import type { PageReader } from '../buffer/index.js'
import type { KeyIndexRun, NodeTable } from '../catalog/index.js'
import { checkPageEntries, pageEntriesMax } from '../index/index.js'
import { pageBytes, readAheadBytesMax } from '../limits.js'
import { loadSharedKernels, type SharedKernels } from './shared-kernels.js'

const controlBytes = 65_536
const wasmPageBytes = 65_536
const bucketBytes = 64

/** Entries of a bucket on average, of 12 that there is room for: one in six passes an entry on. */
const bucketEntriesMean = 9.6

/** Buckets of a range: entries never leave theirs. */
const rangeBuckets = 1024

/** Ranges that a worker claims at once: about 2 MiB of the index. */
const claimRanges = 16

/** Words of the control part. */
const nextClaimWord = 0
const filledWord = 1
const failedWord = 2
const windowsWord = 3

/** A window: pairs and what becomes of them, or, as long as the map is built, pages of the index. */
const pairsMax = 4096
const pairBytes = 16
const candidatesMax = 16_384
const candidatesByte = pairsMax * pairBytes
const scratchByte = readAheadBytesMax
const writtenByte = scratchByte + 512
const windowBytes = readAheadBytesMax + pageBytes

/** A map's bytes must leave its addresses positive numbers of 31 bits. */
const mapBytesMax = 2 ** 31 - wasmPageBytes

/** How long a worker waits for the others before it does without the map. */
const waitMsMax = 60_000

/** A map as it is handed to the workers. */
export interface SharedKeyMapPlace {
  readonly tableId: number
  readonly memory: WebAssembly.Memory
  readonly buckets: number
}

/** Keys of a table that are found through index runs. */
function indexedKeys(table: NodeTable): number {
  return table.keys.runs.reduce((sum, run) => sum + run.entries, 0)
}

function bucketsFor(keys: number): number {
  return Math.ceil(keys / bucketEntriesMean / rangeBuckets) * rangeBuckets
}

/** Bytes of the map of a table's keys for so many threads; 0 when none is needed or possible. */
export function sharedKeyMapBytes(table: NodeTable, threads: number): number {
  const keys = indexedKeys(table)
  if (keys === 0 || table.rowCount > 2 ** 32) return 0
  const bytes = controlBytes + bucketsFor(keys) * bucketBytes + threads * windowBytes
  const rounded = Math.ceil(bytes / wasmPageBytes) * wasmPageBytes
  return rounded > mapBytesMax ? 0 : rounded
}

/** Makes the memory of a map, empty. The first workers that attach it fill it. */
export function createSharedKeyMap(table: NodeTable, threads: number): SharedKeyMapPlace {
  const pages = sharedKeyMapBytes(table, threads) / wasmPageBytes
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  return { tableId: table.id, memory, buckets: bucketsFor(indexedKeys(table)) }
}

/** Pairs of {hash, row} on their way through the map. */
export interface ProbeWindow {
  /** Where up to `pairsMax` pairs go. */
  readonly pairs: Uint8Array
  readonly pairsMax: number
}

export class SharedKeyMap {
  readonly pairsMax = pairsMax
  readonly candidatesMax = candidatesMax
  readonly #kernels: SharedKernels
  readonly #bytes: Uint8Array
  readonly #control: Int32Array
  readonly #view: DataView
  readonly #buckets: number
  readonly #window: number

  private constructor(place: SharedKeyMapPlace, window: number) {
    const { buffer } = place.memory
    this.#kernels = loadSharedKernels(place.memory)
    this.#bytes = new Uint8Array(buffer)
    this.#control = new Int32Array(buffer, 0, controlBytes / 4)
    this.#view = new DataView(buffer)
    this.#buckets = place.buckets
    this.#window = window
  }

  /**
   * The map, filled; or null where it could not be. Takes part in filling it, or waits for those who do.
   * @throws MillraceError `MILLRACE_CORRUPT` when a page of the index is damaged
   */
  static attach(place: SharedKeyMapPlace, table: NodeTable, reader: PageReader): SharedKeyMap | null {
    const control = new Int32Array(place.memory.buffer, 0, controlBytes / 4)
    const first = controlBytes + place.buckets * bucketBytes
    const window = first + Atomics.add(control, windowsWord, 1) * windowBytes
    if (window + windowBytes > place.memory.buffer.byteLength) return null
    const map = new SharedKeyMap(place, window)
    return map.#fill(table, reader) ? map : null
  }

  /**
   * Looks up pairs {hash u64, row u64}.
   * @param pairs bytes of at most `pairsMax` of them
   * @param into room for `candidatesMax` words; candidates (`key-candidates.ts`) come there
   * @returns pairs consumed, from the first on, and candidates
   */
  probe(pairs: Uint8Array, into: Uint8Array): { consumed: number; candidates: number } {
    this.#bytes.set(pairs, this.#window)
    const candidates = this.#window + candidatesByte
    const written = this.#window + writtenByte
    const consumed = this.#kernels.probePairs(
      this.#window,
      pairs.length / pairBytes,
      controlBytes,
      this.#buckets,
      this.#window + scratchByte,
      candidates,
      candidatesMax,
      written,
    )
    const count = this.#view.getUint32(written, true)
    into.set(this.#bytes.subarray(candidates, candidates + count * 8))
    return { consumed, candidates: count }
  }

  /** Claims parts until there is none left, then waits for the other workers'. */
  #fill(table: NodeTable, reader: PageReader): boolean {
    const control = this.#control
    const ranges = this.#buckets / rangeBuckets
    const claims = Math.ceil(ranges / claimRanges)
    try {
      for (;;) {
        const claim = Atomics.add(control, nextClaimWord, 1)
        if (claim >= claims || Atomics.load(control, failedWord) !== 0) break
        const first = claim * claimRanges * rangeBuckets
        const end = Math.min(first + claimRanges * rangeBuckets, this.#buckets)
        const filled = table.keys.runs.every((run) => this.#fillPart(table, reader, run, first, end))
        if (!filled) this.#fail()
        Atomics.add(control, filledWord, 1)
        Atomics.notify(control, filledWord)
      }
    } catch (error) {
      this.#fail()
      throw error
    }
    return this.#isFilled(claims)
  }

  #fail(): void {
    Atomics.store(this.#control, failedWord, 1)
    Atomics.add(this.#control, filledWord, 1)
    Atomics.notify(this.#control, filledWord)
  }

  #isFilled(claims: number): boolean {
    const giveUpAt = performance.now() + waitMsMax
    for (;;) {
      const filled = Atomics.load(this.#control, filledWord)
      if (Atomics.load(this.#control, failedWord) !== 0) return false
      if (filled >= claims) return true
      const left = giveUpAt - performance.now()
      if (left <= 0) return false
      Atomics.wait(this.#control, filledWord, filled, left)
    }
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
