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
import { descriptorBytesMin, readDescriptor, writeDescriptor } from './segment-codec.js'

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
    this.bytes = keepBytes(bytes)
    this.#starts = keepWords(starts)
  }

  static of(segments: readonly SegmentDescriptor[]): PackedSegments {
    const writer = new ByteWriter()
    const starts = new Uint32Array(segments.length + 1)
    for (const [index, segment] of segments.entries()) {
      writeDescriptor(writer, segment)
      starts[index + 1] = writer.length
    }
    return new PackedSegments(writer.finish(), starts)
  }

  /** Reads so many. @throws MillraceError `MILLRACE_CORRUPT` when one makes no sense */
  static read(reader: ByteReader, count: number): PackedSegments {
    const first = reader.position
    const starts = new Uint32Array(count + 1)
    for (let index = 0; index < count; index++) {
      readDescriptor(reader)
      starts[index + 1] = reader.position - first
    }
    return new PackedSegments(reader.bytesSince(first), starts)
  }

  get length(): number {
    return this.#starts.length - 1
  }

  at(index: number): SegmentDescriptor | undefined {
    if (index < 0 || index >= this.length) return undefined
    const asked = this.#asked?.get(index)
    if (asked !== undefined) return asked
    const segment = this.#read(index)
    this.#asked ??= new Map()
    this.#asked.set(index, segment)
    return segment
  }

  /** All of them. Those that were not asked for are made anew. */
  *[Symbol.iterator](): Generator<SegmentDescriptor, undefined> {
    for (let index = 0; index < this.length; index++) yield this.#asked?.get(index) ?? this.#read(index)
  }

  #read(index: number): SegmentDescriptor {
    const bytes = this.bytes.subarray(this.#starts[index]!, this.#starts[index + 1]!)
    return readDescriptor(new ByteReader(bytes, source))
  }
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
