/**
 * What is wrong with a record, in words. The block parser and its reference say it with the same functions.
 */
import { decimalShape, integerRanges, isListType, itemTypeOf, type LogicalType } from '@millrace/core/base'
import type { ImportErrorKind } from '../errors/index.js'
import { errorTextBytesMax, valueHeapBytes } from '../limits.js'
import type { Dialect } from './dialect.js'
import { plainText } from './reference-values.js'
import { formatOf } from './temporal-format.js'

/** The quote that a record without an end is in. */
export interface OpenQuote {
  /** Number of the field it opens; 1 is the first. */
  readonly field: number
  /** Physical line ends before it since the parse's start; 0-based. */
  readonly line: number
  /** Its position, relative to the block's first byte. */
  readonly byteOffset: number
}

/** One bad record. */
export interface CsvError {
  readonly kind: ImportErrorKind
  /** Records before it since the parse's start, good and bad; 0-based. */
  readonly row: number
  /** Physical line ends before the record since the parse's start; 0-based. */
  readonly line: number
  /** Position of the record's first byte, relative to the block's first byte. */
  readonly byteOffset: number
  /**
   * Bytes of the record from there on, perhaps with its line end; null: it has no end, and its line is given
   * up.
   */
  readonly recordBytes: number | null
  /** Where the record has no end because of a quote. */
  readonly openQuote?: OpenQuote
  /** The column at fault, where one is. */
  readonly column?: string
  /** A sentence without its full stop. */
  readonly message: string
  /** The value at fault, or the record's beginning; at most `errorTextBytesMax` bytes of it. */
  readonly text: string
}

/** What an error says apart from its place. */
export type ErrorContent = Pick<CsvError, 'kind' | 'column' | 'openQuote' | 'message' | 'text'>

