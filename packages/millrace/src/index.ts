/**
 * Millrace: CSV into a durable, queryable graph store inside your Node.js process.
 *
 * ```ts
 * import { Database } from 'millrace'
 * await using db = await Database.open('flights.mill')
 * ```
 */
export {
  type Catalog,
  type ColumnSchema,
  type ErrorCode,
  type ErrorDetails,
  isMillraceError,
  type LogicalType,
  MillraceError,
  type NodeTable,
  type PendingQuery,
  QueryResult,
  type RelTable,
  type ResultColumn,
  type Row,
  type Table,
} from '@millrace/core'
export type { Parameters } from '@millrace/core/query'
export {
  type ArrowTable,
  type CopyOptions,
  type CsvBatch,
  type CsvColumn,
  type CsvColumnInfo,
  CsvReader,
  type CsvReadResult,
  type CsvRow,
  Database,
  type DatabaseOptions,
  type ImportError,
  type ImportErrorKind,
  type ImportProgress,
  type ImportResult,
  type ImportSource,
  type ImportTimings,
  type NumberColumn,
  type QueryOptions,
  type QuotePlace,
  type ReadOptions,
  type RunOptions,
  readCsv,
  type SniffedCsv,
  type SniffOptions,
  sniffCsvFile,
  type TextColumn,
  type Transaction,
} from '@millrace/workers'
