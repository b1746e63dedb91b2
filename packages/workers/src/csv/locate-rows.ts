import type { BlockParser, ParseRequest } from './block-parser.js'

/** Where a row's record stands, relative to where the parse began. */
export interface RowPlace {
  /** Records before it, good and bad. */
  readonly record: number
  /** Physical line ends before it. */
  readonly line: number
  /** Position of its first byte. */
  readonly byteOffset: number
}

/**
 * Finds the records of some of a block's rows, by parsing it again in steps. Errors need this; rows that are
 * well do not.
 * @param request the block, with its input freshly read, `start` known
 * @param rows numbers of rows among those the block yields, ascending
 */
export function locateRows(parser: BlockParser, request: ParseRequest, rows: readonly number[]): RowPlace[] {
  const places: RowPlace[] = []
  let start = request.start ?? 0
  let rowsBefore = 0
  let record = 0
  let line = 0
  const step = (rowsMax: number) => {
    const parsed = parser.parse({ ...request, start, rowsMax })
    start = parsed.end
    rowsBefore += parsed.rows
    line += parsed.lines
    record += parsed.records
    return parsed
  }
  for (const row of rows) {
    while (rowsBefore < row && step(row - rowsBefore).rows > 0) {
      // A parse may return fewer rows than asked for.
    }
    const before = { record, line, start }
    const skipped = skipLineEnds(parser.inputView(before.start, request.length))
    const parsed = step(1)
    places.push({
      record: before.record + Math.max(0, parsed.records - 1),
      line: before.line + skipped.lines,
      byteOffset: before.start + skipped.bytes,
    })
  }
  return places
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Blank lines in front of a record. */
function skipLineEnds(bytes: Uint8Array): { bytes: number; lines: number } {
  let at = 0
  let lines = 0
  for (; at < bytes.length && (bytes[at] === lineFeed || bytes[at] === carriageReturn); at++) {
    if (bytes[at] === lineFeed || bytes[at + 1] !== lineFeed) lines++
  }
  return { bytes: at, lines }
}
