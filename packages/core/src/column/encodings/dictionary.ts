/**
 * `dictionary`: distinct strings once, in the order they first appear, and a bit-packed code for each row.
 */
import { align8, dictionaryHeaderBytes, miniblocksOf, packedEntryBytes, residualBytes } from '../layout.js'
import type { IntSummary } from '../summary.js'
import type { BlockScratch } from './compressed-heap.js'
import {
  corrupt,
  padTo8,
  requireSound,
  requireWithin,
  type SegmentReader,
  type SegmentWriter,
} from './context.js'
import { locateStringList, type StringList, type StringSource, writeStringList } from './string-list.js'

/** More distinct values than this in a segment and it is not a dictionary. */
export const dictionaryEntriesMax = 32_768

/** Bytes of the body, given those of the list of entries. */
export function dictionaryBytes(rows: number, codes: IntSummary, listBytes: number): number {
  return align8(dictionaryHeaderBytes + miniblocksOf(rows) * packedEntryBytes + codes.packedBytes) + listBytes
}

/**
 * Writes the codes at `codes` (integer lanes whose summary is at `summary`) and the entries, their heap
 * compressed in `scratch` or, when that is null, as it is; returns the end, or null when the heap does not
 * fit.
 */
export function writeDictionary(
  writer: SegmentWriter,
  codes: number,
  summary: number,
  entries: StringSource,
  scratch: BlockScratch | null,
): number | null {
  const { kernels, view, rows, content, body, residuals } = writer
  const directory = body + dictionaryHeaderBytes
  const bits = directory + miniblocksOf(rows) * packedEntryBytes
  // Addresses come back signed.
  const end = kernels.packInts(codes, rows, summary, directory, content, bits, residuals) >>> 0
  const list = padTo8(writer, end)
  view.setUint32(body, entries.count, true)
  view.setUint32(body + 4, list - content, true)
  return writeStringList(writer, list, entries, scratch)
}

/** Finds the list of entries. Nothing is allocated. */
export function locateDictionary(reader: SegmentReader): StringList {
  const { arena, rows, content, body } = reader
  const headerBytes = dictionaryHeaderBytes + miniblocksOf(rows) * packedEntryBytes
  requireWithin(reader, body, headerBytes, 'the directory of codes')
  const header = new DataView(arena.memory.buffer, body, dictionaryHeaderBytes)
  const entries = header.getUint32(0, true)
  if (entries === 0 || entries > rows) {
    throw corrupt(reader.place, `a dictionary of ${entries} entries for ${rows} rows`)
  }
  return locateStringList(reader, content + header.getUint32(4, true), entries)
}

/**
 * Unpacks the codes of a dictionary that was located: the address of one u32 a row, allocated from the arena.
 */
export function readCodes(reader: SegmentReader, entries: number): number {
  const { kernels, arena, rows, content, contentBytes, body } = reader
  const codes = arena.allocate(rows * 4)
  const lanes = arena.allocate(residualBytes)
  const directory = body + dictionaryHeaderBytes
  const status = kernels.unpackCodes(directory, rows, content, contentBytes, entries, lanes, codes)
  requireSound(reader, status, 'dictionary codes')
  return codes
}
