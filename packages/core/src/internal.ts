/** What the other packages of Millrace build on. Not for users: it may change with any release. */
export * from './base.js'
export * from './buffer/index.js'
export * from './catalog/index.js'
export * from './column/index.js'
export * from './delta/index.js'
export * from './format/index.js'
export * from './io/index.js'
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
export * from './wal/index.js'
