/**
 * What may be written into a column: values of its type, and those that mean the same in it.
 *
 * | column    | takes                                                                        |
 * |-----------|------------------------------------------------------------------------------|
 * | INT64     | integers                                                                     |
 * | INT32     | integers from −2^31 to 2^31 − 1                                               |
 * | DOUBLE    | numbers                                                                      |
 * | BOOL      | BOOL                                                                         |
 * | STRING    | STRING                                                                       |
 * | DATE      | DATE, a TIMESTAMP at midnight, a string that writes a date                   |
 * | TIMESTAMP | TIMESTAMP, DATE (its midnight), a string that writes a timestamp             |
 *
 * NULL goes anywhere but into a key. Nothing is rounded or cut on the way.
 */
import type { Value } from '../../delta/index.js'
import { MillraceError } from '../../errors/index.js'
import type { ColumnSchema, LogicalType } from '../../types/index.js'
import { valueAt, type WorkVector } from '../vectors/vector.js'
import { constantAs, type Lane } from './constants.js'
import type { Compiled } from './definition.js'
import type { Constant } from './expression.js'
import { isInteger, isNumeric, isOpen, type ValueType } from './types.js'

/** True when values of type `from` can be written into a column of type `to`. */
export function isAssignable(from: ValueType, to: LogicalType): boolean {
  if (isOpen(from) || from === to) return true
  switch (to) {
    case 'INT64':
    case 'INT32':
      return isInteger(from)
    case 'DOUBLE':
      return isNumeric(from)
    case 'DATE':
      return from === 'TIMESTAMP' || from === 'STRING'
    case 'TIMESTAMP':
      return from === 'DATE' || from === 'STRING'
    default:
      return false
  }
}

/** Gives the value of a row, as the column stores it. */
export type AssignedValue = (row: number) => Value

const shownCharactersMax = 60
const int32Range = 2 ** 31

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
    const constant = (type === 'BOOL' ? lane === 1 : lane) as Constant
    const value = type === column.type ? lane : constantAs({ type, constant }, column.type)
    if (!isLane(value) || (column.type === 'INT32' && !isInt32(value))) {
      const text = String(lane)
      const shown = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
      const { name, type: wanted } = column
      throw new MillraceError('MILLRACE_VALUE', { value: `'${shown}'`, table, column: name, type: wanted })
    }
    return stored(value, column.type)
  }
}

function isInt32(value: Lane): boolean {
  return Number(value) >= -int32Range && Number(value) < int32Range
}

function isLane(value: unknown): value is Lane {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string'
}

function stored(lane: Lane, type: LogicalType): Value {
  switch (type) {
    case 'STRING':
      return lane as string
    case 'DOUBLE':
      return Number(lane)
    case 'BOOL':
      return lane === 1
    default:
      return BigInt(lane)
  }
}
