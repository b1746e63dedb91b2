// DECIMAL up to 18 digits: the value × 10^scale as an i64. Plain digits with at most one point are read here;
// exponents, digits beyond the scale, and whatever is no number are left to the caller, which knows them all.
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
import { cellInexact, cellNull, cellValue, nullStringsAt, precisionAt, quoteAt, scaleAt } from './layout'

const minus: u32 = 0x2d
const plus: u32 = 0x2b
const point: u32 = 0x2e
const digitZero: u32 = 0x30
/** Digits that always fit an i64. */
const digitsMax: u32 = 18

/** 10^exponent, 0 … 18. */
function powerOfTen(exponent: u32): u64 {
  let power: u64 = 1
  for (; exponent !== 0; exponent--) power *= 10
  return power
}

/** Parses digits and a point; the cell is [at, end). Writes the lane, says how it ended. */
function parseDecimalSlowly(
  control: usize,
  at: usize,
  end: usize,
  scale: u32,
  limit: u64,
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
    if (digit > 9) return cellInexact
    digits++
    if (significant !== 0 || digit !== 0) significant++
    if (significant > digitsMax) return cellInexact
    mantissa = mantissa * 10 + (digit as u64)
  }
  const fraction: u32 = pointAt === 0 ? 0 : ((end - pointAt - 1) as u32)
  if (digits === 0 || fraction > scale || significant + scale - fraction > digitsMax) return cellInexact
  const value = mantissa * powerOfTen(scale - fraction)
  if (value >= limit) return cellInexact
  store<i64>(values, negative ? (0 as i64) - (value as i64) : (value as i64))
  return cellValue
}

export function parseDecimal(
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
  const noNullStrings = load<u32>(load<u32>(control + nullStringsAt) as usize) === 0
  const scale = load<u32>(control + scaleAt)
  const limit = powerOfTen(load<u32>(control + precisionAt))
  // Characters that are read without a loop: eight digits times what the scale adds must fit.
  const quickMax: usize = noNullStrings && scale <= 10 ? 7 : 0
  const whole = powerOfTen(scale)
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
      let fraction: u32 = 0
      if (points !== 0) {
        fraction = digitsBehind(points) as u32
        chunk = withoutPoint(chunk, points)
      }
      if (areDigitValues(chunk) && fraction <= scale) {
        const value = eightDigits(chunk) * (fraction === 0 ? whole : powerOfTen(scale - fraction))
        known = value < limit
        store<i64>(values, negative ? (0 as i64) - (value as i64) : (value as i64))
      }
    }
    if (!known) {
      const outcome = parseDecimalSlowly(control, start, end, scale, limit, values)
      count(control, outcome)
      store<u8>(nulls, outcome as u8)
    }
    values += 8
  }
}
