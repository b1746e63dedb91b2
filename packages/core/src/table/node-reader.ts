/**
 * Reads a node table: its groups' columns as vectors, and node offsets by key.
 *
 * Invariants
 * - Node offsets are dense: group i begins where group i − 1 ends.
 * - A key is answered only after the key column itself said so; a hash is never taken for it.
 */
import { factsOf, type NodeTable } from '../catalog/index.js'
import { hashKey, type SegmentStats, type Vector } from '../column/index.js'
import { assert } from '../errors/index.js'
import { KeyRunReader, keptHash } from '../index/index.js'
import { physicalTypeOf } from '../types/index.js'
import { bytesOfLane } from '../values/index.js'
import type { SegmentSource } from './segment-source.js'
import { intRange, isDense, type SortedGroup, SortedGroups } from './sorted-keys.js'
import { stringBytesAt } from './vector-values.js'

export interface NodeReader {
  readonly table: NodeTable
  /** Node offsets there are, those of deleted nodes included. */
  readonly rowCount: number
  /** Nodes that are not deleted. */
  readonly liveRowCount: number
  readonly groupCount: number
  /** Node offset of the first row of `group`. */
  groupStart(group: number): number
  /** Rows of `group`, deleted ones included. */
  groupRows(group: number): number
  /** The group that holds node `offset`. */
  groupOf(offset: number): number
  /** 1 at every row of `group` whose node is deleted; null when none is. */
  deleted(group: number): Uint8Array | null
  /** The decoded column of a group; cached. What it holds for a deleted node means nothing. */
  column(group: number, column: number): Vector
  /**
   * Statistics that hold for every live value of the group's column (they may be wider than its values);
   * null when nothing is known.
   */
  statistics(group: number, column: number): SegmentStats | null
  /** The offset of the node with this key, or −1. */
  lookup(key: bigint | number | string): number
}

/** The sorted groups of a table's key manifest. */
export function sortedGroupsOf(table: NodeTable, starts: Float64Array): SortedGroups {
  const sorted = new SortedGroups()
  for (const index of table.keys.sortedGroups) {
    const segment = table.groups[index]!.segments.at(table.keyColumn)!
    sorted.add({ ...intRange(segment), firstOffset: starts[index]!, segment })
  }
  return sorted
}

export class StoredNodeReader implements NodeReader {
  readonly table: NodeTable
  readonly source: SegmentSource
  readonly rowCount: number
  readonly groupCount: number
  /** Start of each group, and the row count behind the last. */
  readonly starts: Float64Array
  #sorted: SortedGroups | undefined
  #runs: KeyRunReader[] | undefined

  constructor(table: NodeTable, source: SegmentSource) {
    this.table = table
    this.source = source
    this.groupCount = table.groups.length
    this.starts = new Float64Array(this.groupCount + 1)
    table.groups.forEach((group, index) => {
      this.starts[index + 1] = this.starts[index]! + group.rows
    })
    this.rowCount = this.starts[this.groupCount]!
  }

  get sorted(): SortedGroups {
    this.#sorted ??= sortedGroupsOf(this.table, this.starts)
    return this.#sorted
  }

  /** Readers of the key index runs. */
  get runs(): readonly KeyRunReader[] {
    this.#runs ??= this.table.keys.runs.map(
      (run) => new KeyRunReader(this.source.reader, run, this.table.name),
    )
    return this.#runs
  }

  groupStart(group: number): number {
    return this.starts[group]!
  }

  get liveRowCount(): number {
    const { keyColumn, groups } = this.table
    return groups.reduce((sum, group) => sum - factsOf(group.segments, keyColumn)!.nullCount, this.rowCount)
  }

  groupRows(group: number): number {
    return this.table.groups[group]!.rows
  }

  deleted(group: number): Uint8Array | null {
    const { keyColumn, groups } = this.table
    if (factsOf(groups[group]!.segments, keyColumn)!.nullCount === 0) return null
    return this.column(group, keyColumn).nulls
  }

  statistics(group: number, column: number): SegmentStats | null {
    return this.table.groups[group]!.segments.at(column)!.stats
  }

  groupOf(offset: number): number {
    assert(offset >= 0 && offset < this.rowCount, `node offset ${offset} of ${this.rowCount}`)
    return lastNotAbove(this.starts, offset)
  }

  column(group: number, column: number): Vector {
    const segment = this.table.groups[group]!.segments.at(column)!
    return this.source.vector(segment, { table: this.table.name, column: this.table.columns[column]!.name })
  }

  lookup(key: bigint | number | string): number {
    const { table } = this
    const type = table.columns[table.keyColumn]!.type
    if (physicalTypeOf(type) === 'string') {
      return typeof key === 'string' ? this.#lookupHashed(key) : -1
    }
    if (typeof key === 'string' || (typeof key === 'number' && !Number.isInteger(key))) return -1
    const value = BigInt(key)
    if (value !== BigInt.asIntN(64, value)) return -1
    const found = this.#lookupSorted(value)
    if (found !== -1) return found
    const range = table.keys.hashedRange
    return range === null || value < range.min || value > range.max ? -1 : this.#lookupHashed(value)
  }

  #lookupSorted(key: bigint): number {
    const group = this.sorted.find(key)
    if (group === undefined) return -1
    if (isDense(group)) return group.firstOffset + Number(key - group.min)
    const row = this.#searchGroup(group, key)
    return row === -1 ? -1 : group.firstOffset + row
  }

  #searchGroup(group: SortedGroup, key: bigint): number {
    const { table } = this
    const vector = this.source.vector(group.segment, {
      table: table.name,
      column: table.columns[table.keyColumn]!.name,
    })
    assert(vector.kind !== 'string', 'a sorted group holds int keys')
    // Comparisons of a number with a bigint are exact.
    const { values } = vector
    let low = 0
    let high = vector.rows
    while (low < high) {
      const middle = (low + high) >>> 1
      if (values[middle]! < key) low = middle + 1
      else high = middle
    }
    // biome-ignore lint/suspicious/noDoubleEquals: 1 == 1n is meant
    return low < vector.rows && values[low]! == key ? low : -1
  }

  #lookupHashed(key: bigint | string): number {
    const { table, source } = this
    if (this.runs.length === 0) return -1
    const type = table.columns[table.keyColumn]!.type
    const { columnKernels, arena } = source.memory
    const { low, high } = hashKey(columnKernels, arena, type, key)
    const hash = keptHash(high, low)
    const bytes = typeof key === 'string' ? bytesOfLane(type, key) : null
    const offsets: number[] = []
    for (const run of this.runs) {
      offsets.length = 0
      run.offsetsOf(hash, offsets)
      for (const offset of offsets) if (this.#holdsKey(offset, key, bytes)) return offset
    }
    return -1
  }

  #holdsKey(offset: number, key: bigint | string, bytes: Uint8Array | null): boolean {
    const group = this.groupOf(offset)
    const vector = this.column(group, this.table.keyColumn)
    const row = offset - this.starts[group]!
    // The node was deleted since the entry was made.
    if (vector.nulls?.[row] === 1) return false
    if (vector.kind === 'string') {
      return bytes !== null && Buffer.compare(stringBytesAt(vector, row), bytes) === 0
    }
    // biome-ignore lint/suspicious/noDoubleEquals: 1 == 1n is meant
    return vector.values[row]! == (key as bigint)
  }
}

/**
 * Index of the last of the ascending `starts` that is not above `value`, skipping equal starts of empty
 * parts.
 */
export function lastNotAbove(starts: Float64Array, value: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (starts[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}
