// Dates of ten bytes, YYYY-MM-DD, four at a time.
import { areAllDigits, eightPairs, storeLanes } from './four-numbers'

const digitZero: u8 = 0x30
const dash: u8 = 0x2d
/** From 1 March of the year −400 to 1970-01-01. */
const daysToEpoch: i32 = 719468 + 146097

/**
 * The digits YYYYMMDD of the dates in the first ten bytes of `first` and `second`, in a lane each, less the
 * digit 0.
 */
function digitsOfTwo(first: v128, second: v128): v128 {
  return v128.xor(
    i8x16.shuffle(first, second, 0, 1, 2, 3, 5, 6, 8, 9, 16, 17, 18, 19, 21, 22, 24, 25),
    i8x16.splat(digitZero as i8),
  )
}

/** The bytes between year, month and day of two dates, each twice. */
function dashesOfTwo(first: v128, second: v128): v128 {
  return i8x16.shuffle(first, second, 4, 7, 20, 23, 4, 7, 20, 23, 4, 7, 20, 23, 4, 7, 20, 23)
}

/** `number` / 5 of numbers below 10,000, in four lanes. */
function fifths(numbers: v128): v128 {
  return i32x4.shr_u(i32x4.mul(numbers, i32x4.splat(52429)), 18)
}

/**
 * Parses dates, four at a time, and returns how many of `rows` cells it has parsed: those in front of the
 * first four that are not all such dates, or among which there is a 29 February. As `daysOfDigits` does it
 * for one.
 */
export function parseFourDates(
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: usize,
  values: usize,
): usize {
  const wholeRows = rows & ~3
  for (let row: usize = 0; row < wholeRows; row += 4) {
    const start0 = (load<u32>(starts) as usize) + startBias
    const start1 = (load<u32>(starts + startStride) as usize) + startBias
    const start2 = (load<u32>(starts + 2 * startStride) as usize) + startBias
    const start3 = (load<u32>(starts + 3 * startStride) as usize) + startBias
    const length0 = (load<u32>(ends) as usize) - start0
    const length1 = (load<u32>(ends + endStride) as usize) - start1
    const length2 = (load<u32>(ends + 2 * endStride) as usize) - start2
    const length3 = (load<u32>(ends + 3 * endStride) as usize) - start3
    if (((length0 ^ 10) | (length1 ^ 10) | (length2 ^ 10) | (length3 ^ 10)) !== 0) return row
    const date0 = v128.load(start0)
    const date1 = v128.load(start1)
    const date2 = v128.load(start2)
    const date3 = v128.load(start3)
    const first = digitsOfTwo(date0, date1)
    const second = digitsOfTwo(date2, date3)
    const others = v128.or(
      v128.xor(dashesOfTwo(date0, date1), i8x16.splat(dash as i8)),
      v128.xor(dashesOfTwo(date2, date3), i8x16.splat(dash as i8)),
    )
    if (v128.any_true(others) || !areAllDigits(first, second)) return row
    const firstPairs = eightPairs(first)
    const secondPairs = eightPairs(second)
    const hundreds = i16x8(100, 1, 0, 0, 100, 1, 0, 0)
    const year = i32x4.shuffle(
      i32x4.dot_i16x8_s(firstPairs, hundreds),
      i32x4.dot_i16x8_s(secondPairs, hundreds),
      0,
      2,
      4,
      6,
    )
    const monthAndDay = i32x4.shuffle(firstPairs, secondPairs, 1, 3, 5, 7)
    const month = v128.and(monthAndDay, i32x4.splat(0xffff))
    const day = i32x4.shr_u(monthAndDay, 16)
    const one = i32x4.splat(1)
    const isFebruary = i32x4.eq(month, i32x4.splat(2))
    // 31 or 30 days, 28 in February: what is true is −1.
    const odd = v128.and(v128.xor(month, i32x4.shr_u(month, 3)), one)
    const twoLess = i32x4.shl(isFebruary, 1)
    const daysMax = i32x4.add(i32x4.add(i32x4.splat(30), odd), twoLess)
    const wrong = v128.or(
      i32x4.gt_u(i32x4.sub(month, one), i32x4.splat(11)),
      i32x4.ge_u(i32x4.sub(day, one), daysMax),
    )
    if (v128.any_true(wrong)) return row
    // Years that begin in March, 400 more than they are.
    const beforeMarch = i32x4.le_s(month, i32x4.splat(2))
    const marchYear = i32x4.add(i32x4.add(year, i32x4.splat(400)), beforeMarch)
    const marchMonth = i32x4.sub(i32x4.add(month, v128.and(beforeMarch, i32x4.splat(12))), i32x4.splat(3))
    const centuries = i32x4.shr_u(i32x4.mul(marchYear, i32x4.splat(5243)), 19)
    const leapDays = i32x4.add(i32x4.sub(i32x4.shr_u(marchYear, 2), centuries), i32x4.shr_u(centuries, 2))
    const monthDays = fifths(i32x4.add(i32x4.mul(marchMonth, i32x4.splat(153)), i32x4.splat(2)))
    const yearDays = i32x4.add(i32x4.mul(marchYear, i32x4.splat(365)), leapDays)
    const days = i32x4.add(i32x4.add(yearDays, monthDays), day)
    storeLanes(values, i32x4.sub(days, i32x4.splat(daysToEpoch + 1)))
    starts += 4 * startStride
    ends += 4 * endStride
    values += 32
  }
  return wholeRows
}
