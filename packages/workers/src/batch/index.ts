/**
 * Batches: the shared slots in which they travel, the credits that bound them, and what an encoded one is.
 */
export {
  type AbsentColumn,
  type ColumnBatch,
  type ColumnPlace,
  type EncodedBatch,
  type EncodeSpec,
  type StoreBatch,
  sealNodeBatch,
  unsealNodeBatch,
} from './encoded-batch.js'
export { laneWidth } from './lane-width.js'
export { SlotPool } from './slot-pool.js'
