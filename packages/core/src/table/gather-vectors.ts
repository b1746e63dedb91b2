/** Picks rows of several vectors of one type into a new one. */
import type { StringVector, Vector } from '../column/index.js'
import { assert } from '../errors/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'

/**
 * Row i of the result is row `rows[i]` of `sources[picked[i]]`.
 * Where some sources hold numbers and others bigints, the result holds bigints.
 */
export function gatherVectors(
  type: LogicalType,
  sources: readonly Vector[],
  picked: Uint32Array,
  rows: Uint32Array,
): Vector {
  const nulls = gatherNulls(sources, picked, rows)
  if (physicalTypeOf(type) === 'string') return gatherStrings(type, sources, picked, rows, nulls)
  const count = rows.length
  if (sources.some((source) => source.kind === 'bigint')) {
    const values = new BigInt64Array(count)
    for (let at = 0; at < count; at++) {
      const source = sources[picked[at]!]!
      assert(source.kind !== 'string', `a string vector in a column of ${type}`)
      if (nulls === null || nulls[at] === 0) values[at] = BigInt(source.values[rows[at]!]!)
    }
    return { kind: 'bigint', type, rows: count, values, nulls }
  }
  const values = new Float64Array(count)
  for (let at = 0; at < count; at++) {
    const source = sources[picked[at]!]!
    assert(source.kind === 'number', `a ${source.kind} vector in a column of ${type}`)
    values[at] = source.values[rows[at]!]!
  }
  return { kind: 'number', type, rows: count, values, nulls }
}

function gatherNulls(sources: readonly Vector[], picked: Uint32Array, rows: Uint32Array): Uint8Array | null {
  if (sources.every((source) => source.nulls === null)) return null
  const nulls = new Uint8Array(rows.length)
  for (let at = 0; at < rows.length; at++) nulls[at] = sources[picked[at]!]!.nulls?.[rows[at]!] ?? 0
  return nulls
}

function gatherStrings(
  type: LogicalType,
  sources: readonly Vector[],
  picked: Uint32Array,
  rows: Uint32Array,
  nulls: Uint8Array | null,
): StringVector {
  const count = rows.length
  const offsets = new Uint32Array(count + 1)
  for (let at = 0; at < count; at++) {
    const source = sources[picked[at]!]!
    assert(source.kind === 'string', `a ${source.kind} vector in a column of ${type}`)
    const row = rows[at]!
    const entry = source.codes === null ? row : source.codes[row]!
    const isNull = nulls !== null && nulls[at] === 1
    offsets[at + 1] = offsets[at]! + (isNull ? 0 : source.offsets[entry + 1]! - source.offsets[entry]!)
  }
  const bytes = new Uint8Array(offsets[count]!)
  for (let at = 0; at < count; at++) {
    if (offsets[at + 1] === offsets[at]) continue
    const source = sources[picked[at]!] as StringVector
    const row = rows[at]!
    const entry = source.codes === null ? row : source.codes[row]!
    bytes.set(source.bytes.subarray(source.offsets[entry]!, source.offsets[entry + 1]!), offsets[at]!)
  }
  return { kind: 'string', type, rows: count, codes: null, offsets, bytes, nulls }
}
