/**
 * CSV from anybody: random documents and damaged ones, in every dialect and cut in every way. The kernels say
 * what the reference says, whole files give what blocks give, and every error has its place in the file.
 */
import { mutate, type Random, torture } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import type { ParseColumn } from './csv-error.js'
import { type Dialect, defaultDialect, makeDialect } from './dialect.js'
import { parseHeader } from './header.js'
import { defaultOptions, type Options, parseAt, parseInBlocks, withParser } from './parsing.test.fixture.js'
import { parseReference } from './reference-parser.js'
import { sniff } from './sniff.js'

const dialects: readonly Dialect[] = [
  defaultDialect,
  makeDialect({ delimiter: ';' }),
  makeDialect({ delimiter: '\t', quote: "'" }),
  makeDialect({ escape: '\\' }),
  makeDialect({ escape: null }),
  makeDialect({ quote: null }),
  makeDialect({ comment: '#', nullStrings: ['NA', '\\N'] }),
]

const types = ['STRING', 'INT64', 'INT32', 'DOUBLE', 'BOOL', 'DATE', 'TIMESTAMP'] as const

const guessedTypes: ReadonlySet<string> = new Set([...types, 'UINT64', 'TIME'])

const pieces = [
  ...[
    '',
    'a',
    '"',
    '""',
    '"""',
    ',',
    ';',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '#',
    '\\',
    '\\"',
    "'",
    'NA',
    '\\N',
    ' ',
    '\0',
  ],
  ...['1', '-1', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '0x1', '1e5', '1e400'],
  ...['-0', 'NaN', 'inf', '1.7976931348623157e308', '5e-324', '0.1', '.5', '5.', 'true', 'FALSE', 't'],
  ...['2024-02-29', '2023-02-29', '0000-01-01', '9999-12-31', '2024-02-29T12:00:00Z', '2024-02-29 24:00:00'],
  ...['é', '€', '😀', '\ufeff', '"a,b"', '"a\nb"', '"a""b"', 'x'.repeat(70), '"'.repeat(65), '1'.repeat(40)],
]

const invalid = [0xff, 0xc0, 0x80, 0xed, 0xf5]

const oneOf = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!

function document(random: Random): Uint8Array {
  const parts = Array.from({ length: random.below(120) }, () => Buffer.from(oneOf(pieces, random)))
  if (random.chance(0.2)) parts.push(Buffer.from([oneOf(invalid, random)]), Buffer.from(',x\n1,2,3\n'))
  const bytes = Buffer.concat(parts)
  return random.chance() && bytes.length > 0 ? mutate(bytes, random) : new Uint8Array(bytes)
}

function table(random: Random): Uint8Array {
  const rows = Array.from({ length: random.below(40) }, (_, row) =>
    [row, oneOf(pieces, random).replace(/[\r\n,"]/g, ''), random.below(1000) / 8].join(','),
  )
  const text = Buffer.from(rows.map((row) => row + oneOf(['\n', '\r\n', '\r'], random)).join(''))
  return random.chance(0.8) && text.length > 0 ? mutate(text, random) : new Uint8Array(text)
}

function optionsOf(random: Random): Options {
  const count = 1 + random.below(4)
  const columns = Array.from({ length: count }, (_, csvIndex): ParseColumn => {
    return { csvIndex, name: `c${csvIndex}`, type: oneOf(types, random), nullable: random.chance(0.8) }
  })
  return {
    ...defaultOptions,
    dialect: oneOf(dialects, random),
    columns,
    ignoreErrors: random.chance(),
    maxRowBytes: oneOf([1, 7, 64, 1000], random),
    rowsMax: oneOf([1, 3, 1000], random),
  }
}

function showDocument(file: Uint8Array, options: Options): string {
  return `${JSON.stringify(Buffer.from(file).toString('latin1'))} with ${JSON.stringify(options)}`
}

describe('a document of anybody', () => {
  it.each([
    ['of any pieces', document],
    ['damaged', table],
  ])('is read by the kernels as by the reference: %s', async (_, make) => {
    await torture(300, ({ random }) => {
      const file = make(random)
      const options = optionsOf(random)
      const base = random.chance() ? 0 : random.below(file.length + 1)
      const blockBytes = random.below(file.length - base + 1)
      const length = Math.min(file.length - base, blockBytes + random.below(30))
      const request = {
        length,
        blockBytes,
        start: random.chance(0.7) ? 0 : null,
        atEnd: base + length === file.length,
        rowsMax: options.rowsMax,
        leadBytes: Math.min(base, 1),
      }
      const expected = parseReference(file, base, request, options)
      const { columns, ...found } = withParser(options, Math.max(1, length), (parser) =>
        parseAt(parser, file, base, request),
      )
      expect(columns).toHaveLength(options.columns.length)
      expect(found, showDocument(file, options)).toEqual(expected)
    })
  })

  it('gives the same rows and errors however it is cut into blocks', async () => {
    await torture(150, ({ random }) => {
      const file = random.chance() ? document(random) : table(random)
      const options = { ...optionsOf(random), rowsMax: 1000 }
      const whole = parseInBlocks(file, options, { blockBytes: Math.max(1, file.length) })
      const cut = { blockBytes: 1 + random.below(Math.max(1, file.length)), lookAhead: 1 + random.below(40) }
      const parts = parseInBlocks(file, options, { ...cut, rowsMax: oneOf([1, 5, 1000], random) })
      const what = `${showDocument(file, options)} cut ${JSON.stringify(cut)}`
      expect(parts.values, what).toEqual(whole.values)
      expect(parts.errors, what).toEqual(whole.errors)
      for (const { byteOffset, line } of parts.errors) {
        expect(byteOffset, what).toBeLessThanOrEqual(file.length)
        expect(line, what).toBeGreaterThanOrEqual(0)
      }
    })
  })

  it('has a header and is sniffed, or is refused by an error of the catalogue', async () => {
    await torture(200, ({ random }) => {
      const file = document(random)
      const dialect = oneOf(dialects, random)
      try {
        parseHeader(file, dialect, { header: random.chance(), skip: random.below(3), atEnd: random.chance() })
      } catch (error) {
        expect(error, showDocument(file, defaultOptions)).toMatchObject({ code: 'MILLRACE_CSV_HEADER' })
      }
      const { columns } = sniff(file)
      const strange = columns.filter(({ name, type }) => name === '' || !guessedTypes.has(type))
      expect(strange, showDocument(file, defaultOptions)).toEqual([])
    })
  })
})
