/**
 * The specification of a field: what its text is as each type, in any dialect. What a text without anything
 * around it means is said by the values of `@millrace/core`; the kernels are tested in lock-step with both.
 *
 * Values are: bigint for the int lanes (BOOL: 0 or 1), number for DOUBLE and FLOAT, the bytes for all others;
 * null; undefined for a text that is not of the type.
 */
import { bytesOfLane, isListType, type LogicalType, valueOfText } from '@millrace/core/base'
import type { Dialect } from './dialect.js'
import { fieldText, type ReferenceField, trimmedField } from './reference-scan.js'
import { isWrittenAsNumber } from './rewritten-cells.js'
import { formatOf, monthNames, stepsOf, weekdayNames } from './temporal-format.js'

export type ReferenceValue = bigint | number | Uint8Array | null | undefined

function isNullText(text: Uint8Array, dialect: Dialect): boolean {
  return text.length === 0 || dialect.nullStrings.some((each) => Buffer.compare(each, text) === 0)
}

const isPadded = /^[ \t]|[ \t]$/

/** Without the spaces and tabs around it. */
export function trimPadding(text: string): string {
  return isPadded.test(text) ? text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '') : text
}

/**
 * Whether values of `type`, other than texts, are written with characters that a dialect escapes in quotes:
 * the items of a list have quotes of their own, and a BLOB backslashes.
 */
export function mayHoldEscapes(type: LogicalType): boolean {
  return isListType(type) || type === 'BLOB'
}

/** The bytes of a field that is no text: without quotes and padding, escapes as they are. */
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
  if (type === 'JSON') {
    const text = stringOf(bytes, field, { ...dialect, emptyAsNull: true })
    return text === null || valueOfText(type, Buffer.from(text).toString(), dialect) !== undefined
      ? text
      : undefined
  }
  const bare = bareText(bytes, field, dialect)
  if (isNullText(bare, dialect)) return null
  const text = mayHoldEscapes(type)
    ? trimPadding(Buffer.from(fieldText(bytes, field, dialect).text).toString())
    : plainText(type, Buffer.from(bare).toString('latin1'), dialect)
  const value = text === undefined ? undefined : valueOfText(type, text, dialect)
  return typeof value === 'string' ? bytesOfLane(type, value) : value
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
export function plainText(type: LogicalType, text: string, dialect: Dialect): string | undefined {
  const { decimalSeparator, thousandsSeparator, dateFormat, timestampFormat } = dialect
  if (type === 'DATE' && formatOf('dateFormat', dateFormat) !== '')
    return isoText('dateFormat', dateFormat, text)
  if (type === 'TIMESTAMP' && formatOf('timestampFormat', timestampFormat) !== '') {
    return isoText('timestampFormat', timestampFormat, text)
  }
  const isOrdinary = decimalSeparator === 0x2e && thousandsSeparator === -1
  if (isOrdinary || !isWrittenAsNumber(type)) return text
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
  e: '(?<day> \\d|\\d\\d|\\d(?!\\d))',
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
  const date = `${year}-${two(found.month ?? months + 1)}-${two(found.day?.trim())}`
  if (option === 'dateFormat') return date
  const time = `${two(hours)}:${two(found.minutes)}:${two(found.seconds)}.${fraction.padEnd(6, '0')}`
  return `${date}T${time}${zone ?? ''}`
}
