import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ParseColumn } from './csv-error.js'
import { type Dialect, defaultDialect, makeDialect } from './dialect.js'
import type { ParseRequest } from './parse-request.js'
import {
  columnsOf,
  csvText,
  defaultOptions,
  type Options,
  parseAt,
  withParser,
} from './parsing.test.fixture.js'
import { parseReference } from './reference-parser.js'

/** The kernels and the reference must say exactly the same. */
function expectLockStep(file: Uint8Array, base: number, request: ParseRequest, options: Options): void {
  const expected = parseReference(file, base, request, options)
  const found = withParser(options, Math.max(1, request.length), (parser) =>
    parseAt(parser, file, base, request),
  )
  const { columns: _, ...comparable } = found
  expect(comparable).toEqual(expected)
}

const dialects: Record<string, Dialect> = {
  'RFC 4180': defaultDialect,
  semicolons: makeDialect({ delimiter: ';' }),
  'backslash escapes': makeDialect({ escape: '\\' }),
  'quotes without escapes': makeDialect({ escape: null }),
  'no quotes': makeDialect({ quote: null }),
  comments: makeDialect({ comment: '#' }),
  'single quotes, tabs, comments, null strings': makeDialect({
    delimiter: '\t',
    quote: "'",
    comment: '%',
    nullStrings: ['NA', '-12', 'a'],
  }),
  'spaces trimmed': makeDialect({ trim: true }),
  'spaces trimmed, tabs between, backslashes': makeDialect({ trim: true, delimiter: '\t', escape: '\\' }),
  'missing fields are null': makeDialect({ nullPadding: true }),
  'missing fields are null, spaces trimmed, comments': makeDialect({
    nullPadding: true,
    trim: true,
    comment: '#',
  }),
  'quoted nulls': makeDialect({ quotedNulls: true, nullStrings: ['NA', 'a'] }),
  'empty texts': makeDialect({ emptyAsNull: false, nullStrings: ['NA'] }),
  'decimal commas, thousands': makeDialect({
    delimiter: ';',
    decimalSeparator: ',',
    thousandsSeparator: '.',
    nullStrings: ['1'],
  }),
}

const typed: ParseColumn[] = [
  { csvIndex: 2, name: 'last', type: 'STRING', nullable: true },
  { csvIndex: 0, name: 'first', type: 'STRING', nullable: false },
  { csvIndex: 1, name: 'middle', type: 'DOUBLE', nullable: true },
]

const situation = fc.record({
  ignoreErrors: fc.boolean(),
  maxRowBytes: fc.constantFrom(4, 12, 1000, 1000, 1000),
  columns: fc.constantFrom(columnsOf('STRING', 'STRING', 'STRING'), typed),
  rowsMax: fc.constantFrom(1, 2, 1000),
  errorsKeptMax: fc.constantFrom(0, 2, 1000),
})

