/** Vectors as the engine's expressions want them: integers as numbers where all of them are safe. */
import type { Vector } from '@millrace/core/internal'
import type { ResultVector } from '@millrace/core/query'

/** The high half of integers of at most 53 bits, and what its lowest bit counts. */
const highMax = 2 ** 21
const highUnit = 2 ** 32

/** A column of CSV; numbers in place of bigints where every value is a safe integer. */
export function narrowed(vector: ResultVector): Vector {
  if (vector.kind !== 'bigint') return vector as Vector
  const { values, type, rows, nulls } = vector
  const halves = new Int32Array(values.buffer, values.byteOffset, rows * 2)
  const numbers = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const high = halves[2 * row + 1]!
    if (high < -highMax || high >= highMax) return vector
    numbers[row] = high * highUnit + (halves[2 * row]! >>> 0)
  }
  return { kind: 'number', type, rows, values: numbers, nulls }
}
