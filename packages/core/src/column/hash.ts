/** The 64-bit hash of keys (the function is described in `assembly/hash.ts`): of a column, or of one key. */
import type { Arena } from '../memory/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import { bytesOfLane } from '../values/index.js'
import { type ColumnBuffer, laneBytes } from './column-buffer.js'
import type { ColumnKernels } from './kernels.js'

/**
 * Writes one u64 a row at `out`: the hash of the lane's integer (or a double's bits), or of the string's
 * bytes; nulls 0.
 */
export function hashLanes(kernels: ColumnKernels, buffer: ColumnBuffer, out: number): void {
  const nulls = buffer.nullCount === 0 ? 0 : buffer.nulls
  if (physicalTypeOf(buffer.type) === 'string') kernels.hashStrings(buffer.values, nulls, buffer.rows, out)
  else kernels.hashInts(buffer.values, nulls, buffer.rows, out)
}

/** The halves of a 64-bit hash, unsigned. */
export interface KeyHash {
  readonly low: number
  readonly high: number
}

/**
 * The hash that `hashLanes` gives a row with this key. `value`: the lane's bigint for integer types, for all
 * others a string (`values/bytes-text.ts`).
 */
export function hashKey(
  kernels: ColumnKernels,
  arena: Arena,
  type: LogicalType,
  value: bigint | string,
): KeyHash {
  const mark = arena.mark()
  try {
    const text = typeof value === 'string' ? bytesOfLane(type, value) : null
    const values = arena.allocate(laneBytes)
    const hash = arena.allocate(laneBytes)
    const bytes = arena.allocate(text === null ? 0 : text.length)
    const view = new DataView(arena.memory.buffer)
    if (text === null) {
      view.setBigInt64(values, BigInt(value), true)
    } else {
      arena.bytes.set(text, bytes)
      view.setUint32(values, bytes, true)
      view.setUint32(values + 4, text.length, true)
    }
    hashLanes(kernels, { type, rows: 1, values, nulls: 0, nullCount: 0 }, hash)
    return { low: view.getUint32(hash, true), high: view.getUint32(hash + 4, true) }
  } finally {
    arena.release(mark)
  }
}
