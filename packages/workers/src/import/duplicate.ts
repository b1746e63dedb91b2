/**
 * Names the file, row, line and byte of rows whose keys are there already: the store knows only rows of the
 * load.
 */
import type { DuplicateRows, MillraceError, Table } from '@millrace/core/internal'
import { errorOfRecord, placeOf } from './error-log.js'
import type { ImportError } from './result.js'
import type { FoundRow, RowFinder } from './row-finder.js'

/** A record that was left out because its key is there already. */
export interface DuplicateRecord {
  readonly error: ImportError
  /** Its bytes, with the line end; null where they are gone. */
  readonly record: Uint8Array | null
}

function errorOf({ place }: FoundRow, column: string, text: string): ImportError {
  return { ...place, column, kind: 'duplicateKey', message: 'the key is already there', text }
}

/** The first `max` rows that are marked. */
function* markedRows({ words }: DuplicateRows, max: number): Generator<number> {
  let found = 0
  for (let row = 0; found < max && row < words.length * 32; row++) {
    if (((words[row >>> 5]! >>> (row & 31)) & 1) === 0) continue
    found += 1
    yield row
  }
}

/** The records of rows that were left out, in file order, as many as `max`. */
export async function* duplicateRecords(
  duplicates: DuplicateRows,
  finder: RowFinder,
  keyColumn: string,
  max: number,
): AsyncGenerator<DuplicateRecord> {
  let found = 0
  for await (const row of finder.find(markedRows(duplicates, max))) {
    yield { error: errorOf(row, keyColumn, duplicates.values[found] ?? ''), record: row.record }
    found += 1
  }
}

/**
 * The error of the writer with the places of both rows.
 * @throws MillraceError `MILLRACE_SOURCE_CHANGED` when they are not there any more; the signal's reason
 */
export async function errorOfDuplicate(
  error: MillraceError,
  finder: RowFinder,
  table: Table,
): Promise<MillraceError> {
  const { loadRow, firstLoadRow, value, column } = error.details
  const found: FoundRow[] = []
  const rows = [firstLoadRow, loadRow].filter((row) => typeof row === 'number')
  for await (const row of finder.find(rows)) found.push(row)
  const duplicate = errorOf(found.pop()!, String(column), String(value))
  const earlier = found.pop()
  const first = earlier === undefined ? ', in the table already' : `: ${placeOf(earlier.place)}`
  return errorOfRecord(duplicate, { table: table.name, column: String(column), value: String(value), first })
}
