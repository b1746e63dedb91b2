/**
 * The bytes that give a CSV file its structure, and the one definition of what they mean.
 *
 * - Line ends are `\n`, `\r\n` and `\r` alone, in any mixture. The last record may lack one.
 * - A quote opens a quoted field only as the field's first byte. Inside, delimiters and line ends are text,
 *   and the escape followed by a quote (or by another escape) stands for that byte; by default the escape is
 *   the quote itself.
 * - The closing quote must be followed by a delimiter, a line end or the end of input; anything else makes
 *   the record an error of kind `quote`, and the rest of that field is read as if it were unquoted.
 * - A quote elsewhere in an unquoted field is an ordinary byte.
 * - A line that begins with the comment byte is skipped up to its line end, quotes or not.
 * - A blank line is skipped. Only where a file has one field per record and every column read from it may be
 *   null, a blank line is a record: it is how such files write a null.
 * - A record has as many fields as the header (or the first record). One more is left alone when it is empty
 *   and unquoted: a delimiter at the end of the line. With `nullPadding` fields may be missing at the end.
 *   With `trim` it is empty when only spaces and tabs are in it.
 * - An empty unquoted field is null, and so is one that equals a null string; `""` is the empty string. For
 *   types other than STRING quotes make no difference, and spaces and tabs around the text are ignored.
 *   `emptyAsNull` and `quotedNulls` change this for STRING.
 * - With `trim`, spaces and tabs around a field, or around its quotes, are no part of it. Inside the quotes
 *   they are.
 * - `\r\r\n`, which programs write that convert line ends twice, is a line end and a blank line.
 */
import { type BlobFormat, defaultFormats, MillraceError } from '@millrace/core/base'
import { nullStringBytesMax, nullStringsMax } from '../limits.js'
import { checkTemporalFormat, type TemporalFormats } from './temporal-format.js'

/**
 * Bytes; −1 where there is none. All are ASCII, none is a line end, and delimiter, quote and comment differ.
 */
export interface Dialect extends TemporalFormats {
  readonly delimiter: number
  readonly quote: number
  readonly escape: number
  readonly comment: number
  readonly nullStrings: readonly Uint8Array[]
  /** Spaces and tabs around a field, or its quotes, are no part of it. */
  readonly trim: boolean
  /** Fields that are missing at the end of a record are null. */
  readonly nullPadding: boolean
  /** STRING: a quoted text that is empty or a null string is null, too. */
  readonly quotedNulls: boolean
  /** STRING: an empty unquoted field is null. */
  readonly emptyAsNull: boolean
  /** Between the whole and the broken part of a number. */
  readonly decimalSeparator: number
  /** Between groups of three digits of the whole part; −1: none. */
  readonly thousandsSeparator: number
  /** DOUBLE and FLOAT take `inf`, `infinity` and `nan`. */
  readonly nonFinite: boolean
  /** How BLOBs are written. */
  readonly blobFormat: BlobFormat
}

const comma = 0x2c
const doubleQuote = 0x22
const point = 0x2e
const tab = 0x09
const space = 0x20

/** RFC 4180: commas, double quotes, doubled inside; no comments. */
export const defaultDialect: Dialect = {
  delimiter: comma,
  quote: doubleQuote,
  escape: doubleQuote,
  comment: -1,
  nullStrings: [],
  trim: false,
  nullPadding: false,
  quotedNulls: false,
  emptyAsNull: true,
  decimalSeparator: point,
  thousandsSeparator: -1,
  ...defaultFormats,
  dateFormat: '',
  timestampFormat: '',
}

/** A dialect as users write it: bytes as single ASCII characters; an empty string or null for none. */
export interface DialectOptions {
  readonly delimiter?: string | undefined
  readonly quote?: string | null | undefined
  /** Default: the quote. */
  readonly escape?: string | null | undefined
  readonly comment?: string | null | undefined
  readonly nullStrings?: readonly string[] | undefined
  readonly trim?: boolean | undefined
  readonly nullPadding?: boolean | undefined
  readonly quotedNulls?: boolean | undefined
  readonly emptyAsNull?: boolean | undefined
  readonly decimalSeparator?: string | undefined
  readonly thousandsSeparator?: string | null | undefined
  readonly nonFinite?: boolean | undefined
  readonly blobFormat?: BlobFormat | undefined
  /** See `temporal-format.ts`; absent or empty for ISO 8601. */
  readonly dateFormat?: string | undefined
  readonly timestampFormat?: string | undefined
}

function invalid(what: string, value: string, expected: string): MillraceError {
  return new MillraceError('MILLRACE_ARGUMENT', { what, value: JSON.stringify(value), expected })
}

