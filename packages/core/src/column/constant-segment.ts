/** `constant`: all values are equal, or all are null. There is no content: the value is in the statistics. */
import type { Arena } from '../memory/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { ColumnBuffer } from './column-buffer.js'
import { laneBytes } from './column-buffer.js'
import { allExact } from './int-range.js'
import type { SegmentDescriptor } from './segment.js'
import type { Vector } from './vector.js'

/** The vector of a constant segment. */
export function constantVector(descriptor: SegmentDescriptor): Vector {
  const { type, rows, stats } = descriptor
  const nulls = stats.kind === 'none' && rows > 0 ? new Uint8Array(rows).fill(1) : null
  if (physicalTypeOf(type) === 'string') {
    const value = stats.kind === 'string' ? stats.min : new Uint8Array(0)
    const offsets = new Uint32Array([0, value.length])
    return { kind: 'string', type, rows, codes: new Uint32Array(rows), offsets, bytes: value.slice(), nulls }
  }
  if (stats.kind === 'int' && !allExact(stats)) {
    return { kind: 'bigint', type, rows, values: new BigInt64Array(rows).fill(stats.min), nulls }
  }
  const value = stats.kind === 'int' ? Number(stats.min) : stats.kind === 'double' ? stats.min : 0
  return { kind: 'number', type, rows, values: new Float64Array(rows).fill(value), nulls }
}

/** Fills the lanes of `buffer`, which lie in `arena`; a string's bytes are allocated from it. */
export function constantLanes(descriptor: SegmentDescriptor, arena: Arena, buffer: ColumnBuffer): void {
  const { rows, stats } = descriptor
  const text = stats.kind === 'string' ? arena.allocate(stats.min.length + laneBytes) : 0
  const lanes = new BigInt64Array(arena.memory.buffer, buffer.values, rows)
  arena.bytes.fill(stats.kind === 'none' ? 1 : 0, buffer.nulls, buffer.nulls + rows)
  switch (stats.kind) {
    case 'none':
      lanes.fill(0n)
      return
    case 'int':
      lanes.fill(stats.min)
      return
    case 'double':
      new Float64Array(lanes.buffer, buffer.values, rows).fill(stats.min)
      return
    case 'string':
      arena.bytes.set(stats.min, text)
      lanes.fill(BigInt(text) | (BigInt(stats.min.length) << 32n))
  }
}
