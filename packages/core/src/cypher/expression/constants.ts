/** Single values: a constant of one type as the lane of another, for keys, lists and statistics. */
import { decimalShape, isListType, itemTypeOf, type LogicalType } from '../../types/index.js'
import {
  binaryOfBytes,
  encodeList,
  integerRanges,
  type ListItem,
  microsecondsPerDay,
  parseDate,
  parseTimestamp,
  rescaled,
  shownFormats,
  unscaledOfText,
  valueOfText,
} from '../../values/index.js'
import type { Argument } from './definition.js'
import { laneOfUint64, laneOfUnscaled, scaleOf, unscaledOfLane } from './exact.js'
import type { Constant } from './expression.js'
import { type Lane, laneOf, smallest } from './lane.js'
import { isExact, isFloating, isInteger, isNumber, type ValueType } from './types.js'

export { type Lane, laneOf, lanesOfList, smallest } from './lane.js'

/** Types whose values a constant string writes where they are expected. */
const writtenTypes: readonly ValueType[] = ['TIME', 'UUID', 'INTERVAL', 'BLOB', 'JSON']

/** True when a constant string can stand for a value of `type`. */
export function isWritten(type: ValueType): boolean {
  return type === 'DATE' || type === 'TIMESTAMP' || writtenTypes.includes(type)
}

/**
 * The value of type `type` that equals `argument`'s constant; undefined when no value of that type can, null
 * for NULL. A string counts as the date, time, UUID … that it writes.
 */
export function constantAs(argument: Argument, type: ValueType): Lane | null | undefined {
  if (isListType(type) && argument.type === 'LIST') return listLane(argument, type)
  const lane = laneOf(argument.constant)
  if (lane === null) return null
  if (argument.type === type) return lane
  if (isNumber(type) && isNumber(argument.type)) return numberAs(lane, argument.type, type)
  if (type === 'DATE') {
    if (argument.type === 'STRING') return parseDate(lane as string)
    if (argument.type === 'TIMESTAMP') return midnightDay(BigInt(lane))
  }
  if (type === 'TIMESTAMP') {
    if (argument.type === 'STRING') return parseTimestamp(lane as string)
    if (argument.type === 'DATE') return smallest(BigInt(lane) * BigInt(microsecondsPerDay))
  }
  if (argument.type === 'JSON' && type === 'STRING') return lane
  if (argument.type !== 'STRING' || !writtenTypes.includes(type)) return undefined
  const value = valueOfText(type as LogicalType, lane as string, shownFormats)
  return typeof value === 'bigint' ? smallest(value) : value
}

function numberAs(lane: Lane, from: ValueType, to: ValueType): Lane | undefined {
  if (isFloating(from)) {
    const number = lane as number
    if (isFloating(to)) return number
    const shape = decimalShape(to)
    if (shape !== null) {
      const unscaled = unscaledOfText(String(number), shape)
      return unscaled === undefined ? undefined : laneOfUnscaled(unscaled, shape)
    }
    if (!Number.isInteger(number)) return undefined
    return to === 'UINT64' ? laneOfUint64(BigInt(number)) : number
  }
  if (!isExact(from) && isInteger(to)) return lane
  if (isFloating(to)) return isExact(from) ? undefined : Number(lane)
  const shape = decimalShape(to)
  const unscaled = rescaled(unscaledOfLane(from, lane), scaleOf(from), shape?.scale ?? 0)
  if (unscaled === undefined) return undefined
  if (to === 'UINT64') return laneOfUint64(unscaled)
  return shape === null ? smallest(unscaled) : laneOfUnscaled(unscaled, shape)
}

/** The bytes of a list of constants as a list of `type`; undefined when one of them cannot be an item. */
function listLane({ items, constant }: Argument, type: `${string}[]`): Lane | undefined {
  const itemType = itemTypeOf(type)
  const given =
    items ?? (constant as readonly Constant[]).map((item) => ({ type: typeOfConstant(item), constant: item }))
  const values: ListItem[] = []
  for (const item of given) {
    const value = itemLane(item, itemType)
    if (value === undefined) return undefined
    values.push(value)
  }
  return encodeList(itemType, values)
}

/** `item` as an item of a list; undefined when it cannot be one. */
export function itemLane(item: Argument, type: LogicalType): Lane | null | undefined {
  const lane = constantAs(item, type)
  return lane === null || (lane !== undefined && isLaneOf(lane, type)) ? roundedFloat(lane, type) : undefined
}

function roundedFloat(lane: Lane | null, type: LogicalType): Lane | null {
  return type === 'FLOAT' && typeof lane === 'number' ? Math.fround(lane) : lane
}

/** Whether an integer is in the range of its type; other types have no lanes that are not values. */
export function isLaneOf(lane: Lane, type: LogicalType): boolean {
  const range = type === 'UINT64' ? undefined : integerRanges[type]
  if (range !== undefined) return BigInt(lane) >= range.min && BigInt(lane) <= range.max
  return type !== 'FLOAT' || !Number.isFinite(Number(lane)) || Number.isFinite(Math.fround(Number(lane)))
}

/** The type of a constant that a list literal holds. */
export function typeOfConstant(value: Constant): ValueType {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return 'BOOL'
  if (typeof value === 'string') return 'STRING'
  if (typeof value === 'bigint') return 'INT64'
  return typeof value === 'number' ? (Number.isSafeInteger(value) ? 'INT64' : 'DOUBLE') : 'LIST'
}

/** The constant that bytes are. */
export function blobConstant(bytes: Uint8Array): string {
  return binaryOfBytes(bytes)
}

function midnightDay(micros: bigint): number | undefined {
  const perDay = BigInt(microsecondsPerDay)
  return micros % perDay === 0n ? Number(micros / perDay) : undefined
}
