/**
 * What an open database works with on the caller's thread. A module of its own, so that it can be loaded
 * while the writer thread starts: nothing of it is needed to start that.
 */
export {
  applyChange,
  BufferPool,
  decodeCatalog,
  decodeChange,
  encodeCatalog,
  MemoryBudget,
  nodeFileSystem,
  PageReader,
  removeOwnLock,
  Snapshot,
  Store,
} from '@millrace/core/internal'
export { execute, prepare, statementResult } from '@millrace/core/query'
export { AllowedPaths, Import, sniffCsvFile } from './import/index.js'
