/**
 * A string list: packed lengths and a heap of bytes, as it is or compressed. The body of `plain`, and the
 * entries of a `dictionary`.
 */
import {
  bitmapBytes,
  blockBits,
  blockDirectoryBytes,
  blocksOf,
  heapAsItIs,
  heapInBlocks,
  miniblocksOf,
  packedEntryBytes,
  residualBytes,
  segmentHeaderBytes,
  stringListDirectoryBytes,
  stringListHeaderBytes,
} from '../layout.js'
import type { SegmentDescriptor } from '../segment.js'
import {
  type BlockScratch,
  type CompressedHeap,
  locateCompressedHeap,
  writeCompressedHeap,
} from './compressed-heap.js'
import {
  corrupt,
  padTo8,
  requireSound,
  requireWithin,
  type SegmentReader,
  type SegmentWriter,
} from './context.js'

/** Strings that are to be written. */
export interface StringSource {
  /** Address of their string lanes. */
  readonly lanes: number
  readonly count: number
  /** Address of their lengths as integer lanes. */
  readonly lengths: number
  /** Address of the int summary of their lengths. */
  readonly summary: number
  /** Sum of their lengths. */
  readonly heapBytes: number
}

/** Bytes of a list of `count` strings whose lengths take `lengthBytes` packed. */
export function stringListBytes(count: number, lengthBytes: number, heapBytes: number): number {
  return stringListHeaderBytes + stringListDirectoryBytes(count) + lengthBytes + heapBytes
}

/**
 * Bytes that a list whose heap is compressed takes less than it would with the heap as it is, blocks not
 * counted.
 */
export function savedByBlocks(heapBytes: number): number {
  return heapBytes - blockDirectoryBytes(blocksOf(heapBytes))
}

/**
 * Writes a list at address `at`.
 * @param scratch where to compress the heap; null: the heap as it is
 * @returns its end, or null when the blocks of its heap do not fit before the writer's limit
 */
export function writeStringList(
  writer: SegmentWriter,
  at: number,
  source: StringSource,
  scratch: BlockScratch | null,
): number | null {
  const { kernels, view, content, residuals } = writer
  const { lanes, count, heapBytes } = source
  const directory = at + stringListHeaderBytes
  const starts = directory + miniblocksOf(count) * packedEntryBytes
  const bits = directory + stringListDirectoryBytes(count)
  // Addresses come back signed.
  const heap =
    kernels.packInts(source.lengths, count, source.summary, directory, content, bits, residuals) >>> 0
  let end: number | null
  if (scratch === null) {
    end = kernels.gatherStrings(lanes, count, starts, heap) >>> 0
  } else {
    kernels.stringStarts(lanes, count, starts)
    end = writeCompressedHeap(writer, scratch, lanes, count, heapBytes, heap)
  }
  if (end === null) return null
  padTo8(writer, starts + (miniblocksOf(count) + 1) * 4)
  view.setUint32(at, scratch === null ? heapAsItIs : heapInBlocks | (blockBits << 8), true)
  view.setUint32(at + 4, heapBytes, true)
  view.setUint32(at + 8, heap - content, true)
  view.setUint32(at + 12, scratch === null ? 0 : end - heap, true)
  return end
}

/** Bytes at the beginning of the content of a `plain` segment, the header of its strings the last of them. */
export function stringHeadBytes({ rows, nullCount }: SegmentDescriptor): number {
  return segmentHeaderBytes + (nullCount > 0 ? bitmapBytes(rows) : 0) + stringListHeaderBytes
}

/**
 * Bytes that the heap of a `plain` segment takes beside its content when it is read: none where it is stored
 * as it is. A damaged header may say anything up to 4 GiB.
 * @param head the first `stringHeadBytes` of the content
 */
export function heapBytesBeside(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.length)
  const list = head.length - stringListHeaderBytes
  return view.getUint8(list) === heapInBlocks ? view.getUint32(list + 4, true) : 0
}

/** A heap in a content. */
type Heap =
  | { readonly kind: 'asItIs'; readonly address: number; readonly heapBytes: number }
  | ({ readonly kind: 'inBlocks' } & CompressedHeap)

/** A list in a content, its header found to be possible. */
export interface StringList {
  readonly address: number
  readonly count: number
  readonly heap: Heap
}

/** Finds the list of `count` strings at address `at`. Nothing is allocated. */
export function locateStringList(reader: SegmentReader, at: number, count: number): StringList {
  const directoryBytes = stringListHeaderBytes + stringListDirectoryBytes(count)
  requireWithin(reader, at, directoryBytes, 'the directory of strings')
  const view = new DataView(reader.arena.memory.buffer, at, stringListHeaderBytes)
  const kind = view.getUint8(0)
  const bits = view.getUint8(1)
  const heapBytes = view.getUint32(4, true)
  const address = reader.content + view.getUint32(8, true)
  const storedBytes = view.getUint32(12, true)
  const other = view.getUint16(2, true)
  if (kind === heapInBlocks && other === 0) {
    const heap = locateCompressedHeap(reader, { address, heapBytes, storedBytes, bits })
    return { address: at, count, heap: { kind: 'inBlocks', ...heap } }
  }
  if (kind !== heapAsItIs || bits !== 0 || other !== 0) {
    throw corrupt(reader.place, `the heap of strings is of unknown kind ${view.getUint32(0, true)}`)
  }
  requireWithin(reader, address, heapBytes, 'the heap of strings')
  return { address: at, count, heap: { kind: 'asItIs', address, heapBytes } }
}

/** Where each string of a list begins in its heap: the address of count + 1 u32, allocated from the arena. */
export function readOffsets(reader: SegmentReader, list: StringList): number {
  const { kernels, arena, content, contentBytes } = reader
  const { count } = list
  const directory = list.address + stringListHeaderBytes
  const starts = directory + miniblocksOf(count) * packedEntryBytes
  const offsets = arena.allocate((count + 1) * 4)
  const lanes = arena.allocate(residualBytes)
  const status = kernels.unpackOffsets(
    directory,
    starts,
    count,
    content,
    contentBytes,
    list.heap.heapBytes,
    lanes,
    offsets,
  )
  requireSound(reader, status, 'lengths of strings')
  return offsets
}

/** The length that all strings of a list have; null when they differ, or do not add up to the heap. */
export function fixedLength(reader: SegmentReader, list: StringList): number | null {
  const miniblocks = miniblocksOf(list.count)
  if (miniblocks === 0) return null
  const directory = new DataView(
    reader.arena.memory.buffer,
    list.address + stringListHeaderBytes,
    miniblocks * packedEntryBytes,
  )
  const length = directory.getBigInt64(0, true)
  if (length * BigInt(list.count) !== BigInt(list.heap.heapBytes)) return null
  for (let at = 0; at < directory.byteLength; at += packedEntryBytes) {
    if (directory.getUint32(at + 12, true) !== 0 || directory.getBigInt64(at, true) !== length) return null
  }
  return Number(length)
}
