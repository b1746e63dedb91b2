/**
 * Encodes column buffers into sealed page runs, one behind the other in a target outside the arena.
 * Used by the node batch encoder (target: a slot) and the CSR build (target: a buffer of the writer).
 */
import { type ColumnBuffer, kernelSlackBytes, type SegmentDescriptor } from '../column/index.js'
import { runPagesOf, sealRun } from '../format/index.js'
import { pageBytes, rowGroupRowsMax } from '../limits.js'
import { physicalTypeOf } from '../types/index.js'
import type { WorkingMemory } from './working-memory.js'

/** Room for what an encoding writes before and behind its values (headers, dictionaries' ends, alignment). */
const encodingSlackBytes = 8192

/** Bytes that the encoded form of `column` can take at most, slack included. */
export function encodedBytesMax(memory: WorkingMemory, column: ColumnBuffer): number {
  const lanes = column.rows * 9 + encodingSlackBytes
  return physicalTypeOf(column.type) === 'string'
    ? lanes + memory.kernels.sumStringBytes(column.values, column.rows)
    : lanes
}

/**
 * Encodes `column` to `target` from byte `at` (a multiple of a page) on, sealed.
 * @param firstPage the page number that byte `at` of the target will have
 * @returns the descriptor and the pages taken, or null when it does not fit
 */
export function encodeSegment(
  memory: WorkingMemory,
  column: ColumnBuffer,
  target: Uint8Array,
  at: number,
  firstPage: number,
): { descriptor: SegmentDescriptor; pages: number } | null {
  const { arena, encoder } = memory
  const left = target.length - at
  const mark = arena.mark()
  try {
    const capacity = Math.min(left + kernelSlackBytes, encodedBytesMax(memory, column))
    const out = arena.allocate(capacity)
    const encoded = encoder.encode(column, out, capacity)
    if (encoded === null) return null
    if (encoded.contentBytes === 0) {
      return { descriptor: { ...encoded, firstPage: 0, checksums: new Uint32Array(0) }, pages: 0 }
    }
    const pages = runPagesOf(encoded.contentBytes)
    if (pages * pageBytes > left) return null
    target.set(new Uint8Array(arena.memory.buffer, out, encoded.contentBytes), at)
    const checksums = sealRun(target.subarray(at, at + pages * pageBytes), encoded.contentBytes)
    return { descriptor: { ...encoded, firstPage, checksums }, pages }
  } finally {
    arena.release(mark)
  }
}

/** Rows start … start + rows − 1 of `column`; `start` is a multiple of `rowGroupRowsMax`. */
export function sliceColumn(
  memory: WorkingMemory,
  column: ColumnBuffer,
  start: number,
  rows: number,
): ColumnBuffer {
  if (start === 0 && rows === column.rows) return column
  const nulls = column.nulls + start
  return {
    type: column.type,
    rows,
    values: column.values + start * 8,
    nulls,
    nullCount: column.nullCount === 0 ? 0 : memory.kernels.countOnes(nulls, rows),
  }
}

/** Splits `rows` into row groups: all but the last have `rowGroupRowsMax` rows. */
export function rowGroupCount(rows: number): number {
  return Math.ceil(rows / rowGroupRowsMax)
}
