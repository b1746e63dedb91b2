/**
 * A single value on its way into a table: what a statement writes, what the log carries whole.
 *
 * | type                            | value                                                      |
 * |---------------------------------|------------------------------------------------------------|
 * | INT64, INT32, DATE, TIMESTAMP   | bigint (days and microseconds as `types/logical-type.ts`)  |
 * | DOUBLE                          | number                                                     |
 * | BOOL                            | boolean                                                    |
 * | STRING                          | string, well-formed                                        |
 *
 * Every type may be null, a primary key excepted.
 */
import type { LogicalType } from '../types/index.js'

export type Value = bigint | number | boolean | string | null

const int32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n }
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

function isWithin(value: Value, { min, max }: { min: bigint; max: bigint }): boolean {
  return typeof value === 'bigint' && value >= min && value <= max
}

/** True when a column of `type` can hold `value`; null fits every type. */
export function fitsType(value: Value, type: LogicalType): boolean {
  if (value === null) return true
  switch (type) {
    case 'DOUBLE':
      return typeof value === 'number'
    case 'BOOL':
      return typeof value === 'boolean'
    case 'STRING':
      return typeof value === 'string'
    case 'INT32':
      return isWithin(value, int32)
    default:
      return isWithin(value, int64)
  }
}
