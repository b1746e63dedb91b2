/**
 * `dictionary`: distinct strings once, in the order they first appear, and a bit-packed code for each row.
 */
import { align8, dictionaryHeaderBytes, miniblocksOf, packedEntryBytes, residualBytes } from '../layout.js'
import type { IntSummary } from '../summary.js'
import {
  corrupt,
  padTo8,
  requireSound,
  requireWithin,
  type SegmentReader,
  type SegmentWriter,
} from './context.js'
import { readStringList, type StringListPlace, type StringSource, writeStringList } from './string-list.js'

/** More distinct values than this in a segment and it is not a dictionary. */
export const dictionaryEntriesMax = 32_768

/** Bytes of the body, given those of the list of entries. */
export function dictionaryBytes(rows: number, codes: IntSummary, listBytes: number): number {
  return align8(dictionaryHeaderBytes + miniblocksOf(rows) * packedEntryBytes + codes.packedBytes) + listBytes
}

/**
 * Writes the codes at `codes` (integer lanes whose summary is at `summary`) and the entries; returns the end.
 */
export function writeDictionary(
  writer: SegmentWriter,
  codes: number,
  summary: number,
  entries: StringSource,
): number {
  const { kernels, view, rows, content, body, residuals } = writer
  const directory = body + dictionaryHeaderBytes
  const bits = directory + miniblocksOf(rows) * packedEntryBytes
  // Addresses come back signed.
  const end = kernels.packInts(codes, rows, summary, directory, content, bits, residuals) >>> 0
  const list = padTo8(writer, end)
  view.setUint32(body, entries.count, true)
  view.setUint32(body + 4, list - content, true)
  return writeStringList(writer, list, entries)
}

/** A dictionary in a content, its codes and offsets unpacked into the arena. */
export interface DictionaryPlace extends StringListPlace {
  readonly entries: number
  /** Address of one u32 a row. */
  readonly codes: number
}

/** Reads codes and entries. */
export function readDictionary(reader: SegmentReader): DictionaryPlace {
  const { kernels, arena, rows, content, contentBytes, body } = reader
  const directory = body + dictionaryHeaderBytes
  requireWithin(
    reader,
    body,
    dictionaryHeaderBytes + miniblocksOf(rows) * packedEntryBytes,
    'the directory of codes',
  )
  const header = new DataView(arena.memory.buffer, body, dictionaryHeaderBytes)
  const entries = header.getUint32(0, true)
  const list = content + header.getUint32(4, true)
  if (entries === 0 || entries > rows) {
    throw corrupt(reader.place, `a dictionary of ${entries} entries for ${rows} rows`)
  }
  const codes = arena.allocate(rows * 4)
  const lanes = arena.allocate(residualBytes)
  const status = kernels.unpackCodes(directory, rows, content, contentBytes, entries, lanes, codes)
  requireSound(reader, status, 'dictionary codes')
  return { ...readStringList(reader, list, entries), entries, codes }
}
