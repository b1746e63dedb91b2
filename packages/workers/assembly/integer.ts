// Signed integers, and unsigned ones of up to 32 bits: an optional sign and decimal digits. Cells of up to
// eight digits are read four at a time.
import {
  areDigitValues,
  clearCounts,
  count,
  eightDigits,
  isNullString,
  leadingDigits,
  textEnd,
  textStart,
} from './cell'
import { areAllDigits, fourNumbers, singleMax, singleMin, storeLanes, twoLanes } from './four-numbers'
import { cellBad, cellNull, cellValue, nullStringsAt, quoteAt } from './layout'

const minus: u32 = 0x2d
const plus: u32 = 0x2b
const digitZero: u32 = 0x30
/** Digits that always fit a u64. */
const digitsMax: usize = 19

/** Parses any spelling; the cell is [at, end). Writes the lane, says how it ended. */
function parseIntegerSlowly(
  control: usize,
  at: usize,
  end: usize,
  lowest: i64,
  highest: i64,
  values: usize,
): u32 {
  const quote = load<u32>(control + quoteAt)
  const cell = at
  at = textStart(cell, end, quote)
  end = textEnd(cell, at, end, quote)
  store<i64>(values, 0)
  if (at === end || isNullString(load<u32>(control + nullStringsAt), at, end)) return cellNull
  const sign = load<u8>(at) as u32
  const negative = sign === minus
  if (negative || sign === plus) at++
  if (at === end) return cellBad
  while (at + 1 < end && (load<u8>(at) as u32) === digitZero) at++
  if (end - at > digitsMax) return cellBad
  let magnitude: u64 = 0
  for (; at < end; at++) {
    const digit = (load<u8>(at) as u32) - digitZero
    if (digit > 9) return cellBad
    magnitude = magnitude * 10 + (digit as u64)
  }
  const magnitudeMax: u64 = negative ? (0 as u64) - (lowest as u64) : (highest as u64)
  if (magnitude > magnitudeMax) return cellBad
  store<i64>(values, negative ? (0 as i64) - (magnitude as i64) : (magnitude as i64))
  return cellValue
}

/**
 * Parses cells one by one; `quickMax` is how many digits are read without a loop. The null bytes are those of
 * values already.
 */
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
  quickMax: usize,
  lowest: i64,
  highest: i64,
): void {
  const shortMax = min(quickMax, 8)
  const range = (highest - lowest) as u64
  for (const nullsEnd = nulls + rows; nulls < nullsEnd; nulls++) {
    const start = (load<u32>(starts) as usize) + startBias
    const end = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    // Of an empty cell it is the byte behind; then there are far too many digits.
    const negative: i64 = (load<u8>(start) as u32) === minus ? 1 : 0
    const digits = end - start - (negative as usize)
    const first = start + (negative as usize)
    let value: u64 = 0
    let known = false
    if (digits - 1 < shortMax) {
      const chunk = leadingDigits(first, digits)
      known = areDigitValues(chunk)
      value = eightDigits(chunk)
    } else if (digits - 1 < quickMax) {
      const low = leadingDigits(end - 8, 8)
      const high = leadingDigits(first, digits - 8)
      known = areDigitValues(low) && areDigitValues(high)
      value = eightDigits(high) * 100_000_000 + eightDigits(low)
    }
    const signed = ((value as i64) ^ -negative) + negative
    if (known && ((signed - lowest) as u64) <= range) {
      store<i64>(values, signed)
    } else {
      const outcome = parseIntegerSlowly(control, start, end, lowest, highest, values)
      count(control, outcome)
      store<u8>(nulls, outcome as u8)
    }
    values += 8
  }
}

/**
 * Parses cells of one to eight digits, without a sign, whose values are at most `highest`, four at a time.
 * Returns how many of `rows` cells it has parsed: those in front of the first four that are not all of this
 * kind.
 */
