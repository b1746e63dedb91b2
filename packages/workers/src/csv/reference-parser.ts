/**
 * The specification of a block parser: the same requests and answers as `BlockParser`, with values in plain
 * arrays. Slow and obvious, one record after the other; its only users are tests, in lock-step with the
 * kernels.
 */
import { isUtf8 } from 'node:buffer'
import { blankLinesAreRows } from './block-parser.js'
import {
  boundedText,
  type CsvError,
  columnOfField,
  type ErrorContent,
  encodingError,
  nullError,
  type OpenQuote,
  quoteError,
  raggedError,
  rowTooLongError,
  tooLongTextBytes,
  typeError,
  unclosedQuoteError,
} from './csv-error.js'
import { addKind, type ErrorKinds } from './error-kinds.js'
import type { BlockParserOptions, ParsedBlock, ParseRequest } from './parse-request.js'
import { guessRecordStart } from './record-start.js'
import {
  countPhysicalLines,
  expectedFields,
  type ReferenceField,
  type ReferenceInput,
  type ReferenceLine,
  readLine,
  readPhysicalLine,
  trimmedField,
} from './reference-scan.js'
import { type ReferenceValue, valueOfField } from './reference-values.js'
import type { RowStart } from './row-places.js'

/**
 * A parsed block whose `values` are rows of values, one for each column, instead of lanes, and whose `places`
 * say plainly where these begin.
 */
export type ReferenceBlock = Omit<ParsedBlock, 'columns' | 'places'> & {
  readonly values: ReferenceValue[][]
  readonly places: RowStart[]
}

type Options = Pick<
  BlockParserOptions,
  'dialect' | 'columns' | 'fieldCount' | 'maxRowBytes' | 'ignoreErrors' | 'errorsKeptMax'
>

/** The error of a record that ends, or its values. */
function readValues(
  input: ReferenceInput,
  start: number,
  found: { fields: readonly ReferenceField[]; badQuote: number; end: number },
  options: Options,
): ErrorContent | ReferenceValue[] {
  const { bytes, dialect } = input
  const { columns } = options
  const fieldCount = options.fieldCount ?? 1 + Math.max(0, ...columns.map((column) => column.csvIndex))
  const line = { ...found, fields: expectedFields(input, found.fields, fieldCount) }
  const text = boundedText(bytes, start, line.end)
  if (line.badQuote !== -1) {
    const lineEnds = countPhysicalLines(bytes, start, line.end)
    return quoteError(line.badQuote, columnOfField(columns, line.badQuote), text, lineEnds)
  }
  if (line.fields.length !== fieldCount) return raggedError(line.fields.length, fieldCount, text)
  const inFileOrder = [...columns].sort((a, b) => a.csvIndex - b.csvIndex)
  if (!isUtf8(bytes.subarray(start, line.end))) {
    const guilty = inFileOrder.find(({ csvIndex }) => {
      const field = line.fields[csvIndex]!
      return !isUtf8(bytes.subarray(field.start, field.end))
    })
    return encodingError(guilty, text)
  }
  for (const column of inFileOrder) {
    const field = line.fields[column.csvIndex]!
    const value = valueOfField(column.type, bytes, field, dialect)
    const { start: from, end: to } = trimmedField(bytes, field, dialect)
    const edge = to > from && bytes[from] === dialect.quote ? 1 : 0
    const shown = boundedText(bytes, from + edge, to - edge)
    if (value === undefined) return typeError(column, shown, dialect)
    if (value === null && !column.nullable) return nullError(column, shown)
  }
  return columns.map((column) => valueOfField(column.type, bytes, line.fields[column.csvIndex]!, dialect))
}

/** A blank line that is a record: of one empty field. */
function blankRecord({ end }: ReferenceLine & { kind: 'blank' }) {
  return { fields: [{ start: end, end }], badQuote: -1, end }
}

