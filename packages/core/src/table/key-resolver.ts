/**
 * Resolves columns of keys to node offsets: the endpoints of relationships. Runs in a parse worker.
 *
 * Three ways, in this order: arithmetic for sorted groups without gaps; a hash map of all keys, when the
 * table is small enough for one; otherwise search in the sorted groups' segments and in the index runs, page
 * by page in hash order, each page and each key segment read once per piece of the batch.
 *
 * Invariants
 * - An answer is given only where the key itself is equal; a hash alone never is.
 * - What lasts (map, group table) is taken from the arena when the resolver is made: make it before the marks
 *   that are released with every batch. Nothing else stays in the arena between calls.
 */
import type { RunPlace } from '../buffer/index.js'
import type { KeyIndexRun, NodeTable } from '../catalog/index.js'
import { type ColumnBuffer, hashLanes } from '../column/index.js'
import { assert } from '../errors/index.js'
import { checkPageEntries, pageEntriesMax } from '../index/index.js'
import { pageBytes } from '../limits.js'
import { physicalTypeOf } from '../types/index.js'
import { buildKeyMap, type KeyMap } from './key-map.js'
import { lastNotAbove, StoredNodeReader } from './node-reader.js'
import { SegmentSource } from './segment-source.js'
import type { Snapshot } from './snapshot.js'
import {
  isDense,
  type PlacedGroups,
  placeSortedGroups,
  resolveDenseKeys,
  resolveSortedKeys,
  resolvesByArithmetic,
  SortedGroups,
} from './sorted-keys.js'
import type { BatchEncoderContext } from './working-memory.js'

export interface KeyResolverOptions {
  /** Bytes of the arena that a map of all keys may take. Default 24 MiB. */
  readonly mapBytesMax?: number
}

const mapBytesDefault = 24 * 1024 ** 2

/**
 * Rows looked up in the index at once: more make each page serve more keys, and take more memory (56 bytes a
 * row).
 */
const pieceRows = 131_072

/** Index pages read at once … */
const windowPages = 64

/** … when at least one in so many is wanted. */
const sparsePages = 4

const pairBytes = 16
const laneBytes = 8

export class KeyResolver {
  readonly table: NodeTable
  readonly #source: SegmentSource
  readonly #reader: StoredNodeReader
  readonly #placed: PlacedGroups
  readonly #arithmeticOnly: boolean
  readonly #map: KeyMap | null
  readonly #place: RunPlace
  /** Largest first: most keys are found there. */
  readonly #runs: readonly KeyIndexRun[]

