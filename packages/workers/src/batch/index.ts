/**
 * Batches: the shared slots in which they travel, the credits that bound them, what an encoded one is, and
 * the words that stop a load.
 */
export type {
  AbsentColumn,
  ColumnBatch,
  ColumnPlace,
  EncodedBatch,
  EncodeSpec,
  StoreBatch,
} from './encoded-batch.js'
export { laneWidth } from './lane-width.js'
export {
  beginCommit,
  beginTask,
  endCommit,
  LoadControl,
  LoadStopped,
  throwIfCalledOff,
  throwIfStopped,
} from './load-control.js'
export { SlotPool } from './slot-pool.js'
