/**
 * Encodes columns into segments.
 *
 * Invariants
 * - The encoding is chosen from the data, the same for the same data: by size, and the size of each candidate
 *   is known exactly. Whether a heap of strings is compressed too is decided from a sample of it.
 * - The lane of a null is never read as a value.
 * - Scratch comes from the arena and is given back: at most `encodeScratchBytes(rows)`.
 * - Bytes of the content are a function of the column alone.
 */
import { assert } from '../errors/index.js'
import { segmentRowsMax } from '../limits.js'
import type { Arena } from '../memory/index.js'
import { physicalTypeOf, typeCode } from '../types/index.js'
import type { ColumnBuffer } from './column-buffer.js'
import { planDoubles, planInts } from './encode-numbers.js'
import { planStrings, stringScratchBytes } from './encode-strings.js'
import type { EncodeContext, EncodingPlan } from './encoding-plan.js'
import type { ColumnKernels } from './kernels.js'
import {
  bitmapBytes,
  hasValidity,
  kernelSlackBytes,
  lanesBytes,
  residualBytes,
  segmentHeaderBytes,
} from './layout.js'
import { encodings, type SegmentDescriptor } from './segment.js'
import { summaryBytes } from './summary.js'

/** A segment that has not been given its pages yet. */
export type EncodedSegment = Omit<SegmentDescriptor, 'firstPage' | 'checksums'>

/** Scratch that `encode` takes from the arena for a column of `rows` rows, at most. */
export function encodeScratchBytes(rows: number): number {
  const numbers = 2 * lanesBytes(rows) + summaryBytes(rows)
  const alignment = 8 * 16
  return Math.max(numbers, stringScratchBytes(rows)) + residualBytes + alignment
}

export class SegmentEncoder {
  readonly #context: EncodeContext

  constructor(arena: Arena, kernels: ColumnKernels) {
    this.#context = { arena, kernels }
  }

  /**
   * Encodes `buffer` into the `capacity` bytes at address `out` of the same memory.
   * @returns the segment, or null when its content and `kernelSlackBytes` bytes more do not fit
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when the arena cannot give the scratch
   */
  encode(buffer: ColumnBuffer, out: number, capacity: number): EncodedSegment | null {
    const { rows, nullCount } = buffer
    assert(rows <= segmentRowsMax, `${rows} rows of a segment ≤ ${segmentRowsMax}`)
    assert(nullCount <= rows, `${nullCount} nulls among ${rows} rows`)
    const { arena } = this.#context
    const mark = arena.mark()
    try {
      const plan = this.#plan(buffer)
      const facts = {
        type: buffer.type,
        encoding: plan.encoding,
        rows,
        nullCount,
        strictlyIncreasing: plan.strictlyIncreasing,
        stats: plan.stats,
      }
      if (plan.encoding === 'constant') return { ...facts, contentBytes: 0 }
      const validityBytes = nullCount > 0 ? bitmapBytes(rows) : 0
      const contentBytesMin = segmentHeaderBytes + validityBytes + plan.bodyBytes
      if (contentBytesMin + kernelSlackBytes > capacity) return null
      const contentBytes = this.#write(buffer, plan, out, out + capacity - kernelSlackBytes)
      return contentBytes === null ? null : { ...facts, contentBytes }
    } finally {
      arena.release(mark)
    }
  }

  #plan(buffer: ColumnBuffer): EncodingPlan {
    if (buffer.nullCount === buffer.rows) {
      return {
        encoding: 'constant',
        stats: { kind: 'none' },
        strictlyIncreasing: buffer.rows === 0,
        scale: 0,
        bodyBytes: 0,
        write: (writer) => writer.body,
      }
    }
    switch (physicalTypeOf(buffer.type)) {
      case 'int':
        return planInts(this.#context, buffer)
      case 'double':
        return planDoubles(this.#context, buffer)
      case 'string':
        return planStrings(this.#context, buffer)
    }
  }

  /** Writes the content at `out` and returns its size, or null when it does not end before `limit`. */
  #write(buffer: ColumnBuffer, plan: EncodingPlan, out: number, limit: number): number | null {
    const { arena, kernels } = this.#context
    const { rows, nullCount } = buffer
    const residuals = arena.allocate(residualBytes)
    const view = new DataView(arena.memory.buffer)
    view.setUint8(out, encodings[plan.encoding])
    view.setUint8(out + 1, typeCode(buffer.type))
    view.setUint8(out + 2, nullCount > 0 ? hasValidity : 0)
    view.setUint8(out + 3, plan.scale)
    view.setUint32(out + 4, rows, true)
    view.setUint32(out + 8, nullCount, true)
    let body = out + segmentHeaderBytes
    if (nullCount > 0) {
      kernels.packValidity(buffer.nulls, rows, body)
      body += bitmapBytes(rows)
    }
    const end = plan.write({ kernels, view, content: out, body, rows, limit, residuals })
    if (end === null) return null
    assert(end >= body + plan.bodyBytes && end <= limit, `a body from ${body} to ${end}, limit ${limit}`)
    view.setUint32(out + 12, end - out, true)
    return end - out
  }
}
