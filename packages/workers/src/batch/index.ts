/**
 * Batches: the shared slots in which they travel, the credits that bound them, and what an encoded one is.
 */
export {
  type AbsentColumn,
  type EncodedBatch,
  type EncodeSpec,
  sealNodeBatch,
  unsealNodeBatch,
} from './encoded-batch.js'
export { SlotPool } from './slot-pool.js'
