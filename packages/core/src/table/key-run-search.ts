/**
 * Searches key index runs for the keys of a batch, page by page in hash order: for tables whose keys no map
 * has room for. Each page is read once, however many keys fall into it.
 *
 * Invariants
 * - Pages are read past the buffer pool where most of them are wanted; a page that was verified once is not
 *   again.
 * - Nothing stays in the arena between calls.
 */
import type { KeyIndexRun, NodeTable } from '../catalog/index.js'
import { checkPageEntries, pageEntriesMax } from '../index/index.js'
import { pageBytes } from '../limits.js'
import type { KeyCandidates } from './key-candidates.js'
import type { SegmentSource } from './segment-source.js'

/** Index pages read at once … */
const windowPages = 64

/** … when at least one in so many is wanted. */
const sparsePages = 4

/** Candidates handed on at once: those of any one key, which lie in one page, fit. */
const candidatesMax = 16_384

const candidateBytes = 8
const pairBytes = 16

/** Bytes of the arena that a search for so many keys takes. */
export function searchBytes(keys: number): number {
  return keys * 2 * pairBytes + windowPages * pageBytes + candidatesMax * candidateBytes + 3 * 4096
}

/** Regions that a search works in. */
interface Regions {
  readonly pairs: number
  readonly candidates: number
  readonly candidateCount: number
  readonly pages: number
}

export class KeyRunSearch {
  readonly #source: SegmentSource
  readonly #table: NodeTable
  readonly #runs: readonly KeyIndexRun[]
  /** Of each run, for each window of pages: 1 when all its pages were verified. */
  readonly #verified: readonly Uint8Array[]

  constructor(source: SegmentSource, table: NodeTable) {
    this.#source = source
    this.#table = table
    // Largest first: most keys are found there.
    this.#runs = table.keys.runs.toSorted((left, right) => right.entries - left.entries)
    this.#verified = this.#runs.map((run) => new Uint8Array(Math.ceil(run.bucketPages / windowPages)))
  }

  /**
   * Hands the candidates for the keys of each run's pairs to `candidates`, and has them compared, run after
   * run.
   * @param keysMax pairs that `collect` writes at most
   * @param collect writes pairs {hash, row} for the keys that have no answer yet; returns how many
   */
  search(keysMax: number, collect: (pairs: number) => number, candidates: KeyCandidates): void {
    const { arena, kernels } = this.#source.memory
    const mark = arena.mark()
    const pairs = arena.allocate(keysMax * pairBytes)
    for (const [index, run] of this.#runs.entries()) {
      const count = collect(pairs)
      if (count === 0) break
      const inner = arena.mark()
      const scratch = arena.allocate(keysMax * pairBytes)
      kernels.sortPairs(pairs, scratch, count, arena.allocate(4096), 0, 24)
      arena.release(inner)
      const regions = {
        pairs,
        candidates: arena.allocate(candidatesMax * candidateBytes),
        candidateCount: arena.allocate(4),
        pages: arena.allocate(windowPages * pageBytes),
      }
      this.#searchRun(run, this.#verified[index]!, count, regions, candidates)
      arena.release(inner)
      candidates.finish()
    }
    arena.release(mark)
  }

  #searchRun(
    run: KeyIndexRun,
    verified: Uint8Array,
    count: number,
    regions: Regions,
    candidates: KeyCandidates,
  ): void {
    const { arena, kernels } = this.#source.memory
    const dense = count * sparsePages >= run.bucketPages
    const pagesAtOnce = dense ? windowPages : 1
    let first = -pagesAtOnce
    let at = 0
    const written = () => new Uint32Array(arena.memory.buffer, regions.candidateCount, 1)
    written()[0] = 0
    const handOn = () => {
      candidates.add(regions.candidates, written()[0]!)
      written()[0] = 0
    }
    while (at < count) {
      const pair = regions.pairs + at * pairBytes
      const bucket = kernels.pairBucket(pair, run.bucketPages) >>> 0
      if (bucket >= first + pagesAtOnce) {
        first = bucket - (bucket % pagesAtOnce)
        if (dense) this.#readWindow(run, verified, first, regions.pages)
        else this.#readPage(run, bucket, regions.pages)
      }
      const consumed = kernels.probePage(
        regions.pages + (bucket - first) * pageBytes,
        pageEntriesMax,
        bucket,
        run.bucketPages,
        pair,
        count - at,
        regions.candidates,
        regions.candidateCount,
        candidatesMax,
      )
      at += consumed
      // No room for the next key's candidates.
      if (consumed === 0) handOn()
    }
    handOn()
  }

  #readPage(run: KeyIndexRun, bucket: number, address: number): void {
    const into = new Uint8Array(this.#source.memory.arena.memory.buffer, address, pageBytes)
    this.#source.reader.read(run.pages, this.#place, bucket * pageBytes, into)
    this.#check(address, 1)
  }

  #readWindow(run: KeyIndexRun, verified: Uint8Array, first: number, address: number): void {
    const pages = Math.min(windowPages, run.bucketPages - first)
    const into = new Uint8Array(this.#source.memory.arena.memory.buffer, address, pages * pageBytes)
    const window = first / windowPages
    this.#source.reader.readPastPool(run.pages, this.#place, first * pageBytes, into, verified[window] === 1)
    verified[window] = 1
    this.#check(address, pages)
  }

  get #place() {
    return { table: this.#table.name, what: 'key index' }
  }

  #check(address: number, pages: number): void {
    const view = new DataView(this.#source.memory.arena.memory.buffer, address)
    for (let page = 0; page < pages; page++) {
      checkPageEntries(view.getUint32(page * pageBytes, true), this.#table.name)
    }
  }
}
