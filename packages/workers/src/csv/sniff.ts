/**
 * Guesses how a file is written from its beginning: delimiter, header, column names and types. A sample goes
 * through `csv-parser` once for each candidate delimiter; the hot path never does.
 */
import { createRequire } from 'node:module'
import { defaultFormats, type LogicalType, valueOfText } from '@millrace/core/internal'
import type csv from 'csv-parser'
import { sniffRowsMax, sniffSampleBytesMax } from '../limits.js'
import { type Dialect, type DialectOptions, makeDialect } from './dialect.js'
import { fieldText, readLine, readPhysicalLine } from './reference-scan.js'
import { trimPadding } from './reference-values.js'

/** What is known already; everything absent is guessed. */
export interface SniffOptions extends DialectOptions {
  readonly header?: boolean
  /** Physical lines to skip. */
  readonly skip?: number
}

export interface SniffedColumn {
  readonly name: string
  readonly type: LogicalType
}

export interface SniffedCsv {
  readonly dialect: Dialect
  readonly header: boolean
  readonly columns: readonly SniffedColumn[]
}

/** Loaded when a file is sniffed: an import whose columns are known does without. */
const loadCsvParser = (): typeof csv => createRequire(import.meta.url)('csv-parser')

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

const candidates = [',', ';', '\t', '|']

/**
 * From the narrowest to the widest; a column gets the first that all its values fit. BOOL must not take 0 and
 * 1.
 */
const typesInOrder = ['INT64', 'DOUBLE', 'BOOL', 'DATE', 'TIMESTAMP'] as const

/** The sample from behind its byte order mark, without a last line that may be cut, ending in a line end. */
function wholeLines(sample: Uint8Array): Buffer {
  const bounded = Buffer.from(sample.subarray(0, sniffSampleBytesMax))
  const start = bounded.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0
  const last = Math.max(bounded.lastIndexOf(0x0a), bounded.lastIndexOf(0x0d))
  const text = bounded.subarray(start, last === -1 ? bounded.length : last + 1)
  return last === -1 ? Buffer.concat([text, Buffer.from('\n')]) : text
}

/** The sample's records as the import will read them; those with errors are left out. */
function readRowsStrictly(text: Buffer, dialect: Dialect, skipLines: number): string[][] {
  const input = { bytes: text, end: text.length, atEnd: true, maxRowBytes: text.length, dialect }
  const rows: string[][] = []
  let at = 0
  for (let line = 0; line < skipLines && at < text.length; line++) at = readPhysicalLine(input, at).next
  while (at < text.length && rows.length < sniffRowsMax) {
    const line = readLine(input, at)
    if (line.kind === 'record' && line.badQuote === -1) {
      rows.push(line.fields.map((field) => Buffer.from(fieldText(text, field, dialect).text).toString()))
    }
    at = 'next' in line ? line.next : readPhysicalLine(input, at).next
  }
  return rows
}

/** The sample's records as csv-parser reads them, quotes gone. */
function readRows(text: Buffer, dialect: Dialect, skipLines: number): string[][] {
  const parser = loadCsvParser()({
    headers: false,
    separator: String.fromCharCode(dialect.delimiter),
    // csv-parser cannot do without a quote; a byte that no text contains stands in.
    quote: dialect.quote === -1 ? '\0' : String.fromCharCode(dialect.quote),
    escape: dialect.escape === -1 ? '\0' : String.fromCharCode(dialect.escape),
    skipLines,
    ...(dialect.comment === -1 ? {} : { skipComments: String.fromCharCode(dialect.comment) }),
  })
  // It parses a chunk as it is written and queues the rows; as the text ends in a line end, none is left
  // inside. It unescapes in place: hence the copy.
  parser.write(Buffer.from(text))
  const rows: string[][] = []
  while (rows.length < sniffRowsMax) {
    const row: Record<string, string> | null = parser.read()
    if (row === null) break
    const cells = Object.values(row)
    if (cells.length > 0) rows.push(cells)
  }
  parser.destroy()
  return rows
}

