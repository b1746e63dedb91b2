/**
 * The receiving half of a node load, on the writer thread: takes encoded batches in file order, writes their
 * pages as they are, keeps their descriptors, and at the end makes the index of their keys.
 *
 * Key policy
 * - A group whose keys strictly increase, and whose [min, max] overlaps neither a sorted group nor the range
 *   of hashed keys, joins the sorted groups: it needs no index.
 * - The keys of every other group are hashed. They are compared with each other when the index run is built
 *   (`hashed-keys.ts`); those that fall into a sorted group's range are looked up there besides
 *   (`sorted-checks.ts`).
 *   So any two equal keys meet: sorted and sorted cannot overlap, sorted and hashed are looked up, hashed and
 *   hashed have one hash.
 *
 * Invariants
 * - Nothing of the load is visible before the change that `finish` returns is committed.
 * - `abort` gives back every page and removes every temporary file; it may be called at any time until the
 *   commit.
 */
import type { CatalogChange, KeyIndexManifest, NodeTable, RowGroup } from '../catalog/index.js'
import { hashLanes, type SegmentDescriptor } from '../column/index.js'
import { assert } from '../errors/index.js'
import { runPagesOf } from '../format/index.js'
import type { PageStore } from '../index/index.js'
import { pageBytes } from '../limits.js'
import { Arena, type MemoryBudget } from '../memory/index.js'
import { physicalTypeOf } from '../types/index.js'
import { DuplicateFinder } from './duplicate-key.js'
import { type EncodedNodeBatch, type EncodedNodeGroup, isSortedKey } from './encode-node-batch.js'
import { HashedKeys } from './hashed-keys.js'
import { StoredNodeReader, sortedGroupsOf } from './node-reader.js'
import { PageLedger } from './page-ledger.js'
import { SegmentSource } from './segment-source.js'
import { placeSegment } from './segment-writing.js'
import { SortedChecks } from './sorted-checks.js'
import { intRange, type SortedGroups } from './sorted-keys.js'
import { Spool } from './spool.js'
import { SpoolBlocks } from './spool-blocks.js'
import { createWorkingMemory } from './working-memory.js'

export interface LoadOptions {
  /** What the load may use besides the batches themselves. */
  readonly budget: MemoryBudget
}

/** Bytes for decoding the key segments of a row group, which do not depend on the budget. */
const decodingBytes = 6 * 1024 ** 2

/** Shares of what the budget has left besides. */
const spoolShare = 0.3
const checkSpoolShare = 0.1
const sortShare = 0.35
const cacheShare = 0.1

export class NodeLoad {
  readonly #store: PageStore
  readonly #table: NodeTable
  readonly #budget: MemoryBudget
  readonly #shareableBytes: number
  readonly #ledger: PageLedger
  readonly #groups: RowGroup[] = []
  readonly #newSortedGroups: number[] = []
  readonly #sorted: SortedGroups
  readonly #finder = new DuplicateFinder()
  #hashedRange: KeyIndexManifest['hashedRange']
  readonly #blocks: SpoolBlocks[] = []
  #source: SegmentSource | null = null
  #spool: Spool | null = null
  #hashed: HashedKeys | null = null
  #checks: SortedChecks | null = null
  #rows = 0

  constructor(store: PageStore, table: NodeTable, options: LoadOptions) {
    this.#store = store
    this.#table = table
    this.#budget = options.budget
    const { availableBytes } = options.budget
    this.#shareableBytes = Math.max(availableBytes - decodingBytes, availableBytes / 4)
    this.#ledger = new PageLedger(store)
    const starts = new Float64Array(table.groups.length + 1)
    table.groups.forEach((group, index) => {
      starts[index + 1] = starts[index]! + group.rows
    })
    this.#sorted = sortedGroupsOf(table, starts)
    this.#hashedRange = table.keys.hashedRange
  }

  /** Rows taken so far. */
  get rows(): number {
    return this.#rows
  }

  /**
   * Takes the next batch in file order. `bytes` is the target it was encoded into; it is the caller's again
   * afterwards.
   * @throws MillraceError as the store does when it cannot write
   */
  append(batch: EncodedNodeBatch, bytes: Uint8Array): void {
    const base = this.#ledger.write(bytes.subarray(0, batch.pages * pageBytes))
    for (const group of batch.groups) {
      const segments = group.segments.map((segment) => placeSegment(segment, base))
      this.#placeKeys(group, segments[this.#table.keyColumn]!, bytes)
      this.#groups.push({ rows: group.rows, segments })
      this.#rows += group.rows
    }
  }

