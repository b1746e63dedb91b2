// TIME: hh:mm[:ss[.fraction]], below 24 hours, in microseconds since midnight. A fraction has 1 … 9 digits,
// of which those behind the sixth must be 0. What is written more loosely goes through `written-loosely.ts`.
import { clearCounts, count, isNullString, textEnd, textStart } from './cell'
import { cellBad, cellNull, cellValue, nullStringsAt, quoteAt } from './layout'
import { notADate } from './temporal'
import { looseClock } from './written-loosely'

const colon: u32 = 0x3a
const point: u32 = 0x2e
const digitZero: u32 = 0x30
const notATime: i64 = notADate
const microsPerSecond: i64 = 1_000_000

/** The value of two digits, or 100 when they are not. */
function twoDigits(at: usize): u32 {
  const tens = (load<u8>(at) as u32) - digitZero
  const ones = (load<u8>(at, 1) as u32) - digitZero
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100
}

/** Microseconds of the time in [at, end), or `notATime`. */
function parseClock(at: usize, end: usize): i64 {
  const length = end - at
  if (length < 5 || (load<u8>(at, 2) as u32) !== colon) return notATime
  const hours = twoDigits(at)
  const minutes = twoDigits(at + 3)
  if (hours > 23 || minutes > 59) return notATime
  let micros = ((hours * 60 + minutes) as i64) * 60 * microsPerSecond
  if (length === 5) return micros
  if (length < 8 || (load<u8>(at, 5) as u32) !== colon) return notATime
  const seconds = twoDigits(at + 6)
  if (seconds > 59) return notATime
  micros += (seconds as i64) * microsPerSecond
  if (length === 8) return micros
  if (length === 9 || length > 18 || (load<u8>(at, 8) as u32) !== point) return notATime
  let unit = microsPerSecond
  for (at += 9; at < end; at++) {
    const digit = (load<u8>(at) as u32) - digitZero
    unit /= 10
    if (digit > 9 || (unit === 0 && digit !== 0)) return notATime
    micros += (digit as i64) * unit
  }
  return micros
}

export function parseTimes(
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
  const quote = load<u32>(control + quoteAt)
  const nullStrings = load<u32>(control + nullStringsAt) as usize
  const noNullStrings = load<u32>(nullStrings) === 0
  for (let row: u32 = 0; row < rows; row++) {
    const cell = (load<u32>(starts) as usize) + startBias
    const cellEnd = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    let value = noNullStrings ? parseClock(cell, cellEnd) : notATime
    let outcome = cellValue
    if (value === notATime) {
      const start = textStart(cell, cellEnd, quote)
      const end = textEnd(cell, start, cellEnd, quote)
      if (start === end || isNullString(nullStrings, start, end)) outcome = cellNull
      else {
        value = parseClock(start, end)
        if (value === notATime) value = looseClock(start, end)
      }
      if (value === notATime) {
        value = 0
        if (outcome === cellValue) outcome = cellBad
        count(control, outcome)
      }
    }
    store<i64>(values, value)
    store<u8>(nulls, outcome as u8)
    values += 8
    nulls++
  }
}
