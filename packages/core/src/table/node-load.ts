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
 * - Rows that are left out are rows of hashed groups: the keys of a sorted group differ from all before them.
 *   Their groups are written again without them, the rows behind close up, and the index is built from the
 *   same spool with the offsets moved. The pages of the first writing are given back after the commit.
 */
import {
  type CatalogChange,
  type KeyIndexManifest,
  type NodeTable,
  PackedSegments,
  type RowGroup,
} from '../catalog/index.js'
import { hashLanes, type SegmentDescriptor } from '../column/index.js'
import { assert } from '../errors/index.js'
import { type RunExtent, runPagesOf } from '../format/index.js'
import type { PageStore } from '../index/index.js'
import { pageBytes } from '../limits.js'
import { Arena, type MemoryBudget } from '../memory/index.js'
import { physicalTypeOf } from '../types/index.js'
import { DuplicateFinder, type DuplicateKeyFinder, noDuplicates } from './duplicate-key.js'
import { DuplicateCollector } from './duplicate-rows.js'
import { type EncodedNodeBatch, type EncodedNodeGroup, isSortedKey } from './encode-node-batch.js'
import { HashedKeys } from './hashed-keys.js'
import { groupWithoutMarked } from './leave-out.js'
import { StoredNodeReader, sortedGroupsOf } from './node-reader.js'
import { PageLedger } from './page-ledger.js'
import { RowMarks } from './row-marks.js'
import { SegmentSource } from './segment-source.js'
import { SegmentWriter } from './segment-writer.js'
import { SortedChecks } from './sorted-checks.js'
import { intRange, type SortedGroups } from './sorted-keys.js'
import { Spool } from './spool.js'
import { SpoolBlocks } from './spool-blocks.js'
import { shownValueAt } from './vector-values.js'
import { createWorkingMemory } from './working-memory.js'

export interface LoadOptions {
  /** What the load may use besides the batches themselves. */
  readonly budget: MemoryBudget
}

export interface NodeLoadOptions extends LoadOptions {
  /** Leave rows out whose keys are there already, instead of refusing them. Default false. */
  readonly skipDuplicates?: boolean
}

/** Rows that were left out, because their keys are there already. */
export interface DuplicateRows {
  readonly count: number
  /** Row r of the load is bit r % 32 of word r / 32; rows behind the last word are not among them. */
  readonly words: Uint32Array
  /** The keys of the first of them, in the order of the load. */
  readonly values: readonly string[]
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
  #groups: RowGroup[] = []
  #newSortedGroups: number[] = []
  readonly #sorted: SortedGroups
  readonly #marks: RowMarks
  readonly #finder: DuplicateKeyFinder
  /** Segments of groups that were written again. */
  readonly #replaced: RunExtent[] = []
  #change: CatalogChange | null = null
  #duplicates: DuplicateRows | null = null
  #hashedRange: KeyIndexManifest['hashedRange']
  readonly #blocks: SpoolBlocks[] = []
  #source: SegmentSource | null = null
  #spool: Spool | null = null
  #hashed: HashedKeys | null = null
  #checks: SortedChecks | null = null
  #rows = 0

  constructor(store: PageStore, table: NodeTable, options: NodeLoadOptions) {
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
    this.#marks = new RowMarks(options.budget)
    this.#finder = options.skipDuplicates
      ? new DuplicateCollector(table.rowCount, this.#marks)
      : new DuplicateFinder()
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
      const segments = PackedSegments.placed(group, base)
      this.#placeKeys(group, segments.anew(this.#table.keyColumn), bytes)
      this.#groups.push({ rows: group.rows, segments })
      this.#rows += group.rows
    }
  }

  /**
   * Leaves out rows whose keys are there already, if the load is to skip them. No batch comes afterwards.
   * @param valuesMax keys that are told
   * @returns null when there is none
   * @throws DuplicateKeyError as `finish`
   */
  leaveOutDuplicates(valuesMax: number): DuplicateRows | null {
    this.#change ??= this.#build(valuesMax)
    return this.#duplicates
  }

  /**
   * Builds the key index and returns the change to commit.
   * @throws DuplicateKeyError for the first row whose key is there already, unless such rows are skipped
   */
  finish(): CatalogChange {
    this.#change ??= this.#build(0)
    return this.#change
  }

  /** The change is committed: gives back pages that it does not reach. */
  committed(): void {
    for (const { firstPage, contentBytes } of this.#replaced.splice(0)) {
      this.#store.free(firstPage, runPagesOf(contentBytes))
    }
  }

