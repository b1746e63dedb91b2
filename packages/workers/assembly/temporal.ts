// DATE and TIMESTAMP, calendar-checked. Years 0000 … 9999.
//
//   DATE       YYYY-MM-DD
//   TIMESTAMP  YYYY-MM-DD, then optionally [T or space] hh:mm[:ss[.fraction]],
//              then optionally Z, ±hh, ±hhmm or ±hh:mm, or Z and then one of these
//
// A fraction has 1 … 9 digits, of which those behind the sixth must be 0: a microsecond is the finest a lane
// can hold. No offset means UTC.
import {
  areDigitValues,
  clearCounts,
  count,
  digitPairs,
  digitValues,
  isNullString,
  textEnd,
  textStart,
} from './cell'
import { singleMax, singleMin } from './four-numbers'
import { parseFourTemporals } from './four-temporals'
import { cellBad, cellNull, cellValue, nullStringsAt, quoteAt } from './layout'
import { looseDays, looseMicros } from './written-loosely'

const dash: u32 = 0x2d
const plus: u32 = 0x2b
const colon: u32 = 0x3a
const point: u32 = 0x2e
const digitZero: u32 = 0x30
const letterT: u32 = 0x54
const letterZ: u32 = 0x5a
const space: u32 = 0x20
export const notADate: i64 = i64.MIN_VALUE
const dashesMask: u64 = 0xff00_00ff_0000_0000
const dashes: u64 = 0x2d00_002d_0000_0000
/** From 1 March of the year −400 to 1970-01-01. */
const daysToEpoch: i64 = 719468 + 146097
const microsPerSecond: i64 = 1_000_000
const microsPerMinute: i64 = 60 * microsPerSecond
const microsPerHour: i64 = 60 * microsPerMinute
const microsPerDay: i64 = 24 * microsPerHour

/** The value of two digits, or a number above 99 when they are not. */
function twoDigits(at: usize): u32 {
  const tens = (load<u8>(at) as u32) - digitZero
  const ones = (load<u8>(at, 1) as u32) - digitZero
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100
}

function daysOfMonth(year: u32, month: u32): u32 {
  if (month === 2) return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return 30 + ((month ^ (month >> 3)) & 1)
}

/** Days from 1970-01-01 to the date in the ten bytes at `at`, or `notADate`. */
function parseDays(at: usize): i64 {
  return daysOfDigits(load<u64>(at), load<u16>(at, 8))
}

/**
 * The same of the date whose bytes `YYYY-MM-` are `head` and `DD` are `lastDigits`. The digits YYYYMMDD are
 * gathered in one word and read as pairs; the days after Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", in years that begin in March.
 */
export function daysOfDigits(head: u64, lastDigits: u64): i64 {
  const digits = digitValues(
    (head & 0xffff_ffff) | ((head >> 8) & 0x0000_ffff_0000_0000) | (lastDigits << 48),
  )
  if ((head & dashesMask) !== dashes || !areDigitValues(digits)) return notADate
  const pairs = digitPairs(digits)
  const year = ((pairs & 0xff) as u32) * 100 + (((pairs >> 16) & 0xff) as u32)
  const month = ((pairs >> 32) & 0xff) as u32
  const day = (pairs >> 48) as u32
  if (month - 1 > 11 || day - 1 > 27) {
    if (month - 1 > 11 || day - 1 >= daysOfMonth(year, month)) return notADate
  }
  const beforeMarch: u32 = month <= 2 ? 1 : 0
  // 400 years are added, so that the year before 0000 is not negative.
  const marchYear = year + 400 - beforeMarch
  const marchMonth = month + 12 * beforeMarch - 3
  const centuries = marchYear / 100
  const days =
    marchYear * 365 + (marchYear >> 2) - centuries + (centuries >> 2) + (153 * marchMonth + 2) / 5 + day - 1
  return (days as i64) - daysToEpoch
}

/** Microseconds of the offset written in [at, end), which is not empty, or `notADate`. */
export function microsOfOffset(at: usize, end: usize): i64 {
  let sign = load<u8>(at) as u32
  if (sign === letterZ || sign === (letterZ | 0x20)) {
    at++
    if (at === end) return 0
    sign = load<u8>(at) as u32
  }
  const length = end - at
  if (sign !== dash && sign !== plus) return notADate
  let minutes: u32 = 0
  if (length === 5) minutes = twoDigits(at + 3)
  else if (length === 6 && (load<u8>(at, 3) as u32) === colon) minutes = twoDigits(at + 4)
  else if (length !== 3) return notADate
  const hours = twoDigits(at + 1)
  if (hours > 23 || minutes > 59) return notADate
  const offset = (hours as i64) * microsPerHour + (minutes as i64) * microsPerMinute
  return sign === dash ? -offset : offset
}

