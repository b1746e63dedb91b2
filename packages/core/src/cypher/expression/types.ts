/** The types values have inside a query, and how they meet. */
import {
  decimalDigitsMax,
  decimalShape,
  decimalType,
  isListType,
  type LogicalType,
} from '../../types/index.js'

/**
 * A column's type, or what only queries have: nodes and relationships, lists, NULL alone, and ANY for a
 * parameter whose value is not there yet.
 */
export type ValueType = LogicalType | 'NODE' | 'REL' | 'LIST' | 'NULL' | 'ANY'

/** Integers whose lanes are the values. */
export const integerTypes: readonly ValueType[] = [
  ...(['INT64', 'INT32', 'INT16', 'INT8', 'UINT32', 'UINT16', 'UINT8'] as const),
]

/** Numbers whose lanes are the values. */
export function isNumeric(type: ValueType): boolean {
  return type === 'INT64' || type === 'DOUBLE' || type === 'FLOAT' || integerTypes.includes(type)
}

export function isInteger(type: ValueType): boolean {
  return type === 'INT64' || integerTypes.includes(type)
}

export function isFloating(type: ValueType): boolean {
  return type === 'DOUBLE' || type === 'FLOAT'
}

/** Numbers whose lanes stand for them: UINT64 and DECIMAL. */
export function isExact(type: ValueType): boolean {
  return type === 'UINT64' || type.startsWith('DECIMAL(')
}

/** Any number. */
export function isNumber(type: ValueType): boolean {
  return isNumeric(type) || isExact(type)
}

/**
 * True when the type says nothing yet: NULL fits everywhere, ANY is decided when the parameters are there.
 */
export function isOpen(type: ValueType): boolean {
  return type === 'NULL' || type === 'ANY'
}

/** True for lists of queries and of columns. */
export function isList(type: ValueType): boolean {
  return type === 'LIST' || isListType(type)
}

const integerDigits = 19
const uint64Digits = 20

/** Digits before the point, and behind it, of a number that is no DOUBLE. */
function digitsOf(type: ValueType): { whole: number; scale: number } {
  const shape = decimalShape(type)
  if (shape !== null) return { whole: shape.precision - shape.scale, scale: shape.scale }
  return { whole: type === 'UINT64' ? uint64Digits : integerDigits, scale: 0 }
}

/** The DECIMAL that holds values of both, as far as 38 digits go. */
function commonDecimal(a: ValueType, b: ValueType): LogicalType {
  const [left, right] = [digitsOf(a), digitsOf(b)]
  const scale = Math.max(left.scale, right.scale)
  return decimalType(Math.min(decimalDigitsMax, Math.max(left.whole, right.whole) + scale), scale)
}

function commonNumber(a: ValueType, b: ValueType): ValueType {
  if (isFloating(a) || isFloating(b)) return 'DOUBLE'
  // Of UINT64 and an integer type those values meet that both of them have.
  return decimalShape(a) === null && decimalShape(b) === null ? 'INT64' : commonDecimal(a, b)
}

/**
 * The type that holds values of both, or undefined: numbers widen, a date is the timestamp of its midnight,
 * a JSON text is a string.
 */
export function commonType(a: ValueType, b: ValueType): ValueType | undefined {
  if (a === b) return a
  if (a === 'NULL') return b
  if (b === 'NULL') return a
  if (a === 'ANY' || b === 'ANY') return 'ANY'
  if (isNumber(a) && isNumber(b)) return commonNumber(a, b)
  const pair = (x: ValueType, y: ValueType): boolean => (a === x && b === y) || (a === y && b === x)
  if (pair('DATE', 'TIMESTAMP')) return 'TIMESTAMP'
  return pair('JSON', 'STRING') ? 'STRING' : undefined
}

/** The type of a sum of numbers. */
export function sumTypeOf(type: ValueType): ValueType {
  if (isFloating(type)) return 'DOUBLE'
  const shape = decimalShape(type)
  if (shape !== null) return decimalType(decimalDigitsMax, shape.scale)
  return isInteger(type) ? 'INT64' : type
}

/** How a type is named in errors. */
export function shownType(type: ValueType): string {
  if (type === 'NODE') return 'a node'
  if (type === 'REL') return 'a relationship'
  if (type === 'LIST') return 'a list'
  return type
}
