/**
 * What may be written into a column: values of its type, and those that mean the same in it.
 *
 * | column    | takes                                                                        |
 * |-----------|------------------------------------------------------------------------------|
 * | integers  | integers in their range, and DECIMALs without decimals                       |
 * | DECIMAL   | numbers with no more digits than it has; a string that writes one            |
 * | DOUBLE    | numbers but DECIMAL                                                          |
 * | FLOAT     | the same, rounded to the nearest float                                       |
 * | BOOL      | BOOL                                                                         |
 * | STRING    | STRING, JSON                                                                 |
 * | DATE      | DATE, a TIMESTAMP at midnight, a string that writes a date                   |
 * | TIMESTAMP | TIMESTAMP, DATE (its midnight), a string that writes a timestamp             |
 * | TIME, INTERVAL, UUID, BLOB, JSON | the same, a string that writes one                    |
 * | T[]       | T[], a list of constants that T takes                                        |
 *
 * NULL goes anywhere but into a key. But for FLOAT nothing is rounded or cut on the way.
 */
import type { Value } from '../../delta/index.js'
import { MillraceError } from '../../errors/index.js'
import {
  type ColumnSchema,
  decimalShape,
  isListType,
  type LogicalType,
  physicalTypeOf,
} from '../../types/index.js'
import { textOfValue, unscaledOfText } from '../../values/index.js'
import { valueAt, type WorkVector } from '../vectors/vector.js'
import { constantAs, isLaneOf, isWritten, type Lane } from './constants.js'
import type { Compiled } from './definition.js'
import { laneOfUnscaled } from './exact.js'
import type { Constant } from './expression.js'
import { isExact, isInteger, isNumber, isNumeric, isOpen, type ValueType } from './types.js'

/** True when values of type `from` can be written into a column of type `to`. */
export function isAssignable(from: ValueType, to: LogicalType): boolean {
  if (isOpen(from) || from === to) return true
  if (isInteger(to) || to === 'UINT64') return isInteger(from) || isExact(from)
  if (isListType(to)) return from === 'LIST'
  if (decimalShape(to) !== null) return isNumber(from) || from === 'STRING'
  switch (to) {
    case 'DOUBLE':
    case 'FLOAT':
      return isNumeric(from)
    case 'DATE':
      return from === 'TIMESTAMP' || from === 'STRING'
    case 'TIMESTAMP':
      return from === 'DATE' || from === 'STRING'
    case 'STRING':
      return from === 'JSON'
    default:
      return isWritten(to) && from === 'STRING'
  }
}

/** Gives the value of a row, as the column stores it. */
export type AssignedValue = (row: number) => Value

const shownCharactersMax = 60

/** Reads the values of `vector`, which `expression` made, for `column` of table `table`. */
export function assignedValues(
  vector: WorkVector,
  { type }: Compiled,
  column: ColumnSchema,
  table: string,
): AssignedValue {
  return (row) => {
    const lane = valueAt(vector, row)
    if (lane === null) return null
    const value = type === column.type ? lane : converted(vector, lane as Constant, type, column.type)
    if (!isLane(value) || !isLaneOf(value, column.type)) {
      const text = shownLane(lane as Constant, type)
      const shown = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
      const { name, type: wanted } = column
      throw new MillraceError('MILLRACE_VALUE', { value: `'${shown}'`, table, column: name, type: wanted })
    }
    return stored(value, column.type)
  }
}

/** `lane`, a value of `from`, as a value of `to`. */
function converted(
  vector: WorkVector,
  lane: Constant,
  from: ValueType,
  to: LogicalType,
): Lane | null | undefined {
  const shape = decimalShape(to)
  if (shape !== null && from === 'STRING') {
    const unscaled = unscaledOfText(String(lane).trim(), shape)
    return unscaled === undefined ? undefined : laneOfUnscaled(unscaled, shape)
  }
  const constant = from === 'BOOL' ? lane === 1 : lane
  if (vector.kind !== 'list') return constantAs({ type: from, constant }, to)
  const { itemType } = vector
  const items =
    itemType === undefined
      ? undefined
      : (lane as readonly Constant[]).map((item) => ({
          type: item === null ? ('NULL' as const) : itemType,
          constant: itemType === 'BOOL' && item !== null ? item === 1 : item,
        }))
  return constantAs({ type: 'LIST', constant, items }, to)
}

function shownLane(lane: Constant, type: ValueType): string {
  if (isOpen(type) || type === 'LIST' || type === 'NODE' || type === 'REL') return JSON.stringify(lane)
  return textOfValue(type as LogicalType, lane as Lane)
}

function isLane(value: unknown): value is Lane {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string'
}

function stored(lane: Lane, type: LogicalType): Value {
  if (type === 'BOOL') return lane === 1
  if (type === 'FLOAT') return Math.fround(Number(lane))
  switch (physicalTypeOf(type)) {
    case 'string':
      return lane as string
    case 'double':
      return Number(lane)
    case 'int':
      return BigInt(lane)
  }
}
