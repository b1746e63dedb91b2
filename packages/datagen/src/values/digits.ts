/**
 * Numbers, dates and times as ASCII digits, straight into bytes. Every function writes `value` from `at` on
 * and returns the place behind it; the caller has made room (`numberBytesMax`).
 */

/** Bytes that any of these functions writes at most. */
export const numberBytesMax = 40

const zero = 0x30
const minus = 0x2d
const point = 0x2e
const colon = 0x3a
const blank = 0x20

const billion = 1_000_000_000

/** Two digits each of 0 … 99. */
const pairs = new Uint8Array(200)
for (let value = 0; value < 100; value++) {
  pairs[value * 2] = zero + Math.floor(value / 10)
  pairs[value * 2 + 1] = zero + (value % 10)
}

function digitsOf(value: number): number {
  if (value < 100_000) {
    if (value < 100) return value < 10 ? 1 : 2
    return value < 1000 ? 3 : value < 10_000 ? 4 : 5
  }
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7
  return value < 100_000_000 ? 8 : value < billion ? 9 : 10
}

/** `value` < 2^31 in exactly `digits` digits, zeros in front. */
function writeFixed(bytes: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0
  let place = at + digits
  while (place - at >= 2) {
    const next = (rest / 100) | 0
    const pair = (rest - next * 100) << 1
    bytes[--place] = pairs[pair + 1] as number
    bytes[--place] = pairs[pair] as number
    rest = next
  }
  if (place > at) bytes[at] = zero + (rest % 10)
  return at + digits
}

/** A whole number, |value| ≤ 2^53. */
export function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  let place = at
  let rest = value
  if (rest < 0) {
    bytes[place++] = minus
    rest = -rest
  }
  if (rest < billion) return writeFixed(bytes, place, rest, digitsOf(rest))
  const high = Math.floor(rest / billion)
  place = writeFixed(bytes, place, high, digitsOf(high))
  return writeFixed(bytes, place, rest - high * billion, 9)
}

/** A whole number ≥ 0 in at least `digits` digits, zeros in front. */
export function writePadded(bytes: Uint8Array, at: number, value: number, digits: number): number {
  let place = at
  const length = value < billion ? digitsOf(value) : 9 + digitsOf(Math.floor(value / billion))
  for (let missing = digits - length; missing > 0; missing--) bytes[place++] = zero
  return writeInteger(bytes, place, value)
}

const powers = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

/** `value` / 10^`scale`, with all `scale` digits behind the point. */
export function writeDecimal(bytes: Uint8Array, at: number, value: number, scale: number): number {
  if (scale === 0) return writeInteger(bytes, at, value)
  let place = at
  let rest = value
  if (rest < 0) {
    bytes[place++] = minus
    rest = -rest
  }
  const unit = powers[scale] as number
  const whole = Math.floor(rest / unit)
  place = writeInteger(bytes, place, whole)
  bytes[place++] = point
  const fraction = rest - whole * unit
  if (scale <= 9) return writeFixed(bytes, place, fraction, scale)
  return writePadded(bytes, place, fraction, scale)
}

/** A double with as many digits as it takes to read the same double again. */
export function writeDouble(bytes: Uint8Array, at: number, value: number): number {
  const text = String(value)
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index)
  return at + text.length
}

const dateBytes = 10
/** Days whose text is kept once it was made: from 1900 on, for 200 years. */
const keptFrom = -25_567
const keptDays = 73_049
const keptDates = new Uint8Array(keptDays * dateBytes)

/** The day `days` after 1970-01-01, as `YYYY-MM-DD`. */
export function writeDate(bytes: Uint8Array, at: number, days: number): number {
  const kept = days - keptFrom
  if (!(kept >= 0 && kept < keptDays)) return composeDate(bytes, at, days)
  const from = kept * dateBytes
  if (keptDates[from] === 0) composeDate(keptDates, from, days)
  for (let index = 0; index < dateBytes; index++) bytes[at + index] = keptDates[from + index] as number
  return at + dateBytes
}

/** After Hinnant's civil_from_days. */
function composeDate(bytes: Uint8Array, at: number, days: number): number {
  const shifted = (days + 719_468) | 0
  const era = Math.floor(shifted / 146_097) | 0
  const dayOfEra = (shifted - era * 146_097) | 0
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0
  const dayOfYear = (dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))) | 0
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0
  const day = (dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1) | 0
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  writeFixed(bytes, at, year, 4)
  bytes[at + 4] = minus
  writeFixed(bytes, at + 5, month, 2)
  bytes[at + 7] = minus
  writeFixed(bytes, at + 8, day, 2)
  return at + dateBytes
}

/** Microseconds of a day (or more) as `HH:MM:SS`, with `digits` digits behind the second. */
export function writeTime(bytes: Uint8Array, at: number, micros: number, digits: number): number {
  const seconds = Math.floor(micros / 1_000_000)
  const hours = (seconds / 3600) | 0
  const minutes = ((seconds / 60) | 0) - hours * 60
  let place = hours < 100 ? writeFixed(bytes, at, hours, 2) : writeInteger(bytes, at, hours)
  bytes[place++] = colon
  place = writeFixed(bytes, place, minutes, 2)
  bytes[place++] = colon
  place = writeFixed(bytes, place, seconds - hours * 3600 - minutes * 60, 2)
  if (digits === 0) return place
  bytes[place++] = point
  const fraction = Math.floor((micros - seconds * 1_000_000) / (powers[6 - digits] as number))
  return writeFixed(bytes, place, fraction, digits)
}

const microsPerDay = 86_400_000_000

/** Microseconds since 1970 as `YYYY-MM-DD HH:MM:SS`, with `digits` digits behind the second. */
export function writeTimestamp(bytes: Uint8Array, at: number, micros: number, digits: number): number {
  const days = Math.floor(micros / microsPerDay)
  const place = writeDate(bytes, at, days)
  bytes[place] = blank
  return writeTime(bytes, place + 1, micros - days * microsPerDay, digits)
}

/** A span of microseconds as hours, minutes and seconds. */
export function writeInterval(bytes: Uint8Array, at: number, micros: number, digits: number): number {
  if (micros >= 0) return writeTime(bytes, at, micros, digits)
  bytes[at] = minus
  return writeTime(bytes, at + 1, -micros, digits)
}
