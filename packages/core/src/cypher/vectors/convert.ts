/**
 * Vectors of one type as vectors of a wider one: what comparing and merging values of different types needs.
 */
import type { ValueType } from '../expression/types.js'
import { type NumberVector, nullVector, numberVector, type Vector, type WorkVector } from './vector.js'

/** Microseconds of a day. */
export const microsecondsPerDay = 86_400_000_000

/** `vector` (of type `from`) as type `to`, which must be `from` or wider (`commonType`). */
export function convertVector(vector: WorkVector, from: ValueType, to: ValueType): WorkVector {
  if (from === to || vector.kind === 'list' || vector.kind === 'string') return vector
  if (from === 'NULL') return to === 'STRING' ? nullStrings(vector.rows) : nullVector(vector.rows)
  if (to === 'DOUBLE') return asDoubles(vector)
  if (from === 'DATE' && to === 'TIMESTAMP') return asTimestamps(vector)
  return vector
}

function nullStrings(rows: number): WorkVector {
  const nulls = new Uint8Array(rows).fill(1)
  return {
    kind: 'string',
    type: 'STRING',
    rows,
    codes: null,
    offsets: new Uint32Array(rows + 1),
    bytes: new Uint8Array(0),
    nulls,
  }
}

/** Numbers as doubles; integers beyond 2^53 are rounded, as a cast does. */
export function asDoubles(vector: Exclude<Vector, { kind: 'string' }>): NumberVector {
  if (vector.kind === 'number') return vector
  return numberVector('DOUBLE', Float64Array.from(vector.values, Number), vector.nulls)
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