function byteOf(what: string, text: string | null | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (text === null || text === '') return -1
  if (text === '\\t') return 0x09
  const hexadecimal = /^\\x([0-7][0-9a-f])$/i.exec(text)
  if (hexadecimal !== null) return Number.parseInt(hexadecimal[1]!, 16)
  if (text.length !== 1 || text.charCodeAt(0) > 0x7f) throw invalid(what, text, 'one ASCII character')
  return text.charCodeAt(0)
}

/**
 * The dialect that `options` describe, on top of `base`.
 * @throws MillraceError `MILLRACE_ARGUMENT`
 */
export function makeDialect(options: DialectOptions, base: Dialect = defaultDialect): Dialect {
  const quote = byteOf('quote', options.quote, base.quote)
  const baseEscape = options.quote === undefined ? base.escape : quote
  const encoder = new TextEncoder()
  return checkDialect({
    delimiter: byteOf('delimiter', options.delimiter, base.delimiter),
    quote,
    escape: quote === -1 ? -1 : byteOf('escape', options.escape, baseEscape),
    comment: byteOf('comment', options.comment, base.comment),
    nullStrings: options.nullStrings?.map((text) => encoder.encode(text)) ?? base.nullStrings,
    trim: options.trim ?? base.trim,
    nullPadding: options.nullPadding ?? base.nullPadding,
    quotedNulls: options.quotedNulls ?? base.quotedNulls,
    emptyAsNull: options.emptyAsNull ?? base.emptyAsNull,
    decimalSeparator: byteOf('decimalSeparator', options.decimalSeparator, base.decimalSeparator),
    thousandsSeparator: byteOf('thousandsSeparator', options.thousandsSeparator, base.thousandsSeparator),
    nonFinite: options.nonFinite ?? base.nonFinite,
    blobFormat: options.blobFormat ?? base.blobFormat,
    dateFormat: options.dateFormat ?? base.dateFormat,
    timestampFormat: options.timestampFormat ?? base.timestampFormat,
  })
}

/** Bytes that a number is written with: they cannot separate anything in it. */
function isOfNumbers(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || (byte | 0x20) === 0x65
}

function checkNumbers({ decimalSeparator, thousandsSeparator, quote }: Dialect): void {
  const seen = [decimalSeparator, thousandsSeparator].filter((byte) => byte !== -1)
  if (seen.includes(quote)) {
    const shown = String.fromCharCode(quote)
    throw invalid('quote', shown, 'another character than decimalSeparator and thousandsSeparator')
  }
  const isClear = decimalSeparator !== -1 && decimalSeparator !== thousandsSeparator
  if (!isClear || seen.some((byte) => isOfNumbers(byte) || byte > 0x7f)) {
    const shown = seen.map((byte) => String.fromCharCode(byte)).join(' ')
    throw invalid(
      'decimalSeparator',
      shown,
      'one character, and thousandsSeparator another; no digit or sign',
    )
  }
}

/**
 * Returns `dialect` when it can be parsed with.
 * @throws MillraceError `MILLRACE_ARGUMENT`
 */
export function checkDialect(dialect: Dialect): Dialect {
  const { delimiter, quote, escape: escapeByte, comment, nullStrings } = dialect
  for (const [what, byte] of Object.entries({ delimiter, quote, escape: escapeByte, comment })) {
    const isLineEnd = byte === 0x0a || byte === 0x0d
    const lowest = what === 'delimiter' ? 0 : -1
    if (!Number.isInteger(byte) || byte < lowest || byte > 0x7f || isLineEnd) {
      const text = Number.isInteger(byte) && byte >= 0 ? String.fromCharCode(byte) : ''
      throw invalid(what, text, 'one ASCII character that is not a line end')
    }
  }
  const distinct = [delimiter, quote, comment].filter((byte) => byte !== -1)
  if (new Set(distinct).size !== distinct.length) {
    throw invalid('dialect', String.fromCharCode(...distinct), 'delimiter, quote and comment to differ')
  }
  if (escapeByte === delimiter) {
    throw invalid('escape', String.fromCharCode(escapeByte), 'another character than the delimiter')
  }
  checkNumbers(dialect)
  checkTemporalFormat('dateFormat', dialect.dateFormat)
  checkTemporalFormat('timestampFormat', dialect.timestampFormat)
  if (dialect.trim && (quote === space || quote === tab)) {
    throw invalid('quote', String.fromCharCode(quote), 'no space or tab together with trim')
  }
  if (dialect.nullPadding && !dialect.emptyAsNull) {
    throw invalid('emptyAsNull', 'false', 'true together with nullPadding: a missing field is empty')
  }
  if (nullStrings.length > nullStringsMax || nullStrings.some((text) => text.length > nullStringBytesMax)) {
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'nullStrings',
      value: `${nullStrings.length} strings`,
      expected: `at most ${nullStringsMax}, of at most ${nullStringBytesMax} bytes`,
    })
  }
  return dialect
}
