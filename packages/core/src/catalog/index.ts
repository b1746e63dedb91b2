/**
 * What tables there are and where their data lies: the model, its bytes, and its changes. A catalog is a
 * value.
 */
export { applyChange, emptyCatalog } from './change.js'
export {
  decodeCatalog,
  decodeChange,
  encodeCatalog,
  encodeChange,
  inSharedBytes,
  writeCatalog,
} from './codec.js'
export { findTable, requireTable, requireTableById } from './lookup.js'
export * from './model.js'
export { type ChangedPages, changedPages, type TableRun, tableExtents, tableRuns } from './page-runs.js'
export { planTable } from './plan-table.js'
export {
  factsOf,
  PackedSegments,
  segmentFacts,
  type UnplacedRowGroup,
  unplacedRowGroup,
} from './row-group-codec.js'
export {
  type FinishedSource,
  type LoadPosition,
  type LoadProgress,
  type LoadRejects,
  type LoadSource,
  sourceHashBytes,
  type TableLoads,
  type UnfinishedLoad,
} from './table-loads.js'