describe('the kernels and the reference say the same', () => {
  for (const [name, dialect] of Object.entries(dialects)) {
    it(`for whole files: ${name}`, () => {
      const text = csvText(dialect, ['NA', '#x', '%x', ' ', '\t', ' a ', ' "b" ', '1.234,5', '1,5'])
      fc.assert(
        fc.property(text, situation, (content, { rowsMax, ...rest }) => {
          const file = Buffer.from(content)
          const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax }
          expectLockStep(file, 0, request, { ...defaultOptions, dialect, ...rest })
        }),
        { numRuns: 400 },
      )
    })

    it(`for blocks anywhere in a file: ${name}`, () => {
      const part = fc.record({
        base: fc.nat(40),
        blockBytes: fc.integer({ min: 1, max: 30 }),
        ahead: fc.nat(20),
        start: fc.option(fc.nat(30)),
        midLine: fc.boolean(),
      })
      fc.assert(
        fc.property(csvText(dialect), situation, part, (content, { rowsMax, ...rest }, where) => {
          const file = Buffer.from(content)
          const base = Math.min(where.base, file.length)
          const blockBytes = Math.min(where.blockBytes, file.length - base)
          const length = Math.min(blockBytes + where.ahead, file.length - base)
          const start = where.start === null ? null : Math.min(where.start, length)
          const request = {
            length,
            blockBytes,
            start,
            atEnd: base + length === file.length,
            rowsMax,
            leadBytes: Math.min(base, 1),
            midLine: start !== null && where.midLine,
          }
          expectLockStep(file, base, request, { ...defaultOptions, dialect, ...rest })
        }),
        { numRuns: 400 },
      )
    })
  }

  it('for bytes that are not UTF-8', () => {
    const bytes = fc.array(fc.constantFrom(0x61, 0x2c, 0x2c, 0x0a, 0x22, 0xc3, 0xa9, 0xff, 0x80), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(bytes, situation, (content, { rowsMax, ...rest }) => {
        const file = Uint8Array.from(content)
        const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax }
        expectLockStep(file, 0, request, { ...defaultOptions, ...rest })
      }),
      { numRuns: 500 },
    )
  })

  it('for files of one column, where blank lines may be rows', () => {
    const text = fc.array(fc.constantFrom('a', '""', '\n', '\r', '\r\n', '\n\n', ','), { maxLength: 20 })
    fc.assert(
      fc.property(text, fc.boolean(), fc.boolean(), (parts, nullable, ignoreErrors) => {
        const file = Buffer.from(parts.join(''))
        const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 1000 }
        const columns = [{ csvIndex: 0, name: 'only', type: 'STRING', nullable } as const]
        expectLockStep(file, 0, request, { ...defaultOptions, columns, ignoreErrors })
      }),
      { numRuns: 500 },
    )
  })

  it('for texts that cross many scan steps and windows', () => {
    const cell = fc.oneof(
      fc.constantFrom('a', '', '"quoted"', '"with ""quotes"" and\nlines"', '1234567'),
      fc.nat(200).map((length) => 'x'.repeat(length)),
      fc.nat(200).map((length) => `"${'y,\n'.repeat(length)}"`),
    )
    const rare = fc.option(fc.constantFrom('a"b', '"a"b', 'a,b', '\n', ''), { freq: 20, nil: null })
    const record = fc.tuple(
      cell,
      cell,
      fc.tuple(cell, rare).map(([usual, odd]) => odd ?? usual),
    )
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (records, copies, ignoreErrors) => {
          const once = records.map((cells) => `${cells.join(',')}\n`).join('')
          const file = Buffer.from(once.repeat(copies))
          const request = {
            length: file.length,
            blockBytes: file.length,
            start: 0,
            atEnd: true,
            rowsMax: 100_000,
          }
          const columns = columnsOf('STRING', 'STRING', 'STRING')
          const options = { ...defaultOptions, columns, ignoreErrors, maxRowBytes: 100_000, rowsMax: 100_000 }
          expectLockStep(file, 0, request, options)
        },
      ),
      { numRuns: 30 },
    )
  })

  for (const [name, dialect] of [
    ['doubled quotes', defaultDialect],
    ['backslashes', makeDialect({ escape: '\\' })],
  ] as const) {
    it(`for long quoted texts with many escapes, and what stands beside them: ${name}`, () => {
      const before = dialect.escape === dialect.quote ? '"' : '\\'
      // Runs of quotes and of plain bytes of any length: an escape at every place of a step and between two.
      const part = fc.oneof(
        fc.integer({ min: 1, max: 70 }).map((length) => 'text, '.repeat(12).slice(0, length)),
        fc.integer({ min: 1, max: 40 }).map((quotes) => `${before}"`.repeat(quotes)),
        fc.constantFrom('\n', '\r\n', '\r', `${before}"`, 'é'),
      )
      const text = fc.array(part, { maxLength: 12 }).map((parts) => `"${parts.join('')}"`)
      const record = fc.tuple(text, fc.constantFrom('beside', '""', '"b"', ''), text)
      const files = fc.tuple(fc.array(record, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.nat(200))
      fc.assert(
        fc.property(files, ([records, end, rowsMax]) => {
          const file = Buffer.from(records.map((cells) => cells.join(',') + end).join(''))
          const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true }
          const columns = columnsOf('STRING', 'STRING', 'STRING')
          const options = { ...defaultOptions, dialect, columns, maxRowBytes: 100_000 }
          expectLockStep(file, 0, { ...request, rowsMax: rowsMax + 1 }, options)
        }),
        { numRuns: 200 },
      )
    })
  }
})
