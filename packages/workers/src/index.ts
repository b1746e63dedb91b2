/**
 * The ingestion engine: everything of Millrace that knows a thread, and the database as its users see it.
 */
export { Database, type QueryOptions } from './database.js'
export type { DatabaseOptions } from './database-options.js'
export type {
  CopyOptions,
  ImportError,
  ImportErrorKind,
  ImportProgress,
  ImportResult,
  ImportSource,
  ImportTimings,
} from './import/index.js'
