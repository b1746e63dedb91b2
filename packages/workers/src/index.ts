/**
 * The ingestion engine: everything of Millrace that knows a thread, and the database as its users see it.
 */
export type { SniffedColumn, SniffedCsv } from './csv/index.js'
export { Database } from './database.js'
export type { DatabaseOptions } from './database-options.js'
export type {
  CopyOptions,
  ImportError,
  ImportErrorKind,
  ImportProgress,
  ImportResult,
  ImportSource,
  ImportTimings,
  QuotePlace,
  SniffFileOptions as SniffOptions,
} from './import/index.js'
export type {
  ArrowTable,
  CsvBatch,
  CsvColumn,
  CsvColumnInfo,
  CsvReadResult,
  CsvRow,
  NumberColumn,
  ReadOptions,
  TextColumn,
} from './read/index.js'
export { CsvReader, readCsv } from './read-csv.js'
export { sniffCsvFile } from './sniff-csv-file.js'
export type { QueryOptions, RunOptions, Transaction } from './transactions/index.js'
