/**
 * A heap of strings compressed in blocks that know nothing of each other, with a directory of where each
 * begins: one block can be decompressed alone.
 *
 * Invariants
 * - A block is cut by bytes, not by strings: byte i of the heap is in block ⌊i ÷ block bytes⌋.
 * - A block that gains little is stored as it is, and so costs nothing to read.
 * - Nothing is allocated for a heap before its sizes are within bounds: LZ4 never gains more than 255 times.
 */
import { compressedHeapBytesMax } from '../../limits.js'
import type { Arena } from '../../memory/index.js'
import { laneBytes } from '../column-buffer.js'
import type { ColumnKernels } from '../kernels.js'
import {
  blockBits,
  blockBitsMin,
  blockBytes,
  blockDirectoryBytes,
  blockSlackBytes,
  blockSlotsBytes,
  blocksOf,
  kernelSlackBytes,
  packedBytesMax,
} from '../layout.js'
import { corrupt, requireWithin, type SegmentReader, type SegmentWriter } from './context.js'

/** A heap smaller than a page is not worth it. */
const compressedBytesMin = 4096

/** Bytes of each of the two windows of the sample. */
const sampleBytes = 32 * 1024

/** LZ4 makes at most this many bytes of one. */
const expansionMax = 255

/** Where the compressor works: a window of the heap, what becomes of it, its table, and where to go on. */
export interface BlockScratch {
  readonly window: number
  readonly packed: number
  readonly slots: number
  readonly cursor: number
}

/** Scratch that `allocateBlockScratch` takes, alignment included. */
export const blockScratchBytes =
  blockBytes + blockSlackBytes + packedBytesMax(blockBytes) + blockSlotsBytes + 8 + 4 * 16

/** Takes the scratch for a heap of `heapBytes`. */
export function allocateBlockScratch(arena: Arena, heapBytes: number): BlockScratch {
  const windowBytes = Math.min(heapBytes, blockBytes)
  return {
    window: arena.allocate(windowBytes + blockSlackBytes),
    packed: arena.allocate(packedBytesMax(windowBytes)),
    slots: arena.allocate(blockSlotsBytes),
    cursor: arena.allocate(8),
  }
}

/** Whether the size of a block is small enough for the work of decompressing it: an eighth is saved. */
function pays(packedBytes: number, rawBytes: number): boolean {
  return packedBytes * 8 <= rawBytes * 7
}

/**
 * Whether the size of the sample is small enough for the work of compressing the heap: a quarter is saved.
 */
function isWorthTrying(packedBytes: number, rawBytes: number): boolean {
  return packedBytes * 6 <= rawBytes * 5
}

/** Whether heaps of this size are compressed at all. */
export function isCompressible(heapBytes: number): boolean {
  return heapBytes >= compressedBytesMin && heapBytes <= compressedHeapBytesMax
}

/** Whether a sample of the heap of `count` strings, from its beginning and its middle, compresses. */
export function looksCompressible(
  kernels: ColumnKernels,
  view: DataView,
  scratch: BlockScratch,
  lanes: number,
  count: number,
  heapBytes: number,
): boolean {
  const { window, packed, slots, cursor } = scratch
  const bytesMax = Math.min(sampleBytes, heapBytes)
  let rawBytes = 0
  let packedBytes = 0
  for (const row of new Set([0, count >> 1])) {
    moveCursor(view, cursor)
    const bytes = kernels.fillWindow(lanes + row * laneBytes, count - row, cursor, window, bytesMax)
    rawBytes += bytes
    packedBytes += kernels.compressBlock(window, bytes, slots, packed)
  }
  return isWorthTrying(packedBytes, rawBytes)
}

/** Sets the cursor to the first byte of the first string. */
function moveCursor(view: DataView, cursor: number): void {
  view.setUint32(cursor, 0, true)
  view.setUint32(cursor + 4, 0, true)
}

/**
 * Writes the heap of `count` strings at address `heap`: its directory and its blocks.
 * @returns the end, or null when the blocks do not fit before the writer's limit
 */
