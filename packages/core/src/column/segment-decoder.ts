/**
 * Decodes segments: into vectors for operators, or into lanes for merging and key search.
 *
 * Invariants
 * - Nothing in a content is trusted. Content that does not hold together is `MILLRACE_CORRUPT`: never a trap
 *   of a kernel, an endless loop, or an allocation larger than the descriptor's rows and the content's own
 *   length call for: a compressed heap is at most 255 times its stored size, and `compressedHeapBytesMax`.
 * - A vector owns its arrays. Lanes belong to the arena: whoever called `decodeLanes` releases them.
 */
import type { Arena } from '../memory/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { ColumnBuffer } from './column-buffer.js'
import { constantLanes, constantVector } from './constant-segment.js'
import { readBitPacked } from './encodings/bit-packed.js'
import { readBitmap } from './encodings/bitmap.js'
import { copyHeap, unpackedHeapBytes, unpackHeap } from './encodings/compressed-heap.js'
import { corrupt, type SegmentReader } from './encodings/context.js'
import { readDecimal } from './encodings/decimal.js'
import { readDelta } from './encodings/delta.js'
import { locateDictionary, readCodes } from './encodings/dictionary.js'
import { readPlainDouble } from './encodings/plain-double.js'
import { fixedLength, locateStringList, readOffsets, type StringList } from './encodings/string-list.js'
import { allExact } from './int-range.js'
import type { ColumnKernels } from './kernels.js'
import { blockBytes, kernelSlackBytes, lanesBytes } from './layout.js'
import type { SegmentDescriptor } from './segment.js'
import { checkDescriptor, openSegment } from './segment-header.js'
import type { StringVector, Vector } from './vector.js'

/** Bytes of slack behind the null bytes of a column buffer. */
const nullSlackBytes = 64

/**
 * Scratch that `decode` takes from the arena, at most, besides a copy of the content when that is elsewhere.
 */
export function decodeScratchBytes(rows: number): number {
  return lanesBytes(rows) + lanesBytes(rows) + 3 * 16 * 1024 + blockBytes
}

export class SegmentDecoder {
  readonly #arena: Arena
  readonly #kernels: ColumnKernels

  constructor(arena: Arena, kernels: ColumnKernels) {
    this.#arena = arena
    this.#kernels = kernels
  }

  /**
   * Decodes a whole segment.
   * @param content the segment's `contentBytes` bytes, wherever they are; they are not kept
   * @param place table, column, page: what an error names
   * @throws MillraceError `MILLRACE_CORRUPT`, or `MILLRACE_MEMORY_BUDGET` when the arena cannot give the
   * scratch
   */
  decode(descriptor: SegmentDescriptor, content: Uint8Array, place = 'A segment'): Vector {
    checkDescriptor(descriptor, place)
    if (content.length !== descriptor.contentBytes) {
      throw corrupt(place, `a segment of ${descriptor.contentBytes} bytes came with ${content.length}`)
    }
    if (descriptor.encoding === 'constant') return constantVector(descriptor)
    const mark = this.#arena.mark()
    try {
      const address = this.#bring(content)
      const reader = this.#open(descriptor, address, place)
      const nulls = this.#readNulls(descriptor, reader)
      if (physicalTypeOf(descriptor.type) === 'string') return this.#stringVector(descriptor, reader, nulls)
      return this.#numberVector(descriptor, reader, nulls)
    } finally {
      this.#arena.release(mark)
    }
  }

