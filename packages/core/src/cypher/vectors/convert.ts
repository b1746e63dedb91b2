/**
 * Vectors of one type as vectors of a wider one: what comparing and merging values of different types needs.
 */
import { decimalShape, type LogicalType, physicalTypeOf } from '../../types/index.js'
import { microsecondsPerDay, rescaled, uint64Bias } from '../../values/index.js'
import { checkInt64 } from '../expression/evaluation-error.js'
import { checkedDecimal, doubleOfLane, scaleOf, unscaledOfLane } from '../expression/exact.js'
import { type Lane, smallest } from '../expression/lane.js'
import { isExact, isFloating, type ValueType } from '../expression/types.js'
import { vectorOfLanes } from './lanes.js'
import {
  bytesVector,
  type NumberVector,
  nullVector,
  numberVector,
  type Vector,
  valueAt,
  type WorkVector,
} from './vector.js'

/** `vector` (of type `from`) as type `to`, which must be `from` or wider (`commonType`). */
export function convertVector(vector: WorkVector, from: ValueType, to: ValueType): WorkVector {
  if (from === to || vector.kind === 'list') return vector
  if (from === 'NULL') return nullsOf(to, vector.rows)
  if (to === 'DOUBLE') return asDoubles(vector)
  if (decimalShape(to) !== null) return asDecimals(vector, from, to as LogicalType)
  if (from === 'UINT64') return mapLanes(vector, 'INT64', (lane) => inInt64(BigInt(lane) + uint64Bias))
  if (vector.kind === 'string') return to === 'STRING' ? { ...vector, type: 'STRING' } : vector
  if (from === 'DATE' && to === 'TIMESTAMP') return asTimestamps(vector)
  return vector
}

function nullsOf(type: ValueType, rows: number): WorkVector {
  const isText = type !== 'ANY' && type !== 'NODE' && type !== 'REL' && type !== 'LIST' && type !== 'NULL'
  return isText && physicalTypeOf(type) === 'string'
    ? bytesVector(type, new Array<null>(rows).fill(null))
    : nullVector(rows)
}

function inInt64(value: bigint): Lane {
  return smallest(checkInt64(value, 'A UINT64'))
}

/** A vector of what `change` makes of every lane. */
function mapLanes(vector: WorkVector, type: LogicalType, change: (lane: Lane) => Lane): WorkVector {
  const lanes: (Lane | null)[] = []
  for (let row = 0; row < vector.rows; row++) {
    const lane = valueAt(vector, row) as Lane | null
    lanes.push(lane === null ? null : change(lane))
  }
  return vectorOfLanes(type, lanes)
}

function asDecimals(vector: WorkVector, from: ValueType, to: LogicalType): WorkVector {
  const [scale, wanted] = [scaleOf(from), scaleOf(to)]
  return mapLanes(vector, to, (lane) =>
    checkedDecimal(rescaled(unscaledOfLane(from, lane), scale, wanted) ?? 0n, to, 'A number'),
  )
}

/** Numbers as doubles; integers beyond 2^53 are rounded, as a cast does. */
export function asDoubles(vector: WorkVector): NumberVector {
  const type = vector.type as ValueType
  if (isExact(type)) {
    const values = new Float64Array(vector.rows)
    for (let row = 0; row < vector.rows; row++) {
      const lane = valueAt(vector, row) as Lane | null
      if (lane !== null) values[row] = doubleOfLane(type, lane)
    }
    return numberVector('DOUBLE', values, vector.nulls)
  }
  if (vector.kind === 'number') return isFloating(type) ? { ...vector, type: 'DOUBLE' } : vector
  const { values } = vector as Extract<Vector, { kind: 'bigint' }>
  return numberVector('DOUBLE', Float64Array.from(values, Number), vector.nulls)
}

function asTimestamps(days: Exclude<Vector, { kind: 'string' }>): WorkVector {
  if (days.kind === 'bigint') return days
  const { rows } = days
  let largest = 0
  const values = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const value = days.values[row]! * microsecondsPerDay
    values[row] = value
    if (days.nulls?.[row] !== 1) largest = Math.max(largest, Math.abs(value))
  }
  if (largest <= Number.MAX_SAFE_INTEGER) return numberVector('TIMESTAMP', values, days.nulls)
  const exact = BigInt64Array.from(days.values, (value) => BigInt(value) * BigInt(microsecondsPerDay))
  return { kind: 'bigint', type: 'TIMESTAMP', rows, values: exact, nulls: days.nulls }
}