/** A column that is read from a file: where it stands there, and as what it is read. */
export interface ParseColumn {
  /** Number of the field in a record, 0-based. */
  readonly csvIndex: number
  readonly name: string
  readonly type: LogicalType
  /** Whether an empty value is a null or an error. */
  readonly nullable: boolean
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text of [start, end), cut after `bytesMax` bytes or just before; what is not UTF-8 becomes U+FFFD. */
export function boundedText(
  bytes: Uint8Array,
  start: number,
  end: number,
  bytesMax: number = errorTextBytesMax,
): string {
  if (end - start <= bytesMax) return decoder.decode(bytes.subarray(start, end))
  let cut = start + bytesMax
  // A character is not cut: its later bytes are 10xxxxxx, three at most.
  for (let i = 0; i < 3 && cut > start && (bytes[cut]! & 0xc0) === 0x80; i++) cut--
  return `${decoder.decode(bytes.subarray(start, cut))}…`
}

/** Bytes of a record longer than `maxRowBytes` that its error quotes: no more than are sure to be there. */
export function tooLongTextBytes(maxRowBytes: number): number {
  return Math.min(maxRowBytes, errorTextBytesMax)
}

const wholeNumber = /^[+-]?\d+$/
const looksLikeNumber = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i
const notFinite = /^[+-]?(inf|infinity|nan)$/i
const looksLikeDate = /^\d{4}-\d\d-\d\d$/

function typeProblem(type: LogicalType, text: string, dialect: Dialect): string {
  const shown = JSON.stringify(text)
  const trimmed = text.trim()
  const number = plainText(type, trimmed, dialect) ?? ''
  const range = integerRanges[type]
  if (range !== undefined && wholeNumber.test(number)) {
    return `${shown} is out of the range of ${type} (${range.min} to ${range.max})`
  }
  if ((type === 'DOUBLE' || type === 'FLOAT') && looksLikeNumber.test(number)) {
    return `${shown} is out of the range of ${type}`
  }
  if ((type === 'DOUBLE' || type === 'FLOAT') && notFinite.test(trimmed)) {
    return `${shown} is no finite number; the option nonFinite: true takes it`
  }
  if (type === 'DATE' && dialect.dateFormat === '' && looksLikeDate.test(trimmed)) {
    return `${shown} is not a day of the calendar`
  }
  return `${shown} is not ${expectedText(type, dialect)}`
}

/** How the values of a type are written where the dialect says it; the empty text elsewhere. */
function formatText(type: LogicalType, { dateFormat, timestampFormat }: Dialect): string {
  const [option, asked] =
    type === 'DATE' ? (['dateFormat', dateFormat] as const) : (['timestampFormat', timestampFormat] as const)
  if (type !== 'DATE' && type !== 'TIMESTAMP') return ''
  const format = formatOf(option, asked)
  return format === asked || format === '' ? format : `${asked}: ${format}`
}

const expected: Readonly<Partial<Record<LogicalType, string>>> = {
  BOOL: 'a BOOL (true or false)',
  STRING: 'a STRING',
  JSON: 'a JSON text',
  DATE: 'a DATE (YYYY-MM-DD)',
  TIME: 'a TIME (hh:mm:ss, at most 6 decimals)',
  TIMESTAMP: 'a TIMESTAMP (YYYY-MM-DDThh:mm:ss, at most 6 decimals)',
  INTERVAL: 'an INTERVAL (1 year 2 months 3 days 04:05:06, or ISO 8601)',
  UUID: 'a UUID (32 hexadecimal digits)',
  BLOB: 'a BLOB (hexadecimal digits in pairs, or base64 with blobFormat)',
}

function expectedText(type: LogicalType, dialect: Dialect): string {
  const format = formatText(type, dialect)
  if (format !== '') return `a ${type} (${format})`
  const isUsual = dialect.decimalSeparator === 0x2e
  const decimals = isUsual ? '' : `, with "${String.fromCharCode(dialect.decimalSeparator)}" before decimals`
  if (type === 'DOUBLE' || type === 'FLOAT') return `a ${type} (number${decimals})`
  const known = expected[type]
  if (known !== undefined) return known
  if (isListType(type)) return `a list of ${itemTypeOf(type)} ([a, b, …], at most ${valueHeapBytes} bytes)`
  const shape = decimalShape(type)
  const article = type.startsWith('I') ? 'an' : 'a'
  if (shape === null) return `${article} ${type} (whole number)`
  const { precision, scale } = shape
  const digits = `${precision - scale} digits before the point and ${scale} behind it`
  return `a ${type} (number of at most ${digits}${decimals})`
}

/** A value that is not of its column's type, as the dialect has it. */
export function typeError(column: ParseColumn, text: string, dialect: Dialect): ErrorContent {
  return { kind: 'type', column: column.name, message: typeProblem(column.type, text, dialect), text }
}

/** An empty value where the column must have one. */
export function nullError(column: ParseColumn, text: string): ErrorContent {
  return { kind: 'nullKey', column: column.name, message: `the column ${column.name} has no value`, text }
}

/** Too few or too many fields. */
export function raggedError(fields: number, expected: number, text: string): ErrorContent {
  const counted = `${fields} ${fields === 1 ? 'field' : 'fields'}`
  return { kind: 'ragged', message: `the record has ${counted} instead of ${expected}`, text }
}

/**
 * Text behind a closing quote, in a record with so many line ends: of a quote that is none there are many.
 */
export function quoteError(
  field: number,
  column: ParseColumn | undefined,
  text: string,
  lineEnds: number,
): ErrorContent {
  const lines = lineEnds === 0 ? '' : `, in a record of ${lineEnds + 1} lines`
  const message = `field ${field + 1} goes on behind its closing quote${lines}`
  return column === undefined
    ? { kind: 'quote', message, text }
    : { kind: 'quote', column: column.name, message, text }
}

/** A quote that is not closed before the end of input. */
export function unclosedQuoteError(
  openQuote: OpenQuote,
  column: ParseColumn | undefined,
  text: string,
): ErrorContent {
  const message = `the quote that opens field ${openQuote.field} is never closed`
  return column === undefined
    ? { kind: 'unclosedQuote', openQuote, message, text }
    : { kind: 'unclosedQuote', openQuote, column: column.name, message, text }
}

/** A record longer than `maxRowBytes`, perhaps because of a quote. */
export function rowTooLongError(
  maxRowBytes: number,
  openQuote: OpenQuote | undefined,
  text: string,
): ErrorContent {
  const message = `the record is longer than maxRowBytes (${maxRowBytes} bytes)`
  if (openQuote === undefined) return { kind: 'rowTooLong', message, text }
  const open = `${message}, and the quote that opens field ${openQuote.field} is not closed by then`
  return { kind: 'rowTooLong', openQuote, message: open, text }
}

/** Bytes that are not UTF-8. */
export function encodingError(column: ParseColumn | undefined, text: string): ErrorContent {
  const message = 'the record is not valid UTF-8'
  return column === undefined
    ? { kind: 'encoding', message, text }
    : { kind: 'encoding', column: column.name, message, text }
}

/** The column that is read from field `field`, if any. */
export function columnOfField(columns: readonly ParseColumn[], field: number): ParseColumn | undefined {
  return columns.find((column) => column.csvIndex === field)
}
