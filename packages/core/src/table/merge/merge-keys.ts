/**
 * The key index of a node table whose groups a merge has changed.
 *
 * - A node that got another key gets another entry. The one it had stays, and leads to no key: whoever finds
 *   a node through an entry compares the key. Once there would be more entries than nodes, all are made anew;
 *   so they are where most lead to no node any more, as far as compaction is allowed.
 * - A group that lost nodes leaves the sorted ones: it cannot be searched with nulls in it. The keys it has
 *   left are hashed.
 * - A new group joins the sorted ones as a loaded one would (`node-load.ts`); else its keys are hashed, those
 *   that are hashed already excepted: node offsets do not change, so their entries stay right.
 * - Keys were compared when their nodes were made. Building the index compares them once more where hashes
 *   are equal; a duplicate there is a bug.
 */
import type { KeyIndexManifest, NodeTable, RowGroup } from '../../catalog/index.js'
import { hashLanes, type SegmentDescriptor, type Vector } from '../../column/index.js'
import { assert } from '../../errors/index.js'
import { runPagesOf } from '../../format/index.js'
import { physicalTypeOf } from '../../types/index.js'
import { DuplicateFinder } from '../duplicate-key.js'
import { isSortedKey } from '../encode-node-batch.js'
import { HashedKeys } from '../hashed-keys.js'
import { StoredNodeReader } from '../node-reader.js'
import { intRange, SortedGroups } from '../sorted-keys.js'
import { Spool } from '../spool.js'
import { SpoolBlocks } from '../spool-blocks.js'
import { columnOfVector } from './column-of-vector.js'
import { type Allowance, areMostlyDeleted } from './compaction.js'
import type { MergeContext } from './merge-context.js'

/** Bytes for gathering and for sorting hashed keys, as shares of what the budget has left. */
const spoolShare = 0.2
const sortShare = 0.2

/** Keys that need entries: those of live rows of a group from `firstRow` on. */
export interface UnhashedKeys {
  readonly group: number
  readonly firstRow: number
  readonly rows: number
}

export class MergedKeys {
  readonly #context: MergeContext
  readonly #table: NodeTable
  readonly #groups: readonly RowGroup[]
  readonly #starts: Float64Array
  readonly #isInt: boolean
  readonly #sortedGroups: number[] = []
  readonly #sorted = new SortedGroups()
  readonly #unhashed: UnhashedKeys[] = []
  #hashedRange: KeyIndexManifest['hashedRange']

  /** @param groups the table's row groups after the merge */
  constructor(context: MergeContext, table: NodeTable, groups: readonly RowGroup[]) {
    this.#context = context
    this.#table = table
    this.#groups = groups
    this.#isInt = physicalTypeOf(table.columns[table.keyColumn]!.type) === 'int'
    this.#hashedRange = table.keys.hashedRange
    this.#starts = new Float64Array(groups.length + 1)
    for (const [index, group] of groups.entries()) this.#starts[index + 1] = this.#starts[index]! + group.rows
  }

