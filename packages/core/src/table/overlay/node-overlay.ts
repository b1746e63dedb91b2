/**
 * A node table with what was written to it since: the groups beneath, with changed values and deletions, and
 * one group more for new nodes.
 *
 * Invariants
 * - It shows the delta as it is at every call. Vectors that were handed out do not change.
 * - What it keeps follows the delta's lists, which only grow: each entry is looked at once.
 * - The reader beneath does not change while this one is used; it may be an overlay itself.
 */
import type { NodeTable } from '../../catalog/index.js'
import type { SegmentStats, Vector } from '../../column/index.js'
import { MutableColumn, type NodeDelta, type Value } from '../../delta/index.js'
import { assert } from '../../errors/index.js'
import { recentBytesMax } from '../../limits.js'
import { physicalTypeOf } from '../../types/index.js'
import type { NodeReader } from '../node-reader.js'
import { RecentMap } from '../recent-map.js'
import { valueAt } from '../vector-values.js'

/** Columns of groups that are kept with their changes. */
const patchedColumnsMax = 8

/** Changes within one group of one column. */
interface GroupPatches {
  readonly rows: number[]
  readonly values: Value[]
}

/** A column of a group with the first `applied` of its changes. */
interface PatchedColumn {
  readonly column: MutableColumn
  applied: number
  vector: Vector | null
}

export class NodeOverlay implements NodeReader {
  readonly table: NodeTable
  readonly #base: NodeReader
  readonly #delta: NodeDelta
  /** By column: changes by group, and how many of the delta's are among them. */
  readonly #patches: ({ seen: number; readonly byGroup: Map<number, GroupPatches> } | undefined)[] = []
  /** By column + group × columns. */
  readonly #patched = new RecentMap<number, PatchedColumn>(patchedColumnsMax, recentBytesMax)
  /** Deleted rows by group. */
  readonly #deletedRows = new Map<number, number[]>()
  /** By group: what `deleted` gives, for so many rows and so many deletions. */
  readonly #masks = new Map<number, { rows: number; deletions: number; mask: Uint8Array }>()
  #deletionsSeen = 0

  constructor(base: NodeReader, delta: NodeDelta) {
    assert(base.rowCount === delta.baseRows, `a delta over ${delta.baseRows} of ${base.rowCount} nodes`)
    this.table = base.table
    this.#base = base
    this.#delta = delta
  }

  get rowCount(): number {
    return this.#delta.rowCount
  }

  get liveRowCount(): number {
    return this.#base.liveRowCount + this.#delta.created - this.#delta.deletions.length
  }

  get groupCount(): number {
    return this.#base.groupCount + (this.#delta.created > 0 ? 1 : 0)
  }

  groupStart(group: number): number {
    return this.#isNew(group) ? this.#delta.baseRows : this.#base.groupStart(group)
  }

  groupRows(group: number): number {
    return this.#isNew(group) ? this.#delta.created : this.#base.groupRows(group)
  }

