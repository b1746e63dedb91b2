/**
 * The parser against two others that many use. They agree on all that RFC 4180 says. Where they differ,
 * Millrace's rule stands in the second half, with what the others do.
 */
import { parse as csvParse } from 'csv-parse/sync'
import csvParser from 'csv-parser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dialect, defaultDialect, makeDialect } from './dialect.js'
import { columnsOf, defaultOptions, parseInBlocks, wellFormedText } from './parsing.test.fixture.js'

const options = { ...defaultOptions, columns: columnsOf('STRING', 'STRING', 'STRING') }

/** Our rows as texts; a null is the empty text, as the others have it. */
function ourRows(text: string, dialect: Dialect = defaultDialect): string[][] {
  const file = Buffer.from(text)
  const { values } = parseInBlocks(file, { ...options, dialect }, { blockBytes: Math.max(1, file.length) })
  return values.map((row) => row.map((value) => Buffer.from((value as Uint8Array | null) ?? []).toString()))
}

function ourErrorKinds(text: string, dialect: Dialect = defaultDialect): string[] {
  const file = Buffer.from(text)
  const parsed = parseInBlocks(
    file,
    { ...options, dialect, ignoreErrors: true },
    { blockBytes: Math.max(1, file.length) },
  )
  return parsed.errors.map((error) => error.kind)
}

function csvParseRows(text: string): string[][] {
  return csvParse(text, {
    columns: false,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
  }) as string[][]
}

function csvParserRows(text: string): string[][] {
  const parser = csvParser({ headers: false })
  // It parses a chunk when it is written; a last line end lets nothing stay inside.
  parser.write(Buffer.from(/[\r\n]$/.test(text) ? text : `${text}\n`))
  const rows: string[][] = []
  for (let row = parser.read(); row !== null; row = parser.read()) rows.push(Object.values(row as object))
  return rows
}

describe('well-formed files', () => {
  it('give the rows that csv-parse gives', () => {
    fc.assert(
      fc.property(wellFormedText(), (text) => {
        expect(ourRows(text)).toEqual(csvParseRows(text))
      }),
      { numRuns: 400 },
    )
  })

  it('give the rows that csv-parser gives', () => {
    // csv-parser knows a return alone as a line end only when told so for the whole file.
    const text = wellFormedText().filter((each) => !/\r(?!\n)/.test(each))
    fc.assert(
      fc.property(text, (each) => {
        // Blank lines are rows without cells there.
        expect(ourRows(each)).toEqual(csvParserRows(each).filter((row) => row.length > 0))
      }),
      { numRuns: 400 },
    )
  })
})

describe('where parsers differ', () => {
  it('text behind a closing quote is an error, as in csv-parse; csv-parser loses count of the quotes', () => {
    const text = '"a"b,2,3\n'
    expect(ourErrorKinds(text)).toEqual(['quote'])
    expect(() => csvParseRows(text)).toThrow(/closing quote/i)
    expect(csvParserRows(text)).toEqual([['"a"b,2,3']])
  })

  it('an unclosed quote is an error, as in csv-parse; csv-parser loses what follows', () => {
    const text = '1,"a,3\n4,5,6\n'
    expect(ourErrorKinds(text)).toEqual(['unclosedQuote'])
    expect(() => csvParseRows(text)).toThrow(/quote/i)
    expect(csvParserRows(text)).toEqual([])
  })

  it('a quote inside an unquoted field is text; csv-parse refuses it, csv-parser takes it for an opening one', () => {
    const text = '5" pipe,2,3\n'
    expect(ourRows(text)).toEqual([['5" pipe', '2', '3']])
    expect(() => csvParseRows(text)).toThrow(/quote/i)
    expect(csvParserRows(text)).toEqual([])
  })

  it('a record with another number of fields is an error; csv-parser takes it', () => {
    expect(ourErrorKinds('1,2\n1,2,3,4\n')).toEqual(['ragged', 'ragged'])
    expect(csvParserRows('1,2\n1,2,3,4\n')).toEqual([
      ['1', '2'],
      ['1', '2', '3', '4'],
    ])
  })

  it('every kind of line end ends a record, in any mixture; csv-parser takes a return alone for text', () => {
    const text = 'a,b,c\rd,e,f\n'
    expect(ourRows(text)).toEqual(csvParseRows(text))
    expect(csvParserRows(text)).toEqual([['a', 'b', 'c\rd', 'e', 'f']])
  })

  it('blank lines are skipped, as in csv-parse when asked to; csv-parser makes rows of them', () => {
    const text = 'a,b,c\n\n\nd,e,f\n'
    expect(ourRows(text)).toEqual(csvParseRows(text))
    expect(csvParserRows(text)).toHaveLength(4)
  })

  it('an escape before anything but a quote or itself is text; csv-parse drops it', () => {
    const text = '"a\\nb",c,d\n'
    const dialect = makeDialect({ escape: '\\' })
    expect(ourRows(text, dialect)).toEqual([['a\\nb', 'c', 'd']])
    expect(csvParse(text, { escape: '\\' })).toEqual([['anb', 'c', 'd']])
  })

  it('behind a closing quote stands a delimiter or the end; csv-parse takes a comment and a NUL, too', () => {
    const dialect = makeDialect({ comment: '#' })
    for (const text of ['"a"#b,2,3\n', '"a"\0b,2,3\n']) {
      expect(ourErrorKinds(text, dialect)).toEqual(['quote'])
      expect(() => csvParse(text, { comment: '#', comment_no_infix: true })).not.toThrow()
    }
  })

  it('spaces and tabs are trimmed; csv-parse trims all that JavaScript calls white', () => {
    const text = ' a\u00a0,\tb\f,c\ufeff\n'
    const dialect = makeDialect({ trim: true })
    expect(ourRows(text, dialect)).toEqual([['a\u00a0', 'b\f', 'c\ufeff']])
    expect(csvParse(text, { trim: true })).toEqual([['a', 'b', 'c']])
  })

  it('a comment begins its line, and a line of spaces is none that is blank; csv-parse trims before it looks', () => {
    const dialect = makeDialect({ trim: true, comment: '#' })
    expect(ourErrorKinds(' #a\n \n', dialect)).toEqual(['ragged', 'ragged'])
    expect(csvParse(' #a\n \n', { trim: true, comment: '#', skip_empty_lines: true })).toEqual([])
  })

  it('one text stands between two delimiters; csv-parse takes two empty ones for one', () => {
    const text = '"" "",2,3\n'
    expect(ourErrorKinds(text, makeDialect({ trim: true }))).toEqual(['quote'])
    expect(csvParse(text, { trim: true })).toEqual([['', '2', '3']])
  })
})
