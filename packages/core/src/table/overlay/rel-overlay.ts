/**
 * A relationship table with what was written to it since: the runs beneath, with changed values and
 * deletions, and one run more for new relationships.
 *
 * Invariants
 * - It shows the delta as it is at every call. Arrays and vectors that were handed out do not change.
 * - Groups without changes are those of the reader beneath: they cost nothing.
 * - What it keeps follows the delta's lists, which only grow: each entry is looked at once.
 */
import type { RelTable } from '../../catalog/index.js'
import type { Vector } from '../../column/index.js'
import { MutableColumn, type Patches, type RelDelta } from '../../delta/index.js'
import { assert } from '../../errors/index.js'
import { csrGroupNodes } from '../../limits.js'
import {
  type CsrGroupReader,
  chunkOf,
  type Direction,
  type PlacedRelReader,
  type RelPlace,
  runOf,
} from '../rel-reader.js'
import { rangeOf } from '../rels-of-node.js'
import { ChangedCsrGroup, GroupChanges, newChangedChunks } from './changed-csr-group.js'
import { DeltaCsrGroup, propertyOfNew } from './delta-csr-group.js'
import { FewNodesGroup } from './few-nodes-group.js'

/** New relationships of one direction by group. */
interface NewGroups {
  /** Relationships and deletions that the groups were made of. */
  created: number
  deletions: number
  /** By group index: its nodes. */
  readonly nodes: Map<number, Set<number>>
  readonly readers: Map<number, DeltaCsrGroup>
}

export class RelOverlay implements PlacedRelReader {
  readonly table: RelTable
  readonly #base: PlacedRelReader
  readonly #delta: RelDelta
  /** What has changed in groups beneath, by direction, run and group. */
  readonly #changes = new Map<string, GroupChanges>()
  readonly #chunks = newChangedChunks()
  readonly #new: Partial<Record<Direction, NewGroups>> = {}
  readonly #patchesSeen: number[] = []
  #deletionsSeen = 0

