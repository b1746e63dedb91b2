/** How statements are run, whether in a transaction or by themselves. */
import { type Catalog, MillraceError, type Table } from '@millrace/core/internal'
import { csvOfNull, type Parameters, type Prepared } from '@millrace/core/query'
import {
  type CopyOptions,
  type ImportProgress,
  type ImportResult,
  refuseUnknown,
  requireColumnsOf,
  withoutForeign,
} from '../import/index.js'
import type { CsvSources } from '../load-from/index.js'

/** How the rows of a query are given out. */
export interface QueryOptions {
  /** INT64 values as numbers (an error beyond 2^53) or as bigints. Default `number`. */
  int64?: 'number' | 'bigint'
  /** Ends the query with the signal's reason, at the next turn of the event loop: about 10 ms at most. */
  signal?: AbortSignal
}

/** A statement as it was given. */
export interface AskedStatement {
  readonly statement: string
  readonly parameters: Parameters
  /** What finds its files. */
  readonly sources: CsvSources
}

/** How a statement is stopped and watched. */
export interface RunOptions {
  /** Stops a COPY, which is rolled back, or a query, whether it gives rows or not. */
  signal?: AbortSignal
  /** Called at least every 100,000 rows of a COPY. */
  onProgress?: (progress: ImportProgress) => void
}

/** Options of a load that say nothing of how files are written, nor how one goes on later. */
const optionNames: readonly (keyof CopyOptions)[] = [
  ...(['ignoreErrors', 'maxErrors', 'rejects', 'dryRun', 'maxRowBytes', 'blockSize', 'batchSize'] as const),
  ...(['threads', 'memoryBudget', 'signal', 'onProgress'] as const),
]

/**
 * The options of a COPY from a query: those that were given, and how its rows are written.
 * @throws MillraceError `MILLRACE_ARGUMENT` when one of them is about files
 */
function queryCopyOptions(given: CopyOptions): CopyOptions {
  refuseUnknown(Object.keys(given), optionNames, ' with COPY … FROM (…)')
  return { ...given, header: false, nullStrings: [csvOfNull], nonFinite: true }
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
  const given = { ...Object.fromEntries(own), ...runOptions } as CopyOptions
  const options = prepared.query === null ? given : queryCopyOptions(given)
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
