/**
 * CAST and its function forms. A value that cannot be converted is an error that names it; NULL stays NULL.
 */
import {
  decimalShape,
  isListType,
  itemTypeOf,
  type LogicalType,
  physicalTypeOf,
} from '../../../types/index.js'
import {
  encodeList,
  floatOfText,
  integerOfText,
  integerRanges,
  microsecondsPerDay,
  parseDate,
  parseTimestamp,
  rounded,
  shownFormats,
  textOfValue,
  truthOfText,
  unscaledOfText,
  valueOfText,
} from '../../../values/index.js'
import { vectorOfLanes } from '../../vectors/lanes.js'
import { type ListVector, nullVector, valueAt, type WorkVector } from '../../vectors/vector.js'
import { itemLane, type Lane, laneOf, lanesOfList, smallest, typeOfConstant } from '../constants.js'
import {
  type Compiled,
  type Evaluate,
  expectCount,
  type FunctionDefinition,
  type Site,
} from '../definition.js'
import { evaluationError } from '../evaluation-error.js'
import { doubleOfLane, laneOfUint64, laneOfUnscaled, scaleOf, unscaledOfLane } from '../exact.js'
import type { Constant } from '../expression.js'
import { isExact, isFloating, isOpen, shownType, type ValueType } from '../types.js'

const shownCharactersMax = 60

function cannot(value: Lane | Constant, from: ValueType, to: LogicalType): never {
  const isColumn = !isOpen(from) && from !== 'LIST' && from !== 'NODE' && from !== 'REL'
  const text = isColumn ? textOfValue(from as LogicalType, value as Lane) : JSON.stringify(value)
  const shown = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
  throw evaluationError(`'${shown}' cannot be converted to ${to}`, 'Leave such rows out with WHERE first.')
}

/**
 * The whole number nearest to a number, half away from zero as Kùzu casts; undefined for what is not finite.
 */
function wholeOf(value: Lane, from: ValueType): bigint | undefined {
  if (isFloating(from)) {
    const x = Number(value)
    return Number.isFinite(x) ? BigInt(x < 0 ? -Math.round(-x) : Math.round(x)) : undefined
  }
  return isExact(from) ? rounded(unscaledOfLane(from, value), scaleOf(from), 0) : BigInt(value)
}

function toInteger(value: Lane, from: ValueType, to: LogicalType): Lane {
  const range = integerRanges[to]!
  const whole = from === 'STRING' ? integerOfText(String(value).trim(), range) : wholeOf(value, from)
  if (whole === undefined || whole < range.min || whole > range.max) return cannot(value, from, to)
  return to === 'UINT64' ? laneOfUint64(whole)! : smallest(whole)
}

function toDouble(value: Lane, from: ValueType): Lane {
  if (isExact(from)) return doubleOfLane(from, value)
  if (from !== 'STRING') return Number(value)
  const text = String(value).trim()
  const number = Number(text)
  if (text === '' || (Number.isNaN(number) && text.toLowerCase() !== 'nan')) cannot(value, from, 'DOUBLE')
  return number
}

function toFloat(value: Lane, from: ValueType): Lane {
  const float =
    from === 'STRING' ? floatOfText(String(value).trim(), true) : Math.fround(Number(toDouble(value, from)))
  const isBeyond =
    float !== undefined && !Number.isFinite(float) && Number.isFinite(Number(toDouble(value, from)))
  return float === undefined || isBeyond ? cannot(value, from, 'FLOAT') : float
}

/** Rounded to the digits there are, half away from zero. */
function toDecimal(value: Lane, from: ValueType, to: LogicalType): Lane {
  const shape = decimalShape(to)!
  let unscaled: bigint | undefined
  if (from === 'STRING' || isFloating(from)) {
    const widest = { precision: 400, scale: 360 }
    const exact = unscaledOfText(String(value).trim(), widest)
    unscaled = exact === undefined ? undefined : rounded(exact, widest.scale, shape.scale)
  } else unscaled = rounded(unscaledOfLane(from, value), scaleOf(from), shape.scale)
  return (unscaled === undefined ? undefined : laneOfUnscaled(unscaled, shape)) ?? cannot(value, from, to)
}

function toBool(value: Lane, from: ValueType): Lane {
  if (from !== 'STRING') return (isExact(from) ? doubleOfLane(from, value) : Number(value)) === 0 ? 0 : 1
  const truth = truthOfText(String(value).trim())
  return truth === undefined ? cannot(value, from, 'BOOL') : Number(truth)
}

function toDate(value: Lane, from: ValueType): Lane {
  if (from === 'STRING')
    return parseDate(String(value)) ?? dayOf(parseTimestamp(String(value))) ?? cannot(value, from, 'DATE')
  return from === 'TIMESTAMP' ? (dayOf(value as number | bigint) ?? 0) : value
}

function dayOf(micros: number | bigint | undefined): number | undefined {
  if (micros === undefined) return undefined
  if (typeof micros === 'number') return Math.floor(micros / microsecondsPerDay)
  const perDay = BigInt(microsecondsPerDay)
  return Number((micros - (((micros % perDay) + perDay) % perDay)) / perDay)
}

