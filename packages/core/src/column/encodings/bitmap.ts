/** `bitmap`: booleans, one bit each. */
import { bitmapBytes } from '../layout.js'
import { requireWithin, type SegmentReader, type SegmentWriter } from './context.js'

/** Writes the lanes at `lanes`; returns the end. */
export function writeBitmap(writer: SegmentWriter, lanes: number): number {
  writer.kernels.packBools(lanes, writer.rows, writer.body)
  return writer.body + bitmapBytes(writer.rows)
}

/** Reads into the integer lanes at `out`. */
export function readBitmap(reader: SegmentReader, out: number): void {
  requireWithin(reader, reader.body, bitmapBytes(reader.rows), 'the bitmap')
  reader.kernels.unpackBools(reader.body, reader.rows, out)
}
