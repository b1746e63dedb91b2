/**
 * What was written to one relationship table since its segments were made.
 *
 * Invariants
 * - New relationships have the positions from `baseRows` on, in the order in which they were made, which is
 *   not that of their nodes; a deleted one keeps its position.
 * - Lists grow at their end only: who has looked at n entries need look only at those that follow.
 */
import type { RelTable } from '../catalog/index.js'
import { MutableColumn } from './mutable-column.js'
import { Patches } from './patches.js'
import type { Value } from './value.js'

/** New relationships by one of their ends: their numbers among the new ones, ascending. */
type Adjacency = Map<number, number[]>

function cloneAdjacency(adjacency: Adjacency): Adjacency {
  return new Map(Array.from(adjacency, ([node, list]) => [node, list.slice()]))
}

export class RelDelta {
  /** Positions beneath this delta. */
  readonly baseRows: number
  /** Ends of new relationships: node offsets. */
  readonly from: number[]
  readonly to: number[]
  /** One per property: the values of new relationships. */
  readonly columns: readonly MutableColumn[]
  readonly #forward: Adjacency
  readonly #backward: Adjacency
  readonly #patches: (Patches | undefined)[]
  readonly #deleted: Set<number>
  /** Positions of deleted relationships in the order of their deletion. */
  readonly deletions: number[]

  /** @param from what it is a copy of */
  constructor(table: RelTable, baseRows: number, from?: RelDelta) {
    this.baseRows = baseRows
    this.from = from?.from.slice() ?? []
    this.to = from?.to.slice() ?? []
    this.columns =
      from === undefined
        ? table.columns.map(({ type }) => new MutableColumn(type))
        : from.columns.map((column) => column.clone())
    this.#forward = from === undefined ? new Map() : cloneAdjacency(from.#forward)
    this.#backward = from === undefined ? new Map() : cloneAdjacency(from.#backward)
    this.#patches = from === undefined ? [] : from.#patches.map((patches) => patches?.clone())
    this.deletions = from === undefined ? [] : from.deletions.slice()
    this.#deleted = new Set(this.deletions)
  }

  /** A copy that shares nothing that can change. */
  clone(table: RelTable): RelDelta {
    return new RelDelta(table, this.baseRows, this)
  }

  /** New relationships, deleted ones included. */
  get created(): number {
    return this.from.length
  }

  get rowCount(): number {
    return this.baseRows + this.created
  }

  /** Adds a relationship; its position is `rowCount` before. */
  create(from: number, to: number, values: readonly Value[]): void {
    const index = this.created
    this.from.push(from)
    this.to.push(to)
    for (const [column, lanes] of this.columns.entries()) lanes.append(values[column]!)
    addTo(this.#forward, from, index)
    addTo(this.#backward, to, index)
  }

  set(position: number, column: number, value: Value): void {
    if (position >= this.baseRows) this.columns[column]!.set(position - this.baseRows, value)
    else {
      const patches = this.#patches[column] ?? new Patches()
      this.#patches[column] = patches
      patches.add(position, value)
    }
  }

  delete(position: number): void {
    if (this.#deleted.has(position)) return
    this.#deleted.add(position)
    this.deletions.push(position)
  }

  isDeleted(position: number): boolean {
    return this.#deleted.has(position)
  }

  /** Nodes with new relationships in `direction`, each with their numbers, deleted ones included. */
  adjacency(direction: 'forward' | 'backward'): ReadonlyMap<number, readonly number[]> {
    return direction === 'forward' ? this.#forward : this.#backward
  }

  /** Changes of a column's values beneath this delta; undefined when there are none. */
  patches(column: number): Patches | undefined {
    return this.#patches[column]
  }
}

function addTo(adjacency: Adjacency, node: number, index: number): void {
  const list = adjacency.get(node)
  if (list === undefined) adjacency.set(node, [index])
  else list.push(index)
}
