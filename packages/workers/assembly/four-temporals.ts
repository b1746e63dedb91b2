// Dates of ten bytes, YYYY-MM-DD, and timestamps of nineteen, YYYY-MM-DD hh:mm:ss, four at a time.
import { areAllDigits, eightPairs, storeLanes, twoLanes } from './four-numbers'

const digitZero: u8 = 0x30
const dash: u8 = 0x2d
const colon: u8 = 0x3a
const space: u8 = 0x20
const letterT: u8 = 0x54
const dateBytes: usize = 10
const timestampBytes: usize = 19
/** The time begins behind the date and one byte between them. */
const timeAt: usize = dateBytes + 1
/** From 1 March of the year −400 to 1970-01-01. */
const daysToEpoch: i32 = 719468 + 146097
const secondsPerDay: i32 = 86_400
const microsPerSecond: i64 = 1_000_000
/** In place of the days of four dates that are not all dates. */
const notDates: i32 = i32.MIN_VALUE

/** Eight digits of each of two texts, less the digit 0, from the bytes of `first` and then `second`. */
function dateDigits(first: v128, second: v128): v128 {
  return v128.xor(
    i8x16.shuffle(first, second, 0, 1, 2, 3, 5, 6, 8, 9, 16, 17, 18, 19, 21, 22, 24, 25),
    i8x16.splat(digitZero as i8),
  )
}

/** The bytes between year, month and day of two dates, each some times. */
function dashes(first: v128, second: v128): v128 {
  return i8x16.shuffle(first, second, 4, 7, 20, 23, 4, 7, 20, 23, 4, 7, 20, 23, 4, 7, 20, 23)
}

/** The bytes behind two dates, each some times. */
function separators(first: v128, second: v128): v128 {
  return i8x16.shuffle(first, second, 10, 26, 10, 26, 10, 26, 10, 26, 10, 26, 10, 26, 10, 26, 10, 26)
}

function areSeparators(bytes: v128): bool {
  const isLetter = i8x16.eq(v128.or(bytes, i8x16.splat(space as i8)), i8x16.splat((letterT | space) as i8))
  return i8x16.all_true(v128.or(isLetter, i8x16.eq(bytes, i8x16.splat(space as i8))))
}

/** `numbers` / 5, below 10,000. */
function fifths(numbers: v128): v128 {
  return i32x4.shr_u(i32x4.mul(numbers, i32x4.splat(52429)), 18)
}

/**
 * Days from 1970-01-01 to four dates, each in the first ten bytes of its vector, as `daysOfDigits` finds them
 * for one; `notDates` in all lanes where one is none, or is a 29 February.
 */
function daysOfFour(date0: v128, date1: v128, date2: v128, date3: v128): v128 {
  const none = i32x4.splat(notDates)
  const first = dateDigits(date0, date1)
  const second = dateDigits(date2, date3)
  const dashBytes = i8x16.splat(dash as i8)
  const others = v128.or(v128.xor(dashes(date0, date1), dashBytes), v128.xor(dashes(date2, date3), dashBytes))
  if (v128.any_true(others) || !areAllDigits(first, second)) return none
  const firstPairs = eightPairs(first)
  const secondPairs = eightPairs(second)
  const hundreds = i16x8(100, 1, 0, 0, 100, 1, 0, 0)
  const firstYears = i32x4.dot_i16x8_s(firstPairs, hundreds)
  const secondYears = i32x4.dot_i16x8_s(secondPairs, hundreds)
  const year = i32x4.shuffle(firstYears, secondYears, 0, 2, 4, 6)
  const monthAndDay = i32x4.shuffle(firstPairs, secondPairs, 1, 3, 5, 7)
  const month = v128.and(monthAndDay, i32x4.splat(0xffff))
  const day = i32x4.shr_u(monthAndDay, 16)
  const one = i32x4.splat(1)
  const isFebruary = i32x4.eq(month, i32x4.splat(2))
  // 31 or 30 days, 28 in February: what is true is −1.
  const odd = v128.and(v128.xor(month, i32x4.shr_u(month, 3)), one)
  const daysMax = i32x4.add(i32x4.add(i32x4.splat(30), odd), i32x4.shl(isFebruary, 1))
  const isNoMonth = i32x4.gt_u(i32x4.sub(month, one), i32x4.splat(11))
  const isNoDay = i32x4.ge_u(i32x4.sub(day, one), daysMax)
  if (v128.any_true(v128.or(isNoMonth, isNoDay))) return none
  // Years that begin in March, 400 more than they are.
  const beforeMarch = i32x4.le_s(month, i32x4.splat(2))
  const marchYear = i32x4.add(i32x4.add(year, i32x4.splat(400)), beforeMarch)
  const marchMonth = i32x4.sub(i32x4.add(month, v128.and(beforeMarch, i32x4.splat(12))), i32x4.splat(3))
  const centuries = i32x4.shr_u(i32x4.mul(marchYear, i32x4.splat(5243)), 19)
  const leapDays = i32x4.add(i32x4.sub(i32x4.shr_u(marchYear, 2), centuries), i32x4.shr_u(centuries, 2))
  const monthDays = fifths(i32x4.add(i32x4.mul(marchMonth, i32x4.splat(153)), i32x4.splat(2)))
  const yearDays = i32x4.add(i32x4.mul(marchYear, i32x4.splat(365)), leapDays)
  const days = i32x4.add(i32x4.add(yearDays, monthDays), day)
  return i32x4.sub(days, i32x4.splat(daysToEpoch + 1))
}

