/** What stands before the first record of a file: a byte order mark, lines to skip, the header. */
import { isUtf8 } from 'node:buffer'
import { workersError } from '../errors/index.js'
import { headerFieldsMax, rowBytesMax } from '../limits.js'
import type { Dialect } from './dialect.js'
import {
  countPhysicalLines,
  expectedFields,
  fieldText,
  type ReferenceField,
  type ReferenceInput,
  type ReferenceLine,
  readLine,
  readPhysicalLine,
} from './reference-scan.js'

export interface HeaderOptions {
  /** Whether the first record names the columns. */
  readonly header: boolean
  /** Physical lines to skip before it. */
  readonly skip?: number
  /** Whether the file ends with the sample. Default: false. */
  readonly atEnd?: boolean
  /** Named in errors. */
  readonly file?: string
  /** Without a header: bytes of the longest record; longer ones say nothing of the others. */
  readonly maxRowBytes?: number
  /**
   * Without a header: how many columns there are as far as others know. Counts where no record says it, where
   * fields may be missing in the first one, and where that ends in a delimiter.
   */
  readonly columnsKnown?: number | null
  /** Whether there cannot be more: a first record with more fields is then refused as any other is. */
  readonly columnsAreAll?: boolean
}

export interface ParsedHeader {
  /**
   * The header's names, or without a header `column0`, `column1`, … for the fields of a record; none in an
   * empty file, unless its columns are known.
   */
  readonly names: string[]
  /** Whether there is a record that says so: in an empty file there is none. */
  readonly isThere: boolean
  /** Bytes of the byte order mark, the skipped lines and the header: where the data begins. */
  readonly bytes: number
  /** Physical line ends in them. */
  readonly lines: number
}

const byteOrderMark = [0xef, 0xbb, 0xbf]

/** The mark is of a file, not of a name: one at the start of a later name belongs to it. */
const nameDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Bytes of a UTF-8 byte order mark at the sample's start. */
function markBytes(sample: Uint8Array): number {
  return byteOrderMark.every((byte, i) => sample[i] === byte) ? byteOrderMark.length : 0
}

/** The name that a field of a header gives its column. */
export function nameOf(sample: Uint8Array, field: ReferenceField, dialect: Dialect): string {
  const { text, quoted } = fieldText(sample, field, dialect)
  const name = nameDecoder.decode(text)
  return quoted ? name : name.trim()
}

const notUtf8 = 'it is not valid UTF-8: set encoding to what the file is written in, such as windows-1252'

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `column${index}`)

/** What is wrong with a header that has no end. */
function problemOf(
  line: ReferenceLine & { kind: 'rowTooLong' | 'unclosedQuote' },
  sample: Uint8Array,
): string {
  const { field, openQuote } = line
  if (line.kind === 'rowTooLong') {
    return field === headerFieldsMax ? `it has more than ${headerFieldsMax} fields` : 'it is too long'
  }
  const place = `line ${countPhysicalLines(sample, 0, openQuote) + 1}, at byte ${openQuote}`
  return `the quote that opens field ${field + 1} is never closed: it stands on ${place}`
}

/**
 * Reads the header in `sample`, the beginning of a file. Null when it does not end within the sample and more
 * may follow.
 * @throws MillraceError `MILLRACE_CSV_HEADER` when it cannot be read: a quote that is not closed, bytes that
 * are no UTF-8, too many fields
 */
export function parseHeader(
  sample: Uint8Array,
  dialect: Dialect,
  options: HeaderOptions,
): ParsedHeader | null {
  const { header, skip = 0, atEnd = false, file = 'The file', columnsKnown = null } = options
  const { maxRowBytes = rowBytesMax, columnsAreAll = false } = options
  const input: ReferenceInput = {
    bytes: sample,
    end: sample.length,
    atEnd,
    maxRowBytes: header ? rowBytesMax : maxRowBytes,
    fieldsMax: headerFieldsMax,
    dialect,
  }
  const unreadable = (problem: string) => workersError('MILLRACE_CSV_HEADER', { place: file, problem })
  let at = markBytes(sample)
  for (let line = 0; line < skip && at < sample.length; line++) {
    const { next, complete } = readPhysicalLine(input, at)
    if (!complete) return null
    at = next
  }
  const dataStart = at
  let fieldsAtLeast = 0
  const placeOf = (bytes: number) => ({ bytes, lines: countPhysicalLines(sample, 0, bytes) })
  for (;;) {
    if (at >= sample.length) {
      if (!atEnd) return null
      return header
        ? { names: [], isThere: false, ...placeOf(at) }
        : { names: namesOf(columnsKnown ?? fieldsAtLeast), isThere: fieldsAtLeast > 0, ...placeOf(dataStart) }
    }
    const line = readLine(input, at)
    if (line.kind === 'needsMore') return null
    if (line.kind === 'rowTooLong' || line.kind === 'unclosedQuote') {
      if (header || line.field === headerFieldsMax) throw unreadable(problemOf(line, sample))
      // The parser refuses its first line and tries the next one: that says how many fields there are.
      fieldsAtLeast = Math.max(fieldsAtLeast, line.field + 1)
      at = readPhysicalLine(input, at).next
      continue
    }
    if (line.kind !== 'record') {
      at = line.next
      continue
    }
    if (!header) {
      const { fields } = line
      if (columnsKnown === null)
        return { names: namesOf(fields.length), isThere: true, ...placeOf(dataStart) }
      const found = expectedFields(input, fields, columnsKnown).length
      const count = columnsAreAll ? Math.min(found, columnsKnown) : found
      return { names: namesOf(count), isThere: true, ...placeOf(dataStart) }
    }
    if (!isUtf8(sample.subarray(at, line.end))) throw unreadable(notUtf8)
    if (line.badQuote !== -1) throw unreadable(`field ${line.badQuote + 1} goes on behind its closing quote`)
    const names = line.fields.map((field) => nameOf(sample, field, dialect))
    return { names, isThere: true, ...placeOf(line.next) }
  }
}

/**
 * What the columns under a header are called: `column1` where it has no name, and with a number where one
 * stood before: `a`, `a_1`, `a_2`, as others that read CSV have it (results of queries are numbered `a_2`).
 * A name that is there is not made.
 */
export function namesOfColumns(header: readonly string[]): string[] {
  const seen = new Set<string>()
  const given = new Set(header)
  // Where the numbers of a name go on: a header may have a hundred thousand equal ones.
  const numbers = new Map<string, number>()
  return header.map((found, index) => {
    const name = found === '' ? `column${index}` : found
    let distinct = name
    let number = numbers.get(name) ?? 1
    while (seen.has(distinct) || (distinct !== found && given.has(distinct))) distinct = `${name}_${number++}`
    numbers.set(name, number)
    seen.add(distinct)
    return distinct
  })
}
