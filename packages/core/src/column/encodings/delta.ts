/**
 * `delta`: the differences of neighbours, bit-packed. For sorted keys; a constant stride takes no bits at
 * all.
 */
import { deltaEntryBytes, miniblocksOf } from '../layout.js'
import type { IntSummary } from '../summary.js'
import { requireSound, requireWithin, type SegmentReader, type SegmentWriter } from './context.js'

/** Bytes of the body. */
export function deltaBytes(rows: number, summary: IntSummary): number {
  return miniblocksOf(rows) * deltaEntryBytes + summary.deltaBytes
}

/** Writes the lanes at `lanes`, whose summary is at `summary`; returns the end. */
export function writeDelta(writer: SegmentWriter, lanes: number, summary: number): number {
  const { kernels, rows, content, body, residuals } = writer
  const bits = body + miniblocksOf(rows) * deltaEntryBytes
  // Addresses come back signed.
  return kernels.packDeltas(lanes, rows, summary, body, content, bits, residuals) >>> 0
}

/** Reads into the integer lanes at `out`. */
export function readDelta(reader: SegmentReader, out: number): void {
  const { kernels, rows, content, contentBytes, body } = reader
  requireWithin(reader, body, miniblocksOf(rows) * deltaEntryBytes, 'the directory')
  requireSound(reader, kernels.unpackDeltas(body, rows, content, contentBytes, out), 'differences')
}
