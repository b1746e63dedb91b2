/**
 * One pass over the lanes of a column that finds its statistics and what each packing would take.
 *
 * An int summary, 32 bytes and then 32 bytes for each miniblock:
 *
 * | at | bytes | holds                                                                      |
 * |----|-------|----------------------------------------------------------------------------|
 * | 0  | 8     | smallest value                                                             |
 * | 8  | 8     | largest value                                                              |
 * | 16 | 4     | 1 when every value is greater than the one before                          |
 * | 20 | 4     | bytes of the miniblocks when bit-packed over their base                    |
 * | 24 | 4     | bytes of the miniblocks when their differences are bit-packed              |
 * | 28 | 4     | zero                                                                       |
 * | 32 | 32    | of each miniblock: smallest, largest value, smallest, largest difference   |
 *
 * Differences wrap; a miniblock of one value has the difference 0.
 *
 * A double summary, 24 bytes: smallest, largest value without NaN (+∞ and −∞ when there is none), u32 1 when
 * all lanes have the same bits, u32 zero.
 */
import { miniblockRows, widthOf } from './bit-packing'

const headerBytes: usize = 32
const entryBytes: usize = 32

function smaller(left: v128, right: v128): v128 {
  return v128.bitselect(right, left, i64x2.gt_s(left, right))
}

function larger(left: v128, right: v128): v128 {
  return v128.bitselect(left, right, i64x2.gt_s(left, right))
}

function leastOf(pair: v128): i64 {
  return min<i64>(i64x2.extract_lane(pair, 0), i64x2.extract_lane(pair, 1))
}

function greatestOf(pair: v128): i64 {
  return max<i64>(i64x2.extract_lane(pair, 0), i64x2.extract_lane(pair, 1))
}

/** Fills the entry of one miniblock of `count` lanes; says whether they strictly increase. */
function analyzeMiniblock(lanes: usize, count: i32, entry: usize): bool {
  let least = v128.load64_splat(lanes)
  let greatest = least
  let leastDifference = i64x2.splat(i64.MAX_VALUE)
  let greatestDifference = i64x2.splat(i64.MIN_VALUE)
  let increasing = i64x2.splat(-1)
  // Each step takes lanes i and i + 1, and their differences to lanes i + 1 and i + 2.
  const end = lanes + ((<usize>count) << 3)
  while (lanes + 24 <= end) {
    const here = v128.load(lanes)
    const next = v128.load(lanes, 8)
    const difference = i64x2.sub(next, here)
    least = smaller(least, here)
    greatest = larger(greatest, here)
    leastDifference = smaller(leastDifference, difference)
    greatestDifference = larger(greatestDifference, difference)
    increasing = v128.and(increasing, i64x2.gt_s(next, here))
    lanes += 16
  }
  // One or two lanes are left.
  while (lanes < end) {
    const here = v128.load64_splat(lanes)
    least = smaller(least, here)
    greatest = larger(greatest, here)
    if (lanes + 8 < end) {
      const next = v128.load64_splat(lanes, 8)
      const difference = i64x2.sub(next, here)
      leastDifference = smaller(leastDifference, difference)
      greatestDifference = larger(greatestDifference, difference)
      increasing = v128.and(increasing, i64x2.gt_s(next, here))
    }
    lanes += 8
  }
  store<i64>(entry, leastOf(least))
  store<i64>(entry, greatestOf(greatest), 8)
  store<i64>(entry, count === 1 ? 0 : leastOf(leastDifference), 16)
  store<i64>(entry, count === 1 ? 0 : greatestOf(greatestDifference), 24)
  return i64x2.all_true(increasing)
}

/** Fills the int summary of `rows` lanes at `values`. */
export function analyzeInts(values: usize, rows: i32, summary: usize): void {
  let least = i64.MAX_VALUE
  let greatest = i64.MIN_VALUE
  let increasing = true
  let packedBytes: u32 = 0
  let deltaBytes: u32 = 0
  let entry = summary + headerBytes
  for (let row: i32 = 0; row < rows; row += miniblockRows) {
    const count = min<i32>(miniblockRows, rows - row)
    const lanes = values + ((<usize>row) << 3)
    increasing = analyzeMiniblock(lanes, count, entry) && increasing
    if (row > 0 && load<i64>(lanes) <= load<i64>(lanes - 8)) increasing = false
    const low = load<i64>(entry)
    const high = load<i64>(entry, 8)
    least = min<i64>(least, low)
    greatest = max<i64>(greatest, high)
    const octets = <u32>(count + 7) >> 3
    packedBytes += octets * widthOf(<u64>(high - low))
    deltaBytes += octets * widthOf(<u64>(load<i64>(entry, 24) - load<i64>(entry, 16)))
    entry += entryBytes
  }
  store<i64>(summary, least)
  store<i64>(summary, greatest, 8)
  store<u32>(summary, increasing ? 1 : 0, 16)
  store<u32>(summary, packedBytes, 20)
  store<u32>(summary, deltaBytes, 24)
  store<u32>(summary, 0, 28)
}

/** Fills the double summary of `rows` lanes at `values`. */
export function analyzeDoubles(values: usize, rows: i32, summary: usize): void {
  let least = f64x2.splat(Infinity)
  let greatest = f64x2.splat(-Infinity)
  let differing = i64x2.splat(0)
  const first = v128.load64_splat(values)
  const end = values + ((<usize>rows) << 3)
  while (values + 16 <= end) {
    const lanes = v128.load(values)
    // The pseudo-minimum keeps its first operand when the second is NaN.
    least = f64x2.pmin(least, lanes)
    greatest = f64x2.pmax(greatest, lanes)
    differing = v128.or(differing, v128.xor(lanes, first))
    values += 16
  }
  if (values < end) {
    const lane = v128.load64_splat(values)
    least = f64x2.pmin(least, lane)
    greatest = f64x2.pmax(greatest, lane)
    differing = v128.or(differing, v128.xor(lane, first))
  }
  // Adding zero turns −0 into 0, so that the sign of a zero does not depend on the order of the lanes.
  store<f64>(summary, min<f64>(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1)) + 0.0)
  store<f64>(summary, max<f64>(f64x2.extract_lane(greatest, 0), f64x2.extract_lane(greatest, 1)) + 0.0, 8)
  store<u32>(summary, v128.any_true(differing) ? 0 : 1, 16)
  store<u32>(summary, 0, 20)
}
