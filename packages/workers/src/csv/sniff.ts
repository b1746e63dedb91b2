/**
 * Guesses how a file is written from samples of it: delimiter, quote, escape, header, line end, column names
 * and types. The dialect it finds is the one that the kernels parse with.
 */
import { defaultFormats, type LogicalType, valueOfText } from '@millrace/core/internal'
import type { Dialect, DialectOptions } from './dialect.js'
import { trimPadding } from './reference-values.js'
import { readRowsWithin, wholeLines } from './sample.js'
import { findDialect, type LineEnd, lineEndOf } from './sniff-dialect.js'

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
  readonly lineEnd: LineEnd
  readonly columns: readonly SniffedColumn[]
  /** Records that were looked at, and how many places of the file they are from. */
  readonly sampledRows: number
  readonly sampledPlaces: number
}

/**
 * From the narrowest to the widest; a column gets the first that all its values fit. BOOL must not take 0 and
 * 1.
 */
const typesInOrder = ['INT64', 'DOUBLE', 'BOOL', 'DATE', 'TIMESTAMP'] as const

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

/**
 * Guesses from the beginning of a file.
 * @param sample its first bytes
 * @param others parts from further on, each with the byte before it; types are guessed from their records too
 */
export function sniff(
  sample: Uint8Array,
  options: SniffOptions = {},
  others: readonly Uint8Array[] = [],
): SniffedCsv {
  const text = wholeLines(sample)
  const { header: knownHeader, skip = 0, ...known } = options
  const { dialect, rows } = findDialect(text, known, skip)
  const first = rows[0] ?? []
  const further = others.map((part) => readRowsWithin(part, dialect))
  // Where a guess at a record's start was wrong, records have other widths.
  const later = further.flatMap((found) => found.filter(({ length }) => length === first.length))
  const nullTexts = new Set(dialect.nullStrings.map((each) => Buffer.from(each).toString()))
  const isNull = (value: string) => value === '' || nullTexts.has(value)
  const columnTexts = (from: number) =>
    first.map((_, i) =>
      [...rows.slice(from), ...later].flatMap((row) => (row[i] === undefined ? [] : [row[i]])),
    )
  const typesBelow = columnTexts(1).map((texts) => typeOf(texts, isNull))
  const header = knownHeader ?? (first.length > 0 && looksLikeHeader(first, typesBelow))
  const types = header ? typesBelow : columnTexts(0).map((texts) => typeOf(texts, isNull))
  const columns = first.map((name, i) => ({
    name: header && name.trim() !== '' ? name.trim() : `column${i}`,
    type: types[i] ?? 'STRING',
  }))
  return {
    dialect,
    header,
    lineEnd: lineEndOf(text),
    columns,
    sampledRows: rows.length + later.length,
    sampledPlaces: 1 + further.filter((found) => found.length > 0).length,
  }
}