function parseFours(
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: usize,
  values: usize,
  highest: i32,
): usize {
  const wholeRows = rows & ~3
  for (let row: usize = 0; row < wholeRows; row += 4) {
    const start0 = (load<u32>(starts) as usize) + startBias
    const start1 = (load<u32>(starts + startStride) as usize) + startBias
    const start2 = (load<u32>(starts + 2 * startStride) as usize) + startBias
    const start3 = (load<u32>(starts + 3 * startStride) as usize) + startBias
    const digits0 = (load<u32>(ends) as usize) - start0
    const digits1 = (load<u32>(ends + endStride) as usize) - start1
    const digits2 = (load<u32>(ends + 2 * endStride) as usize) - start2
    const digits3 = (load<u32>(ends + 3 * endStride) as usize) - start3
    if (((digits0 - 1) | (digits1 - 1) | (digits2 - 1) | (digits3 - 1)) >= 8) return row
    const first = twoLanes(leadingDigits(start0, digits0), leadingDigits(start1, digits1))
    const second = twoLanes(leadingDigits(start2, digits2), leadingDigits(start3, digits3))
    if (!areAllDigits(first, second)) return row
    const numbers = fourNumbers(first, second)
    if (v128.any_true(i32x4.gt_s(numbers, i32x4.splat(highest)))) return row
    storeLanes(values, numbers)
    starts += 4 * startStride
    ends += 4 * endStride
    values += 32
  }
  return wholeRows
}

function parseIntegers(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: u32,
  values: usize,
  nulls: usize,
  lowest: i64,
  highest: i64,
): void {
  clearCounts(control)
  const nullStrings = load<u32>(control + nullStringsAt) as usize
  // Digits that are read without a loop: none where every text may be a null string.
  const quickMax: usize = load<u32>(nullStrings) === 0 ? 16 : 0
  const highestOfFours = min(highest, 99_999_999) as i32
  memory.fill(nulls, cellValue as u8, rows)
  let single = singleMin
  for (let row: usize = 0; row < (rows as usize); ) {
    const left = (rows as usize) - row
    const start = starts + row * startStride
    const end = ends + row * endStride
    const value = values + (row << 3)
    const done =
      quickMax === 0
        ? (0 as usize)
        : parseFours(start, startStride, startBias, end, endStride, left, value, highestOfFours)
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
      quickMax,
      lowest,
      highest,
    )
    row += cells
    single = min(single << 1, singleMax)
  }
}

/** −2^63 … 2^63 − 1 */
export function parseInt64(
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
  parseIntegers(
    control,
    starts,
    startStride,
    startBias,
    ends,
    endStride,
    rows,
    values,
    nulls,
    i64.MIN_VALUE,
    i64.MAX_VALUE,
  )
}

/** −2^31 … 2^31 − 1 */
export function parseInt32(
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
  parseIntegers(
    control,
    starts,
    startStride,
    startBias,
    ends,
    endStride,
    rows,
    values,
    nulls,
    -2147483648,
    2147483647,
  )
}

/** −2^15 … 2^15 − 1 */
export function parseInt16(
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
  parseIntegers(control, starts, startStride, startBias, ends, endStride, rows, values, nulls, -32768, 32767)
}

/** −128 … 127 */
export function parseInt8(
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
  parseIntegers(control, starts, startStride, startBias, ends, endStride, rows, values, nulls, -128, 127)
}

/** 0 … 2^32 − 1 */
export function parseUint32(
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
  parseIntegers(control, starts, startStride, startBias, ends, endStride, rows, values, nulls, 0, 4294967295)
}

/** 0 … 2^16 − 1 */
export function parseUint16(
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
  parseIntegers(control, starts, startStride, startBias, ends, endStride, rows, values, nulls, 0, 65535)
}

/** 0 … 255 */
export function parseUint8(
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
  parseIntegers(control, starts, startStride, startBias, ends, endStride, rows, values, nulls, 0, 255)
}
