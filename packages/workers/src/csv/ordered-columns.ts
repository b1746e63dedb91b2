/** Columns of a file that has them in another order than the one they are known by. Pure. */
import type { ParseColumn } from './csv-error.js'

/** `columns` where field i of their file is field `order[i]`; null: it is field i. */
export function columnsInOrder(
  columns: readonly ParseColumn[],
  order: Uint32Array | null,
): readonly ParseColumn[] {
  if (order === null) return columns
  return columns.map((column) => ({ ...column, csvIndex: order[column.csvIndex]! }))
}

/** Whether records of both orders have their fields in the same places. */
export function isSameOrder(one: Uint32Array | null, other: Uint32Array | null): boolean {
  if (one === null || other === null) return one === other
  return one.length === other.length && one.every((place, i) => place === other[i])
}