  groupOf(offset: number): number {
    if (offset < this.#delta.baseRows) return this.#base.groupOf(offset)
    assert(offset < this.rowCount, `node offset ${offset} of ${this.rowCount}`)
    return this.#base.groupCount
  }

  deleted(group: number): Uint8Array | null {
    this.#sortDeletions()
    const rows = this.#deletedRows.get(group)
    const below = this.#isNew(group) ? null : this.#base.deleted(group)
    if (rows === undefined) return below
    const count = this.groupRows(group)
    const known = this.#masks.get(group)
    if (known !== undefined && known.rows === count && known.deletions === rows.length) return known.mask
    const mask = new Uint8Array(count)
    if (below !== null) mask.set(below)
    for (const row of rows) mask[row] = 1
    this.#masks.set(group, { rows: count, deletions: rows.length, mask })
    return mask
  }

  column(group: number, column: number): Vector {
    if (this.#isNew(group)) return this.#delta.columns[column]!.vector()
    const patches = this.#patchesOf(group, column)
    return patches === undefined
      ? this.#base.column(group, column)
      : this.#patchedColumn(group, column, patches)
  }

  /** The value of one node, without making a column of it. */
  valueAt(offset: number, column: number): Value {
    const { baseRows, columns } = this.#delta
    if (offset >= baseRows) return columns[column]!.valueAt(offset - baseRows)
    const changed = this.#delta.patches(column)?.valueOf(offset)
    return changed === undefined ? nodeValue(this.#base, offset, column) : changed
  }

  statistics(group: number, column: number): SegmentStats | null {
    if (this.#isNew(group) || this.#patchesOf(group, column) !== undefined) return null
    return this.#base.statistics(group, column)
  }

  /** True when the node at `offset` is deleted. */
  isDeleted(offset: number): boolean {
    if (this.#delta.isDeleted(offset)) return true
    return offset < this.#delta.baseRows && isDeletedNode(this.#base, offset)
  }

  /** True when a value of the group's column was changed by the delta. */
  isPatched(group: number, column: number): boolean {
    return !this.#isNew(group) && this.#patchesOf(group, column) !== undefined
  }

  /** Rows of the group beneath whose nodes got another key, ascending. */
  rekeyedRows(group: number): number[] {
    const patches = this.#isNew(group) ? undefined : this.#patchesOf(group, this.table.keyColumn)
    return Array.from(new Set(patches?.rows)).sort((left, right) => left - right)
  }

  /** Deleted nodes of the group. */
  deletedCount(group: number): number {
    return this.deleted(group)?.reduce((count, isDeleted) => count + isDeleted, 0) ?? 0
  }

  /** True when nodes of the group were deleted by the delta. */
  hasDeletions(group: number): boolean {
    this.#sortDeletions()
    return this.#deletedRows.has(group)
  }

  lookup(key: bigint | number | string): number {
    const { table } = this
    const isText = physicalTypeOf(table.columns[table.keyColumn]!.type) === 'string'
    if (isText !== (typeof key === 'string')) return -1
    if (typeof key === 'number' && !Number.isInteger(key)) return -1
    const found = this.#delta.lookup(typeof key === 'number' ? BigInt(key) : key)
    if (found !== -1) return found
    const offset = this.#base.lookup(key)
    const isGone = offset !== -1 && (this.#delta.isDeleted(offset) || this.#delta.isRekeyed(offset))
    return isGone ? -1 : offset
  }

  #isNew(group: number): boolean {
    return group >= this.#base.groupCount
  }

  /** Looks at deletions that came since. */
  #sortDeletions(): void {
    const { deletions } = this.#delta
    for (; this.#deletionsSeen < deletions.length; this.#deletionsSeen++) {
      const offset = deletions[this.#deletionsSeen]!
      const group = this.groupOf(offset)
      const row = offset - this.groupStart(group)
      const rows = this.#deletedRows.get(group)
      if (rows === undefined) this.#deletedRows.set(group, [row])
      else rows.push(row)
    }
  }

  /** The changes of a group's column; undefined when there are none. */
  #patchesOf(group: number, column: number): GroupPatches | undefined {
    const patches = this.#delta.patches(column)
    if (patches === undefined) return undefined
    let sorted = this.#patches[column]
    if (sorted === undefined) {
      sorted = { seen: 0, byGroup: new Map() }
      this.#patches[column] = sorted
    }
    for (; sorted.seen < patches.count; sorted.seen++) {
      const offset = patches.rows[sorted.seen]!
      const at = this.#base.groupOf(offset)
      let ofGroup = sorted.byGroup.get(at)
      if (ofGroup === undefined) {
        ofGroup = { rows: [], values: [] }
        sorted.byGroup.set(at, ofGroup)
      }
      ofGroup.rows.push(offset - this.#base.groupStart(at))
      ofGroup.values.push(patches.values[sorted.seen]!)
    }
    return sorted.byGroup.get(group)
  }

  #patchedColumn(group: number, column: number, patches: GroupPatches): Vector {
    const key = column + group * this.table.columns.length
    let patched = this.#patched.get(key)
    if (patched === undefined) {
      patched = { column: MutableColumn.from(this.#base.column(group, column)), applied: 0, vector: null }
      this.#patched.set(key, patched, patched.column.sizeBytes)
    }
    if (patched.applied < patches.rows.length) patched.vector = null
    for (; patched.applied < patches.rows.length; patched.applied++) {
      patched.column.set(patches.rows[patched.applied]!, patches.values[patched.applied]!)
    }
    patched.vector ??= patched.column.vector()
    return patched.vector
  }
}

/** Nodes at most that are read one by one. */
const fewNodesMax = 64

/**
 * The values of few nodes, where reading whole columns would mean making them anew for what was written
 * since; null where it does not.
 */
export function fewNodeValues(reader: NodeReader, offsets: Float64Array, column: number): Vector | null {
  if (!(reader instanceof NodeOverlay) || offsets.length > fewNodesMax) return null
  const values = new MutableColumn(reader.table.columns[column]!.type)
  for (const offset of offsets) values.append(reader.valueAt(offset, column))
  return values.vector()
}

/** The value of one node. */
export function nodeValue(reader: NodeReader, offset: number, column: number): Value {
  if (reader instanceof NodeOverlay) return reader.valueAt(offset, column)
  const group = reader.groupOf(offset)
  const lane = valueAt(reader.column(group, column), offset - reader.groupStart(group))
  if (lane === null || typeof lane === 'string') return lane
  const { type } = reader.table.columns[column]!
  if (type === 'BOOL') return lane === 1
  return physicalTypeOf(type) === 'int' ? BigInt(lane) : Number(lane)
}

/** True when the node at `offset` is deleted. */
export function isDeletedNode(reader: NodeReader, offset: number): boolean {
  if (reader instanceof NodeOverlay) return reader.isDeleted(offset)
  const group = reader.groupOf(offset)
  return reader.deleted(group)?.[offset - reader.groupStart(group)] === 1
}