/** Microseconds since the epoch of the timestamp in [at, end), or `notADate`. */
function parseMicros(at: usize, end: usize): i64 {
  if (end - at < 10) return notADate
  const days = parseDays(at)
  if (days === notADate) return notADate
  let micros = days * microsPerDay
  at += 10
  if (at === end) return micros
  const separator = load<u8>(at) as u32
  if ((separator !== letterT && separator !== (letterT | 0x20) && separator !== space) || end - at < 6)
    return notADate
  const hours = twoDigits(at + 1)
  const minutes = twoDigits(at + 4)
  if (hours > 23 || minutes > 59 || (load<u8>(at, 3) as u32) !== colon) return notADate
  micros += (hours as i64) * microsPerHour + (minutes as i64) * microsPerMinute
  at += 6
  if (at < end && (load<u8>(at) as u32) === colon) {
    if (end - at < 3) return notADate
    const seconds = twoDigits(at + 1)
    if (seconds > 59) return notADate
    micros += (seconds as i64) * microsPerSecond
    at += 3
    if (at < end && (load<u8>(at) as u32) === point) {
      at++
      let unit = microsPerSecond
      let digits: u32 = 0
      for (; at < end; at++) {
        const digit = (load<u8>(at) as u32) - digitZero
        if (digit > 9) break
        digits++
        unit /= 10
        if (digits > 9 || (unit === 0 && digit !== 0)) return notADate
        micros += (digit as i64) * unit
      }
      if (digits === 0) return notADate
    }
  }
  if (at === end) return micros
  const offset = microsOfOffset(at, end)
  return offset === notADate ? notADate : micros - offset
}

/** Parses a text in quotes or spaces, or that may be null; the cell is [cell, cellEnd). Writes the lane. */
function parseTemporalSlowly(
  control: usize,
  cell: usize,
  cellEnd: usize,
  values: usize,
  withTime: bool,
): u32 {
  const quote = load<u32>(control + quoteAt)
  store<i64>(values, 0)
  const start = textStart(cell, cellEnd, quote)
  const end = textEnd(cell, start, cellEnd, quote)
  if (start === end || isNullString(load<u32>(control + nullStringsAt), start, end)) return cellNull
  let value = notADate
  if (withTime) {
    value = parseMicros(start, end)
    if (value === notADate) value = looseMicros(start, end)
  } else {
    if (end - start === 10) value = parseDays(start)
    if (value === notADate) value = looseDays(start, end)
  }
  if (value === notADate) return cellBad
  store<i64>(values, value)
  return cellValue
}

/** Parses cells one by one. The null bytes are those of values already. */
function parseEach(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: usize,
  values: usize,
  nulls: usize,
  noNullStrings: bool,
  withTime: bool,
): void {
  for (const nullsEnd = nulls + rows; nulls < nullsEnd; nulls++) {
    const cell = (load<u32>(starts) as usize) + startBias
    const cellEnd = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    let value = notADate
    if (noNullStrings) {
      if (withTime) value = parseMicros(cell, cellEnd)
      else if (cellEnd - cell === 10) value = parseDays(cell)
    }
    store<i64>(values, value)
    if (value === notADate) {
      const outcome = parseTemporalSlowly(control, cell, cellEnd, values, withTime)
      count(control, outcome)
      store<u8>(nulls, outcome as u8)
    }
    values += 8
  }
}

function parseTemporals(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: u32,
  values: usize,
  nulls: usize,
  withTime: bool,
): void {
  clearCounts(control)
  const noNullStrings = load<u32>(load<u32>(control + nullStringsAt) as usize) === 0
  memory.fill(nulls, cellValue as u8, rows)
  let single = singleMin
  for (let row: usize = 0; row < (rows as usize); ) {
    const left = (rows as usize) - row
    const start = starts + row * startStride
    const end = ends + row * endStride
    const value = values + (row << 3)
    const done = noNullStrings
      ? parseFourTemporals(start, startStride, startBias, end, endStride, left, value, withTime)
      : (0 as usize)
    if (done > 0) {
      single = singleMin
      row += done
      continue
    }
    const cells = min(single, left)
    parseEach(
      control,
      start,
      startStride,
      startBias,
      end,
      endStride,
      cells,
      value,
      nulls + row,
      noNullStrings,
      withTime,
    )
    row += cells
    single = min(single << 1, singleMax)
  }
}

export function parseDates(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: u32,
  values: usize,
  nulls: usize,
): void {
  parseTemporals(control, starts, startStride, startBias, ends, endStride, rows, values, nulls, false)
}

export function parseTimestamps(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: u32,
  values: usize,
  nulls: usize,
): void {
  parseTemporals(control, starts, startStride, startBias, ends, endStride, rows, values, nulls, true)
}
