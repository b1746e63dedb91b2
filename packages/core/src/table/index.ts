/**
 * Tables: how batches become row groups, keys become findable and relationships become CSR; and how all of it
 * is read again.
 *
 * Three halves: encoding (`encode*`, `KeyResolver`: in a parse worker), receiving (`NodeLoad`, `RelLoad`: on
 * the writer thread), reading (`Snapshot`: on any thread). None of them knows a thread.
 */

export { type BuiltUnit, buildUnit } from './build-unit.js'
export type { TableProblem } from './check-report.js'
export { checkContents, checkTable } from './check-table.js'
export { checkedStore } from './checked-store.js'
export { type CsrSide, type CsrUnit, unitMemoryFor } from './csr-unit.js'
export { type DuplicateKey, DuplicateKeyError } from './duplicate-key.js'
export { type EncodedNodeBatch, type EncodedNodeGroup, encodeNodeBatch } from './encode-node-batch.js'
export {
  type EncodedRelBatch,
  encodeRelBatch,
  type RelPartitioning,
  relBatchBytesMax,
} from './encode-rel-batch.js'
export { gatherVectors } from './gather-vectors.js'
export type { GraphReader } from './graph-reader.js'
export { haveCodes } from './key-codes.js'
export { keyMapBytesMin } from './key-map.js'
export { type KeyPacking, keyPackingOf, sampleHasCodes } from './key-packing.js'
export { keyRanksBytes } from './key-ranks.js'
export { keyReadBytes, keyReadBytesUsual } from './key-read-bytes.js'
export {
  KeyResolver,
  type KeyResolverOptions,
  type KeysToResolve,
  keySegmentsBytes,
  lookUpBytes,
} from './key-resolver.js'
export { type Compaction, hasManySmallParts } from './merge/compaction.js'
export { isMergeDue, type Merge, mergeDelta } from './merge/merge-delta.js'
export { type DuplicateRows, type LoadOptions, NodeLoad, type NodeLoadOptions } from './node-load.js'
export type { NodeReader } from './node-reader.js'
export { fewNodeValues, isDeletedNode, NodeOverlay, nodeValue } from './overlay/node-overlay.js'
export { RelOverlay } from './overlay/rel-overlay.js'
export {
  type CsrSidePlan,
  RelLoad,
  type RelLoadOptions,
  type RelLoadSize,
  type RelStore,
  relLoadBytesMin,
} from './rel-load.js'
export type { CsrGroupReader, Direction, PlacedRelReader, RelReader } from './rel-reader.js'
export { degreeOf, relsOfNode } from './rels-of-node.js'
export { SegmentSource } from './segment-source.js'
export {
  createSharedMap,
  freeWindows,
  type SharedMapKind,
  type SharedMapPlace,
  type SharedMapWanted,
  sharedMapBytes,
} from './shared-map-place.js'
export { Snapshot, type SnapshotOptions } from './snapshot.js'
export { keysBeyondArithmetic } from './sorted-keys.js'
export { Spool } from './spool.js'
export { SpoolBlocks } from './spool-blocks.js'
export type { SpoolCursor } from './spool-cursor.js'
export {
  type BatchEncoderContext,
  createBatchEncoderContext,
  createWorkingMemory,
  type WorkingMemory,
} from './working-memory.js'
