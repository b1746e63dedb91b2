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
  isMillraceError,
  type LogicalType,
  MillraceError,
  type Parameters,
  QueryResult,
  type ResultColumn,
  type Row,
} from '@millrace/core'
export {
  type CopyOptions,
  Database,
  type DatabaseOptions,
  type ImportError,
  type ImportErrorKind,
  type ImportProgress,
  type ImportResult,
  type QueryOptions,
  sniffCsvFile,
} from '@millrace/workers'