  constructor(base: PlacedRelReader, delta: RelDelta) {
    assert(
      base.rowCount === delta.baseRows,
      `a delta over ${delta.baseRows} of ${base.rowCount} relationships`,
    )
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

  get runCount(): number {
    return this.#base.runCount + (this.#delta.created > 0 ? 1 : 0)
  }

  runStart(run: number): number {
    return this.#isNew(run) ? this.#delta.baseRows : this.#base.runStart(run)
  }

  group(run: number, direction: Direction, groupIndex: number): CsrGroupReader | undefined {
    if (this.#isNew(run)) return this.#newGroup(direction, groupIndex)
    const group = this.#base.group(run, direction, groupIndex)
    if (group === undefined) return undefined
    this.#follow()
    const key = changesKey(direction, run, groupIndex)
    const changes = this.#changes.get(key)
    return changes === undefined ? group : new ChangedCsrGroup(group, changes, key, this.#chunks)
  }

  groupOfNodes(
    run: number,
    direction: Direction,
    groupIndex: number,
    nodes: Float64Array,
  ): CsrGroupReader | undefined {
    if (this.#isNew(run)) return new DeltaCsrGroup(this.#delta, direction, groupIndex, nodes)
    if (this.changesOf(run, direction, groupIndex) === undefined) {
      const base = this.#base
      return base.groupOfNodes === undefined
        ? base.group(run, direction, groupIndex)
        : base.groupOfNodes(run, direction, groupIndex, nodes)
    }
    const stored = this.storedGroup(run, direction, groupIndex)
    return stored === undefined ? undefined : new FewNodesGroup(this, run, direction, stored, nodes)
  }

  storedGroup(run: number, direction: Direction, groupIndex: number): CsrGroupReader | undefined {
    return this.#isNew(run)
      ? this.#newGroup(direction, groupIndex)
      : this.#base.storedGroup(run, direction, groupIndex)
  }

  isDeleted(position: number): boolean {
    if (this.#delta.isDeleted(position)) return true
    return position < this.#delta.baseRows && this.#base.isDeleted(position)
  }

  /** What has changed in a group beneath; undefined when nothing has. */
  changesOf(run: number, direction: Direction, groupIndex: number): GroupChanges | undefined {
    this.#follow()
    return this.#changes.get(changesKey(direction, run, groupIndex))
  }

  property(run: number, positions: ArrayLike<number>, count: number, column: number): Vector {
    if (this.#isNew(run)) return propertyOfNew(this.#delta, positions, count, column)
    const vector = this.#base.property(run, positions, count, column)
    const patches = this.#delta.patches(column)
    return patches === undefined
      ? vector
      : withPatches(vector, patches, (row) => this.#base.runStart(run) + positions[row]!)
  }

  locate(run: number, forwardPosition: number): RelPlace {
    if (!this.#isNew(run)) return this.#base.locate(run, forwardPosition)
    const from = this.#delta.from[forwardPosition]
    assert(from !== undefined, `new relationship ${forwardPosition} of ${this.#delta.created}`)
    const groupIndex = Math.floor(from / csrGroupNodes)
    return { groupIndex, index: this.#newGroup('forward', groupIndex)?.indexOf(from, forwardPosition) ?? -1 }
  }

  newRels(run: number, direction: Direction, node: number): number[] | undefined {
    const delta = this.#delta
    if (!this.#isNew(run)) {
      const found = this.#base.newRels(run, direction, node)
      return delta.deletions.length === 0 ? found : found?.filter((position) => !delta.isDeleted(position))
    }
    const numbers = delta.adjacency(direction).get(node) ?? []
    const positions = numbers.map((index) => delta.baseRows + index)
    return delta.deletions.length === 0
      ? positions
      : positions.filter((position) => !delta.isDeleted(position))
  }

  ends(position: number): { from: number; to: number } | null {
    if (this.#delta.isDeleted(position)) return null
    if (position < this.#delta.baseRows) return this.#base.ends(position)
    const index = position - this.#delta.baseRows
    assert(index < this.#delta.created, `position ${position} of ${this.rowCount}`)
    return { from: this.#delta.from[index]!, to: this.#delta.to[index]! }
  }

  #isNew(run: number): boolean {
    return run >= this.#base.runCount
  }

  #newGroup(direction: Direction, groupIndex: number): DeltaCsrGroup | undefined {
    const delta = this.#delta
    let groups = this.#new[direction]
    if (groups === undefined) {
      groups = { created: 0, deletions: 0, nodes: new Map(), readers: new Map() }
      this.#new[direction] = groups
    }
    if (groups.created !== delta.created || groups.deletions !== delta.deletions.length) {
      this.#addNodes(groups, direction)
      groups.readers.clear()
      groups.created = delta.created
      groups.deletions = delta.deletions.length
    }
    const nodes = groups.nodes.get(groupIndex)
    if (nodes === undefined) return undefined
    let reader = groups.readers.get(groupIndex)
    if (reader === undefined) {
      reader = new DeltaCsrGroup(delta, direction, groupIndex, Float64Array.from(nodes).sort())
      groups.readers.set(groupIndex, reader)
    }
    return reader.rows === 0 ? undefined : reader
  }

  /** Adds the nodes of relationships that came since to their groups. */
  #addNodes(groups: NewGroups, direction: Direction): void {
    const bound = direction === 'forward' ? this.#delta.from : this.#delta.to
    for (let index = groups.created; index < bound.length; index++) {
      const node = bound[index]!
      const groupIndex = Math.floor(node / csrGroupNodes)
      const nodes = groups.nodes.get(groupIndex)
      if (nodes === undefined) groups.nodes.set(groupIndex, new Set([node]))
      else nodes.add(node)
    }
  }

  /** Looks at deletions and changes that came since. */
  #follow(): void {
    const delta = this.#delta
    for (; this.#deletionsSeen < delta.deletions.length; this.#deletionsSeen++) {
      const position = delta.deletions[this.#deletionsSeen]!
      if (position < delta.baseRows) this.#noteDeletion(position)
    }
    for (const column of this.table.columns.keys()) {
      const patches = delta.patches(column)
      if (patches === undefined) continue
      for (let seen = this.#patchesSeen[column] ?? 0; seen < patches.count; seen++) {
        this.#notePatch(patches.rows[seen]!, column, patches.values[seen]!)
      }
      this.#patchesSeen[column] = patches.count
    }
  }

  #noteDeletion(position: number): void {
    const run = runOf(this.#base, position)
    const forwardPosition = position - this.#base.runStart(run)
    const ends = this.#base.ends(position)
    // One that is deleted beneath already.
    if (ends === null) return
    const { groupIndex, index } = this.#base.locate(run, forwardPosition)
    this.#note('forward', run, groupIndex).delete(index)
    const backwardIndex = Math.floor(ends.to / csrGroupNodes)
    const backward = this.#base.group(run, 'backward', backwardIndex)
    assert(backward !== undefined, `CSR group ${backwardIndex} of run ${run}, backward`)
    this.#note('backward', run, backwardIndex).delete(indexOfPosition(backward, ends.to, forwardPosition))
  }

  #notePatch(position: number, column: number, value: Patches['values'][number]): void {
    const run = runOf(this.#base, position)
    const { groupIndex, index } = this.#base.locate(run, position - this.#base.runStart(run))
    if (index >= 0) this.#note('forward', run, groupIndex).patch(index, column, value)
  }

  #note(direction: Direction, run: number, groupIndex: number): GroupChanges {
    const key = changesKey(direction, run, groupIndex)
    let changes = this.#changes.get(key)
    if (changes === undefined) {
      changes = new GroupChanges()
      this.#changes.set(key, changes)
    }
    return changes
  }
}

function changesKey(direction: Direction, run: number, groupIndex: number): string {
  return `${direction} ${run} ${groupIndex}`
}

/** The vector with the changes of its rows; `rowOf` names them. */
function withPatches(vector: Vector, patches: Patches, rowOf: (row: number) => number): Vector {
  let patched: MutableColumn | null = null
  for (let row = 0; row < vector.rows; row++) {
    const value = patches.valueOf(rowOf(row))
    if (value === undefined) continue
    patched ??= MutableColumn.from(vector)
    patched.set(row, value)
  }
  return patched?.vector() ?? vector
}

/** Index within a backward group of the relationship of `node` that has a forward position. */
export function indexOfPosition(group: CsrGroupReader, node: number, forwardPosition: number): number {
  let { first, end } = rangeOf(group, node)
  // Of one node they ascend by their positions.
  while (first < end) {
    const middle = Math.floor((first + end) / 2)
    const chunk = chunkOf(group, middle)
    if (group.positions(chunk)[middle - group.chunkStart(chunk)]! < forwardPosition) first = middle + 1
    else end = middle
  }
  const chunk = chunkOf(group, first)
  const found = group.positions(chunk)[first - group.chunkStart(chunk)]
  assert(found === forwardPosition, `forward position ${forwardPosition} among those of node ${node}`)
  return first
}
