/**
 * Page runs and segment descriptors as bytes, for the catalog and for the log.
 *
 * | page run    | first page u32 · content bytes u64 · checksums u32 × n (n follows from the content bytes)                |
 * |-------------|----------------------------------------------------------------------------------------------------------|
 * | type        | code u8; of a DECIMAL precision u8 · scale u8; of a list the type of its items                            |
 * | descriptor  | type · encoding u8 · flags u8 · statistics kind u8 · rows u32 · nulls u32 · page run · statistics      |
 * | flags       | bit 0: strictly increasing; all others zero                                                              |
 * | statistics  | 1 int: min i64, max i64 · 2 double: min f64, max f64 · 3 string: min, max (u16 length, bytes) · 4 none: – |
 */
import {
  constantStringBytesMax,
  type Encoding,
  encodings,
  type SegmentDescriptor,
  type SegmentStats,
} from '../column/index.js'
import {
  type ByteReader,
  type ByteWriter,
  checksumBytes,
  type PageRun,
  type RunExtent,
  runChecksumsOf,
  runPagesOf,
  superblockPages,
  takeWords,
} from '../format/index.js'
import { csrGroupNodes, pagesMax, rowGroupRowsMax, runBytesMax } from '../limits.js'
import { type LogicalType, namedTypeOf, typeBytes, typeOfBytes } from '../types/index.js'

const strictlyIncreasingFlag = 1

const statsKinds = { int: 1, double: 2, string: 3, none: 4 } as const

/** Bytes of the smallest page run. */
export const pageRunBytesMin = 4 + 8

/** Bytes of the smallest descriptor. */
export const descriptorBytesMin = 4 + 4 + 4 + pageRunBytesMin

/** Rows of a segment: those of a row group, or the starts of a CSR group. */
const segmentRowsMax = Math.max(rowGroupRowsMax, csrGroupNodes + 1)

const encodingByCode = new Map<number, Encoding>(
  (Object.keys(encodings) as Encoding[]).map((name) => [encodings[name], name]),
)

export function writeType(writer: ByteWriter, type: LogicalType): void {
  for (const byte of typeBytes(type)) writer.u8(byte)
}

/** Reads a type; `what` has it. @throws MillraceError `MILLRACE_CORRUPT` when there is none such */
export function readType(reader: ByteReader, what: string): LogicalType {
  const code = reader.u8()
  const type = namedTypeOf(code) ?? typeOfBytes(code, () => reader.u8())
  if (type === undefined) throw reader.corrupt(`${what} has an unknown type, at code ${code}`)
  return type
}

export function writePageRun(writer: ByteWriter, run: PageRun): void {
  writer.u32(run.firstPage).u64(run.contentBytes)
  const expected = runChecksumsOf(run.contentBytes)
  if (run.checksums.length !== expected) {
    throw new RangeError(
      `a run of ${run.contentBytes} bytes has ${run.checksums.length} checksums, not ${expected}`,
    )
  }
  for (const checksum of run.checksums) writer.u32(checksum)
}

/** @throws MillraceError `MILLRACE_CORRUPT` when there can be no such run */
function checkPlace(reader: ByteReader, firstPage: number, contentBytes: number): void {
  if (contentBytes === 0) {
    if (firstPage !== 0) throw reader.corrupt(`a run without content begins at page ${firstPage}`)
  } else if (firstPage < superblockPages || firstPage + runPagesOf(contentBytes) > pagesMax) {
    throw reader.corrupt(`a run of ${contentBytes} bytes begins at page ${firstPage}`)
  }
}

function readChecksums(reader: ByteReader, contentBytes: number): Uint32Array {
  const count = runChecksumsOf(contentBytes)
  if (count * checksumBytes > reader.remaining) {
    throw reader.corrupt(
      `${count} checksums need ${count * checksumBytes} bytes, ${reader.remaining} are left`,
    )
  }
  const checksums = takeWords(count)
  for (let index = 0; index < count; index++) checksums[index] = reader.u32()
  return checksums
}

export function readPageRun(reader: ByteReader): PageRun {
  const firstPage = reader.u32()
  const contentBytes = reader.u64(runBytesMax)
  checkPlace(reader, firstPage, contentBytes)
  return { firstPage, contentBytes, checksums: readChecksums(reader, contentBytes) }
}

function writeStats(writer: ByteWriter, stats: SegmentStats): void {
  if (stats.kind === 'int') writer.i64(stats.min).i64(stats.max)
  else if (stats.kind === 'double') writer.f64(stats.min).f64(stats.max)
  else if (stats.kind === 'string') writer.bytes16(stats.min).bytes16(stats.max)
}

