// DOUBLE: exact where one multiplication or division by a power of ten rounds once (mantissa ≤ 2^53,
// |exponent| ≤ 22; Clinger, "How to read floating point numbers accurately", 1990), and by `rounding.ts` for the rest of the mantissas of
// up to 19 digits. Every other text is left to the caller, which knows what is not a number at all.
import {
  areDigitValues,
  clearCounts,
  count,
  digitsBehind,
  eightDigits,
  isNullString,
  leadingDigits,
  pointBits,
  textEnd,
  textStart,
  withoutPoint,
} from './cell'
import { areAllDigits, fourNumbers, singleMax, singleMin, twoLanes } from './four-numbers'
import { cellInexact, cellNull, cellValue, nullStringsAt, powersOfTenAt, quoteAt } from './layout'
import { roundDecimal } from './rounding'

const minus: u32 = 0x2d
const plus: u32 = 0x2b
const point: u32 = 0x2e
const digitZero: u32 = 0x30
const exponentMark: u32 = 0x65
const mantissaMax: u64 = 1 << 53
const exponentMax: i64 = 22
/** Digits that always fit a u64. */
const digitsMax: u32 = 19

/** mantissa × 10^exponent, or `cellInexact`. Writes the lane. */
function scale(control: usize, mantissa: u64, exponent: i64, negative: bool, values: usize): u32 {
  if (mantissa > mantissaMax || exponent > exponentMax || exponent < -exponentMax) {
    return roundDecimal(control, mantissa, exponent, negative, values) ? cellValue : cellInexact
  }
  const magnitude = mantissa as i64 as f64
  const scaled =
    exponent < 0
      ? magnitude / load<f64>(control + powersOfTenAt + ((-exponent as usize) << 3))
      : magnitude * load<f64>(control + powersOfTenAt + ((exponent as usize) << 3))
  store<f64>(values, negative ? -scaled : scaled)
  return cellValue
}

/** Parses any spelling of a number; the cell is [at, end). */
function parseDoubleSlowly(control: usize, at: usize, end: usize, values: usize): u32 {
  const quote = load<u32>(control + quoteAt)
  const cell = at
  at = textStart(cell, end, quote)
  end = textEnd(cell, at, end, quote)
  store<i64>(values, 0)
  if (at === end || isNullString(load<u32>(control + nullStringsAt), at, end)) return cellNull
  const sign = load<u8>(at) as u32
  const negative = sign === minus
  if (negative || sign === plus) at++

  let mantissa: u64 = 0
  let digits: u32 = 0
  let significant: u32 = 0
  let pointAt: usize = 0
  for (; at < end; at++) {
    const byte = load<u8>(at) as u32
    if (byte === point && pointAt === 0) {
      pointAt = at
      continue
    }
    const digit = byte - digitZero
    if (digit > 9) break
    digits++
    if (significant !== 0 || digit !== 0) significant++
    mantissa = mantissa * 10 + (digit as u64)
  }
  if (digits === 0 || significant > digitsMax) return cellInexact
  let exponent: i64 = pointAt === 0 ? 0 : (pointAt as i64) + 1 - (at as i64)
  if (at < end) {
    if (((load<u8>(at) as u32) | 0x20) !== exponentMark) return cellInexact
    at++
    const exponentSign: u32 = at < end ? (load<u8>(at) as u32) : 0
    if (exponentSign === minus || exponentSign === plus) at++
    const written = end - at
    if (written === 0 || written > 4) return cellInexact
    let power: i64 = 0
    for (; at < end; at++) {
      const digit = (load<u8>(at) as u32) - digitZero
      if (digit > 9) return cellInexact
      power = power * 10 + (digit as i64)
    }
    exponent += exponentSign === minus ? -power : power
  }
  return scale(control, mantissa, exponent, negative, values)
}

