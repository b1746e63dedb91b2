/**
 * What the tests of this room share: whole files through the block parser, cut in any way and put together
 * again as the in-order consumer does it, and generators of CSV text.
 */
import { isUtf8 } from 'node:buffer'
import {
  Arena,
  type ColumnBuffer,
  type LogicalType,
  MemoryBudget,
  physicalTypeOf,
} from '@millrace/core/internal'
import fc from 'fast-check'
import { BlockParser } from './block-parser.js'
import type { CsvError, ParseColumn } from './csv-error.js'
import { type Dialect, defaultDialect } from './dialect.js'
import type { BlockParserOptions, ParsedBlock, ParseRequest } from './parse-request.js'
import type { ReferenceValue } from './reference-values.js'
import { RowPlaceCursor, type RowStart } from './row-places.js'

const mebibyte = 1024 * 1024
const arena = new Arena(new MemoryBudget(1024 * mebibyte), 1024 * mebibyte)

export type Options = Omit<BlockParserOptions, 'inputBytesMax'>

export const defaultOptions: Options = {
  dialect: defaultDialect,
  columns: [],
  fieldCount: null,
  rowsMax: 1000,
  maxRowBytes: 1000,
  ignoreErrors: false,
  errorsKeptMax: 1000,
  notesPlaces: true,
}

/** Columns in the order of their fields, all of which may be null. */
export function columnsOf(...types: LogicalType[]): ParseColumn[] {
  return types.map((type, csvIndex) => ({ csvIndex, name: `c${csvIndex}`, type, nullable: true }))
}

/** Runs `use` with a parser whose memory is given back afterwards. */
export function withParser<Result>(
  options: Options,
  inputBytesMax: number,
  use: (parser: BlockParser) => Result,
): Result {
  const mark = arena.mark()
  try {
    return use(new BlockParser(arena, { textBytes: inputBytesMax, ...options, inputBytesMax }))
  } finally {
    arena.release(mark)
  }
}

function laneValue(view: DataView, buffer: ColumnBuffer, row: number): ReferenceValue {
  const lane = buffer.values + row * 8
  const state = view.getUint8(buffer.nulls + row)
  if (state > 1) throw new Error(`null byte ${state} in row ${row}`)
  if (state === 1) {
    if (view.getBigUint64(lane, true) !== 0n) throw new Error(`the lane of the null in row ${row} is not 0`)
    return null
  }
  if (physicalTypeOf(buffer.type) === 'double') return view.getFloat64(lane, true)
  if (physicalTypeOf(buffer.type) === 'int') return view.getBigInt64(lane, true)
  const address = view.getUint32(lane, true)
  return new Uint8Array(view.buffer as ArrayBuffer).slice(address, address + view.getUint32(lane + 4, true))
}

/** The rows of a block, as values. */
export function rowsOf(block: ParsedBlock): ReferenceValue[][] {
  const view = new DataView(arena.memory.buffer)
  for (const { nulls, nullCount, rows } of block.columns) {
    const counted = new Uint8Array(view.buffer, nulls, rows).reduce((sum, byte) => sum + byte, 0)
    if (counted !== nullCount) throw new Error(`nullCount ${nullCount}, but ${counted} nulls`)
  }
  return Array.from({ length: block.rows }, (_, row) =>
    block.columns.map((column) => laneValue(view, column, row)),
  )
}

/** Parses one request over the bytes of `file` around `base`. */
export function parseAt(parser: BlockParser, file: Uint8Array, base: number, request: ParseRequest) {
  const { length, leadBytes = 0 } = request
  parser.inputView(-leadBytes, length).set(file.subarray(base - leadBytes, base + length))
  const block = parser.parse(request)
  return { ...block, values: rowsOf(block), places: placesOf(block.places!) }
}

function placesOf(bytes: Uint8Array): RowStart[] {
  const places: RowStart[] = []
  for (const cursor = new RowPlaceCursor(bytes); cursor.next(); ) {
    const { record, line, byteOffset } = cursor
    places.push({ record, line, byteOffset })
  }
  return places
}

/** What a whole file holds. */
export interface ParsedFile {
  readonly values: ReferenceValue[][]
  readonly errors: CsvError[]
  readonly errorCount: number
  readonly records: number
  readonly skipped: number
  readonly lines: number
  /** Blocks whose guessed start was wrong. */
  readonly wrongGuesses: number
  /** Blocks that had to guess and in which a record begins. */
  readonly guesses: number
}

/**
 * Parses a file in blocks of `blockBytes`, each by speculation and with `lookAhead` bytes behind it, as the
 * workers do, and puts the blocks together in order: a block that guessed wrong is parsed again from where
 * the one before ended.
 */
