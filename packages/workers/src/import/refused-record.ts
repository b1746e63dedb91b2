/**
 * The bytes of refused records that are described apart, as they stand in their input, for the file of
 * rejects.
 */
import type { CsvError } from '../csv/index.js'
import type { ImportInput } from './input.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Bytes of a line that are read at a time. */
const pieceBytes = 64 * 1024

/** A refused record, without its line end. */
export interface RefusedRecord {
  readonly bytes: Uint8Array
  /**
   * What comes behind these, of one that is longer than records may be: read a piece at a time, once more.
   */
  readonly rest: Iterable<Uint8Array> | null
  /** Bytes of it that are here, when it has more; else null. */
  readonly cutAfter: number | null
}

/**
 * The record that `error` is of; of one that has no end, its first line. That may be longer than any record:
 * of a file all of it is given, of what cannot be read again `maxRowBytes`, which are sure to be there.
 */
export function refusedRecord(input: ImportInput, error: CsvError, maxRowBytes: number): RefusedRecord {
  const { byteOffset, recordBytes } = error
  if (recordBytes !== null) return whole(read(input, byteOffset, recordBytes))
  const beginning = read(input, byteOffset, maxRowBytes)
  const end = lineEndIn(beginning)
  // Copies of what is there: many records may wait to be written, and few are as long as they may be.
  if (end !== -1) return whole(beginning.slice(0, end))
  if (beginning.length < maxRowBytes) return whole(beginning.slice())
  if (input.bytes.kind === 'ring') return { bytes: beginning, rest: null, cutAfter: maxRowBytes }
  const behind = byteOffset + maxRowBytes
  return { bytes: beginning, rest: piecesOf(input, behind, endOfLine(input, behind)), cutAfter: null }
}

/** A record of which all bytes are there. */
export const whole = (bytes: Uint8Array): RefusedRecord => ({ bytes, rest: null, cutAfter: null })

function read(input: ImportInput, position: number, bytes: number): Uint8Array {
  const target = new Uint8Array(bytes)
  return target.subarray(0, input.read(target, position))
}

/** Where the line ends that `position` is in. @throws MillraceError when it cannot be read to there */
function endOfLine(input: ImportInput, position: number): number {
  for (let at = position; ; at += pieceBytes) {
    const piece = read(input, at, pieceBytes)
    const end = lineEndIn(piece)
    if (end !== -1) return at + end
    if (piece.length < pieceBytes) return at + piece.length
  }
}

function* piecesOf(input: ImportInput, from: number, to: number): Generator<Uint8Array> {
  for (let at = from; at < to; at += pieceBytes) yield read(input, at, Math.min(pieceBytes, to - at))
}

function lineEndIn(bytes: Uint8Array): number {
  return bytes.findIndex((byte) => byte === lineFeed || byte === carriageReturn)
}
