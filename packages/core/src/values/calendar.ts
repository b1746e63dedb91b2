/**
 * Dates and timestamps as text and back, in the proleptic Gregorian calendar, UTC.
 * Days and civil dates: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */

/** Microseconds of a day. */
export const microsecondsPerDay = 86_400_000_000

const datePattern = /^([+-]?\d{4,6})-(\d{1,2})-(\d{1,2})$/
const timestampPattern =
  /^([+-]?\d{4,6}-\d{1,2}-\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?$/

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

function daysOfMonth(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 && leap ? 29 : (monthLengths[month - 1] ?? 0)
}

/** Days since 1970-01-01. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** The date that is `days` after 1970-01-01. */
export function civilFromDays(days: number): Civil {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** How such a value is written: a hint. */
export function writtenAs(type: string): string {
  switch (type) {
    case 'DATE':
      return "Write it as 'YYYY-MM-DD'."
    case 'TIMESTAMP':
      return "Write it as 'YYYY-MM-DD hh:mm:ss'."
    case 'TIME':
      return "Write it as 'hh:mm:ss'."
    case 'INTERVAL':
      return "Write it as '1 year 2 months 3 days 04:05:06'."
    case 'BLOB':
      return "Write its bytes in hexadecimal: '\\xDEADBEEF'."
    default:
      return 'See docs/cypher.md for how values are written.'
  }
}

/** Days since 1970-01-01 of `YYYY-MM-DD`; undefined when `text` is no date. */
export function parseDate(text: string): number | undefined {
  const match = datePattern.exec(text.trim())
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return undefined
  return daysFromCivil(year, month, day)
}

/**
 * Microseconds since 1970-01-01T00:00:00Z of `YYYY-MM-DD[ hh:mm[:ss[.ffffff]]][Z|±hh:mm]`; undefined when it
 * is none.
 */
export function parseTimestamp(text: string): number | bigint | undefined {
  const match = timestampPattern.exec(text.trim())
  if (match === null) return undefined
  const days = parseDate(match[1] ?? '')
  const [hours, minutes, seconds] = [Number(match[2] ?? 0), Number(match[3] ?? 0), Number(match[4] ?? 0)]
  if (days === undefined || hours > 23 || minutes > 59 || seconds > 59) return undefined
  const fraction = Number((match[5] ?? '').padEnd(6, '0').slice(0, 6))
  const zone = match[6] ?? 'Z'
  let zoneMinutes = 0
  if (zone.toUpperCase() !== 'Z') {
    const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
    zoneMinutes =
      (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * (zone.startsWith('-') ? -1 : 1)
  }
  const ofDay = ((hours * 60 + minutes - zoneMinutes) * 60 + seconds) * 1_000_000 + fraction
  const micros = days * microsecondsPerDay + ofDay
  if (Number.isSafeInteger(micros)) return micros
  return BigInt(days) * BigInt(microsecondsPerDay) + BigInt(ofDay)
}

export function padded(value: number, width: number): string {
  return String(value).padStart(width, '0')
}

/** `YYYY-MM-DD`. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days)
  const shownYear = year < 0 ? `-${padded(-year, 4)}` : padded(year, 4)
  return `${shownYear}-${padded(month, 2)}-${padded(day, 2)}`
}

/** `YYYY-MM-DD hh:mm:ss`, with microseconds when there are any. */
export function formatTimestamp(micros: number | bigint): string {
  const perDay = BigInt(microsecondsPerDay)
  const whole = BigInt(micros)
  const ofDay = ((whole % perDay) + perDay) % perDay
  const days = Number((whole - ofDay) / perDay)
  return `${formatDate(days)} ${formatClock(Number(ofDay))}`
}

/** `hh:mm:ss`, with microseconds when there are any. `micros` are not negative; hours may be any number. */
export function formatClock(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = micros % 1_000_000
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shownFraction = fraction === 0 ? '' : `.${padded(fraction, 6)}`
  return `${clock.map((part) => padded(part, 2)).join(':')}${shownFraction}`
}