  /**
   * Decodes a whole segment into lanes allocated from the arena. Lanes of nulls are 0. String lanes point
   * into the content, which must stay where it is, in the arena, or into a heap decompressed behind the
   * lanes.
   * @param contentAddress address of the content, with `kernelSlackBytes` readable bytes behind it
   */
  decodeLanes(descriptor: SegmentDescriptor, contentAddress: number, place = 'A segment'): ColumnBuffer {
    checkDescriptor(descriptor, place)
    const { rows, type, nullCount } = descriptor
    const values = this.#arena.allocate(lanesBytes(rows))
    const nulls = this.#arena.allocate(rows + nullSlackBytes)
    const buffer = { type, rows, values, nulls, nullCount }
    if (descriptor.encoding === 'constant') {
      constantLanes(descriptor, this.#arena, buffer)
      return buffer
    }
    const reader = this.#open(descriptor, contentAddress, place)
    if (nullCount === 0) this.#arena.bytes.fill(0, nulls, nulls + rows)
    else this.#unpackNulls(descriptor, reader, nulls)
    const strings = physicalTypeOf(type) === 'string' ? this.#locateStrings(descriptor, reader) : null
    const heap = strings === null ? 0 : this.#placeHeap(strings)
    const mark = this.#arena.mark()
    try {
      if (strings !== null) this.#readStringLanes(descriptor, reader, strings, heap, values)
      else this.#readNumbers(descriptor, reader, values)
      if (nullCount > 0) this.#kernels.zeroNulls(values, nulls, rows)
    } finally {
      this.#arena.release(mark)
    }
    return buffer
  }

  /**
   * Where the strings of a segment lie that are all of one length, one behind the other: string i of `length`
   * bytes is at `heap` + i × `length`. Null when they are not, or when any is null.
   * @param contentAddress as for `decodeLanes`
   * @throws MillraceError `MILLRACE_CORRUPT`
   */
  fixedStrings(
    descriptor: SegmentDescriptor,
    contentAddress: number,
    place = 'A segment',
  ): { readonly heap: number; readonly length: number } | null {
    checkDescriptor(descriptor, place)
    if (
      physicalTypeOf(descriptor.type) !== 'string' ||
      descriptor.encoding !== 'plain' ||
      descriptor.nullCount > 0
    )
      return null
    const reader = this.#open(descriptor, contentAddress, place)
    const list = locateStringList(reader, reader.body, reader.rows)
    const length = fixedLength(reader, list)
    return length === null || list.heap.kind !== 'asItIs' ? null : { heap: list.heap.address, length }
  }

  /**
   * Copies the content into the arena, with slack behind it. Content that lies there already stays where it
   * is.
   */
  #bring(content: Uint8Array): number {
    const within = content.buffer === this.#arena.memory.buffer
    if (within && content.byteOffset + content.length <= this.#arena.mark()) return content.byteOffset
    const address = this.#arena.allocate(content.length + kernelSlackBytes)
    this.#arena.bytes.set(content, address)
    return address
  }

  #open(descriptor: SegmentDescriptor, content: number, place: string): SegmentReader {
    const view = new DataView(this.#arena.memory.buffer, content, descriptor.contentBytes)
    const { bodyOffset, scale } = openSegment(descriptor, view, place)
    return {
      kernels: this.#kernels,
      arena: this.#arena,
      content,
      contentBytes: descriptor.contentBytes,
      body: content + bodyOffset,
      rows: descriptor.rows,
      scale,
      place,
    }
  }

  /** Unpacks the validity bitmap, which ends where the body begins. */
  #unpackNulls(descriptor: SegmentDescriptor, reader: SegmentReader, out: number): void {
    const bitmap = reader.body - Math.ceil(descriptor.rows / 64) * 8
    const found = this.#kernels.unpackValidity(bitmap, descriptor.rows, out)
    if (found !== descriptor.nullCount) {
      throw corrupt(reader.place, `the validity bitmap has ${found} nulls, not ${descriptor.nullCount}`)
    }
  }

