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
import { fieldText, type ReferenceField } from './reference-scan.js'

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
function bareText(bytes: Uint8Array, field: ReferenceField, dialect: Dialect): Uint8Array {
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
  if (type === 'STRING') {
    const { text, quoted } = fieldText(bytes, field, dialect)
    return !quoted && isNullText(text, dialect) ? null : text
  }
  const text = bareText(bytes, field, dialect)
  return isNullText(text, dialect) ? null : valueOfText(type, Buffer.from(text).toString('latin1'))
}
