/**
 * A single value on its way into a table: what a statement writes, what the log carries whole.
 *
 * | lane of the type | value                                                                        |
 * |------------------|------------------------------------------------------------------------------|
 * | int              | bigint: the lane (see `types/logical-type.ts`); a boolean for BOOL           |
 * | double           | number                                                                       |
 * | string           | string: well-formed text, or the bytes as characters (`values/bytes-text.ts`) |
 *
 * Every type may be null, a primary key excepted.
 */
import { decimalShape, type LogicalType, physicalTypeOf } from '../types/index.js'
import { fitsShape, type IntegerRange, integerRanges, isJson, microsecondsPerDay } from '../values/index.js'

export type Value = bigint | number | boolean | string | null

const int64: IntegerRange = integerRanges.INT64!
const time: IntegerRange = { min: 0n, max: BigInt(microsecondsPerDay) - 1n }

/** The lanes of an int type. */
function rangeOf(type: LogicalType): IntegerRange {
  if (type === 'TIME') return time
  return type === 'UINT64' ? int64 : (integerRanges[type] ?? int64)
}

/** True when a column of `type` can hold `value`; null fits every type. */
export function fitsType(value: Value, type: LogicalType): boolean {
  if (value === null) return true
  if (type === 'BOOL') return typeof value === 'boolean'
  switch (physicalTypeOf(type)) {
    case 'double':
      return typeof value === 'number' && (type !== 'FLOAT' || Object.is(Math.fround(value), value))
    case 'string':
      return typeof value === 'string' && (type !== 'JSON' || isJson(value))
    case 'int': {
      if (typeof value !== 'bigint') return false
      const { min, max } = rangeOf(type)
      const shape = decimalShape(type)
      return value >= min && value <= max && (shape === null || fitsShape(value, shape))
    }
  }
}
