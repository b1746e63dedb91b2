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
  for (const nullsEnd = nulls + (rows as usize); nulls < nullsEnd; nulls++) {
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
