/**
 * Choosing how integers and doubles are written: each candidate's exact size is known from one pass over the
 * lanes.
 *
 * Runs on the thread that owns the arena. Scratch is taken here and given back by the caller, who holds the
 * mark.
 */

import type { ColumnBuffer } from './column-buffer.js'
import type { EncodeContext, EncodingPlan } from './encoding-plan.js'
import { bitPackedBytes, writeBitPacked } from './encodings/bit-packed.js'
import { writeBitmap } from './encodings/bitmap.js'
import { toDecimals } from './encodings/decimal.js'
import { deltaBytes, writeDelta } from './encodings/delta.js'
import { plainDoubleBytes, writePlainDouble } from './encodings/plain-double.js'
import { bitmapBytes, lanesBytes } from './layout.js'
import { readDoubleSummary, readIntSummary, summaryBytes } from './summary.js'

/** The lanes to be packed: those of the buffer, or a copy in which nulls hold what packs best. */
function lanesWithoutNulls(context: EncodeContext, buffer: ColumnBuffer): number {
  if (buffer.nullCount === 0) return buffer.values
  const filled = context.arena.allocate(lanesBytes(buffer.rows))
  context.kernels.fillNulls(buffer.values, buffer.nulls, buffer.rows, filled)
  return filled
}

/** Plans a column of an integer type with at least one value. */
export function planInts(context: EncodeContext, buffer: ColumnBuffer): EncodingPlan {
  const { arena, kernels } = context
  const { rows } = buffer
  const lanes = lanesWithoutNulls(context, buffer)
  const at = arena.allocate(summaryBytes(rows))
  kernels.analyzeInts(lanes, rows, at)
  const summary = readIntSummary(new DataView(arena.memory.buffer), at)
  const facts = {
    stats: { kind: 'int', min: summary.min, max: summary.max },
    strictlyIncreasing: summary.strictlyIncreasing && buffer.nullCount === 0,
    scale: 0,
  } as const
  if (summary.min === summary.max && buffer.nullCount === 0) {
    return { ...facts, encoding: 'constant', bodyBytes: 0, write: (writer) => writer.body }
  }
  if (buffer.type === 'BOOL') {
    return {
      ...facts,
      encoding: 'bitmap',
      bodyBytes: bitmapBytes(rows),
      write: (writer) => writeBitmap(writer, lanes),
    }
  }
  const packed = bitPackedBytes(rows, summary)
  const delta = deltaBytes(rows, summary)
  if (delta < packed) {
    return { ...facts, encoding: 'delta', bodyBytes: delta, write: (writer) => writeDelta(writer, lanes, at) }
  }
  return {
    ...facts,
    encoding: 'bitPacked',
    bodyBytes: packed,
    write: (writer) => writeBitPacked(writer, lanes, at),
  }
}

/** Plans a DOUBLE column with at least one value. */
export function planDoubles(context: EncodeContext, buffer: ColumnBuffer): EncodingPlan {
  const { arena, kernels } = context
  const { rows } = buffer
  const lanes = lanesWithoutNulls(context, buffer)
  const at = arena.allocate(summaryBytes(rows))
  kernels.analyzeDoubles(lanes, rows, at)
  const view = new DataView(arena.memory.buffer)
  const { min, max, constant } = readDoubleSummary(view, at)
  // All NaN: nothing to compare with, and nothing a constant could keep.
  const allNaN = min > max
  if (constant && buffer.nullCount === 0 && !allNaN) {
    // The lane, not the summary: it knows −0 from 0.
    const value = view.getFloat64(lanes, true)
    const stats = { kind: 'double', min: value, max: value } as const
    return {
      stats,
      strictlyIncreasing: false,
      scale: 0,
      encoding: 'constant',
      bodyBytes: 0,
      write: (writer) => writer.body,
    }
  }
  const stats = allNaN ? ({ kind: 'none' } as const) : ({ kind: 'double', min, max } as const)
  const facts = { stats, strictlyIncreasing: false }
  const mantissas = arena.allocate(lanesBytes(rows))
  const scale = toDecimals(kernels, lanes, rows, mantissas)
  if (scale >= 0) {
    kernels.analyzeInts(mantissas, rows, at)
    const packed = bitPackedBytes(rows, readIntSummary(new DataView(arena.memory.buffer), at))
    if (packed < plainDoubleBytes(rows)) {
      const write: EncodingPlan['write'] = (writer) => writeBitPacked(writer, mantissas, at)
      return { ...facts, scale, encoding: 'decimal', bodyBytes: packed, write }
    }
  }
  return {
    ...facts,
    scale: 0,
    encoding: 'plainDouble',
    bodyBytes: plainDoubleBytes(rows),
    write: (writer) => writePlainDouble(writer, lanes),
  }
}
