/**
 * Dates and times as files write them: ISO 8601, numbers of one digit where it has two, slashes in dates.
 * (`calendar.ts` reads what people write in statements, and is more patient.)
 */
const dateText = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})$/
const timestampText = /^([\d/-]+)(?:[Tt ]([\d:]+(?:\.\d{1,9})?)(?:[Zz]?(?:([+-])(\d\d)(?::?(\d\d))?)?)?)?$/
const timeText = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?$/
const millisPerDay = 86_400_000
const microsPerDay = 86_400_000_000n

/** Days since 1970-01-01 of `YYYY-M-D` or `YYYY/M/D`. */
export function daysOfText(text: string): bigint | undefined {
  const match = dateText.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[3]), Number(match[4])]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists ? BigInt(date.getTime() / millisPerDay) : undefined
}

/** Microseconds since midnight of `h:m[:s[.ffffff]]`; of more than six decimals the others are zero. */
export function timeOfText(text: string): bigint | undefined {
  const match = timeText.exec(text)
  if (match === null) return undefined
  const [, hours = '', minutes = '', seconds = '0', fraction = ''] = match
  const nanos = fraction.padEnd(9, '0')
  const inRange = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60 && nanos.endsWith('000')
  if (!inRange) return undefined
  const secondsOfDay = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  return secondsOfDay * 1_000_000n + BigInt(nanos.slice(0, 6))
}

/** Microseconds since 1970-01-01T00:00:00Z of a date, with or without a time and an offset. */
export function microsOfText(text: string): bigint | undefined {
  const match = timestampText.exec(text)
  if (match === null) return undefined
  const [, date = '', time = '00:00', sign, offsetHours = '0', offsetMinutes = '0'] = match
  const days = daysOfText(date)
  const ofDay = timeOfText(time)
  if (days === undefined || ofDay === undefined) return undefined
  if (Number(offsetHours) >= 24 || Number(offsetMinutes) >= 60) return undefined
  const offset = (BigInt(offsetHours) * 60n + BigInt(offsetMinutes)) * 60_000_000n
  const micros = days * microsPerDay + ofDay
  return sign === '-' ? micros + offset : micros - offset
}

const trueTexts = ['true', 't', 'yes', 'y', '1']
const falseTexts = ['false', 'f', 'no', 'n', '0']

/** 1 or 0 of a truth value, in any case. */
export function truthOfText(text: string): bigint | undefined {
  const lower = text.toLowerCase()
  if (trueTexts.includes(lower)) return 1n
  return falseTexts.includes(lower) ? 0n : undefined
}
