/**
 * CAST and its function forms. A value that cannot be converted is an error that names it; NULL stays NULL.
 */
import type { LogicalType } from '../../../types/index.js'
import { microsecondsPerDay } from '../../vectors/convert.js'
import { vectorOfLanes } from '../../vectors/lanes.js'
import { nullVector, valueAt, type WorkVector } from '../../vectors/vector.js'
import { type Lane, smallest } from '../constants.js'
import {
  type Compiled,
  type Evaluate,
  expectCount,
  type FunctionDefinition,
  type Site,
} from '../definition.js'
import { evaluationError } from '../evaluation-error.js'
import { formatDate, formatTimestamp, parseDate, parseTimestamp } from '../temporal.js'
import { isOpen, shownType, type ValueType } from '../types.js'

const shownCharactersMax = 60

function cannot(value: Lane, to: LogicalType): never {
  const text = String(value)
  const shown = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
  throw evaluationError(`'${shown}' cannot be converted to ${to}`, 'Leave such rows out with WHERE first.')
}

const integerText = /^[+-]?\d{1,19}$/

function toInteger(value: Lane, from: ValueType, to: 'INT64' | 'INT32'): Lane {
  let whole: bigint
  if (from === 'STRING') {
    const text = String(value).trim()
    if (!integerText.test(text)) cannot(value, to)
    whole = BigInt(text)
  } else if (from === 'DOUBLE') {
    // Half away from zero, as Kùzu casts.
    const x = Number(value)
    if (!Number.isFinite(x)) cannot(value, to)
    whole = BigInt(x < 0 ? -Math.round(-x) : Math.round(x))
  } else whole = BigInt(value)
  const bits = to === 'INT32' ? 31n : 63n
  if (whole < -(2n ** bits) || whole >= 2n ** bits) cannot(value, to)
  return smallest(whole)
}

function toDouble(value: Lane, from: ValueType): Lane {
  if (from !== 'STRING') return Number(value)
  const text = String(value).trim()
  const number = Number(text)
  if (text === '' || (Number.isNaN(number) && text.toLowerCase() !== 'nan')) cannot(value, 'DOUBLE')
  return number
}

function toBool(value: Lane, from: ValueType): Lane {
  if (from !== 'STRING') return Number(value) === 0 ? 0 : 1
  const text = String(value).trim().toLowerCase()
  if (text === 'true' || text === 't' || text === '1') return 1
  if (text === 'false' || text === 'f' || text === '0') return 0
  return cannot(value, 'BOOL')
}

function toText(value: Lane, from: ValueType): Lane {
  if (from === 'BOOL') return value === 1 ? 'True' : 'False'
  if (from === 'DATE') return formatDate(Number(value))
  if (from === 'TIMESTAMP') return formatTimestamp(value as number | bigint)
  return String(value)
}

function toDate(value: Lane, from: ValueType): Lane {
  if (from === 'STRING')
    return parseDate(String(value)) ?? dayOf(parseTimestamp(String(value))) ?? cannot(value, 'DATE')
  return from === 'TIMESTAMP' ? (dayOf(value as number | bigint) ?? 0) : value
}

function dayOf(micros: number | bigint | undefined): number | undefined {
  if (micros === undefined) return undefined
  if (typeof micros === 'number') return Math.floor(micros / microsecondsPerDay)
  const perDay = BigInt(microsecondsPerDay)
  return Number((micros - (((micros % perDay) + perDay) % perDay)) / perDay)
}

function toTimestamp(value: Lane, from: ValueType): Lane {
  if (from === 'STRING') return parseTimestamp(String(value)) ?? cannot(value, 'TIMESTAMP')
  return from === 'DATE' ? smallest(BigInt(value) * BigInt(microsecondsPerDay)) : value
}

function convertLane(value: Lane, from: ValueType, to: LogicalType): Lane {
  switch (to) {
    case 'INT64':
    case 'INT32':
      return toInteger(value, from, to)
    case 'DOUBLE':
      return toDouble(value, from)
    case 'BOOL':
      return toBool(value, from)
    case 'STRING':
      return toText(value, from)
    case 'DATE':
      return toDate(value, from)
    case 'TIMESTAMP':
      return toTimestamp(value, from)
  }
}

const times: readonly ValueType[] = ['DATE', 'TIMESTAMP']

/** True when values of `from` have a meaning as `to`. */
export function isCastable(from: ValueType, to: LogicalType): boolean {
  if (isOpen(from) || from === to || from === 'STRING') return true
  if (from === 'NODE' || from === 'REL' || from === 'LIST') return false
  if (to === 'STRING') return true
  return times.includes(from) === times.includes(to)
}

/** Evaluates `operand` and converts every value to `to`. */
export function castEvaluate(operand: Compiled, to: LogicalType, site: Site): Evaluate {
  const from = operand.type
  if (!isCastable(from, to)) {
    site.fail(
      `${shownType(from)} cannot be converted to ${to}`,
      'See docs/cypher.md for the casts there are.',
    )
  }
  if (from === to) return operand.evaluate
  if (from === 'NULL') return (batch) => nullVector(batch.rows)
  return (batch) => {
    const vector: WorkVector = operand.evaluate(batch)
    const lanes: (Lane | null)[] = []
    for (let row = 0; row < batch.rows; row++) {
      const value = valueAt(vector, row)
      lanes.push(value === null ? null : convertLane(value as Lane, from, to))
    }
    return vectorOfLanes(to, lanes)
  }
}

function castFunction(to: LogicalType): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, 1, 1, site)
      if (!isCastable(args[0]!.type, to)) {
        site.fail(`${shownType(args[0]!.type)} cannot be converted to ${to}`, 'See docs/cypher.md.')
      }
      return to
    },
    compile: ([operand], site) => castEvaluate(operand!, to, site),
  }
}

export const conversionFunctions: Readonly<Record<string, FunctionDefinition>> = {
  tostring: castFunction('STRING'),
  string: castFunction('STRING'),
  tointeger: castFunction('INT64'),
  to_int64: castFunction('INT64'),
  to_int32: castFunction('INT32'),
  tofloat: castFunction('DOUBLE'),
  to_double: castFunction('DOUBLE'),
  toboolean: castFunction('BOOL'),
}
