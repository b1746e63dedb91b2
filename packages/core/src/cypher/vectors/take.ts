/** Parts of vectors: a range of rows, or rows by index. Strings are never copied, only referred to. */
import { numberVector, type StringVector, type WorkVector } from './vector.js'

/** Rows [start, end). Shares the values. */
export function sliceVector<V extends WorkVector>(vector: V, start: number, end: number): V
export function sliceVector(vector: WorkVector, start: number, end: number): WorkVector {
  if (start === 0 && end === vector.rows) return vector
  const rows = end - start
  const nulls = vector.nulls === null ? null : vector.nulls.subarray(start, end)
  switch (vector.kind) {
    case 'number':
      return numberVector(vector.type, vector.values.subarray(start, end), nulls)
    case 'bigint':
      return { ...vector, rows, values: vector.values.subarray(start, end), nulls }
    case 'string':
      if (vector.codes !== null) {
        return { ...vector, rows, codes: vector.codes.subarray(start, end), nulls }
      }
      return { ...vector, rows, offsets: vector.offsets.subarray(start, end + 1), nulls }
    case 'list':
      return { ...vector, rows, values: vector.values.slice(start, end), nulls }
  }
}

/** Row i of the result is row `indices[i]`, for the first `count` indices. */
export function takeRows(vector: WorkVector, indices: Uint32Array, count: number): WorkVector {
  const nulls = vector.nulls === null ? null : takeNulls(vector.nulls, indices, count)
  switch (vector.kind) {
    case 'number': {
      const { values } = vector
      const taken = new Float64Array(count)
      for (let row = 0; row < count; row++) taken[row] = values[indices[row]!]!
      return numberVector(vector.type, taken, nulls)
    }
    case 'bigint': {
      const { values } = vector
      const taken = new BigInt64Array(count)
      for (let row = 0; row < count; row++) taken[row] = values[indices[row]!]!
      return { ...vector, rows: count, values: taken, nulls }
    }
    case 'string':
      return { ...vector, rows: count, codes: takeCodes(vector, indices, count), nulls }
    case 'list': {
      const taken = new Array<readonly unknown[]>(count)
      for (let row = 0; row < count; row++) taken[row] = vector.values[indices[row]!]!
      return { ...vector, rows: count, values: taken, nulls }
    }
  }
}

function takeNulls(nulls: Uint8Array, indices: Uint32Array, count: number): Uint8Array | null {
  const taken = new Uint8Array(count)
  let any = 0
  for (let row = 0; row < count; row++) {
    const isNull = nulls[indices[row]!]!
    taken[row] = isNull
    any |= isNull
  }
  return any === 0 ? null : taken
}

function takeCodes(vector: StringVector, indices: Uint32Array, count: number): Uint32Array {
  const { codes } = vector
  if (codes === null) return indices.slice(0, count)
  const taken = new Uint32Array(count)
  for (let row = 0; row < count; row++) taken[row] = codes[indices[row]!]!
  return taken
}
