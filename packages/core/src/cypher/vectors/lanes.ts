/** Vectors made of single values: literals, parameters, results computed row by row. */
import { type LogicalType, physicalTypeOf } from '../../types/index.js'
import { bytesVector, numberVector, stringVector, type Vector, type WorkVector } from './vector.js'

/** A vector of these lanes (BOOL as 0 or 1, DATE in days, integers beyond 2^53 as bigint). */
export function vectorOfLanes(
  type: LogicalType,
  lanes: readonly (number | bigint | string | null)[],
): Vector {
  if (type === 'STRING') return stringVector(lanes as readonly (string | null)[])
  if (physicalTypeOf(type) === 'string') return bytesVector(type, lanes as readonly (string | null)[])
  const rows = lanes.length
  let nulls: Uint8Array | null = null
  let wide = false
  for (let row = 0; row < rows; row++) {
    const lane = lanes[row]
    if (typeof lane === 'bigint') wide = true
    else if (lane === null) {
      nulls ??= new Uint8Array(rows)
      nulls[row] = 1
    }
  }
  if (wide) {
    const values = BigInt64Array.from(lanes, (lane) => BigInt(lane ?? 0))
    return { kind: 'bigint', type, rows, values, nulls }
  }
  return numberVector(
    type,
    Float64Array.from(lanes, (lane) => Number(lane ?? 0)),
    nulls,
  )
}

/** A vector that holds one lane in every row. */
export function constantVector(type: LogicalType, lane: number | bigint | string, rows: number): WorkVector {
  if (typeof lane === 'bigint') {
    return { kind: 'bigint', type, rows, values: new BigInt64Array(rows).fill(lane), nulls: null }
  }
  if (typeof lane === 'number') return numberVector(type, new Float64Array(rows).fill(lane), null)
  const one = bytesVector(type, [lane])
  return { ...one, rows, codes: new Uint32Array(rows) }
}
