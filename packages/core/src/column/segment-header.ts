/** The header of a segment's content, and whether it is that of the segment its descriptor says. */
import { segmentRowsMax } from '../limits.js'
import { physicalTypeOf, typeCode } from '../types/index.js'
import { corrupt } from './encodings/context.js'
import { bitmapBytes, hasValidity, segmentHeaderBytes } from './layout.js'
import { type Encoding, encodings, type SegmentDescriptor } from './segment.js'

/** Encodings that a type may have. */
const encodingsOf: Record<'int' | 'double' | 'string', readonly Encoding[]> = {
  int: ['constant', 'bitPacked', 'delta', 'bitmap'],
  double: ['constant', 'decimal', 'plainDouble'],
  string: ['constant', 'dictionary', 'plain'],
}

/** Checks what a descriptor says about itself, before anything is allocated for it. */
export function checkDescriptor(descriptor: SegmentDescriptor, place: string): void {
  const { rows, nullCount, type, encoding, contentBytes } = descriptor
  if (rows > segmentRowsMax) throw corrupt(place, `${rows} rows of a segment, more than ${segmentRowsMax}`)
  if (nullCount > rows) throw corrupt(place, `${nullCount} nulls among ${rows} rows`)
  if (!encodingsOf[physicalTypeOf(type)].includes(encoding)) {
    throw corrupt(place, `the encoding ${encoding} for a column of type ${type}`)
  }
  if (encoding === 'constant') {
    const { kind } = descriptor.stats
    const expected = nullCount === rows ? 'none' : physicalTypeOf(type)
    if (kind !== expected || (nullCount !== 0 && nullCount !== rows) || contentBytes !== 0) {
      throw corrupt(
        place,
        `a constant ${type} segment with statistics of kind ${kind}, ${nullCount} nulls, ${contentBytes} bytes`,
      )
    }
  } else if (contentBytes < segmentHeaderBytes) {
    throw corrupt(place, `a segment of ${contentBytes} bytes`)
  }
}

/** What the header adds to the descriptor. */
export interface SegmentHeader {
  /** Offset of the body. */
  readonly bodyOffset: number
  /** Of a decimal segment; else 0. */
  readonly scale: number
}

/**
 * Reads the header of `content` and compares it with the descriptor. The validity bitmap is within the
 * content.
 */
export function openSegment(descriptor: SegmentDescriptor, content: DataView, place: string): SegmentHeader {
  const { rows, nullCount, contentBytes } = descriptor
  const validity = nullCount > 0
  const found = [
    content.getUint8(0),
    content.getUint8(1),
    content.getUint8(2),
    content.getUint32(4, true),
    content.getUint32(8, true),
    content.getUint32(12, true),
  ]
  const expected = [
    encodings[descriptor.encoding],
    typeCode(descriptor.type),
    validity ? hasValidity : 0,
    rows,
    nullCount,
    contentBytes,
  ]
  if (found.join() !== expected.join()) {
    throw corrupt(
      place,
      `the segment header says (${found.join(', ')}) and the descriptor (${expected.join(', ')}) ` +
        'for encoding, type, flags, rows, nulls, bytes',
    )
  }
  const bodyOffset = segmentHeaderBytes + (validity ? bitmapBytes(rows) : 0)
  if (bodyOffset > contentBytes) throw corrupt(place, 'the validity bitmap reaches behind the segment')
  return { bodyOffset, scale: content.getUint8(3) }
}
