/** The types values have inside a query, and how they meet. */
import type { LogicalType } from '../../types/index.js'

/**
 * A column's type, or what only queries have: nodes and relationships, lists, NULL alone, and ANY for a
 * parameter whose value is not there yet.
 */
export type ValueType = LogicalType | 'NODE' | 'REL' | 'LIST' | 'NULL' | 'ANY'

export function isNumeric(type: ValueType): boolean {
  return type === 'INT64' || type === 'INT32' || type === 'DOUBLE'
}

export function isInteger(type: ValueType): boolean {
  return type === 'INT64' || type === 'INT32'
}

/**
 * True when the type says nothing yet: NULL fits everywhere, ANY is decided when the parameters are there.
 */
export function isOpen(type: ValueType): boolean {
  return type === 'NULL' || type === 'ANY'
}

/**
 * The type that holds values of both, or undefined: numbers widen, a date is the timestamp of its midnight.
 */
export function commonType(a: ValueType, b: ValueType): ValueType | undefined {
  if (a === b) return a
  if (a === 'NULL') return b
  if (b === 'NULL') return a
  if (a === 'ANY' || b === 'ANY') return 'ANY'
  if (isNumeric(a) && isNumeric(b)) return a === 'DOUBLE' || b === 'DOUBLE' ? 'DOUBLE' : 'INT64'
  if ((a === 'DATE' && b === 'TIMESTAMP') || (a === 'TIMESTAMP' && b === 'DATE')) return 'TIMESTAMP'
  return undefined
}

/** How a type is named in errors. */
export function shownType(type: ValueType): string {
  if (type === 'NODE') return 'a node'
  if (type === 'REL') return 'a relationship'
  if (type === 'LIST') return 'a list'
  return type
}
