// UINT64: decimal digits up to 2^64 − 1. The lane is the value − 2^63, so that lanes sort as the values do.
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
import { cellBad, cellNull, cellValue, nullStringsAt, quoteAt } from './layout'

const minus: u32 = 0x2d
const plus: u32 = 0x2b
const digitZero: u32 = 0x30
const topBit: u64 = 0x8000_0000_0000_0000
/** Digits that may fit a u64. */
const digitsMax: usize = 20
/** A u64 that can take another digit below 6, or any when it is less. */
const tenthMax: u64 = 1844674407370955161

/** Parses any spelling; the cell is [at, end). Writes the lane, says how it ended. */
function parseUnsignedSlowly(control: usize, at: usize, end: usize, values: usize): u32 {
  const quote = load<u32>(control + quoteAt)
  const cell = at
  at = textStart(cell, end, quote)
  end = textEnd(cell, at, end, quote)
  store<u64>(values, 0)
  if (at === end || isNullString(load<u32>(control + nullStringsAt), at, end)) return cellNull
  const sign = load<u8>(at) as u32
  if (sign === minus || sign === plus) at++
  if (at === end) return cellBad
  while (at + 1 < end && (load<u8>(at) as u32) === digitZero) at++
  if (end - at > digitsMax) return cellBad
  let value: u64 = 0
  for (; at < end; at++) {
    const digit = (load<u8>(at) as u32) - digitZero
    if (digit > 9 || value > tenthMax || (value === tenthMax && digit > 5)) return cellBad
    value = value * 10 + (digit as u64)
  }
  if (sign === minus && value !== 0) return cellBad
  store<u64>(values, value ^ topBit)
  return cellValue
}

export function parseUint64(
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
  // Digits that are read without a loop: none where every text may be a null string.
  const quickMax: usize = load<u32>(load<u32>(control + nullStringsAt) as usize) === 0 ? 16 : 0
  const shortMax = min(quickMax, 8)
  memory.fill(nulls, cellValue as u8, rows)
  for (const nullsEnd = nulls + (rows as usize); nulls < nullsEnd; nulls++) {
    const start = (load<u32>(starts) as usize) + startBias
    const end = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    const digits = end - start
    let value: u64 = 0
    let known = false
    if (digits - 1 < shortMax) {
      const chunk = leadingDigits(start, digits)
      known = areDigitValues(chunk)
      value = eightDigits(chunk)
    } else if (digits - 1 < quickMax) {
      const low = leadingDigits(end - 8, 8)
      const high = leadingDigits(start, digits - 8)
      known = areDigitValues(low) && areDigitValues(high)
      value = eightDigits(high) * 100_000_000 + eightDigits(low)
    }
    if (known) store<u64>(values, value ^ topBit)
    else {
      const outcome = parseUnsignedSlowly(control, start, end, values)
      count(control, outcome)
      store<u8>(nulls, outcome as u8)
    }
    values += 8
  }
}
