/**
 * What a list of columns means. It picks columns of a header that has all of them; else it names the file's
 * columns in their order. A name that may be a slip of the pen is refused: it would leave a column out, or
 * put another one's values into it. Pure.
 */
import { MillraceError } from '@millrace/core/base'
import type { Table } from '@millrace/core/internal'
import { ColumnNames, calledColumns, columnNamesOf, missingColumn, shownNames } from './column-names.js'
import type { CopyOptions, ResolvedOptions } from './options.js'

type Named = Pick<ResolvedOptions, 'fromColumn' | 'toColumn'>

/** The names of the ends of a relationship, as a list or header has them where nothing else is said. */
const ends = ['from', 'to']

/** Names that are no columns of `table`: in a list they stand for columns that are left out. */
function strangersIn(table: Table, listed: readonly string[], options: Named): string[] {
  const own = [options.fromColumn, options.toColumn, ...ends].filter((name) => name !== null)
  const taken = new ColumnNames('', [...columnNamesOf(table), ...(table.kind === 'rel' ? own : [])])
  return listed.filter((name) => !taken.has(name))
}

/**
 * The file's columns in their order, as `listed` names them. Of relationships those behind the ends, which
 * are the first two then, when it names no end and begins with columns of the table.
 */
export function namesByPosition(table: Table, listed: readonly string[], options: Named): readonly string[] {
  if (table.kind === 'node' || options.fromColumn !== null || options.toColumn !== null) return listed
  const names = new ColumnNames('', listed)
  const own = ColumnNames.of(table)
  const isOfTable = listed.slice(0, 2).some((name) => own.has(name))
  return isOfTable && !ends.some((end) => names.has(end)) ? [...ends, ...listed] : listed
}

/**
 * The names to go by of a file with the names `header`, where `listed` is given.
 * @throws MillraceError `MILLRACE_MISSING_COLUMN`, when some are the header's and others are neither there
 * nor the table's, or the header's stand elsewhere; when they name the columns anew, but not all of them
 */
export function namesByHeader(
  table: Table,
  listed: readonly string[],
  header: readonly string[],
  file: string,
  options: Named,
): readonly string[] {
  const called = calledColumns(header, new ColumnNames('', listed))
  const names = new ColumnNames(file, called)
  const missing = listed.filter((name) => !names.has(name))
  if (missing.length === 0) return called
  const found = namesByPosition(table, listed, options)
  const isSame = (name: string, place: number) => name.toLowerCase() === called[place]?.toLowerCase()
  const isMoved = found.some((name, place) => names.has(name) && !isSame(name, place))
  const [stranger] = strangersIn(table, missing, options)
  // All of them named anew: some may be named for nothing.
  const isAnew = missing.length === listed.length
  // A line that ends in a delimiter ends in no column.
  const columnsThere = header.at(-1) === '' ? header.length - 1 : header.length
  const isWhole = found.length >= columnsThere
  if (isWhole && !isMoved && (stranger === undefined || isAnew)) return found
  throw missingColumn(file, stranger ?? missing[0]!, called)
}

/**
 * Checks the list behind the table's name in COPY, which is of the table's columns.
 * @throws MillraceError `MILLRACE_ARGUMENT` naming one that is not
 */
export function requireColumnsOf(table: Table, listed: readonly string[], options: CopyOptions): void {
  const { fromColumn = null, toColumn = null } = options
  const [stranger] = strangersIn(table, listed, { fromColumn, toColumn })
  if (stranger === undefined) return
  throw new MillraceError('MILLRACE_ARGUMENT', {
    what: 'the column list of COPY',
    value: JSON.stringify(stranger),
    expected: `columns of ${table.name}: ${shownNames(columnNamesOf(table))}`,
  })
}
