/**
 * What was written to one node table since its segments were made.
 *
 * Invariants
 * - New nodes have the offsets from `baseRows` on, without gaps; a deleted one keeps its offset and its row.
 * - `keys` holds the keys that were written: of new nodes and of those that got another key, deleted ones
 *   excepted.
 * - Lists grow at their end only: who has looked at n entries need look only at those that follow.
 */
import type { NodeTable } from '../catalog/index.js'
import { MutableColumn } from './mutable-column.js'
import { Patches } from './patches.js'
import type { Value } from './value.js'

export class NodeDelta {
  /** Node offsets beneath this delta. */
  readonly baseRows: number
  /** One per column: the values of new nodes. */
  readonly columns: readonly MutableColumn[]
  readonly #keyColumn: number
  readonly #keys: Map<Value, number>
  readonly #patches: (Patches | undefined)[]
  readonly #deleted: Set<number>
  /** Offsets of deleted nodes in the order of their deletion. */
  readonly deletions: number[]

  /** @param from what it is a copy of */
  constructor(table: NodeTable, baseRows: number, from?: NodeDelta) {
    this.baseRows = baseRows
    this.#keyColumn = table.keyColumn
    this.columns =
      from === undefined
        ? table.columns.map(({ type }) => new MutableColumn(type))
        : from.columns.map((column) => column.clone())
    this.#keys = new Map(from === undefined ? [] : from.#keys)
    this.#patches = from === undefined ? [] : from.#patches.map((patches) => patches?.clone())
    this.deletions = from === undefined ? [] : from.deletions.slice()
    this.#deleted = new Set(this.deletions)
  }

  /** A copy that shares nothing that can change. */
  clone(table: NodeTable): NodeDelta {
    return new NodeDelta(table, this.baseRows, this)
  }

  /** New nodes, deleted ones included. */
  get created(): number {
    return this.columns[0]!.rows
  }

  get rowCount(): number {
    return this.baseRows + this.created
  }

  /** Adds a node; its offset is `rowCount` before. */
  create(values: readonly Value[]): void {
    this.#keys.set(values[this.#keyColumn]!, this.rowCount)
    for (const [index, column] of this.columns.entries()) column.append(values[index]!)
  }

  set(offset: number, column: number, value: Value): void {
    if (column === this.#keyColumn && !this.#deleted.has(offset)) {
      this.#forgetKey(offset)
      this.#keys.set(value, offset)
    }
    if (offset >= this.baseRows) this.columns[column]!.set(offset - this.baseRows, value)
    else {
      const patches = this.#patches[column] ?? new Patches()
      this.#patches[column] = patches
      patches.add(offset, value)
    }
  }

  delete(offset: number): void {
    if (this.#deleted.has(offset)) return
    this.#deleted.add(offset)
    this.deletions.push(offset)
    this.#forgetKey(offset)
  }

  /** The key that was written to a node, if one was, leads to it no more. */
  #forgetKey(offset: number): void {
    const key =
      offset >= this.baseRows
        ? this.columns[this.#keyColumn]!.valueAt(offset - this.baseRows)
        : this.#patches[this.#keyColumn]?.valueOf(offset)
    if (key !== undefined && this.#keys.get(key) === offset) this.#keys.delete(key)
  }

  isDeleted(offset: number): boolean {
    return this.#deleted.has(offset)
  }

  /** True when a node beneath this delta has another key than it has there. */
  isRekeyed(offset: number): boolean {
    return this.#patches[this.#keyColumn]?.valueOf(offset) !== undefined
  }

  /** The node to which this key was written (an integer as bigint), or −1. */
  lookup(key: bigint | string): number {
    return this.#keys.get(key) ?? -1
  }

  /** Changes of a column's values beneath this delta; undefined when there are none. */
  patches(column: number): Patches | undefined {
    return this.#patches[column]
  }
}
