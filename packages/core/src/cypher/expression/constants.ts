/** Single values: a constant of one type as the lane of another, for keys, lists and statistics. */
import { microsecondsPerDay } from '../vectors/convert.js'
import type { Argument } from './definition.js'
import type { Constant } from './expression.js'
import { parseDate, parseTimestamp } from './temporal.js'
import { isNumeric, type ValueType } from './types.js'

/** What a lane can hold: BOOL as 0 or 1, DATE in days, TIMESTAMP in microseconds. */
export type Lane = number | bigint | string

/** The lane of a constant of its own type; null for NULL and lists. */
export function laneOf(value: Constant | undefined): Lane | null {
  if (value === null || value === undefined || Array.isArray(value)) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  return value as Lane
}

/**
 * The value of type `type` that equals `argument`'s constant; undefined when no value of that type can, null
 * for NULL. A string counts as the date or timestamp it writes.
 */
export function constantAs(argument: Argument, type: ValueType): Lane | null | undefined {
  const lane = laneOf(argument.constant)
  if (lane === null) return null
  if (argument.type === type) return lane
  if (isNumeric(type) && isNumeric(argument.type)) return type === 'DOUBLE' ? Number(lane) : integerLane(lane)
  if (type === 'DATE') {
    if (argument.type === 'STRING') return parseDate(lane as string)
    if (argument.type === 'TIMESTAMP') return midnightDay(BigInt(lane))
  }
  if (type === 'TIMESTAMP') {
    if (argument.type === 'STRING') return parseTimestamp(lane as string)
    if (argument.type === 'DATE') return smallest(BigInt(lane) * BigInt(microsecondsPerDay))
  }
  return undefined
}

function integerLane(lane: Lane): Lane | undefined {
  return typeof lane === 'bigint' || Number.isInteger(lane) ? lane : undefined
}

function midnightDay(micros: bigint): number | undefined {
  const perDay = BigInt(microsecondsPerDay)
  return micros % perDay === 0n ? Number(micros / perDay) : undefined
}

/** A number while it is safe, else the bigint itself. */
export function smallest(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
