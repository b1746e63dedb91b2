/**
 * Guesses how a file is written from samples of it: delimiter, quote, escape, header, line end, column names
 * and types. The dialect it finds is the one that the kernels parse with.
 */
import type { LogicalType } from '@millrace/core/internal'
import { sniffRowsMax } from '../limits.js'
import type { Dialect, DialectOptions } from './dialect.js'
import { namesOfColumns } from './header.js'
import { readRowsWithin, type Sample, wholeLines } from './sample.js'
import { findDialect, type LineEnd, lineEndOf, usualWidth } from './sniff-dialect.js'
import { guessFormats } from './sniff-formats.js'
import { type ColumnBelow, guessHeader, holdsValues } from './sniff-header.js'
import { guessType } from './sniff-types.js'
import { namedDelimiter, titleLines } from './title-lines.js'

/** What is known already; everything absent is guessed. */
export interface SniffOptions extends DialectOptions {
  readonly header?: boolean
  /** Physical lines to skip; absent: those of a title before the header are found. */
  readonly skip?: number
  /** Records under a header to look at, at most, at each place of the file. */
  readonly sampleSize?: number
}

export interface SniffedColumn {
  readonly name: string
  readonly type: LogicalType
}

export interface SniffedCsv {
  readonly dialect: Dialect
  /** Physical lines before the header, or the first record: as was said, or those of a title. */
  readonly skip: number
  readonly header: boolean
  readonly lineEnd: LineEnd
  readonly columns: readonly SniffedColumn[]
  /** Whether the header has a name of its own for each of them. */
  readonly isNamed: boolean
  /** Records that were looked at, and how many places of the file they are from. */
  readonly sampledRows: number
  readonly sampledPlaces: number
}

/** The different texts of each of the first `width` columns. */
function columnTexts(width: number, samples: readonly (readonly string[])[][]): Set<string>[] {
  const texts = Array.from({ length: width }, () => new Set<string>())
  for (const row of samples.flat()) {
    for (let i = 0; i < Math.min(width, row.length); i++) texts[i]!.add(row[i]!)
  }
  return texts
}

/** Whether the import takes a record as one of `width` fields: a delimiter at its end makes no field. */
function isWhole(row: readonly string[], width: number, nullPadding: boolean): boolean {
  if (row.length > width) return row.length === width + 1 && row[width] === ''
  return row.length === width || nullPadding
}

/** What a sample says, and what of it tells whether lines stand before its header. */
interface SampleFindings {
  readonly found: SniffedCsv
  /** Fields of most records. */
  readonly width: number
  /** The columns, from the second record on. */
  readonly below: readonly ColumnBelow[]
}

function sniffSample(
  sample: Sample,
  { header: knownHeader, ...known }: SniffOptions,
  others: readonly Uint8Array[],
): SampleFindings {
  const { dialect: written, rows, strictly } = findDialect(sample, known)
  const first = rows[0] ?? []
  // What the import will refuse says nothing of types, such as a line below the last record.
  const whole = rows.filter((row) => isWhole(row, first.length, written.nullPadding))
  const further = others.map((part) => readRowsWithin(part, written, sample.rowsMax))
  // Where a guess at a record's start was wrong, records have other widths.
  const later = further.flatMap((part) => part.filter(({ length }) => length === first.length))
  const nullTexts = new Set(written.nullStrings.map((each) => Buffer.from(each).toString()))
  const isNull = (value: string) => value === '' || nullTexts.has(value)
  const textsFrom = (row: number) => columnTexts(first.length, [whole.slice(row), later])
  const textsBelow = textsFrom(1)
  const formats = guessFormats(whole.length > 1 ? textsBelow : textsFrom(0), written, known, isNull)
  const dialect = { ...written, ...formats }
  const typedColumns = (columns: readonly Set<string>[]) =>
    columns.map((texts) => ({ texts, type: guessType([...texts], dialect, isNull) }))
  const below = typedColumns(textsBelow)
  const trimmed = first.map((name) => name.trim())
  const header = knownHeader ?? guessHeader(trimmed, below, dialect, isNull)
  const typed = header ? below : typedColumns(textsFrom(0))
  const names = header ? strictly.names() : first.map(() => '')
  const called = namesOfColumns(names)
  const columns = called.map((name, i) => ({ name, type: typed[i]?.type ?? 'STRING' }))
  const sniffed: SniffedCsv = {
    dialect,
    skip: sample.skip,
    header,
    lineEnd: lineEndOf(sample.text),
    columns,
    isNamed: header && called.every((name, i) => name === names[i]),
    sampledRows: whole.length + later.length,
    sampledPlaces: 1 + further.filter((part) => part.length > 0).length,
  }
  return { found: sniffed, width: usualWidth(rows.map(({ length }) => length)).width, below }
}

/** What is known when the first line names the delimiter: it is no record. */
function withDelimiterLine(text: Buffer, options: SniffOptions): SniffOptions {
  const delimiter = options.skip === undefined ? namedDelimiter(text) : null
  return delimiter === null ? options : { delimiter, ...options, skip: 1 }
}

/**
 * Guesses from the beginning of a file.
 * @param sample its first bytes
 * @param others parts from further on, each with the byte before it; types are guessed from their records too
 * @param isAll whether the sample is all there is
 */
export function sniff(
  sample: Uint8Array,
  options: SniffOptions = {},
  others: readonly Uint8Array[] = [],
  isAll = false,
): SniffedCsv {
  const text = wholeLines(sample, isAll)
  const { skip, sampleSize = sniffRowsMax, ...known } = withDelimiterLine(text, options)
  const whole = { text, isAll, rowsMax: Math.min(sampleSize + 1, sniffRowsMax) }
  const { found, width } = sniffSample({ ...whole, skip: skip ?? 0 }, known, others)
  if (skip !== undefined || known.header === false || found.dialect.nullPadding) return found
  const titles = titleLines(text, found.dialect, width)
  if (titles === 0) return found
  const { header: _, ...open } = known
  const { found: under, below } = sniffSample({ ...whole, skip: titles }, open, others)
  // Where all is words, any line may be the header: leaving one out on a guess could lose a record.
  const isSure = under.isNamed && below.some((column) => holdsValues(column, under.dialect))
  return isSure && under.columns.length === width ? under : found
}
