/**
 * The writes of a transaction, one by one and in order: what is logged, and what the delta is made of.
 *
 * Invariants
 * - New nodes get the offsets from the table's row count on, new relationships the positions from its row
 *   count on: dense, never reused, not even after a deletion.
 * - `values` has one value for every column of the table, in the table's order.
 * - A position names a relationship of the table: the start of its run + its forward position.
 */
import type { Value } from './value.js'

export type Write =
  | {
      readonly kind: 'createNode'
      readonly tableId: number
      readonly offset: number
      readonly values: readonly Value[]
    }
  | {
      readonly kind: 'createRel'
      readonly tableId: number
      readonly position: number
      readonly from: number
      readonly to: number
      readonly values: readonly Value[]
    }
  | {
      readonly kind: 'setNode'
      readonly tableId: number
      readonly offset: number
      readonly column: number
      readonly value: Value
    }
  | {
      readonly kind: 'setRel'
      readonly tableId: number
      readonly position: number
      readonly column: number
      readonly value: Value
    }
  | { readonly kind: 'deleteNode'; readonly tableId: number; readonly offset: number }
  | { readonly kind: 'deleteRel'; readonly tableId: number; readonly position: number }
