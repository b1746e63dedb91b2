/**
 * What a statement that writes needs of the store: the tables as its transaction sees them, its own writes
 * included, and the six writes.
 *
 * Every reader that was handed out before a write goes on showing the state before it, or the one after it;
 * ask for readers anew after writing (`nodes`, `rels` are cheap).
 */
import type { Value } from '../delta/index.js'
import type { GraphReader } from '../table/index.js'

export interface DeleteOptions {
  /** Deletes the node's relationships too. */
  readonly detach: boolean
}

export interface WritableGraph extends GraphReader {
  /**
   * Adds a node; `values` has one value for every column of the table. @returns its node offset
   * @throws MillraceError `MILLRACE_DUPLICATE_KEY`, `MILLRACE_NULL_KEY`, `MILLRACE_VALUE`
   */
  createNode(tableId: number, values: readonly Value[]): number
  /**
   * Adds a relationship between two nodes, given by their offsets. @returns its position in the table
   * @throws MillraceError `MILLRACE_VALUE`, `MILLRACE_DELETED`
   */
  createRel(tableId: number, from: number, to: number, values: readonly Value[]): number
  /**
   * Changes one property of a node, its primary key too. Null removes it.
   * @throws MillraceError `MILLRACE_VALUE`, `MILLRACE_DELETED`; for a primary key `MILLRACE_DUPLICATE_KEY`
   * and `MILLRACE_NULL_KEY`
   */
  setNode(tableId: number, offset: number, column: number, value: Value): void
  /**
   * Changes one property of a relationship. Null removes it.
   * @throws MillraceError `MILLRACE_VALUE`, `MILLRACE_DELETED`
   */
  setRel(tableId: number, position: number, column: number, value: Value): void
  /**
   * Deletes a node; one that is deleted already stays so.
   * @throws MillraceError `MILLRACE_NODE_IN_USE` when relationships are left and `detach` is false
   */
  deleteNode(tableId: number, offset: number, options: DeleteOptions): void
  /** Deletes a relationship; one that is deleted already stays so. */
  deleteRel(tableId: number, position: number): void
  /** Positions of the relationships that go from one node to another: what MERGE looks for. */
  findRels(tableId: number, from: number, to: number): number[]
}
