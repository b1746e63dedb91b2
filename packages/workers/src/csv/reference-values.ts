/**
 * The specification of a value: what a field's text is as each type. Plain regular expressions and the
 * platform's own arithmetic; the kernels are tested in lock-step with it, and samples are sniffed by it.
 *
 * Values are: bigint for the integer types (DATE: days, TIMESTAMP: microseconds, BOOL: 0 or 1), number for
 * DOUBLE, the bytes for STRING; null; undefined for a text that is not of the type.
 */
import type { LogicalType } from '@millrace/core/internal'
import type { Dialect } from './dialect.js'
import { parseDoubleText } from './double-text.js'
import { fieldText, type ReferenceField, trimmedField } from './reference-scan.js'
import { formatOf, monthNames, stepsOf, weekdayNames } from './temporal-format.js'

export type ReferenceValue = bigint | number | Uint8Array | null | undefined

const integerText = /^[+-]?\d+$/
const dateText = /^(\d{4})-(\d\d)-(\d\d)$/
const timestampText =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?)?$/
const trueTexts = ['true', 't', 'yes', '1']
const falseTexts = ['false', 'f', 'no', '0']
const millisPerDay = 86_400_000
const microsPerDay = 86_400_000_000n

function integerOf(text: string, bits: bigint): bigint | undefined {
  if (!integerText.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  const limit = 1n << (bits - 1n)
  return value >= -limit && value < limit ? value : undefined
}

function daysOf(text: string): bigint | undefined {
  const match = dateText.exec(text)
  if (match === null) return undefined
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists ? BigInt(date.getTime() / millisPerDay) : undefined
}

function microsOf(text: string): bigint | undefined {
  const match = timestampText.exec(text)
  if (match === null) return undefined
  const [
    ,
    date,
    hours = '0',
    minutes = '0',
    seconds = '0',
    fraction = '',
    ,
    sign,
    offsetHours,
    offsetMinutes,
  ] = match
  const days = daysOf(date!)
  const nanos = fraction.padEnd(9, '0')
  const inRange = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60 && nanos.endsWith('000')
  const offsetInRange = Number(offsetHours ?? 0) < 24 && Number(offsetMinutes ?? 0) < 60
  if (days === undefined || !inRange || !offsetInRange) return undefined
  const secondsOfDay = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const micros = days * microsPerDay + secondsOfDay * 1_000_000n + BigInt(nanos.slice(0, 6))
  const offset = (BigInt(offsetHours ?? 0) * 60n + BigInt(offsetMinutes ?? 0)) * 60_000_000n
  return sign === '-' ? micros + offset : micros - offset
}

function boolOf(text: string): bigint | undefined {
  const lower = text.toLowerCase()
  if (trueTexts.includes(lower)) return 1n
  return falseTexts.includes(lower) ? 0n : undefined
}

/** The value of a text without quotes and padding, for every type but STRING. */
export function valueOfText(type: Exclude<LogicalType, 'STRING'>, text: string): bigint | number | undefined {
  switch (type) {
    case 'INT64':
      return integerOf(text, 64n)
    case 'INT32':
      return integerOf(text, 32n)
    case 'DOUBLE':
      return parseDoubleText(text)
    case 'BOOL':
      return boolOf(text)
    case 'DATE':
      return daysOf(text)
    case 'TIMESTAMP':
      return microsOf(text)
  }
}

function isNullText(text: Uint8Array, dialect: Dialect): boolean {
  return text.length === 0 || dialect.nullStrings.some((each) => Buffer.compare(each, text) === 0)
}

/** Without the spaces and tabs around it. */
export function trimPadding(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')
}

/** The bytes of a field that are not STRING: without quotes and padding, escapes as they are. */
function bareText(bytes: Uint8Array, whole: ReferenceField, dialect: Dialect): Uint8Array {
  const field = trimmedField(bytes, whole, dialect)
  const quoted = field.end > field.start && bytes[field.start] === dialect.quote
  const edge = quoted ? 1 : 0
  const text = Buffer.from(bytes.subarray(field.start + edge, field.end - edge)).toString('latin1')
  return Buffer.from(trimPadding(text), 'latin1')
}

/** The value of a field. */
export function valueOfField(
  type: LogicalType,
  bytes: Uint8Array,
  field: ReferenceField,
  dialect: Dialect,
): ReferenceValue {
  if (type === 'STRING') return stringOf(bytes, field, dialect)
  const text = bareText(bytes, field, dialect)
  if (isNullText(text, dialect)) return null
  const plain = plainText(type, Buffer.from(text).toString('latin1'), dialect)
  return plain === undefined ? undefined : valueOfText(type, plain)
}

function stringOf(bytes: Uint8Array, field: ReferenceField, dialect: Dialect): Uint8Array | null {
  const { text, quoted } = fieldText(bytes, field, dialect)
  if (!quoted && text.length === 0) return dialect.emptyAsNull ? null : text
  if (!quoted) return isNullText(text, dialect) ? null : text
  const { start, end } = trimmedField(bytes, field, dialect)
  return dialect.quotedNulls && isNullText(bytes.subarray(start + 1, end - 1), dialect) ? null : text
}

function literally(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

/** A text of the dialect as the default one has it; undefined when it is none. */
function plainText(type: LogicalType, text: string, dialect: Dialect): string | undefined {
  const { decimalSeparator, thousandsSeparator, dateFormat, timestampFormat } = dialect
  if (type === 'DATE' && formatOf('dateFormat', dateFormat) !== '')
    return isoText('dateFormat', dateFormat, text)
  if (type === 'TIMESTAMP' && formatOf('timestampFormat', timestampFormat) !== '') {
    return isoText('timestampFormat', timestampFormat, text)
  }
  const isOrdinary = decimalSeparator === 0x2e && thousandsSeparator === -1
  if (isOrdinary || (type !== 'DOUBLE' && type !== 'INT64' && type !== 'INT32')) return text
  if (/^[+-]?(inf|infinity|nan)$/i.test(text)) return text
  const grouped = thousandsSeparator === -1 ? '' : `|\\d{1,3}(?:${literally(thousandsSeparator)}\\d{3})+`
  const number = new RegExp(
    `^([+-]?)(\\d*${grouped})(${literally(decimalSeparator)}\\d*)?(e[+-]?\\d+)?$`,
    'i',
  )
  const match = number.exec(text)
  if (match === null) return undefined
  const [, sign, whole, fraction, exponent = ''] = match
  const digits = whole!.replace(/\D/g, '')
  return `${sign}${digits}${fraction === undefined ? '' : `.${fraction.slice(1)}`}${exponent}`
}

/** Numbers take as many digits as there are, up to their most. */
const partPatterns: Readonly<Record<string, string>> = {
  Y: '(?<year>\\d{4})',
  y: '(?<shortYear>\\d\\d)',
  m: '(?<month>(?:\\d\\d|\\d(?!\\d)))',
  d: '(?<day>(?:\\d\\d|\\d(?!\\d)))',
  b: `(?<name>${monthNames.flatMap((name) => [name, name.slice(0, 3)]).join('|')})`,
  a: `(?:${weekdayNames.flatMap((name) => [name, name.slice(0, 3)]).join('|')})`,
  H: '(?<hours>(?:\\d\\d|\\d(?!\\d)))',
  I: '(?<halfHours>(?:\\d\\d|\\d(?!\\d)))',
  p: '(?<half>am|pm)',
  M: '(?<minutes>(?:\\d\\d|\\d(?!\\d)))',
  S: '(?<seconds>(?:\\d\\d|\\d(?!\\d)))',
  f: '(?<fraction>\\d{6}|\\d{1,5}(?!\\d))',
  z: '(?<zone>z|[+-](?:[01]\\d|2[0-3])(?::?[0-5]\\d)?)',
  s: '(?<epoch>-?(?:\\d{15}|\\d{1,14}(?!\\d)))',
  Q: '(?<epochMillis>-?(?:\\d{15}|\\d{1,14}(?!\\d)))',
}

/** The ISO 8601 text of a date or time that is written by a format; undefined when it is not. */
function isoText(option: 'dateFormat' | 'timestampFormat', format: string, text: string): string | undefined {
  const pattern = stepsOf(option, format).map((step) =>
    'literal' in step ? literally(step.literal) : partPatterns[step.specifier]!,
  )
  const found = new RegExp(`^${pattern.join('')}$`, 'i').exec(text)?.groups
  if (found === undefined) return undefined
  const { epoch, epochMillis, shortYear, name, half, fraction = '', zone } = found
  const bare = option === 'dateFormat' ? 10 : 26
  if (epoch !== undefined || epochMillis !== undefined) {
    const instant = new Date(epoch === undefined ? Number(epochMillis) : Number(epoch) * 1000)
    const year = instant.getTime() >= Date.UTC(-1, 12) ? instant.getUTCFullYear() : Number.NaN
    if (!(year >= 0 && year <= 9999)) return undefined
    const iso = instant.toISOString()
    return option === 'dateFormat' ? iso.slice(0, bare) : `${iso.slice(0, -1)}000+00:00`
  }
  const century = Number(shortYear) < 69 ? 2000 : 1900
  const year = found.year ?? String(century + Number(shortYear))
  const months = monthNames.findIndex((month) => name !== undefined && month.startsWith(name.toLowerCase()))
  let hours = Number(found.hours ?? found.halfHours ?? 0)
  if (half !== undefined || found.halfHours !== undefined) {
    if (hours < 1 || hours > 12) return undefined
    hours = (hours % 12) + (half?.toLowerCase() === 'pm' ? 12 : 0)
  }
  const two = (value: number | string | undefined) => String(value ?? 0).padStart(2, '0')
  const date = `${year}-${two(found.month ?? months + 1)}-${two(found.day)}`
  if (option === 'dateFormat') return date
  const time = `${two(hours)}:${two(found.minutes)}:${two(found.seconds)}.${fraction.padEnd(6, '0')}`
  return `${date}T${time}${zone ?? ''}`
}
