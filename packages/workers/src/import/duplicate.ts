/** Names the file, row and line of a duplicate key, of which the store knows only the row of the load. */
import { Arena, MemoryBudget, type MillraceError, type Table } from '@millrace/core/internal'
import { BlockParser, locateRows } from '../csv/index.js'
import type { ParseJob } from '../threads/index.js'
import { errorOfRecord, placeOf } from './error-log.js'
import type { Ledger, LedgerEntry } from './ledger.js'
import type { ImportError } from './result.js'

/** File, row, line and byte of row `row` of the load. */
type Place = Pick<ImportError, 'file' | 'row' | 'line' | 'byteOffset'>

/** Parses the batch again up to the row. A stream's bytes are gone; then the place of the batch has to do. */
function placeInBatch(entry: LedgerEntry, row: number, job: ParseJob): Place {
  const { input } = entry.source
  const inBatch = row - entry.firstRow
  const start = { file: input.name, byteOffset: entry.start, line: entry.linesBefore + 1 }
  if (input.bytes.kind === 'ring') return { ...start, row: entry.recordsBefore + inBatch + 1 }
  const length = entry.end - entry.start
  const bytesMax = length + job.maxRowBytes + job.rowsMax * 9 * job.columns.length + (8 << 20)
  const parser = new BlockParser(new Arena(new MemoryBudget(bytesMax), bytesMax), {
    dialect: job.dialect,
    columns: job.columns,
    fieldCount: job.fieldCount,
    rowsMax: job.rowsMax,
    maxRowBytes: job.maxRowBytes,
    ignoreErrors: job.ignoreErrors,
    errorsKeptMax: 0,
    inputBytesMax: length,
  })
  input.read(parser.inputView(0, length), entry.start)
  const request = { length, blockBytes: length, start: 0, atEnd: true, rowsMax: job.rowsMax }
  const [place] = locateRows(parser, request, [inBatch])
  if (place === undefined) return { ...start, row: entry.recordsBefore + inBatch + 1 }
  return {
    file: input.name,
    row: entry.recordsBefore + place.record + 1,
    line: entry.linesBefore + place.line + 1,
    byteOffset: entry.start + place.byteOffset,
  }
}

/** The error of the writer with the places that the ledger knows. */
export function errorOfDuplicate(
  error: MillraceError,
  ledger: Ledger,
  job: ParseJob,
  table: Table,
): MillraceError {
  const { loadRow, firstLoadRow, value, column } = error.details
  const entry = typeof loadRow === 'number' ? ledger.find(loadRow) : undefined
  if (entry === undefined || typeof loadRow !== 'number') return error
  const place = placeInBatch(entry, loadRow, job)
  const firstEntry = typeof firstLoadRow === 'number' ? ledger.find(firstLoadRow) : undefined
  const first =
    firstEntry === undefined || typeof firstLoadRow !== 'number'
      ? ', in the table already'
      : `: ${placeOf(placeInBatch(firstEntry, firstLoadRow, job))}`
  const record: ImportError = {
    ...place,
    column: String(column),
    kind: 'duplicateKey',
    message: 'the key is already there',
    text: String(value),
  }
  return errorOfRecord(record, { table: table.name, column: String(column), value: String(value), first })
}