  /**
   * Builds the key index and returns the change to commit.
   * @throws DuplicateKeyError for the first row whose key is there already
   */
  finish(): CatalogChange {
    const table = this.#table
    const sortedGroups = [...table.keys.sortedGroups, ...this.#newSortedGroups]
    const reader = this.#openReader()
    let runs = table.keys.runs
    try {
      if (reader !== null) {
        this.#finder.readFrom(reader)
        runs = this.#buildRuns(this.#hashed!)
      }
    } finally {
      reader?.source.close()
      this.#closeMemory()
    }
    return {
      kind: 'appendNodes',
      tableId: table.id,
      groups: this.#groups,
      keys: { sortedGroups, runs, hashedRange: this.#hashedRange },
    }
  }

  /** Gives back pages, memory and temporary files. */
  abort(): void {
    this.#closeMemory()
    this.#ledger.freeAll()
  }

  #buildRuns(hashed: HashedKeys): KeyIndexManifest['runs'] {
    const table = this.#table
    this.#checks?.finish()
    this.#checks?.close()
    const runs = hashed.build(this.#store, table.keys.runs, table.name, this.#finder, table.rowCount)
    const added = runs[runs.length - 1]!
    this.#ledger.adopt(added.pages.firstPage, runPagesOf(added.pages.contentBytes))
    return runs
  }

  /**
   * A reader of the table with this load's groups, in a memory of its own; null when no key needs comparing.
   */
  #openReader(): StoredNodeReader | null {
    if (this.#hashed === null) return null
    const table = {
      ...this.#table,
      groups: [...this.#table.groups, ...this.#groups],
      rowCount: this.#table.rowCount + this.#rows,
    }
    const arena = new Arena(this.#budget, arenaBytesMax)
    const memory = createWorkingMemory(arena)
    const cacheBytes = Math.floor(this.#shareableBytes * cacheShare)
    return new StoredNodeReader(
      table,
      new SegmentSource(this.#store.reader, memory, this.#budget, cacheBytes),
    )
  }

  /** Decides how the keys of a group are found. */
  #placeKeys(group: EncodedNodeGroup, segment: SegmentDescriptor, bytes: Uint8Array): void {
    const table = this.#table
    const isInt = physicalTypeOf(table.columns[table.keyColumn]!.type) === 'int'
    const firstOffset = table.rowCount + this.#rows
    if (isInt && isSortedKey(segment) && !this.#overlaps(segment)) {
      this.#sorted.add({ ...intRange(segment), firstOffset, segment })
      this.#newSortedGroups.push(table.groups.length + this.#groups.length)
      return
    }
    const source = this.#openSource()
    const { arena, columnKernels } = source.memory
    const mark = arena.mark()
    if (isInt) this.#checkSorted(source, segment, firstOffset)
    if (group.keyHashes !== null) {
      const { byteOffset } = group.keyHashes
      this.#hashed!.add(bytes.subarray(byteOffset, byteOffset + group.rows * 8), group.rows, firstOffset)
    } else {
      const lanes = source.lanes(segment, this.#place())
      const address = arena.allocate(group.rows * 8)
      hashLanes(columnKernels, lanes, address)
      // A copy: adding may grow the arena and take the view away.
      const hashes = new Uint8Array(arena.memory.buffer, address, group.rows * 8).slice()
      this.#hashed!.add(hashes, group.rows, firstOffset)
    }
    arena.release(mark)
    if (isInt) this.#widenHashedRange(segment)
  }

  #overlaps(segment: SegmentDescriptor): boolean {
    const { min, max } = intRange(segment)
    const hashed = this.#hashedRange
    if (hashed !== null && min <= hashed.max && max >= hashed.min) return true
    return this.#sorted.overlaps(min, max)
  }

  #widenHashedRange(segment: SegmentDescriptor): void {
    const { min, max } = intRange(segment)
    const old = this.#hashedRange
    this.#hashedRange = {
      min: old === null || min < old.min ? min : old.min,
      max: old === null || max > old.max ? max : old.max,
    }
  }

  /** Has the keys of a group looked up in the sorted groups they fall into. */
  #checkSorted(source: SegmentSource, segment: SegmentDescriptor, firstOffset: number): void {
    const { min, max } = intRange(segment)
    if (!this.#sorted.overlaps(min, max)) return
    const { arena } = source.memory
    const mark = arena.mark()
    const keys = source.lanes(segment, this.#place())
    this.#checks ??= new SortedChecks(source, this.#sorted, this.#finder, this.#place(), (partitions) =>
      this.#newSpool(partitions, checkSpoolShare),
    )
    this.#checks.add(keys, firstOffset)
    arena.release(mark)
  }

  #place(): { table: string; column: string } {
    return { table: this.#table.name, column: this.#table.columns[this.#table.keyColumn]!.name }
  }

  /** Memory and spool for hashed keys, made when the first one comes. */
  #openSource(): SegmentSource {
    if (this.#source === null) {
      const arena = new Arena(this.#budget, arenaBytesMax)
      this.#source = new SegmentSource(this.#store.reader, createWorkingMemory(arena), this.#budget, 0)
      this.#spool = this.#newSpool(HashedKeys.partitions, spoolShare)
      const sortBytesMax = Math.floor(this.#shareableBytes * sortShare)
      this.#hashed = new HashedKeys(this.#source.memory, this.#spool, sortBytesMax)
    }
    assert(this.#hashed !== null, 'hashed keys have a place')
    return this.#source
  }

  #newSpool(partitions: number, share: number): Spool {
    const { fileSystem, path } = this.#store
    const blocks = new SpoolBlocks(this.#budget, this.#shareableBytes * share, partitions)
    this.#blocks.push(blocks)
    return new Spool({ fileSystem, path, partitions, blocks })
  }

  #closeMemory(): void {
    this.#spool?.close()
    this.#checks?.close()
    for (const blocks of this.#blocks) blocks.close()
    this.#checks = null
    this.#source?.close()
    this.#spool = null
    this.#source = null
    this.#hashed = null
  }
}

/** An arena's address space; what it may really use is the budget's to say. */
const arenaBytesMax = 2 ** 31
