/** How one segment is going to be written: decided before a byte of it is. */
import type { Arena } from '../memory/index.js'
import type { SegmentWriter } from './encodings/context.js'
import type { ColumnKernels } from './kernels.js'
import type { Encoding, SegmentStats } from './segment.js'

export interface EncodeContext {
  readonly arena: Arena
  readonly kernels: ColumnKernels
}

export interface EncodingPlan {
  readonly encoding: Encoding
  readonly stats: SegmentStats
  readonly strictlyIncreasing: boolean
  /** Of a decimal segment; else 0. */
  readonly scale: number
  /** Size of the body: exact, or, when it ends in a compressed heap, its size without the blocks. */
  readonly bodyBytes: number
  /**
   * Writes the body and returns its end, or null when the blocks of a heap do not fit before the writer's
   * limit.
   */
  write(writer: SegmentWriter): number | null
}
