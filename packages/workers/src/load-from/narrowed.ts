/** Vectors as the engine's expressions want them: integers as numbers where all of them are safe. */
import { integerOfHalves, type Vector } from '@millrace/core/internal'
import type { ResultVector } from '@millrace/core/query'

/** A column of CSV; numbers in place of bigints where every value is a safe integer. */
export function narrowed(vector: ResultVector): Vector {
  if (vector.kind !== 'bigint') return vector as Vector
  const { values, type, rows, nulls } = vector
  const halves = new Int32Array(values.buffer, values.byteOffset, rows * 2)
  const numbers = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const number = integerOfHalves(halves, row)
    if (Number.isNaN(number)) return vector
    numbers[row] = number
  }
  return { kind: 'number', type, rows, values: numbers, nulls }
}
