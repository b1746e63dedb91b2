// Dates and times as people write them: numbers of one digit where ISO 8601 has two, slashes in dates.
//
//   date       YYYY-M-D or YYYY/M/D, M and D of one or two digits
//   clock      h:m[:s[.fraction]], of one or two digits each
//   timestamp  a date, then optionally [T or space] a clock, then optionally an offset
//
// The kernels for ISO 8601 come here with what they cannot read, so none of this has to be fast. Functions
// read at `cursor`, which they move behind what they have read.
import { daysOfDigits, microsOfOffset, notADate } from './temporal'

const dash: u64 = 0x2d
const slash: u32 = 0x2f
const colon: u32 = 0x3a
const point: u32 = 0x2e
const digitZero: u32 = 0x30
const letterT: u32 = 0x54
const space: u32 = 0x20
const noNumber: u32 = 100
const microsPerSecond: i64 = 1_000_000
const microsPerDay: i64 = 86_400 * microsPerSecond

let cursor: usize = 0
let limit: usize = 0

/** Whether `byte` stands at the cursor; it is passed then. */
function take(byte: u32): bool {
  if (cursor === limit || (load<u8>(cursor) as u32) !== byte) return false
  cursor++
  return true
}

/** The number of one or two digits at the cursor, or `noNumber`. */
function takeNumber(): u32 {
  if (cursor === limit) return noNumber
  const first = (load<u8>(cursor) as u32) - digitZero
  if (first > 9) return noNumber
  cursor++
  if (cursor === limit) return first
  const second = (load<u8>(cursor) as u32) - digitZero
  if (second > 9) return first
  cursor++
  return first * 10 + second
}

/** Days since 1970-01-01 of the date at the cursor, or `notADate`. */
function takeDays(): i64 {
  if (limit - cursor < 8) return notADate
  const year = load<u32>(cursor) as u64
  cursor += 4
  const separator = load<u8>(cursor) as u32
  if (separator !== slash && separator !== (dash as u32)) return notADate
  cursor++
  const month = takeNumber()
  if (month === noNumber || !take(separator)) return notADate
  const day = takeNumber()
  if (day === noNumber) return notADate
  const monthDigits = ((month / 10 + digitZero) as u64) | ((((month % 10) + digitZero) as u64) << 8)
  const dayDigits = ((day / 10 + digitZero) as u64) | ((((day % 10) + digitZero) as u64) << 8)
  return daysOfDigits(year | (dash << 32) | (monthDigits << 40) | (dash << 56), dayDigits)
}

/** Microseconds of the clock at the cursor, or `notADate`. */
function takeClock(): i64 {
  const hours = takeNumber()
  if (hours > 23 || !take(colon)) return notADate
  const minutes = takeNumber()
  if (minutes > 59) return notADate
  let micros = ((hours * 60 + minutes) as i64) * 60 * microsPerSecond
  if (!take(colon)) return micros
  const seconds = takeNumber()
  if (seconds > 59) return notADate
  micros += (seconds as i64) * microsPerSecond
  if (!take(point)) return micros
  let unit = microsPerSecond
  let digits: u32 = 0
  for (; cursor < limit; cursor++) {
    const digit = (load<u8>(cursor) as u32) - digitZero
    if (digit > 9) break
    digits++
    unit /= 10
    if (digits > 9 || (unit === 0 && digit !== 0)) return notADate
    micros += (digit as i64) * unit
  }
  return digits === 0 ? notADate : micros
}

/** Days since 1970-01-01 of the date in [at, end), or `notADate`. */
export function looseDays(at: usize, end: usize): i64 {
  cursor = at
  limit = end
  const days = takeDays()
  return cursor === end ? days : notADate
}

/** Microseconds since midnight of the clock in [at, end), or `notADate`. */
export function looseClock(at: usize, end: usize): i64 {
  cursor = at
  limit = end
  const micros = takeClock()
  return cursor === end ? micros : notADate
}

/** Microseconds since the epoch of the timestamp in [at, end), or `notADate`. */
export function looseMicros(at: usize, end: usize): i64 {
  cursor = at
  limit = end
  const days = takeDays()
  if (days === notADate) return notADate
  const micros = days * microsPerDay
  if (cursor === end) return micros
  if (!take(letterT) && !take(letterT | 0x20) && !take(space)) return notADate
  const ofDay = takeClock()
  if (ofDay === notADate || cursor === end) return ofDay === notADate ? notADate : micros + ofDay
  const offset = microsOfOffset(cursor, end)
  return offset === notADate ? notADate : micros + ofDay - offset
}