export function parseInBlocks(
  file: Uint8Array,
  options: Options,
  cut: { blockBytes: number; lookAhead?: number; leadBytes?: number; rowsMax?: number },
): ParsedFile {
  const { blockBytes, lookAhead = 3, leadBytes = 1, rowsMax = options.rowsMax } = cut
  const inputBytesMax = Math.max(1, Math.min(file.length, blockBytes + lookAhead + options.maxRowBytes + 2))
  return withParser(options, inputBytesMax, (parser) => {
    const values: ReferenceValue[][] = []
    const errors: CsvError[] = []
    const total = { errorCount: 0, records: 0, skipped: 0, lines: 0, wrongGuesses: 0, guesses: 0 }
    let expected = 0
    let midLine = false
    for (let base = 0; base < file.length; base += blockBytes) {
      let bytes = Math.min(file.length - base, blockBytes + lookAhead)
      const request = (start: number | null): ParseRequest => ({
        length: bytes,
        blockBytes: Math.min(blockBytes, file.length - base),
        start,
        atEnd: base + bytes === file.length,
        rowsMax,
        leadBytes: Math.min(leadBytes, base),
        midLine: start !== null && midLine,
      })
      let block = parseAt(parser, file, base, request(null))
      if (expected >= base + blockBytes) continue
      if (base > 0) total.guesses++
      if (base + block.start !== expected || midLine) {
        if (base > 0) total.wrongGuesses++
        block = parseAt(parser, file, base, request(expected - base))
      }
      for (;;) {
        values.push(...block.values)
        errors.push(
          ...block.errors.map((error) => ({
            ...error,
            row: error.row + total.records,
            line: error.line + total.lines,
            byteOffset: error.byteOffset + base,
            ...(error.openQuote === undefined
              ? {}
              : {
                  openQuote: {
                    ...error.openQuote,
                    line: error.openQuote.line + total.lines,
                    byteOffset: error.openQuote.byteOffset + base,
                  },
                }),
          })),
        )
        total.errorCount += block.errorCount
        total.records += block.records
        total.skipped += block.skipped
        total.lines += block.lines
        expected = base + block.end
        midLine = block.midLine
        if (block.errorCount > 0 && !options.ignoreErrors) return { values, errors, ...total }
        if (block.done) break
        if (block.needsMore) {
          if (base + bytes === file.length) throw new Error('more is wanted than there is')
          bytes = Math.min(file.length - base, block.end + options.maxRowBytes + 2)
        }
        block = parseAt(parser, file, base, request(block.end))
      }
    }
    return { values, errors, ...total }
  })
}

/** Text that is made to meet every rule of a dialect and to break it now and then. */
export function csvText(dialect: Dialect, pieces: readonly string[] = []): fc.Arbitrary<string> {
  const char = (byte: number) => (byte === -1 ? 'x' : String.fromCharCode(byte))
  const quote = char(dialect.quote)
  const delimiter = char(dialect.delimiter)
  const escaped = (text: string) =>
    dialect.quote === -1
      ? text.replace(/[\r\n]/g, ' ').replaceAll(delimiter, ' ')
      : quote + text.replaceAll(quote, char(dialect.escape) + quote) + quote
  const plain = fc.oneof(
    fc.constantFrom('', '', 'a', 'héllo', '1', '-12', '2.5', 'true', '2024-02-29', '€', ...pieces),
    fc.string({ maxLength: 6 }),
  )
  const cell = fc.oneof(
    { weight: 4, arbitrary: plain.map((text) => text.replace(/[\r\n]/g, '')) },
    { weight: 3, arbitrary: fc.string({ maxLength: 8 }).map(escaped) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        escaped(`a${delimiter}b`),
        escaped('a\nb'),
        escaped('a\r\nb\r'),
        escaped(`${quote}${quote}`),
        escaped(`x${delimiter}${quote}\n${quote}${delimiter}`),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        quote,
        `${quote}a`,
        `a${quote}b`,
        `${quote}a${quote}b`,
        `${quote}${quote}${quote}`,
        ` ${quote}a${quote}`,
        char(dialect.escape),
        `${char(dialect.escape)}${quote}`,
        char(dialect.comment),
      ),
    },
  )
  const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r\n', '\r', '\r\r\n', '\n\n')
  const record = fc.tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.array(cell, { minLength: 3, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.array(cell, { maxLength: 5 }) },
    ),
    lineEnd,
  )
  return fc.tuple(fc.array(record, { maxLength: 14 }), fc.boolean()).map(([records, open]) => {
    const text = records.map(([cells, end]) => cells.join(delimiter) + end).join('')
    return open ? text.replace(/[\r\n]+$/, '') : text
  })
}

/**
 * Text of well-formed records of three fields, quoted ones among them; every guess about quotes has a fair
 * chance.
 */
export function wellFormedText(): fc.Arbitrary<string> {
  const quoted = fc
    .array(fc.constantFrom('a', ' ', ',', '\n', '\r\n', '"', 'é', 'word'), { maxLength: 8 })
    .map((parts) => `"${parts.join('').replaceAll('"', '""')}"`)
  const cell = fc.oneof(fc.constantFrom('', 'a', 'some words', '12'), quoted)
  const record = fc.array(cell, { minLength: 3, maxLength: 3 }).map((cells) => cells.join(','))
  return fc
    .tuple(fc.array(record, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r'), fc.boolean())
    .map(([records, end, open]) => records.join(end) + (open ? '' : end))
}

/** Text of a value, for messages of failing tests. */
export function showValue(value: ReferenceValue): string | number | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString(isUtf8(value) ? 'utf8' : 'hex')
  return typeof value === 'bigint' ? `${value}n` : (value ?? null)
}
