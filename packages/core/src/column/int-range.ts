/** Which integers a segment holds, as its statistics prove. */
import type { SegmentStats } from './segment.js'

/** Integers up to this magnitude are exact as numbers. */
const exactMax = 2n ** 53n

/** Below this magnitude the kernels convert two integers at a time. */
const smallMax = 2n ** 50n

function within(stats: SegmentStats, limit: bigint): boolean {
  return stats.kind === 'int' && stats.min >= -limit && stats.max <= limit
}

/** Every value is exact as a number. */
export function allExact(stats: SegmentStats): boolean {
  return within(stats, exactMax)
}

/** Every value is small enough for the kernels' fast conversion. */
export function allSmall(stats: SegmentStats): boolean {
  return within(stats, smallMax)
}
