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
 * Most columns hold small numbers: those are looked at four at a time, in half their width. A miniblock in
 * which one turns out not to be small is looked at again.
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

/** Lanes −2^30 … 2^30 − 1: neither they nor their differences are more than 32 bits. */
const smallBias: i64 = (<i64>1) << 30
const smallMask: i64 = ~(((<i64>1) << 31) - 1)

function isSmall(lane: i64): bool {
  return ((lane + smallBias) & smallMask) === 0
}

/** The low halves of the four lanes at `lanes`. */
function lowHalves(lanes: usize): v128 {
  return v128.shuffle<i32>(v128.load(lanes), v128.load(lanes, 16), 0, 2, 4, 6)
}

function storeLeast(entry: usize, fours: v128): void {
  const twos = i32x4.min_s(fours, v128.shuffle<i32>(fours, fours, 2, 3, 0, 1))
  store<i64>(entry, <i64>min<i32>(i32x4.extract_lane(twos, 0), i32x4.extract_lane(twos, 1)))
}

function storeGreatest(entry: usize, fours: v128): void {
  const twos = i32x4.max_s(fours, v128.shuffle<i32>(fours, fours, 2, 3, 0, 1))
  store<i64>(entry, <i64>max<i32>(i32x4.extract_lane(twos, 0), i32x4.extract_lane(twos, 1)))
}

/**
 * As `analyzeAny`, four lanes at a time in half their width. `count`: a multiple of four.
 * @returns 1 when the lanes strictly increase, 0 when not, −1 when there is one that is not small
 */
function analyzeSmall(lanes: usize, count: i32, entry: usize): i32 {
  const bias = i64x2.splat(smallBias)
  const end = lanes + ((<usize>count) << 3)
  let here = lowHalves(lanes)
  let beyond = v128.or(i64x2.add(v128.load(lanes), bias), i64x2.add(v128.load(lanes, 16), bias))
  let least = here
  let greatest = here
  let leastDifference = i32x4.splat(i32.MAX_VALUE)
  let greatestDifference = i32x4.splat(i32.MIN_VALUE)
  for (lanes += 32; lanes < end; lanes += 32) {
    const low = v128.load(lanes)
    const high = v128.load(lanes, 16)
    beyond = v128.or(beyond, v128.or(i64x2.add(low, bias), i64x2.add(high, bias)))
    const next = v128.shuffle<i32>(low, high, 0, 2, 4, 6)
    const difference = i32x4.sub(v128.shuffle<i32>(here, next, 1, 2, 3, 4), here)
    least = i32x4.min_s(least, next)
    greatest = i32x4.max_s(greatest, next)
    leastDifference = i32x4.min_s(leastDifference, difference)
    greatestDifference = i32x4.max_s(greatestDifference, difference)
    here = next
  }
  if (v128.any_true(v128.and(beyond, i64x2.splat(smallMask)))) return -1
  // The last three: the last lane has no next one, and repeats the difference before it.
  const difference = i32x4.sub(
    v128.shuffle<i32>(here, here, 1, 2, 3, 3),
    v128.shuffle<i32>(here, here, 0, 1, 2, 2),
  )
  leastDifference = i32x4.min_s(leastDifference, difference)
  greatestDifference = i32x4.max_s(greatestDifference, difference)
  storeLeast(entry, least)
  storeGreatest(entry + 8, greatest)
  storeLeast(entry + 16, leastDifference)
  storeGreatest(entry + 24, greatestDifference)
  return load<i64>(entry, 16) > 0 ? 1 : 0
}

/** Fills the entry of one miniblock of `count` lanes; says whether they strictly increase. */
function analyzeAny(lanes: usize, count: i32, entry: usize): bool {
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

/** Fills the entry of one miniblock of `count` lanes; says whether they strictly increase. */
function analyzeMiniblock(lanes: usize, count: i32, entry: usize): bool {
  if (
    (count & 3) === 0 &&
    isSmall(load<i64>(lanes)) &&
    isSmall(load<i64>(lanes + ((<usize>count) << 3) - 8))
  ) {
    const increasing = analyzeSmall(lanes, count, entry)
    if (increasing >= 0) return increasing === 1
  }
  return analyzeAny(lanes, count, entry)
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
