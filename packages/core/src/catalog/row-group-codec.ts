/**
 * Row groups as bytes, for the catalog and for the log, and what describes their segments in memory: the same
 * bytes. A descriptor is some dozens of bytes there, and as an object ten times as much; of a table of a
 * thousand columns there are a thousand for every few megabytes.
 *
 * | row group   | rows u32 · segment count u32 · descriptors (`segment-codec.ts`)                                          |
 */
import type { SegmentDescriptor } from '../column/index.js'
import { ByteReader, ByteWriter, keepBytes, keepWords } from '../format/index.js'
import { columnsMax } from '../limits.js'
import type { RowGroup, SegmentList } from './model.js'
import {
  DescriptorReader,
  descriptorBytesMin,
  readDescriptor,
  type SegmentFacts,
  writeDescriptor,
} from './segment-codec.js'

/** Bytes of the smallest row group. */
export const rowGroupBytesMin = 4 + 4

/** Segments of a row group: the columns, and before them the neighbour of a relationship. */
const segmentsMax = columnsMax + 1

const source = { file: 'The database', what: 'a row group in memory' }

/** Descriptors as bytes. One that is asked for by its number is made once, and is the same ever after. */
export class PackedSegments implements SegmentList {
  readonly bytes: Uint8Array
  /** Where each begins, and behind them where they end. */
  readonly #starts: Uint32Array
  #asked: Map<number, SegmentDescriptor> | null = null

  private constructor(bytes: Uint8Array, starts: Uint32Array) {
    this.bytes = bytes
    this.#starts = keepWords(starts)
  }

  static of(segments: readonly SegmentDescriptor[]): PackedSegments {
    return PackedSegments.#scan(keepBytes(descriptorBytes(segments)), 0)
  }

  /** Those of a row group whose page 0 has become page `base` of the file. */
  static placed({ descriptors }: UnplacedRowGroup, base: number): PackedSegments {
    return PackedSegments.#scan(keepBytes(descriptors), base)
  }

  /**
   * Reads so many: they stay where they are, in the bytes of the reader.
   * @throws MillraceError `MILLRACE_CORRUPT` when one makes no sense
   */
  static read(reader: ByteReader, count: number): PackedSegments {
    const first = reader.position
    const starts = new Uint32Array(count + 1)
    const descriptor = new DescriptorReader(reader)
    for (let index = 0; index < count; index++) {
      descriptor.next()
      descriptor.checkPlace()
      descriptor.skipRest()
      starts[index + 1] = reader.position - first
    }
    return new PackedSegments(reader.bytesSince(first), starts)
  }

  /** Takes `bytes` over, and moves the pages in them by `base`. */
  static #scan(bytes: Uint8Array, base: number): PackedSegments {
    const starts = [0]
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const reader = new ByteReader(bytes, source)
    const descriptor = new DescriptorReader(reader)
    while (reader.remaining > 0) {
      descriptor.next()
      descriptor.skipRest()
      if (base > 0 && descriptor.contentBytes > 0) {
        view.setUint32(descriptor.firstPageAt, descriptor.firstPage + base, true)
      }
      starts.push(reader.position)
    }
    return new PackedSegments(bytes, Uint32Array.from(starts))
  }

  get length(): number {
    return this.#starts.length - 1
  }

  at(index: number): SegmentDescriptor | undefined {
    if (index < 0 || index >= this.length) return undefined
    const asked = this.#asked?.get(index)
    if (asked !== undefined) return asked
    const segment = this.anew(index)
    this.#asked ??= new Map()
    this.#asked.set(index, segment)
    return segment
  }

  /** All of them. Those that were not asked for are made anew. */
  *[Symbol.iterator](): Generator<SegmentDescriptor, undefined> {
    for (let index = 0; index < this.length; index++) yield this.#asked?.get(index) ?? this.anew(index)
  }

  /** What is known of each: the same object every time, valid until the next. */
  *facts(): Generator<SegmentFacts, undefined> {
    const reader = new ByteReader(this.bytes, source)
    const descriptor = new DescriptorReader(reader)
    for (let index = 0; index < this.length; index++) {
      descriptor.next()
      descriptor.skipRest()
      yield descriptor
    }
  }

  /** The descriptor of that number, which must be one: not the one that others get, and not kept. */
  anew(index: number): SegmentDescriptor {
    const bytes = this.bytes.subarray(this.#starts[index]!, this.#starts[index + 1]!)
    return readDescriptor(new ByteReader(bytes, source))
  }
}

function descriptorBytes(segments: Iterable<SegmentDescriptor>): Uint8Array {
  const writer = new ByteWriter()
  for (const segment of segments) writeDescriptor(writer, segment)
  return writer.finish()
}

/**
 * A row group whose pages have no place in the file yet: they count from 0. A plain value, with a buffer of
 * its own: it can be posted to a thread.
 */
export interface UnplacedRowGroup {
  readonly rows: number
  /** One behind the other. */
  readonly descriptors: Uint8Array
}

export function unplacedRowGroup(rows: number, segments: Iterable<SegmentDescriptor>): UnplacedRowGroup {
  return { rows, descriptors: descriptorBytes(segments).slice() }
}

/** What is known of one segment, where no descriptor of it is to stay; undefined when there is none. */
export function factsOf(segments: SegmentList, index: number): SegmentFacts | undefined {
  if (!(segments instanceof PackedSegments)) return segments.at(index)
  return index < 0 || index >= segments.length ? undefined : segments.anew(index)
}

/** What is known of each segment, without its checksums and statistics: valid until the next. */
export function segmentFacts(segments: SegmentList): Iterable<SegmentFacts> {
  return segments instanceof PackedSegments ? segments.facts() : segments
}

export function writeRowGroup(writer: ByteWriter, { rows, segments }: RowGroup): void {
  writer.u32(rows).u32(segments.length)
  if (segments instanceof PackedSegments) writer.bytes(segments.bytes)
  else for (const segment of segments) writeDescriptor(writer, segment)
}

export function readRowGroup(reader: ByteReader): RowGroup {
  const rows = reader.u32()
  const count = reader.count(segmentsMax, descriptorBytesMin, 'segments of a row group')
  return { rows, segments: PackedSegments.read(reader, count) }
}