/**
 * Parses cells one by one; `quickMax` is one less than the characters that are read without a loop. Nulls are
 * those of values.
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
): void {
  for (const nullsEnd = nulls + rows; nulls < nullsEnd; nulls++) {
    const start = (load<u32>(starts) as usize) + startBias
    const end = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    // Of an empty cell it is the byte behind; then there are far too many characters.
    const negative = (load<u8>(start) as u32) === minus
    const sign: usize = negative ? 1 : 0
    const length = end - start - sign
    let known = false
    if (length - 2 < quickMax) {
      // Two to eight characters; a lone point among them would otherwise pass as zero.
      let chunk = leadingDigits(start + sign, length)
      const points = pointBits(chunk)
      let fraction: usize = 0
      if (points !== 0) {
        fraction = digitsBehind(points)
        chunk = withoutPoint(chunk, points)
      }
      known = areDigitValues(chunk)
      const magnitude =
        (eightDigits(chunk) as i64 as f64) / load<f64>(control + powersOfTenAt + (fraction << 3))
      store<f64>(values, negative ? -magnitude : magnitude)
    }
    if (!known) {
      const outcome = parseDoubleSlowly(control, start, end, values)
      count(control, outcome)
      store<u8>(nulls, outcome as u8)
    }
    values += 8
  }
}

/** The digits of a number, as `leadingDigits` reads them, without the point. */
function plainDigits(chunk: u64, points: u64): u64 {
  return points === 0 ? chunk : withoutPoint(chunk, points)
}

/** Address of the power of ten that digits are divided by for their point. */
function powerOfPoint(control: usize, points: u64): usize {
  const fraction: usize = points === 0 ? 0 : digitsBehind(points)
  return control + powersOfTenAt + (fraction << 3)
}

/**
 * Parses cells of two to eight characters, digits and at most one point, four at a time. Returns how many of
 * `rows` cells it has parsed: those in front of the first four that are not all of this kind.
 */
function parseFours(
  control: usize,
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
    // A lone point among them would pass as zero.
    if (((length0 - 1) | (length1 - 1) | (length2 - 1) | (length3 - 1)) >= 8) return row
    if (((length0 - 2) | (length1 - 2) | (length2 - 2) | (length3 - 2)) >= 8) return row
    const chunk0 = leadingDigits(start0, length0)
    const chunk1 = leadingDigits(start1, length1)
    const chunk2 = leadingDigits(start2, length2)
    const chunk3 = leadingDigits(start3, length3)
    const points0 = pointBits(chunk0)
    const points1 = pointBits(chunk1)
    const points2 = pointBits(chunk2)
    const points3 = pointBits(chunk3)
    const first = twoLanes(plainDigits(chunk0, points0), plainDigits(chunk1, points1))
    const second = twoLanes(plainDigits(chunk2, points2), plainDigits(chunk3, points3))
    if (!areAllDigits(first, second)) return row
    const numbers = fourNumbers(first, second)
    let powers = v128.load64_splat(powerOfPoint(control, points0))
    powers = v128.load64_lane(powerOfPoint(control, points1), powers, 1)
    v128.store(values, f64x2.div(f64x2.convert_low_i32x4_s(numbers), powers))
    powers = v128.load64_splat(powerOfPoint(control, points2))
    powers = v128.load64_lane(powerOfPoint(control, points3), powers, 1)
    const behind = i32x4.shuffle(numbers, numbers, 2, 3, 2, 3)
    v128.store(values, f64x2.div(f64x2.convert_low_i32x4_s(behind), powers), 16)
    starts += 4 * startStride
    ends += 4 * endStride
    values += 32
  }
  return wholeRows
}

export function parseDouble(
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
  clearCounts(control)
  const nullStrings = load<u32>(control + nullStringsAt) as usize
  // Characters that are read without a loop: none where every text may be a null string.
  const quickMax: usize = load<u32>(nullStrings) === 0 ? 7 : 0
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
        : parseFours(control, start, startStride, startBias, end, endStride, left, value)
    if (done > 0) {
      single = singleMin
      row += done
      continue
    }
    const cells = min(single, left)
    parseEach(control, start, startStride, startBias, end, endStride, cells, value, nulls + row, quickMax)
    row += cells
    single = min(single << 1, singleMax)
  }
}
