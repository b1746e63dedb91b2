/** The value of a row as the engine computes with it. */
import type { LogicalType } from '../../types/index.js'
import { decodeList } from '../../values/index.js'
import type { Constant } from './expression.js'

/**
 * What a lane can hold: BOOL as 0 or 1, DATE in days, TIMESTAMP in microseconds, bytes as characters (see
 * `values/bytes-text.ts`).
 */
export type Lane = number | bigint | string

/** The lane of a constant of its own type; null for NULL and lists. */
export function laneOf(value: Constant | undefined): Lane | null {
  if (value === null || value === undefined || Array.isArray(value)) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  return value as Lane
}

/** A number while it is safe, else the bigint itself. */
export function smallest(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** The items of a stored list of `itemType`, as lanes. */
export function lanesOfList(itemType: LogicalType, list: string): (Lane | null)[] {
  return decodeList(itemType, list).map((item) => (typeof item === 'bigint' ? smallest(item) : item))
}
