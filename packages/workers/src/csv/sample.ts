/**
 * Samples of a file as records of texts: through `csv-parser`, or as the import will read them. The hot path
 * never does either.
 */
import { createRequire } from 'node:module'
import type csv from 'csv-parser'
import { sniffHeadBytes, sniffHeadRows } from '../limits.js'
import type { Dialect } from './dialect.js'
import { nameOf } from './header.js'
import { firstLines, isPlain, readPlainLines } from './plain-lines.js'
import { guessRecordStart } from './record-start.js'
import { fieldText, type ReferenceField, readLine, readPhysicalLine, trimmedField } from './reference-scan.js'

/** Loaded when a file is sniffed: an import whose columns are known does without. */
const loadCsvParser = (): typeof csv => createRequire(import.meta.url)('csv-parser')

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** What there is of a file to guess from. */
export interface Sample {
  /** Whole lines, from behind a byte order mark on. */
  readonly text: Buffer
  /** Whether it is all there is; else the last record may be cut. */
  readonly isAll: boolean
  /** Physical lines before the first record, or the header. */
  readonly skip: number
  /** Records to look at. */
  readonly rowsMax: number
}

/** Records, and what was wrong on the way. */
export interface StrictRows {
  /** Fields of each record. */
  readonly widths: readonly number[]
  /** The records' texts, which take most of the time. */
  readonly rows: () => string[][]
  /** What the first record calls the columns, where it is the header. */
  readonly names: () => string[]
  /** The first records, as many as tell how all are written: where they end in the text, and how many. */
  readonly head: { readonly end: number; readonly records: number }
  /** Records that the import would refuse for their quotes. */
  readonly badQuotes: number
  /** Those among them that go on behind a closing quote. */
  readonly textBehindQuote: number
  /** Fields that stand in quotes. */
  readonly quotedFields: number
}

/**
 * The sample from behind its byte order mark, ending in a line end; without a last line that may be cut,
 * unless the sample `isAll` there is.
 */
export function wholeLines(sample: Uint8Array, isAll: boolean): Buffer {
  const bytes = Buffer.from(sample.buffer, sample.byteOffset, sample.length)
  const start = bytes.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0
  const last = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d))
  if (last !== -1 && (!isAll || last + 1 === bytes.length)) return bytes.subarray(start, last + 1)
  return Buffer.concat([bytes.subarray(start), Buffer.from('\n')])
}

/** A record that has no end, and begins behind this part of a sample, may be one that the sample cuts. */
const uncutPart = 0.75

/** The sample's records as the import will read them; those with errors are left out. */
export function readRowsStrictly({ text, isAll, skip, rowsMax }: Sample, dialect: Dialect): StrictRows {
  if (isPlain(text, dialect)) {
    const plain = readPlainLines(text, dialect, skip).slice(0, rowsMax)
    const widths = plain.map(({ length }) => length)
    const first = firstLines(text, skip, sniffHeadBytes)
    const head = {
      end: first.length,
      records: Math.min(readPlainLines(first, dialect, skip).length, rowsMax),
    }
    const names = () => (plain[0] ?? []).map((name) => name.trim())
    return { widths, rows: () => plain, names, head, badQuotes: 0, textBehindQuote: 0, quotedFields: 0 }
  }
  const input = { bytes: text, end: text.length, atEnd: true, maxRowBytes: text.length, dialect }
  const records: (readonly ReferenceField[])[] = []
  let [badQuotes, textBehindQuote, quotedFields] = [0, 0, 0]
  let at = 0
  for (let line = 0; line < skip && at < text.length; line++) at = readPhysicalLine(input, at).next
  const headEndMin = at + sniffHeadBytes
  let head: StrictRows['head'] | undefined
  while (at < text.length && records.length < rowsMax) {
    const line = readLine(input, at)
    if (line.kind === 'unclosedQuote' && !isAll && at > text.length * uncutPart) break
    if (line.kind === 'record' && line.badQuote === -1) {
      records.push(line.fields)
      for (const field of line.fields) if (isQuoted(text, field, dialect)) quotedFields++
    } else if (line.kind !== 'blank' && line.kind !== 'comment') {
      badQuotes++
      if (line.kind === 'record') textBehindQuote++
    }
    at = 'next' in line ? line.next : readPhysicalLine(input, at).next
    if (at >= headEndMin && records.length >= sniffHeadRows) head ??= { end: at, records: records.length }
  }
  const rows = () => records.map((fields) => textsOf(text, fields, dialect))
  const names = () => (records[0] ?? []).map((field) => nameOf(text, field, dialect))
  const widths = records.map(({ length }) => length)
  head ??= { end: records.length === rowsMax ? at : text.length, records: records.length }
  return { widths, rows, names, head, badQuotes, textBehindQuote, quotedFields }
}

function isQuoted(bytes: Uint8Array, field: ReferenceField, dialect: Dialect): boolean {
  const { start, end } = trimmedField(bytes, field, dialect)
  return end > start && bytes[start] === dialect.quote
}

function textsOf(bytes: Uint8Array, fields: readonly ReferenceField[], dialect: Dialect): string[] {
  return fields.map((field) => Buffer.from(fieldText(bytes, field, dialect).text).toString())
}

/**
 * The records that lie wholly in a part of a file, from the first that seems to begin in it on. The part's
 * first byte is the one before it.
 */
export function readRowsWithin(part: Uint8Array, dialect: Dialect, rowsMax: number): string[][] {
  const start = guessRecordStart(part, 1, part.length, dialect)
  const bytes = Buffer.from(part.buffer, part.byteOffset + start, part.length - start)
  if (isPlain(bytes, dialect)) {
    return readPlainLines(bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1), dialect, 0).slice(0, rowsMax)
  }
  const input = { bytes: part, end: part.length, atEnd: false, maxRowBytes: part.length, dialect }
  const rows: string[][] = []
  for (let at = start; at < part.length && rows.length < rowsMax; ) {
    const line = readLine(input, at)
    if (!('next' in line)) break
    if (line.kind === 'record' && line.badQuote === -1) {
      rows.push(textsOf(part, line.fields, dialect))
    }
    at = line.next
  }
  return rows
}

/** The sample's records as csv-parser reads them, quotes gone. */
export function readRows({ text, skip, rowsMax }: Omit<Sample, 'isAll'>, dialect: Dialect): string[][] {
  const parser = loadCsvParser()({
    headers: false,
    separator: String.fromCharCode(dialect.delimiter),
    // csv-parser cannot do without a quote; a byte that no text contains stands in.
    quote: dialect.quote === -1 ? '\0' : String.fromCharCode(dialect.quote),
    escape: dialect.escape === -1 ? '\0' : String.fromCharCode(dialect.escape),
    skipLines: skip,
    ...(dialect.comment === -1 ? {} : { skipComments: String.fromCharCode(dialect.comment) }),
  })
  // It parses a chunk as it is written and queues the rows; as the text ends in a line end, none is left
  // inside. It unescapes in place: hence the copy.
  parser.write(Buffer.from(text))
  const rows: string[][] = []
  while (rows.length < rowsMax) {
    const row: Record<string, string> | null = parser.read()
    if (row === null) break
    const cells = Object.values(row)
    if (cells.length > 0) rows.push(cells)
  }
  parser.destroy()
  return rows
}
