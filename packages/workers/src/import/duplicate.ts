/**
 * Names the file, row, line and byte of rows whose keys are there already: the store knows only rows of the
 * load.
 */
import type { DuplicateRows, MillraceError, Table } from '@millrace/core/internal'
import type { ErrorContent } from '../csv/index.js'
import { errorOfRecord, placeOf, recordOf } from './error-log.js'
import type { ImportError } from './result.js'
import type { RowFinder, RowsWanted } from './row-finder.js'

function contentOf(column: string, text: string): ErrorContent {
  return { column, kind: 'duplicateKey', message: 'the key is already there', text }
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

/** Which rows were left out, as many as `max`, and what is said of them; the first `describedMax` in full. */
export function duplicatesWanted(
  duplicates: DuplicateRows,
  keyColumn: string,
  max: number,
  describedMax: number,
): RowsWanted {
  const { values } = duplicates
  const untold = contentOf(keyColumn, '')
  const describe = (index: number) => (index < values.length ? contentOf(keyColumn, values[index]!) : untold)
  return { rows: markedRows(duplicates, max), describe, describedMax }
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
  const rows = [firstLoadRow, loadRow].filter((row) => typeof row === 'number')
  const describe = () => contentOf(String(column), String(value))
  const found: ImportError[] = []
  for await (const { before, errors } of finder.find({ rows, describe, describedMax: rows.length })) {
    found.push(...errors.map((each) => recordOf(each, before.file, before)))
  }
  const duplicate = found.pop()!
  const earlier = found.pop()
  const first = earlier === undefined ? ', in the table already' : `: ${placeOf(earlier)}`
  return errorOfRecord(duplicate, { table: table.name, column: String(column), value: String(value), first })
}