  #segment(group: number): SegmentDescriptor {
    return this.#groups[group]!.segments.at(this.#table.keyColumn)!
  }

  /** Takes a group that was sorted before: it stays so unless it has lost nodes. */
  keep(group: number): void {
    if (this.#segment(group).nullCount === 0) this.#addSorted(group)
    else this.hash({ group, firstRow: 0, rows: this.#groups[group]!.rows })
  }

  /** True when a new group can be searched without an index. */
  canBeSorted(group: number): boolean {
    const segment = this.#segment(group)
    if (!this.#isInt || !isSortedKey(segment)) return false
    const { min, max } = intRange(segment)
    const hashed = this.#hashedRange
    if (hashed !== null && min <= hashed.max && max >= hashed.min) return false
    return !this.#sorted.overlaps(min, max)
  }

  #addSorted(group: number): void {
    const segment = this.#segment(group)
    this.#sorted.add({ ...intRange(segment), firstOffset: this.#starts[group]!, segment })
    this.#sortedGroups.push(group)
  }

  /** Adds a new group to the sorted ones. */
  sort(group: number): void {
    this.#addSorted(group)
  }

  /** Has live keys of a group hashed. */
  hash(keys: UnhashedKeys): void {
    this.#unhashed.push(keys)
    const { stats } = this.#segment(keys.group)
    if (stats.kind !== 'int') return
    const old = this.#hashedRange
    this.#hashedRange = {
      min: old === null || stats.min < old.min ? stats.min : old.min,
      max: old === null || stats.max > old.max ? stats.max : old.max,
    }
  }

  /** Builds the manifest. */
  finish(allowance: Allowance): KeyIndexManifest {
    const { runs: before } = this.#table.keys
    const begun = this.#mustBeginAnew(allowance)
    if (begun) this.#hashAll()
    const kept = begun ? [] : before
    const sortedGroups = this.#sortedGroups.sort((left, right) => left - right)
    const runs = this.#unhashed.length === 0 ? kept : this.#buildRuns(kept)
    return { sortedGroups, runs, hashedRange: this.#isInt ? this.#hashedRange : null }
  }

  /** True when so many entries are of former keys and of deleted nodes that all are to be made anew. */
  #mustBeginAnew(allowance: Allowance): boolean {
    const { runs } = this.#table.keys
    const before = runs.reduce((sum, { entries }) => sum + entries, 0)
    const added = this.#unhashed.reduce((sum, { rows }) => sum + rows, 0)
    if (before + added > this.#starts[this.#groups.length]!) return true
    const sorted = new Set(this.#sortedGroups)
    let live = 0
    for (const [group, { rows }] of this.#groups.entries()) {
      if (!sorted.has(group)) live += rows - this.#segment(group).nullCount
    }
    return areMostlyDeleted(before + added - live, before + added) && allowance.take(live)
  }

  #hashAll(): void {
    const sorted = new Set(this.#sortedGroups)
    this.#unhashed.length = 0
    for (const [group, { rows }] of this.#groups.entries()) {
      if (!sorted.has(group)) this.#unhashed.push({ group, firstRow: 0, rows })
    }
  }

  #buildRuns(kept: KeyIndexManifest['runs']): KeyIndexManifest['runs'] {
    const { store, budget, memory, ledger, source } = this.#context
    const rowCount = this.#starts[this.#groups.length]!
    const reader = new StoredNodeReader({ ...this.#table, groups: this.#groups, rowCount }, source)
    const { fileSystem, path } = store
    const { partitions } = HashedKeys
    const blocks = new SpoolBlocks(budget, Math.floor(budget.availableBytes * spoolShare), partitions)
    const spool = new Spool({ fileSystem, path, partitions, blocks })
    try {
      const hashed = new HashedKeys(memory, spool, Math.floor(budget.availableBytes * sortShare))
      // Pairs are merged in ascending order of their offsets.
      this.#unhashed.sort((left, right) => left.group - right.group || left.firstRow - right.firstRow)
      for (let first = 0; first < this.#unhashed.length; ) {
        const { group } = this.#unhashed[first]!
        let end = first + 1
        while (this.#unhashed[end]?.group === group) end++
        this.#addHashes(hashed, group, this.#unhashed.slice(first, end), reader)
        first = end
      }
      if (hashed.count === 0) return kept
      const finder = new DuplicateFinder()
      finder.readFrom(reader)
      const runs = hashed.build(store, kept, this.#table.name, finder, rowCount)
      assert(runs !== null, 'keys of a merge are compared only')
      const { pages } = runs[runs.length - 1]!
      ledger.adopt(pages.firstPage, runPagesOf(pages.contentBytes))
      return runs
    } finally {
      spool.close()
      blocks.close()
    }
  }

  /** Adds keys of one group; its segment is read and hashed once. */
  #addHashes(
    hashed: HashedKeys,
    group: number,
    parts: readonly UnhashedKeys[],
    reader: StoredNodeReader,
  ): void {
    const vector = reader.column(group, this.#table.keyColumn)
    const { arena, columnKernels } = this.#context.memory
    const mark = arena.mark()
    const column = columnOfVector(arena, vector)
    const address = arena.allocate(vector.rows * 8)
    hashLanes(columnKernels, column, address)
    // A copy: adding may grow the arena and take the view away.
    const hashes = new Uint8Array(arena.memory.buffer, address, vector.rows * 8).slice()
    arena.release(mark)
    for (const { firstRow, rows } of parts) {
      for (const { first, end } of liveSpans(vector, firstRow, firstRow + rows)) {
        hashed.add(hashes.subarray(first * 8, end * 8), end - first, this.#starts[group]! + first)
      }
    }
  }
}

/** Rows without a null that follow each other. */
function* liveSpans(vector: Vector, first: number, end: number): Generator<{ first: number; end: number }> {
  const { nulls } = vector
  if (nulls === null) {
    yield { first, end }
    return
  }
  let from = first
  for (let row = first; row <= end; row++) {
    if (row < end && nulls[row] === 0) continue
    if (row > from) yield { first: from, end: row }
    from = row + 1
  }
}