function readStats(reader: ByteReader, kind: number): SegmentStats {
  if (kind === statsKinds.int) return { kind: 'int', min: reader.i64(), max: reader.i64() }
  if (kind === statsKinds.double) return { kind: 'double', min: reader.f64(), max: reader.f64() }
  if (kind === statsKinds.none) return { kind: 'none' }
  if (kind !== statsKinds.string) throw reader.corrupt(`statistics of the unknown kind ${kind}`)
  const min = reader.bytes16(constantStringBytesMax, 'a smallest string')
  return { kind: 'string', min, max: reader.bytes16(constantStringBytesMax, 'a largest string') }
}

function skipStats(reader: ByteReader, kind: number): void {
  if (kind === statsKinds.int || kind === statsKinds.double) reader.skip(16)
  else if (kind === statsKinds.string) {
    skipPrefix(reader, 'a smallest string')
    skipPrefix(reader, 'a largest string')
  } else if (kind !== statsKinds.none) throw reader.corrupt(`statistics of the unknown kind ${kind}`)
}

function skipPrefix(reader: ByteReader, name: string): void {
  reader.skip(reader.length16(constantStringBytesMax, name))
}

export function writeDescriptor(writer: ByteWriter, descriptor: SegmentDescriptor): void {
  const { type, encoding, rows, nullCount, stats } = descriptor
  writeType(writer, type)
  writer.u8(encodings[encoding])
  writer.u8(descriptor.strictlyIncreasing ? strictlyIncreasingFlag : 0).u8(statsKinds[stats.kind])
  writer.u32(rows).u32(nullCount)
  writePageRun(writer, descriptor)
  writeStats(writer, stats)
}

/** What a descriptor says besides checksums and statistics. */
export interface SegmentFacts extends RunExtent {
  readonly type: LogicalType
  readonly rows: number
  readonly nullCount: number
}

/**
 * Reads descriptors one after the other up to their checksums, without an object for each: there are
 * hundreds of thousands of wide tables.
 */
export class DescriptorReader implements SegmentFacts {
  readonly #reader: ByteReader
  type: LogicalType = 'INT64'
  encoding: Encoding = 'constant'
  strictlyIncreasing = false
  rows = 0
  nullCount = 0
  firstPage = 0
  contentBytes = 0
  /** Where the first page stands among the bytes. */
  firstPageAt = 0
  #statsKind = 0

  constructor(reader: ByteReader) {
    this.#reader = reader
  }

  /** Reads the next up to its checksums. @throws MillraceError `MILLRACE_CORRUPT` when it makes no sense */
  next(): void {
    const reader = this.#reader
    this.type = readType(reader, 'a segment')
    const encodingCode = reader.u8()
    const encoding = encodingByCode.get(encodingCode)
    if (encoding === undefined) throw reader.corrupt(`a segment of the unknown encoding ${encodingCode}`)
    this.encoding = encoding
    const flags = reader.u8()
    if ((flags & ~strictlyIncreasingFlag) !== 0)
      throw reader.corrupt(`a segment with the unknown flags ${flags}`)
    this.strictlyIncreasing = flags === strictlyIncreasingFlag
    this.#statsKind = reader.u8()
    this.rows = reader.u32()
    this.nullCount = reader.u32()
    if (this.rows > segmentRowsMax || this.nullCount > this.rows) {
      throw reader.corrupt(`a segment of ${this.rows} rows, ${this.nullCount} of them null`)
    }
    this.firstPageAt = reader.position
    this.firstPage = reader.u32()
    this.contentBytes = reader.u64(runBytesMax)
  }

  /** @throws MillraceError `MILLRACE_CORRUPT` when the pages that were read of are none of a file */
  checkPlace(): void {
    checkPlace(this.#reader, this.firstPage, this.contentBytes)
  }

  /** Passes over the rest of what `next` began to read. */
  skipRest(): void {
    const reader = this.#reader
    reader.skip(runChecksumsOf(this.contentBytes) * checksumBytes)
    skipStats(reader, this.#statsKind)
  }

  /** Reads the rest of what `next` began to read: all of it together. */
  whole(): SegmentDescriptor {
    const { firstPage, contentBytes, type, encoding, rows, nullCount, strictlyIncreasing } = this
    const checksums = readChecksums(this.#reader, contentBytes)
    const stats = readStats(this.#reader, this.#statsKind)
    // Spelled out: an object that is spread takes 2 KB while it is made, and there are tens of thousands.
    return {
      firstPage,
      contentBytes,
      checksums,
      type,
      encoding,
      rows,
      nullCount,
      strictlyIncreasing,
      stats,
    }
  }
}

export function readDescriptor(reader: ByteReader): SegmentDescriptor {
  const descriptor = new DescriptorReader(reader)
  descriptor.next()
  descriptor.checkPlace()
  return descriptor.whole()
}