/** The error of a record that does not end where it may. */
function endlessError(
  input: ReferenceInput,
  start: number,
  line: ReferenceLine & { kind: 'rowTooLong' | 'unclosedQuote' },
  openQuote: OpenQuote,
  options: Options,
): ErrorContent {
  let end = start
  while (end < input.end && input.bytes[end] !== 0x0a && input.bytes[end] !== 0x0d) end++
  const { bytes } = input
  if (line.kind === 'rowTooLong') {
    const { maxRowBytes } = options
    const text = boundedText(bytes, start, end, tooLongTextBytes(maxRowBytes))
    return rowTooLongError(maxRowBytes, line.openQuote === -1 ? undefined : openQuote, text)
  }
  const column = columnOfField(options.columns, line.field)
  return unclosedQuoteError(openQuote, column, boundedText(bytes, start, end))
}

function kindsOf(errors: readonly CsvError[]): ErrorKinds {
  const kinds: ErrorKinds = {}
  for (const { kind } of errors) addKind(kinds, kind)
  return kinds
}

/**
 * Parses the records that begin in [start, blockBytes) of the block at `base` in `file`; `request` is as for
 * `BlockParser.parse`, its lead is the bytes before `base`.
 */
export function parseReference(
  file: Uint8Array,
  base: number,
  request: ParseRequest,
  options: Options,
): ReferenceBlock {
  const { dialect, maxRowBytes } = options
  const { atEnd, leadBytes = 0 } = request
  const fieldCount =
    options.fieldCount ?? 1 + Math.max(0, ...options.columns.map((column) => column.csvIndex))
  const blanks = blankLinesAreRows(fieldCount, options.columns)
  const input: ReferenceInput = { bytes: file, end: base + request.length, atEnd, maxRowBytes, dialect }
  const blockEnd = base + request.blockBytes
  const guess = request.start === null && leadBytes > 0
  const start = guess
    ? guessRecordStart(file, base, input.end, dialect)
    : base + Math.min(request.start ?? 0, request.length)
  const values: ReferenceValue[][] = []
  const places: RowStart[] = []
  const errors: CsvError[] = []
  let [at, records, skipped, lastRowStart] = [start, 0, 0, start]
  let [stopped, needsMore, midLine] = [false, false, false]

  const giveUpLine = (from: number) => {
    const line = readPhysicalLine(input, from)
    at = line.next
    midLine = !line.complete
  }
  if (request.midLine) giveUpLine(at)
  while (!stopped && !needsMore && !midLine && values.length < request.rowsMax) {
    if (at >= blockEnd || at >= input.end) break
    const line = readLine(input, at)
    if (line.kind === 'needsMore') {
      needsMore = true
      continue
    }
    if (line.kind === 'comment' || (line.kind === 'blank' && !blanks)) {
      at = line.next
      continue
    }
    let found: ErrorContent | ReferenceValue[]
    if (line.kind === 'record') found = readValues(input, at, line, options)
    else if (line.kind === 'blank') found = readValues(input, at, blankRecord(line), options)
    else {
      const lineOfQuote = countPhysicalLines(file, start, line.openQuote)
      const place = { line: lineOfQuote, byteOffset: line.openQuote - base }
      found = endlessError(input, at, line, { field: line.field + 1, ...place }, options)
    }
    if (Array.isArray(found)) {
      values.push(found)
      places.push({ record: records, line: countPhysicalLines(file, start, at), byteOffset: at - start })
      lastRowStart = at
    } else {
      const place = { row: records, line: countPhysicalLines(file, start, at), byteOffset: at - base }
      const recordBytes = 'end' in line ? line.end - at : null
      errors.push({ ...found, ...place, recordBytes })
      stopped = !options.ignoreErrors
      if (stopped) break
      skipped++
    }
    records++
    if (line.kind === 'rowTooLong' || line.kind === 'unclosedQuote') giveUpLine(at)
    else at = line.next
  }
  const consumed = at >= blockEnd || (at >= input.end && atEnd)
  return {
    rows: values.length,
    values,
    places,
    start: start - base,
    end: at - base,
    lastRowStart: lastRowStart - base,
    lines: countPhysicalLines(file, start, at),
    records,
    skipped,
    errors: errors.slice(0, options.errorsKeptMax),
    errorCount: errors.length,
    errorKinds: kindsOf(errors),
    done: stopped || consumed,
    needsMore: !stopped && !consumed && (needsMore || midLine),
    midLine,
  }
}
