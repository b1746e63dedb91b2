/** `plainDouble`: doubles as they are, 8 bytes each. */
import { laneBytes } from '../column-buffer.js'
import { requireWithin, type SegmentReader, type SegmentWriter } from './context.js'

/** Bytes of the body. */
export function plainDoubleBytes(rows: number): number {
  return rows * laneBytes
}

/** Writes the lanes at `lanes`; returns the end. */
export function writePlainDouble(writer: SegmentWriter, lanes: number): number {
  const bytes = new Uint8Array(writer.view.buffer)
  bytes.copyWithin(writer.body, lanes, lanes + plainDoubleBytes(writer.rows))
  return writer.body + plainDoubleBytes(writer.rows)
}

/** Reads into the double lanes at `out`. */
export function readPlainDouble(reader: SegmentReader, out: number): void {
  const bytes = plainDoubleBytes(reader.rows)
  requireWithin(reader, reader.body, bytes, 'the doubles')
  reader.arena.bytes.copyWithin(out, reader.body, reader.body + bytes)
}