/** The digits hhmmss of two times in the lanes of `times`, less the digit 0, and two zeros behind each. */
function timeDigits(times: v128): v128 {
  const digits = v128.xor(times, i8x16.splat(digitZero as i8))
  return i8x16.swizzle(digits, i8x16(0, 1, 3, 4, 6, 7, -1, -1, 8, 9, 11, 12, 14, 15, -1, -1))
}

/** Not zero where a byte between hours, minutes and seconds of two times is no colon. */
function noColons(times: v128): v128 {
  const between = i8x16(0, 0, -1, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, -1, 0, 0)
  return v128.and(v128.xor(times, i8x16.splat(colon as i8)), between)
}

/**
 * Seconds of two times in even lanes, minutes and hours with them; what else there is of them in odd ones.
 */
function secondsOfTwo(pairs: v128): v128 {
  return i32x4.dot_i16x8_s(pairs, i16x8(3600, 60, 1, 0, 3600, 60, 1, 0))
}

/** Seconds of day of four times hh:mm:ss, two in each vector; `notDates` in all lanes where one is none. */
function secondsOfFour(first: v128, second: v128): v128 {
  const none = i32x4.splat(notDates)
  if (v128.any_true(v128.or(noColons(first), noColons(second)))) return none
  const firstDigits = timeDigits(first)
  const secondDigits = timeDigits(second)
  if (!areAllDigits(firstDigits, secondDigits)) return none
  const firstPairs = eightPairs(firstDigits)
  const secondPairs = eightPairs(secondDigits)
  const most = i16x8(23, 59, 59, 0, 23, 59, 59, 0)
  if (v128.any_true(i16x8.gt_u(i16x8.max_u(firstPairs, secondPairs), most))) return none
  const firstParts = secondsOfTwo(firstPairs)
  const secondParts = secondsOfTwo(secondPairs)
  return i32x4.add(
    i32x4.shuffle(firstParts, secondParts, 0, 2, 4, 6),
    i32x4.shuffle(firstParts, secondParts, 1, 3, 5, 7),
  )
}

/** Writes the microseconds of four timestamps as lanes. */
function storeMicros(values: usize, days: v128, seconds: v128): void {
  const perDay = i32x4.splat(secondsPerDay)
  const micros = i64x2.splat(microsPerSecond)
  const first = i64x2.add(i64x2.extmul_low_i32x4_s(days, perDay), i64x2.extend_low_i32x4_s(seconds))
  const second = i64x2.add(i64x2.extmul_high_i32x4_s(days, perDay), i64x2.extend_high_i32x4_s(seconds))
  v128.store(values, i64x2.mul(first, micros))
  v128.store(values, i64x2.mul(second, micros), 16)
}

/**
 * Parses dates, or timestamps, four at a time, and returns how many of `rows` cells it has parsed: those in
 * front of the first four that are not all written so, or among which there is a 29 February.
 */
export function parseFourTemporals(
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: usize,
  values: usize,
  withTime: bool,
): usize {
  const bytes = withTime ? timestampBytes : dateBytes
  const wholeRows = rows & ~3
  for (let row: usize = 0; row < wholeRows; row += 4) {
    const start0 = (load<u32>(starts) as usize) + startBias
    const start1 = (load<u32>(starts + startStride) as usize) + startBias
    const start2 = (load<u32>(starts + 2 * startStride) as usize) + startBias
    const start3 = (load<u32>(starts + 3 * startStride) as usize) + startBias
    const other0 = ((load<u32>(ends) as usize) - start0) ^ bytes
    const other1 = ((load<u32>(ends + endStride) as usize) - start1) ^ bytes
    const other2 = ((load<u32>(ends + 2 * endStride) as usize) - start2) ^ bytes
    const other3 = ((load<u32>(ends + 3 * endStride) as usize) - start3) ^ bytes
    if ((other0 | other1 | other2 | other3) !== 0) return row
    const date0 = v128.load(start0)
    const date1 = v128.load(start1)
    const date2 = v128.load(start2)
    const date3 = v128.load(start3)
    const days = daysOfFour(date0, date1, date2, date3)
    if (i32x4.extract_lane(days, 0) === notDates) return row
    if (withTime) {
      if (!areSeparators(separators(date0, date1)) || !areSeparators(separators(date2, date3))) return row
      const seconds = secondsOfFour(
        twoLanes(load<u64>(start0, timeAt), load<u64>(start1, timeAt)),
        twoLanes(load<u64>(start2, timeAt), load<u64>(start3, timeAt)),
      )
      if (i32x4.extract_lane(seconds, 0) === notDates) return row
      storeMicros(values, days, seconds)
    } else storeLanes(values, days)
    starts += 4 * startStride
    ends += 4 * endStride
    values += 32
  }
  return wholeRows
}