  #build(valuesMax: number): CatalogChange {
    const table = this.#table
    const reader = this.#openReader()
    let runs: KeyIndexManifest['runs'] | null = table.keys.runs
    try {
      if (reader !== null) {
        this.#finder.readFrom(reader)
        runs = this.#buildRuns(this.#hashed!)
        if (runs === null) this.#duplicates = this.#describe(reader, valuesMax)
      }
    } finally {
      reader?.source.close()
      if (runs !== null) this.#closeMemory()
    }
    try {
      runs ??= this.#withoutDuplicates()
    } finally {
      this.#closeMemory()
    }
    return {
      kind: 'appendNodes',
      tableId: table.id,
      groups: this.#groups,
      keys: {
        sortedGroups: [...table.keys.sortedGroups, ...this.#newSortedGroups],
        runs,
        hashedRange: this.#hashedRange,
      },
    }
  }

  /** Gives back pages, memory and temporary files. */
  abort(): void {
    this.#closeMemory()
    this.#ledger.freeAll()
  }

  /** The runs the table has now; null when rows have to be left out first. */
  #buildRuns(hashed: HashedKeys): KeyIndexManifest['runs'] | null {
    const table = this.#table
    this.#checks?.finish()
    this.#checks?.close()
    return this.#adopt(hashed.build(this.#store, table.keys.runs, table.name, this.#finder, table.rowCount))
  }

  /** Notes the pages of the new run, which is the last. */
  #adopt<Runs extends KeyIndexManifest['runs'] | null>(runs: Runs): Runs {
    const added = runs?.[runs.length - 1]
    if (added !== undefined) this.#ledger.adopt(added.pages.firstPage, runPagesOf(added.pages.contentBytes))
    return runs
  }

  #describe(reader: StoredNodeReader, valuesMax: number): DuplicateRows {
    const { rowCount, keyColumn } = this.#table
    const values: string[] = []
    for (let row = 0; row < this.#rows && values.length < valuesMax; row++) {
      if (!this.#marks.has(row)) continue
      const group = reader.groupOf(rowCount + row)
      const vector = reader.column(group, keyColumn)
      values.push(shownValueAt(vector, rowCount + row - reader.groupStart(group)))
    }
    return { count: this.#marks.count, words: this.#marks.words.slice(), values }
  }

  /** Writes groups again without the marked rows, and the index of those that are left. */
  #withoutDuplicates(): KeyIndexManifest['runs'] {
    const table = this.#table
    const hashed = this.#hashed!
    this.#leaveOutMarked(this.#source!)
    this.#rows -= this.#marks.count
    if (hashed.count === this.#marks.count) {
      this.#hashedRange = table.keys.hashedRange
      return table.keys.runs
    }
    const leftOut = { marks: this.#marks, firstOffset: table.rowCount }
    const { runs } = table.keys
    const built = hashed.build(this.#store, runs, table.name, noDuplicates, table.rowCount, leftOut)
    assert(built !== null, 'keys were compared before')
    return this.#adopt(built)
  }

  #leaveOutMarked(source: SegmentSource): void {
    const marks = this.#marks
    const table = this.#table
    const sorted = new Set(this.#newSortedGroups)
    const groups: RowGroup[] = []
    const newSortedGroups: number[] = []
    const writer = new SegmentWriter(source.memory, this.#ledger, this.#budget)
    let firstRow = 0
    for (const [index, group] of this.#groups.entries()) {
      const left = marks.before(firstRow + group.rows) - marks.before(firstRow)
      if (sorted.has(table.groups.length + index)) newSortedGroups.push(table.groups.length + groups.length)
      if (left === 0) groups.push(group)
      else if (left < group.rows)
        groups.push(groupWithoutMarked(source, writer, table, group, marks, firstRow))
      if (left > 0) {
        for (const { firstPage, contentBytes } of group.segments) {
          if (contentBytes > 0) this.#replaced.push({ firstPage, contentBytes })
        }
      }
      firstRow += group.rows
    }
    writer.close()
    this.#groups = groups
    this.#newSortedGroups = newSortedGroups
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
    this.#marks.close()
    this.#spool = null
    this.#source = null
    this.#hashed = null
  }
}

/** An arena's address space; what it may really use is the budget's to say. */
const arenaBytesMax = 2 ** 31