export function writeCompressedHeap(
  writer: SegmentWriter,
  scratch: BlockScratch,
  lanes: number,
  count: number,
  heapBytes: number,
  heap: number,
): number | null {
  const { kernels, view, limit } = writer
  const { packed, slots, cursor } = scratch
  const memory = new Uint8Array(view.buffer)
  const blocks = blocksOf(heapBytes)
  let end = heap + blockDirectoryBytes(blocks)
  // Texts that the parser has gathered are compressed where they lie. Addresses come back signed.
  const gathered = kernels.adjacentStrings(lanes, count, blockSlackBytes) >>> 0
  moveCursor(view, cursor)
  for (let block = 0; block < blocks; block++) {
    view.setUint32(heap + block * 4, end - heap, true)
    const done = block * blockBytes
    const window = gathered === 0 ? scratch.window : gathered + done
    const rawBytes =
      gathered === 0
        ? kernels.fillWindow(lanes, count, cursor, window, blockBytes)
        : Math.min(blockBytes, heapBytes - done)
    // Where there is room for whatever becomes of it, the block is compressed into its place.
    const out = end + packedBytesMax(rawBytes) <= limit ? end : packed
    const packedBytes = kernels.compressBlock(window, rawBytes, slots, out)
    const [from, bytes] = pays(packedBytes, rawBytes) ? [out, packedBytes] : [window, rawBytes]
    if (end + bytes > limit) return null
    if (from !== end) memory.copyWithin(end, from, from + bytes)
    end += bytes
  }
  view.setUint32(heap + blocks * 4, end - heap, true)
  return end
}

/** A compressed heap in a content, its sizes found to be possible. */
export interface CompressedHeap {
  /** Address of the directory. */
  readonly address: number
  /** Bytes when decompressed. */
  readonly heapBytes: number
  /** Bytes as it is stored. */
  readonly storedBytes: number
  readonly bits: number
}

/** Checks the sizes of a heap that a string list says it has. */
export function locateCompressedHeap(reader: SegmentReader, heap: CompressedHeap): CompressedHeap {
  const { place } = reader
  const { address, heapBytes, storedBytes, bits } = heap
  if (bits < blockBitsMin || bits > blockBits) {
    throw corrupt(place, `the heap of strings is in blocks of 2^${bits} bytes`)
  }
  const directoryBytes = blockDirectoryBytes(blocksOf(heapBytes, bits))
  requireWithin(reader, address, storedBytes, 'the compressed heap of strings')
  const blocksBytes = storedBytes - directoryBytes
  if (heapBytes > compressedHeapBytesMax || blocksBytes < 0 || heapBytes > blocksBytes * expansionMax) {
    throw corrupt(place, `a heap of strings of ${heapBytes} bytes is stored in ${storedBytes}`)
  }
  return heap
}

/** Bytes to allocate for `unpackHeap`. */
export function unpackedHeapBytes(heap: CompressedHeap): number {
  return heap.heapBytes + kernelSlackBytes
}

/** Decompresses the whole heap to address `out`. */
export function unpackHeap(reader: SegmentReader, heap: CompressedHeap, out: number): void {
  for (let block = 0; block < blocksOf(heap.heapBytes, heap.bits); block++) {
    unpackBlock(reader, heap, block, out + block * 2 ** heap.bits)
  }
}

/** Decompresses the whole heap to an array outside the arena, through a window in it. */
export function copyHeap(reader: SegmentReader, heap: CompressedHeap): Uint8Array {
  const { arena } = reader
  const rawBytes = Math.min(heap.heapBytes, 2 ** heap.bits)
  const window = arena.allocate(rawBytes + kernelSlackBytes)
  const bytes = new Uint8Array(heap.heapBytes)
  const memory = arena.bytes
  for (let block = 0; block < blocksOf(heap.heapBytes, heap.bits); block++) {
    const count = unpackBlock(reader, heap, block, window)
    bytes.set(memory.subarray(window, window + count), block * 2 ** heap.bits)
  }
  return bytes
}

/**
 * Decompresses one block to address `out`, with `kernelSlackBytes` behind it, and returns how many bytes it
 * has.
 */
function unpackBlock(reader: SegmentReader, heap: CompressedHeap, block: number, out: number): number {
  const { kernels, arena, place } = reader
  const view = new DataView(arena.memory.buffer)
  const directory = heap.address
  const blocks = blocksOf(heap.heapBytes, heap.bits)
  const from = view.getUint32(directory + block * 4, true)
  const to = view.getUint32(directory + block * 4 + 4, true)
  const rawBytes = Math.min(2 ** heap.bits, heap.heapBytes - block * 2 ** heap.bits)
  const bytes = to - from
  const behind = blockDirectoryBytes(blocks)
  const isWhole = (block > 0 || from === behind) && (block < blocks - 1 || to === heap.storedBytes)
  if (!isWhole || from < behind || to > heap.storedBytes || bytes <= 0 || bytes > rawBytes) {
    throw corrupt(place, `block ${block} of a heap takes bytes ${from} to ${to} of ${heap.storedBytes}`)
  }
  const source = heap.address + from
  if (bytes === rawBytes) arena.bytes.copyWithin(out, source, source + bytes)
  else if (kernels.decompressBlock(source, bytes, out, rawBytes) !== 0) {
    throw corrupt(place, `block ${block} of a heap is not ${rawBytes} bytes compressed`)
  }
  return rawBytes
}
