/** What the other packages of Millrace build on. Not for users: it may change with any release. */
export * from './buffer/index.js'
export * from './catalog/index.js'
export * from './column/index.js'
export {
  type Int64Mode,
  QueryResult,
  QueryRun,
  type ResultVector,
  rowMaker,
  valueReader,
} from './cypher/index.js'
export * from './delta/index.js'
export * from './errors/index.js'
export * from './format/index.js'
export * from './io/index.js'
export * from './limits.js'
export * from './memory/index.js'
export { logPathOf } from './recovery.js'
export { Store } from './store.js'
export type {
  CheckpointOptions,
  CommitOptions,
  RecoveryReport,
  StoreOptions,
  VersionsInUse,
} from './store-options.js'
export * from './table/index.js'
export * from './transaction/index.js'
export * from './types/index.js'
export * from './values/index.js'
export * from './wal/index.js'
