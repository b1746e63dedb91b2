/**
 * What may be wrong when most records are refused: said loudly, so that nobody takes a fragment for the
 * whole.
 */
import type { Dialect, ErrorKinds } from '../csv/index.js'
import type { ImportErrorKind } from '../errors/index.js'
import type { ErrorLog } from './error-log.js'
import type { ImportError } from './result.js'

/** Part of the records that is worth a warning, and how many it takes. */
const shareOfRecords = 0.5
const recordsLeast = 10
/** Part of the errors that must be alike for a guess at their reason. */
const shareAlike = 0.8

/** The kind that most errors are of, if they are. */
function commonKind(kinds: ErrorKinds, count: number): ImportErrorKind | undefined {
  const found = Object.entries(kinds).find(([, each]) => each >= count * shareAlike)
  return found?.[0] as ImportErrorKind | undefined
}

/** The column that most of `errors` are in, if they are. */
function commonColumn(errors: readonly ImportError[]): string | undefined {
  const counts = new Map<string, number>()
  for (const { column } of errors) {
    if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1)
  }
  return [...counts].find(([, count]) => count >= errors.length * shareAlike)?.[0]
}

function reasonOf(
  kind: ImportErrorKind | undefined,
  errors: readonly ImportError[],
  dialect: Dialect,
): string {
  const column = commonColumn(errors)
  const inColumn = column === undefined ? 'in several columns' : `in the column ${column}`
  switch (kind) {
    case 'ragged': {
      const used = JSON.stringify(String.fromCharCode(dialect.delimiter))
      return `they have another number of fields than the first record: the delimiter may not be ${used}, or lines before the header are to be skipped (skip)`
    }
    case 'type':
      return column === undefined
        ? 'their values are not of the types of several columns: the columns may be in another order, or the delimiter another'
        : `their values ${inColumn} are not of its type: it may be the wrong column, or need another type, nullStrings, or another format of numbers or dates`
    case 'nullKey':
      return `they have no value ${inColumn}: it may be the wrong column for a key`
    case 'missingNode':
      return `they name nodes ${inColumn} that do not exist: it may be the wrong column, the nodes may not be loaded yet, or both ends may be swapped (fromColumn, toColumn)`
    case 'duplicateKey':
      return 'their keys are there already: the file may have been loaded before'
    case 'quote':
    case 'unclosedQuote':
      return 'their quotes do not fit: quote or escape may be others'
    case 'encoding':
      return 'they are not UTF-8: set encoding to what the file is written in'
    case 'rowTooLong':
      return 'they are longer than maxRowBytes: a quote may not be closed'
    case undefined:
      return 'their errors are of several kinds: header, delimiter or quote may be others'
  }
}

/** Sentences for whoever may not have looked at the counts; none when most records were taken. */
export function diagnose(rows: number, errors: ErrorLog, dialect: Dialect): string[] {
  const { count, kinds, kept } = errors
  const records = rows + count
  if (count < recordsLeast || count < records * shareOfRecords) return []
  const share = `${count} of ${records} records were refused`
  return [`${share}; ${reasonOf(commonKind(kinds, count), kept, dialect)}.`]
}