function toTimestamp(value: Lane, from: ValueType): Lane {
  if (from === 'STRING') return parseTimestamp(String(value)) ?? cannot(value, from, 'TIMESTAMP')
  return from === 'DATE' ? smallest(BigInt(value) * BigInt(microsecondsPerDay)) : value
}

function toTime(value: Lane, from: ValueType): Lane {
  if (from !== 'TIMESTAMP') return fromText(value, from, 'TIME')
  const perDay = BigInt(microsecondsPerDay)
  return Number(((BigInt(value) % perDay) + perDay) % perDay)
}

/** What a text writes. JSON is kept to the letter. */
function fromText(value: Lane, from: ValueType, to: LogicalType): Lane {
  const text = to === 'JSON' ? String(value) : String(value).trim()
  const stored = valueOfText(to, text, shownFormats)
  if (stored === undefined) return cannot(value, from, to)
  return typeof stored === 'bigint' ? smallest(stored) : stored
}

function convertLane(value: Lane, from: ValueType, to: LogicalType): Lane {
  if (integerRanges[to] !== undefined) return toInteger(value, from, to)
  if (decimalShape(to) !== null) return toDecimal(value, from, to)
  switch (to) {
    case 'DOUBLE':
      return toDouble(value, from)
    case 'FLOAT':
      return toFloat(value, from)
    case 'BOOL':
      return toBool(value, from)
    case 'STRING':
      return textOfValue(from as LogicalType, value)
    case 'DATE':
      return toDate(value, from)
    case 'TIME':
      return toTime(value, from)
    case 'TIMESTAMP':
      return toTimestamp(value, from)
    default:
      return isListType(to) && from !== 'STRING'
        ? convertList(value as string, from, to)
        : fromText(value, from, to)
  }
}

/** A list with its items converted. */
function convertList(value: string, from: ValueType, to: LogicalType): Lane {
  const [itemFrom, itemTo] = [from, to].map((type) => itemTypeOf(type as `${string}[]`)) as [
    LogicalType,
    LogicalType,
  ]
  const items = lanesOfList(itemFrom, value).map((lane) =>
    lane === null || itemFrom === itemTo ? lane : convertLane(lane, itemFrom, itemTo),
  )
  return encodeList(itemTo, items.map(asItem(itemTo)))
}

/** A lane as an item of a list has it. */
function asItem(type: LogicalType): (lane: Lane | null) => bigint | number | string | null {
  const isInt = physicalTypeOf(type) === 'int'
  return (lane) => (lane !== null && isInt ? BigInt(lane) : lane)
}

/** A list of constants, or one that a query made, as a list of `type`. */
function listOf(vector: WorkVector, row: number, to: LogicalType): Lane {
  const { values, itemType } = vector as ListVector
  const itemTo = itemTypeOf(to as `${string}[]`)
  const items = values[row]!.map((value) => {
    const constant = value as Constant
    const from = itemType ?? typeOfConstant(constant)
    if (constant === null) return null
    const lane = itemLane({ type: from, constant }, itemTo)
    if (lane !== undefined) return lane
    if (from === 'LIST' || !isCastable(from, itemTo)) return cannot(constant, from, itemTo)
    return convertLane(laneOf(constant)!, from, itemTo)
  })
  return encodeList(itemTo, items.map(asItem(itemTo)))
}

const days: readonly ValueType[] = ['DATE', 'TIMESTAMP']
/** Types that are written in texts, and convert to nothing else. */
const written: readonly ValueType[] = ['UUID', 'BLOB', 'JSON', 'INTERVAL']

/** True when values of `from` have a meaning as `to`. */
export function isCastable(from: ValueType, to: LogicalType): boolean {
  if (isOpen(from) || from === to || from === 'STRING') return true
  if (from === 'LIST') return isListType(to)
  if (from === 'NODE' || from === 'REL') return false
  if (to === 'STRING') return true
  if (isListType(from) || isListType(to)) {
    return isListType(from) && isListType(to) && isCastable(itemTypeOf(from), itemTypeOf(to))
  }
  if (written.includes(from) || written.includes(to)) return false
  if (to === 'TIME') return from === 'TIMESTAMP'
  return from !== 'TIME' && days.includes(from) === days.includes(to)
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
      if (value === null) lanes.push(null)
      else lanes.push(vector.kind === 'list' ? listOf(vector, row, to) : convertLane(value as Lane, from, to))
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
  to_int16: castFunction('INT16'),
  to_int8: castFunction('INT8'),
  to_uint64: castFunction('UINT64'),
  to_uint32: castFunction('UINT32'),
  to_uint16: castFunction('UINT16'),
  to_uint8: castFunction('UINT8'),
  tofloat: castFunction('DOUBLE'),
  to_double: castFunction('DOUBLE'),
  to_float: castFunction('FLOAT'),
  uuid: castFunction('UUID'),
  blob: castFunction('BLOB'),
  interval: castFunction('INTERVAL'),
  toboolean: castFunction('BOOL'),
}
