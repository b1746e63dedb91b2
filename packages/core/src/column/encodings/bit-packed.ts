/** `bitPacked`: integers over a base, in as many bits as the widest of their miniblock needs. */
import { miniblocksOf, packedEntryBytes } from '../layout.js'
import type { IntSummary } from '../summary.js'
import { requireSound, requireWithin, type SegmentReader, type SegmentWriter } from './context.js'

/** Bytes of the body. */
export function bitPackedBytes(rows: number, summary: IntSummary): number {
  return miniblocksOf(rows) * packedEntryBytes + summary.packedBytes
}

/** Writes the lanes at `lanes`, whose summary is at `summary`; returns the end. */
export function writeBitPacked(writer: SegmentWriter, lanes: number, summary: number): number {
  const { kernels, rows, content, body, residuals } = writer
  const bits = body + miniblocksOf(rows) * packedEntryBytes
  // Addresses come back signed.
  return kernels.packInts(lanes, rows, summary, body, content, bits, residuals) >>> 0
}

/** Reads into the integer lanes at `out`. */
export function readBitPacked(reader: SegmentReader, out: number): void {
  const { kernels, rows, content, contentBytes, body } = reader
  requireWithin(reader, body, miniblocksOf(rows) * packedEntryBytes, 'the directory')
  requireSound(reader, kernels.unpackInts(body, rows, content, contentBytes, out), 'bit-packed integers')
}
