/**
 * Cypher: from the text of a statement to its meaning, and from a query's plan to its rows.
 *
 * - `parse` and `prepare` are pure: they touch no data, but for what LOAD FROM and CALL find of theirs.
 *   `execute` reads one snapshot, or reads and writes one transaction.
 * - A plan is plain data and belongs to the catalog it was made for; it can be run any number of times.
 */
export { type ExecuteOptions, execute } from './execute.js'
export type { Parameters } from './expression/parameters.js'
export type { ValueType } from './expression/types.js'
export type {
  CallRequest,
  ExternalBatch,
  ExternalColumn,
  ExternalOptions,
  ExternalRows,
  ExternalSources,
  FileRequest,
  RefusedRows,
} from './external.js'
export type { GraphReader, WritableGraph } from './graph.js'
export type { QueryPlan, ResultColumn } from './plan/plan.js'
export { type CopiedQuery, type Prepared, prepare } from './prepare.js'
export { csvOfBatch, csvOfNull } from './result/csv-text.js'
export { PendingQuery, pendingStatement } from './result/pending-query.js'
export { QueryResult } from './result/query-result.js'
export { QueryRun, type QueryRunOptions, type ResultStart } from './result/query-run.js'
export type { EntityTable, EntityVector, ResultBatch, ResultVector } from './result/result-batch.js'
export { type Row, type RowMaker, rowMaker, type ValueReader } from './result/row-maker.js'
export { runToEnd } from './result/run-to-end.js'
export { type Entity, type Int64Mode, valueReader } from './result/values.js'
export type { OptionValue, Statement } from './syntax/ast.js'
export { parse, splitStatements } from './syntax/parse.js'
export { vectorOfLanes } from './vectors/lanes.js'