/** How many records have as many fields as the first; nothing when there is but one field. */
function fitness(rows: readonly string[][]): number {
  const width = rows[0]?.length ?? 0
  if (width < 2) return 0
  const alike = rows.filter((row) => row.length === width).length
  return (alike / rows.length) * (1 + width / 1000)
}

function findDelimiter(text: Buffer, options: SniffOptions, skip: number): [Dialect, string[][]] {
  const taken = [options.quote, options.comment]
  const free = candidates.filter((candidate) => !taken.includes(candidate))
  const given = options.delimiter === undefined ? free : [options.delimiter]
  let best: [Dialect, string[][]] | undefined
  for (const delimiter of given) {
    const dialect = makeDialect({ ...options, delimiter })
    const rows = readRows(text, dialect, skip)
    if (best === undefined || fitness(rows) > fitness(best[1])) best = [dialect, rows]
  }
  return best!
}

/** Whether a file's text is a value of `type`, with the formats of an import that is not told any. */
function isOfType(type: LogicalType, text: string): boolean {
  return valueOfText(type, text, defaultFormats) !== undefined
}

function typeOf(texts: readonly string[], isNull: (text: string) => boolean): LogicalType | undefined {
  const values = texts.map(trimPadding).filter((text) => !isNull(text))
  if (values.length === 0) return undefined
  // A number with leading zeros is a code (a ZIP, a telephone number): as a number it would lose them.
  if (values.some((text) => /^[+-]?0\d/.test(text))) return dateOrText(values)
  return typesInOrder.find((type) => values.every((text) => isOfType(type, text))) ?? 'STRING'
}

function dateOrText(values: readonly string[]): LogicalType {
  const types = ['DATE', 'TIMESTAMP'] as const
  return types.find((type) => values.every((text) => isOfType(type, text))) ?? 'STRING'
}

/** A header: its names are distinct texts, and either differ in type from what is below or all is text. */
function looksLikeHeader(first: readonly string[], types: readonly (LogicalType | undefined)[]): boolean {
  const names = first.map((name) => name.trim())
  if (names.some((name) => name === '' || isOfType('DOUBLE', name))) return false
  if (new Set(names).size !== names.length) return false
  return first.every((name, i) => {
    const type = types[i]
    return type === undefined || type === 'STRING' || !isOfType(type, trimPadding(name))
  })
}

/** Guesses from `sample`, the beginning of a file; at most its first `sniffSampleBytesMax` bytes are read. */
export function sniff(sample: Uint8Array, options: SniffOptions = {}): SniffedCsv {
  const text = wholeLines(sample)
  const skip = options.skip ?? 0
  const [dialect, rowsFound] = findDelimiter(text, options, skip)
  // csv-parser takes any quote for an opening one; where that makes other records of the text than the import
  // will, the import's count.
  const strictly = readRowsStrictly(text, dialect, skip)
  const rows = strictly.length > rowsFound.length ? strictly : rowsFound
  const first = rows[0] ?? []
  const nullTexts = new Set(dialect.nullStrings.map((each) => Buffer.from(each).toString()))
  const isNull = (value: string) => value === '' || nullTexts.has(value)
  const columnTexts = (from: number) =>
    first.map((_, i) => rows.slice(from).flatMap((row) => (row[i] === undefined ? [] : [row[i]])))
  const typesBelow = columnTexts(1).map((texts) => typeOf(texts, isNull))
  const header = options.header ?? (first.length > 0 && looksLikeHeader(first, typesBelow))
  const types = header ? typesBelow : columnTexts(0).map((texts) => typeOf(texts, isNull))
  const columns = first.map((name, i) => ({
    name: header && name.trim() !== '' ? name.trim() : `column${i}`,
    type: types[i] ?? 'STRING',
  }))
  return { dialect, header, columns }
}
