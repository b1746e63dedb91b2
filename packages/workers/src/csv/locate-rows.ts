import type { BlockParser, ParseRequest } from './block-parser.js'
import { countPhysicalLines } from './reference-scan.js'
import type { RowStart } from './row-places.js'

/** Where a row's record stands. */
export interface RowPlace extends RowStart {
  /** Bytes of the record from there on, with its line end. */
  readonly recordBytes: number
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
  let midLine = request.midLine ?? false
  let rowsBefore = 0
  let record = 0
  let line = 0
  const step = (rowsMax: number) => {
    const parsed = parser.parse({ ...request, start, rowsMax, midLine })
    start = parsed.end
    midLine = parsed.midLine
    rowsBefore += parsed.rows
    line += parsed.lines
    record += parsed.records
    return parsed
  }
  for (const row of rows) {
    while (rowsBefore < row && step(row - rowsBefore).rows > 0) {
      // A parse may return fewer rows than asked for.
    }
    const before = { line, start }
    const { records, lastRowStart, end } = step(1)
    // What stands before the row is blank, a comment or left out for an error: the parse has not changed it.
    const passed = parser.inputView(before.start, lastRowStart)
    places.push({
      record: record - Math.min(1, records),
      line: before.line + countPhysicalLines(passed, 0, passed.length),
      byteOffset: lastRowStart,
      recordBytes: end - lastRowStart,
    })
  }
  return places
}
