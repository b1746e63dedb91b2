/** Which integers a segment holds, as its statistics prove. */
import type { SegmentStats } from './segment.js'

/** Integers up to this magnitude are exact as numbers. */
const exactMax = 2n ** 53n

/** Every value is exact as a number. */
export function allExact(stats: SegmentStats): boolean {
  return stats.kind === 'int' && stats.min >= -exactMax && stats.max <= exactMax
}
