/**
 * A string list: packed lengths and a heap of bytes. The body of `plain`, and the entries of a `dictionary`.
 */
import {
  heapAsItIs,
  miniblocksOf,
  packedEntryBytes,
  residualBytes,
  stringListDirectoryBytes,
  stringListHeaderBytes,
} from '../layout.js'
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

/** Writes a list at address `at`; returns its end. */
export function writeStringList(writer: SegmentWriter, at: number, source: StringSource): number {
  const { kernels, view, content, residuals } = writer
  const directory = at + stringListHeaderBytes
  const starts = directory + miniblocksOf(source.count) * packedEntryBytes
  const bits = directory + stringListDirectoryBytes(source.count)
  // Addresses come back signed.
  const heap =
    kernels.packInts(source.lengths, source.count, source.summary, directory, content, bits, residuals) >>> 0
  const end = kernels.gatherStrings(source.lanes, source.count, starts, heap) >>> 0
  padTo8(writer, starts + (miniblocksOf(source.count) + 1) * 4)
  view.setUint32(at, heapAsItIs, true)
  view.setUint32(at + 4, end - heap, true)
  view.setUint32(at + 8, heap - content, true)
  view.setUint32(at + 12, 0, true)
  return end
}

/** A list in a content: where its heap is, and where its offsets were written. */
export interface StringListPlace {
  /** Address of count + 1 u32 offsets in the heap. */
  readonly offsets: number
  /** Address of the heap. */
  readonly heap: number
  readonly heapBytes: number
}

/** Reads the list of `count` strings at address `at`. Its offsets are allocated from the arena. */
export function readStringList(reader: SegmentReader, at: number, count: number): StringListPlace {
  const { kernels, arena, content, contentBytes } = reader
  const directory = at + stringListHeaderBytes
  requireWithin(
    reader,
    at,
    stringListHeaderBytes + stringListDirectoryBytes(count),
    'the directory of strings',
  )
  const offsets = arena.allocate((count + 1) * 4)
  const lanes = arena.allocate(residualBytes)
  const view = new DataView(arena.memory.buffer)
  const kind = view.getUint32(at, true)
  if (kind !== heapAsItIs) throw corrupt(reader.place, `the heap of strings is of unknown kind ${kind}`)
  const heapBytes = view.getUint32(at + 4, true)
  const heap = content + view.getUint32(at + 8, true)
  requireWithin(reader, heap, heapBytes, 'the heap of strings')
  const starts = directory + miniblocksOf(count) * packedEntryBytes
  const status = kernels.unpackOffsets(
    directory,
    starts,
    count,
    content,
    contentBytes,
    heapBytes,
    lanes,
    offsets,
  )
  requireSound(reader, status, 'lengths of strings')
  return { offsets, heap, heapBytes }
}
