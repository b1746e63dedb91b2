/**
 * What anyone may build on: errors with their codes, types and schemas, limits, and the catalog as a value.
 * The store itself is behind `@millrace/core/internal`: databases are opened with `Database` of the package
 * `millrace`.
 */
export type {
  Catalog,
  CsrGroup,
  KeyIndexManifest,
  KeyIndexRun,
  NodeTable,
  RelRun,
  RelTable,
  RowGroup,
  Table,
} from './catalog/model.js'
export type { ResultColumn } from './cypher/plan/plan.js'
export type { PendingQuery } from './cypher/result/pending-query.js'
export { QueryResult } from './cypher/result/query-result.js'
export type { Row } from './cypher/result/row-maker.js'
export {
  catalogue,
  type ErrorCode,
  type ErrorDetails,
  isMillraceError,
  MillraceError,
} from './errors/index.js'
export * from './limits.js'
export * from './types/index.js'
export { textOfBlob, textOfFloat } from './values/index.js'
