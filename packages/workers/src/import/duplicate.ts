/**
 * Names the file, row and line of rows whose keys are there already: the store knows only rows of the load.
 */
import {
  Arena,
  type DuplicateRows,
  MemoryBudget,
  type MillraceError,
  type Table,
} from '@millrace/core/internal'
import { BlockParser, type CsvError, heapBytesFor, locateRows } from '../csv/index.js'
import type { ParseJob } from '../threads/index.js'
import { errorOfRecord, placeOf } from './error-log.js'
import type { Ledger, LedgerEntry } from './ledger.js'
import type { ImportError } from './result.js'

/** File, row, line and byte of a row of the load. */
type Place = Pick<ImportError, 'file' | 'row' | 'line' | 'byteOffset'> & {
  /** Null where the input cannot be read again. */
  readonly recordBytes: CsvError['recordBytes']
}

function parserFor(entry: LedgerEntry, job: ParseJob): BlockParser {
  const length = entry.end - entry.start
  const heap = heapBytesFor(job.columns.map(({ type }) => type))
  const rowBytes = 9 * job.columns.length + heap.ofRow
  const bytesMax = length + job.maxRowBytes + job.rowsMax * rowBytes + heap.shared + (8 << 20)
  return new BlockParser(new Arena(new MemoryBudget(bytesMax), bytesMax), {
    dialect: job.dialect,
    columns: job.columns,
    fieldCount: job.fieldCount,
    rowsMax: job.rowsMax,
    maxRowBytes: job.maxRowBytes,
    ignoreErrors: job.ignoreErrors,
    errorsKeptMax: 0,
    inputBytesMax: length,
  })
}

/**
 * The places of some rows of a batch, ascending, found by parsing it again. A stream's bytes are gone; then
 * the place of the batch has to do.
 */
function placesInBatch(entry: LedgerEntry, rows: readonly number[], job: ParseJob): Place[] {
  const { input } = entry.source
  const file = input.name
  const inBatch = rows.map((row) => row - entry.firstRow)
  if (input.bytes.kind === 'ring') {
    const start = { file, byteOffset: entry.start, line: entry.linesBefore + 1, recordBytes: null }
    return inBatch.map((row) => ({ ...start, row: entry.recordsBefore + row + 1 }))
  }
  const length = entry.end - entry.start
  const parser = parserFor(entry, job)
  input.read(parser.inputView(0, length), entry.start)
  const { midLine } = entry
  const request = { length, blockBytes: length, start: 0, atEnd: true, rowsMax: job.rowsMax, midLine }
  return locateRows(parser, request, inBatch).map((place) => ({
    file,
    row: entry.recordsBefore + place.record + 1,
    line: entry.linesBefore + place.line + 1,
    byteOffset: entry.start + place.byteOffset,
    recordBytes: place.recordBytes,
  }))
}

function placeInBatch(entry: LedgerEntry, row: number, job: ParseJob): Omit<Place, 'recordBytes'> {
  const { recordBytes: _, ...place } = placesInBatch(entry, [row], job)[0]!
  return place
}

/** A record that was left out because its key is there already. */
export interface DuplicateRecord {
  readonly error: ImportError
  readonly entry: LedgerEntry
  /** Null where the input cannot be read again. */
  readonly recordBytes: number | null
}

/**
 * The records of rows that were left out, batch by batch in file order, as many as `max`. Lets the event loop
 * turn between batches.
 */
export async function* duplicateRecords(
  { words, values }: DuplicateRows,
  ledger: Ledger,
  job: ParseJob,
  keyColumn: string,
  max: number,
): AsyncGenerator<DuplicateRecord> {
  let found = 0
  for (const entry of ledger.entries) {
    const rows: number[] = []
    for (let row = entry.firstRow; row < entry.firstRow + entry.rows && found + rows.length < max; row++) {
      if (((words[row >>> 5] ?? 0) >>> (row & 31)) & 1) rows.push(row)
    }
    if (rows.length === 0) continue
    await new Promise((resolve) => setImmediate(resolve))
    for (const { recordBytes, ...place } of placesInBatch(entry, rows, job)) {
      const text = values[found] ?? ''
      const message = 'the key is already there'
      const error: ImportError = { ...place, column: keyColumn, kind: 'duplicateKey', message, text }
      yield { error, entry, recordBytes }
      found += 1
    }
    if (found >= max) return
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
