/** Puts a vector into an arena as a column buffer: the way back, for what is read and written again. */
import type { ColumnBuffer, StringVector, Vector } from '../../column/index.js'
import type { Arena } from '../../memory/index.js'
import { physicalTypeOf } from '../../types/index.js'

/** Bytes behind the null bytes that kernels may touch. */
const nullSlackBytes = 64
const laneSlackBytes = 16
const two32 = 2 ** 32

/** The column belongs to the caller, who marked the arena. */
export function columnOfVector(arena: Arena, vector: Vector): ColumnBuffer {
  const { rows, type } = vector
  const values = arena.allocate(rows * 8 + laneSlackBytes)
  const nulls = arena.allocate(rows + nullSlackBytes)
  const heap = vector.kind === 'string' ? arena.allocate(vector.bytes.length + laneSlackBytes) : 0
  const { buffer } = arena.memory
  new Uint8Array(buffer, nulls, rows + nullSlackBytes).fill(0)
  if (vector.nulls !== null) new Uint8Array(buffer, nulls, rows).set(vector.nulls)
  if (vector.kind === 'string') placeStrings(buffer, vector, values, heap)
  else if (vector.kind === 'bigint') new BigInt64Array(buffer, values, rows).set(vector.values)
  else if (physicalTypeOf(type) === 'double') new Float64Array(buffer, values, rows).set(vector.values)
  else placeIntegers(new Int32Array(buffer, values, rows * 2), vector.values)
  const nullCount = zeroNulls(buffer, values, vector)
  return { type, rows, values, nulls, nullCount }
}

/** Safe integers as i64, little-endian. */
function placeIntegers(words: Int32Array, integers: Float64Array): void {
  for (let row = 0; row < integers.length; row++) {
    const integer = integers[row]!
    const high = Math.floor(integer / two32)
    words[2 * row] = integer - high * two32
    words[2 * row + 1] = high
  }
}

function placeStrings(buffer: ArrayBuffer, vector: StringVector, values: number, heap: number): void {
  const { codes, offsets, bytes, rows } = vector
  new Uint8Array(buffer, heap, bytes.length).set(bytes)
  const words = new Uint32Array(buffer, values, rows * 2)
  for (let row = 0; row < rows; row++) {
    const entry = codes === null ? row : codes[row]!
    words[2 * row] = heap + offsets[entry]!
    words[2 * row + 1] = offsets[entry + 1]! - offsets[entry]!
  }
}

/** The lane of a null is 0. Returns how many there are. */
function zeroNulls(buffer: ArrayBuffer, values: number, { nulls, rows }: Vector): number {
  if (nulls === null) return 0
  const words = new Uint32Array(buffer, values, rows * 2)
  let count = 0
  for (let row = 0; row < rows; row++) {
    if (nulls[row] !== 1) continue
    words[2 * row] = 0
    words[2 * row + 1] = 0
    count++
  }
  return count
}
