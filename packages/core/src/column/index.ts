/**
 * Columns: buffers on the way in, segments at rest, vectors on the way out; encodings, statistics, hashes.
 */
export { type ColumnBuffer, laneBytes } from './column-buffer.js'
export { heapBytesBeside, stringHeadBytes } from './encodings/string-list.js'
export { hashKey, hashLanes, type KeyHash } from './hash.js'
export { type ColumnKernels, columnKernelsModule, instantiateKernels, loadColumnKernels } from './kernels.js'
export { kernelSlackBytes, miniblockRows } from './layout.js'
export {
  constantStringBytesMax,
  type Encoding,
  encodings,
  type SegmentDescriptor,
  type SegmentStats,
  statsPrefixBytesMax,
} from './segment.js'
export { decodeScratchBytes, SegmentDecoder } from './segment-decoder.js'
export { type EncodedSegment, encodeScratchBytes, SegmentEncoder } from './segment-encoder.js'
export type { BigIntVector, NumberVector, StringVector, Vector } from './vector.js'
