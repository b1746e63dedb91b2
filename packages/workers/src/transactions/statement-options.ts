/** How statements are run, whether in a transaction or by themselves. */
import { type Catalog, MillraceError, type Table } from '@millrace/core/internal'
import type { Prepared } from '@millrace/core/query'
import {
  type CopyOptions,
  type ImportProgress,
  type ImportResult,
  requireColumnsOf,
  withoutForeign,
} from '../import/index.js'

/** How the rows of a query are given out. */
export interface QueryOptions {
  /** INT64 values as numbers (an error beyond 2^53) or as bigints. Default `number`. */
  int64?: 'number' | 'bigint'
  /** Ends the query with the signal's reason, at the next turn of the event loop: about 10 ms at most. */
  signal?: AbortSignal
}

/** How a statement is stopped and watched. */
export interface RunOptions {
  /** Stops a COPY, which is rolled back, or a query, whether it gives rows or not. */
  signal?: AbortSignal
  /** Called at least every 100,000 rows of a COPY. */
  onProgress?: (progress: ImportProgress) => void
}

/**
 * The options of `copyFrom` for a COPY statement.
 * @throws MillraceError `MILLRACE_ARGUMENT` when the list behind the table's name has others than its columns
 */
export function copyOptionsOf(
  prepared: Extract<Prepared, { kind: 'copy' }>,
  runOptions: RunOptions,
  catalog: Catalog,
): CopyOptions {
  const table = catalog.tables.find(({ name }) => name === prepared.table)
  const own = withoutEnds(withoutForeign(prepared.options), table, catalog)
  const options = { ...Object.fromEntries(own), ...runOptions } as CopyOptions
  if (prepared.columns === null) return options
  if (table !== undefined) requireColumnsOf(table, prepared.columns, options)
  return { ...options, columns: prepared.columns }
}

/**
 * Without FROM and TO, by which Kùzu says between which tables the relationships of a file are: here a table
 * has but one pair.
 * @throws MillraceError `MILLRACE_ARGUMENT` when it is another
 */
function withoutEnds<Value>(
  options: Map<string, Value>,
  table: Table | undefined,
  { tables }: Catalog,
): Map<string, Value> {
  if (table?.kind !== 'rel') return options
  const ends = [
    ['from', table.fromTableId],
    ['to', table.toTableId],
  ] as const
  for (const [side, id] of ends) {
    const value = options.get(side)
    const end = tables.find((each) => each.id === id)!.name
    if (value !== undefined && value !== end) {
      const expected = `'${end}', as the table has it; the column with its keys is ${side.toUpperCase()}_COLUMN`
      throw new MillraceError('MILLRACE_ARGUMENT', { what: side, value: JSON.stringify(value), expected })
    }
    options.delete(side)
  }
  return options
}

/** The row that COPY gives in place of a result set; null where nothing was to be loaded. */
export function importRow(
  result: ImportResult | undefined,
): Record<string, string | number | string[]> | null {
  if (result === undefined) return null
  const { table, rowsImported, rowsSkipped, bytesProcessed, errorCount, ignoredColumns, elapsedMs } = result
  return {
    ...{ table, rowsImported, rowsSkipped, bytesProcessed, errorCount },
    ignoredColumns: [...ignoredColumns],
    elapsedMs: Math.round(elapsedMs),
  }
}