  constructor(
    snapshot: Snapshot,
    table: NodeTable,
    context: BatchEncoderContext,
    options: KeyResolverOptions = {},
  ) {
    this.table = table
    this.#source = new SegmentSource(snapshot.source.reader, context, snapshot.source.budget, 0)
    this.#reader = new StoredNodeReader(table, this.#source)
    this.#place = { table: table.name, column: table.columns[table.keyColumn]!.name }
    this.#runs = table.keys.runs.toSorted((left, right) => right.entries - left.entries)
    const { groups } = this.#reader.sorted
    this.#arithmeticOnly = resolvesByArithmetic(table)
    const mapBytesMax = options.mapBytesMax ?? mapBytesDefault
    this.#map = this.#arithmeticOnly ? null : buildKeyMap(this.#source, this.#reader, mapBytesMax)
    const sorted = new SortedGroups()
    for (const group of groups) if (this.#map === null || isDense(group)) sorted.add(group)
    this.#placed = placeSortedGroups(this.#source, sorted)
  }

  /** True when all keys of the table lie in a map, so that no page is read any more. */
  get hasMap(): boolean {
    return this.#map !== null
  }

  /**
   * Writes to `out` (i64 per row) the offset of the node with each key, or −1 where there is none (or the key
   * is null).
   * @param keys a column in the context's arena, of the key's physical type
   * @returns rows without a node
   */
  resolve(keys: ColumnBuffer, out: number): number {
    const { arena, kernels } = this.#source.memory
    const type = this.table.columns[this.table.keyColumn]!.type
    assert(physicalTypeOf(type) === physicalTypeOf(keys.type), `${keys.type} keys for a key of type ${type}`)
    const { rows } = keys
    const nulls = keys.nullCount === 0 ? 0 : keys.nulls
    if (this.#arithmeticOnly) {
      const missing = resolveDenseKeys(this.#source, this.#placed, { ...keys, nulls }, out)
      if (missing !== null) return missing
    }
    arena.bytes.fill(0xff, out, out + rows * laneBytes)
    resolveSortedKeys(this.#source, this.#placed, { ...keys, nulls }, out, this.#place)
    const missing = kernels.countMissing(out, rows)
    if (missing === 0) return 0
    if (this.#map !== null) return this.#findInMap(this.#map, keys, nulls, out)
    for (let start = 0; start < rows && this.#runs.length > 0; start += pieceRows) {
      const piece = {
        ...keys,
        rows: Math.min(pieceRows, rows - start),
        values: keys.values + start * laneBytes,
        nulls: keys.nulls + start,
      }
      this.#findInRuns(piece, nulls === 0 ? 0 : piece.nulls, out + start * laneBytes)
    }
    return kernels.countMissing(out, rows)
  }

  #findInMap(map: KeyMap, keys: ColumnBuffer, nulls: number, out: number): number {
    const { arena, kernels, columnKernels } = this.#source.memory
    const mark = arena.mark()
    const hashes = arena.allocate(keys.rows * laneBytes)
    hashLanes(columnKernels, keys, hashes)
    const find = map.strings ? kernels.mapFindStrings : kernels.mapFindInts
    const missing = find(map.slots, map.mask, map.lanes, hashes, keys.values, nulls, keys.rows, out)
    arena.release(mark)
    return missing
  }

  /** Looks up one piece in all runs. */
  #findInRuns(keys: ColumnBuffer, nulls: number, out: number): void {
    const { arena, kernels, columnKernels } = this.#source.memory
    const mark = arena.mark()
    const hashes = arena.allocate(keys.rows * laneBytes)
    const pairs = arena.allocate(keys.rows * pairBytes)
    // A page's worth of candidates at least, so that those of any one key fit.
    const candidatesMax = Math.max(keys.rows, pageEntriesMax)
    const regions = {
      pairs,
      scratch: arena.allocate(candidatesMax * pairBytes),
      candidates: arena.allocate(candidatesMax * pairBytes),
      candidatesMax,
      pages: arena.allocate(windowPages * pageBytes),
      counts: arena.allocate(4096),
    }
    hashLanes(columnKernels, { ...keys, nullCount: nulls === 0 ? 0 : keys.nullCount }, hashes)
    for (const run of this.#runs) {
      const count = kernels.collectMissing(hashes, nulls, out, keys.rows, pairs)
      if (count === 0) break
      kernels.sortPairs(pairs, regions.scratch, count, regions.counts, 0, 24)
      this.#findInRun(run, keys, count, regions, out)
    }
    arena.release(mark)
  }

  #findInRun(run: KeyIndexRun, keys: ColumnBuffer, count: number, regions: Regions, out: number): void {
    const { arena, kernels } = this.#source.memory
    const candidateCount = arena.allocate(4)
    // Where most pages are wanted they are read many at once.
    const pagesAtOnce = count * sparsePages >= run.bucketPages ? windowPages : 1
    let window = -pagesAtOnce
    let at = 0
    let counted = new Uint32Array(arena.memory.buffer, candidateCount, 1)
    counted[0] = 0
    while (at < count) {
      const pair = regions.pairs + at * pairBytes
      const bucket = kernels.pairBucket(pair, run.bucketPages) >>> 0
      if (bucket >= window + pagesAtOnce || bucket < window) {
        window = bucket
        this.#readPages(run, bucket, pagesAtOnce, regions.pages)
      }
      const consumed = kernels.probePage(
        regions.pages + (bucket - window) * pageBytes,
        pageEntriesMax,
        bucket,
        run.bucketPages,
        pair,
        count - at,
        regions.candidates,
        candidateCount,
        regions.candidatesMax,
      )
      at += consumed
      if (consumed > 0) continue
      // No room for the next key's candidates.
      assert(counted[0]! > 0, `the candidates of one key fit ${regions.candidatesMax}`)
      this.#verify(counted[0]!, keys, regions, out)
      counted = new Uint32Array(arena.memory.buffer, candidateCount, 1)
      counted[0] = 0
    }
    this.#verify(counted[0]!, keys, regions, out)
  }

  /** Reads index pages from `bucket` on to `address`. */
  #readPages(run: KeyIndexRun, bucket: number, pagesMax: number, address: number): void {
    const { buffer } = this.#source.memory.arena.memory
    const pages = Math.min(pagesMax, run.bucketPages - bucket)
    const place = { table: this.table.name, what: 'key index' }
    this.#source.reader.read(
      run.pages,
      place,
      bucket * pageBytes,
      new Uint8Array(buffer, address, pages * pageBytes),
    )
    const view = new DataView(buffer, address)
    for (let page = 0; page < pages; page++) {
      checkPageEntries(view.getUint32(page * pageBytes, true), this.table.name)
    }
  }

  /** Compares the candidates' keys with those of the table, group by group. */
  #verify(count: number, keys: ColumnBuffer, regions: Regions, out: number): void {
    const { arena, kernels } = this.#source.memory
    const { candidates, scratch, counts } = regions
    kernels.sortPairs(candidates, scratch, count, counts, laneBytes, 0)
    const strings = physicalTypeOf(keys.type) === 'string' ? 1 : 0
    const { starts, table } = this.#reader
    let at = 0
    while (at < count) {
      const first = candidates + at * pairBytes
      const offset = Number(new DataView(arena.memory.buffer).getBigUint64(first + laneBytes, true))
      const group = lastNotAbove(starts, offset)
      assert(offset < this.#reader.rowCount, `indexed node offset ${offset} of ${this.#reader.rowCount}`)
      const mark = arena.mark()
      const lanes = this.#source.lanes(table.groups[group]!.segments[table.keyColumn]!, this.#place)
      at += kernels.verifyCandidates(
        first,
        count - at,
        keys.values,
        strings,
        lanes.values,
        lanes.nullCount === 0 ? 0 : lanes.nulls,
        lanes.rows,
        starts[group]!,
        out,
      )
      arena.release(mark)
    }
  }
}

/** Regions that the lookup of one piece works in. */
interface Regions {
  readonly pairs: number
  readonly scratch: number
  readonly candidates: number
  readonly candidatesMax: number
  readonly pages: number
  readonly counts: number
}