  #readNulls(descriptor: SegmentDescriptor, reader: SegmentReader): Uint8Array | null {
    if (descriptor.nullCount === 0) return null
    const address = this.#arena.allocate(descriptor.rows)
    this.#unpackNulls(descriptor, reader, address)
    return this.#arena.bytes.slice(address, address + descriptor.rows)
  }

  /** Reads a numeric segment into lanes: integers, or doubles of a DOUBLE column. */
  #readNumbers(descriptor: SegmentDescriptor, reader: SegmentReader, out: number): void {
    switch (descriptor.encoding) {
      case 'bitPacked':
        readBitPacked(reader, out)
        break
      case 'delta':
        readDelta(reader, out)
        break
      case 'bitmap':
        readBitmap(reader, out)
        break
      case 'decimal':
        readDecimal(reader, out)
        break
      case 'plainDouble':
        readPlainDouble(reader, out)
        break
      default:
        throw corrupt(reader.place, `the encoding ${descriptor.encoding} is not one of numbers`)
    }
  }

  #numberVector(descriptor: SegmentDescriptor, reader: SegmentReader, nulls: Uint8Array | null): Vector {
    const { type, rows, stats } = descriptor
    const lanes = this.#arena.allocate(lanesBytes(rows))
    this.#readNumbers(descriptor, reader, lanes)
    const { memory } = this.#arena
    if (physicalTypeOf(type) === 'int') {
      if (stats.kind !== 'int') throw corrupt(reader.place, `statistics of kind ${stats.kind} for ${type}`)
      if (!allExact(stats)) {
        const values = new BigInt64Array(memory.buffer, lanes, rows).slice()
        return { kind: 'bigint', type, rows, values, nulls }
      }
      this.#kernels.intsToDoubles(lanes, rows, 0)
    }
    const values = new Float64Array(memory.buffer, lanes, rows).slice()
    return { kind: 'number', type, rows, values, nulls }
  }

  #locateStrings(descriptor: SegmentDescriptor, reader: SegmentReader): StringList {
    switch (descriptor.encoding) {
      case 'plain':
        return locateStringList(reader, reader.body, reader.rows)
      case 'dictionary':
        return locateDictionary(reader)
      default:
        throw corrupt(reader.place, `the encoding ${descriptor.encoding} is not one of strings`)
    }
  }

  /** Where the bytes of a list are, or will be. */
  #placeHeap({ heap }: StringList): number {
    return heap.kind === 'asItIs' ? heap.address : this.#arena.allocate(unpackedHeapBytes(heap))
  }

  /** Codes and offsets of a list. `codes` is 0 when row i is string i. */
  #readPlaces(descriptor: SegmentDescriptor, reader: SegmentReader, list: StringList) {
    const codes = descriptor.encoding === 'dictionary' ? readCodes(reader, list.count) : 0
    return { codes, offsets: readOffsets(reader, list) }
  }

  #readStringLanes(
    descriptor: SegmentDescriptor,
    reader: SegmentReader,
    list: StringList,
    heap: number,
    out: number,
  ): void {
    const { codes, offsets } = this.#readPlaces(descriptor, reader, list)
    if (list.heap.kind === 'inBlocks') unpackHeap(reader, list.heap, heap)
    this.#kernels.stringLanes(offsets, codes, descriptor.rows, heap, out)
  }

  #stringVector(
    descriptor: SegmentDescriptor,
    reader: SegmentReader,
    nulls: Uint8Array | null,
  ): StringVector {
    const { rows } = descriptor
    const list = this.#locateStrings(descriptor, reader)
    const { codes, offsets } = this.#readPlaces(descriptor, reader, list)
    const { heap } = list
    const bytes =
      heap.kind === 'inBlocks'
        ? copyHeap(reader, heap)
        : this.#arena.bytes.slice(heap.address, heap.address + heap.heapBytes)
    const { buffer } = this.#arena.memory
    return {
      kind: 'string',
      type: descriptor.type,
      rows,
      codes: codes === 0 ? null : new Uint32Array(buffer, codes, rows).slice(),
      offsets: new Uint32Array(buffer, offsets, list.count + 1).slice(),
      bytes,
      nulls,
    }
  }
}
