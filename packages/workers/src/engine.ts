/**
 * What an open database works with on the caller's thread. A module of its own, so that it can be loaded
 * while the writer thread starts: nothing of it is needed to start that.
 */
export {
  BufferPool,
  decodeCatalog,
  encodeCatalog,
  hasManySmallParts,
  MemoryBudget,
  nodeFileSystem,
  PageReader,
  removeLockOfThread,
  Snapshot,
  Store,
  stateWith,
  WriteTransaction,
  withIoErrors,
} from '@millrace/core/internal'
export { execute, PendingQuery, pendingStatement, runToEnd } from '@millrace/core/query'
export { AllowedPaths, Import, sniffCsvFile, untilAborted } from './import/index.js'
export { CsvSources } from './load-from/index.js'
export {
  CurrentState,
  changeTables,
  committedRows,
  copyOptionsOf,
  ForgottenStatements,
  importRow,
  isNeedless,
  MisuseGuard,
  OpenTransaction,
  PlanCache,
  Session,
  WriteQueue,
  withRefused,
} from './transactions/index.js'
