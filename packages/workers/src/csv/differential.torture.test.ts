/**
 * Documents in random dialects, read by four parsers: the kernels, the reference, `csv-parse` and
 * `csv-parser`. Where the two strangers differ from us by decision, the comparison knows it; `oracle.test.ts`
 * and docs/csv.md say what each does.
 */
import { torture } from '@millrace/testing'
import { parse as csvParse } from 'csv-parse/sync'
import csvParser from 'csv-parser'
import { describe, expect, it } from 'vitest'
import { type Dialect, makeDialect } from './dialect.js'
import { columnsOf, defaultOptions, type Options, parseInBlocks } from './parsing.test.fixture.js'
import {
  charactersOf,
  oneOf,
  randomColumns,
  randomDialect,
  randomDocument,
  showDocument,
  shrunk,
} from './random-documents.test.fixture.js'
import { parseReference } from './reference-parser.js'
import { readLine } from './reference-scan.js'

/** Documents of one round: rounds are few, so that what they say about repeating stays short. */
const documentsEach = 20

/** Fails with the smallest document for which `check` throws as it does for `file`. */
function checkShrunk(file: Uint8Array, dialect: Dialect, more: unknown, check: (file: Uint8Array) => void) {
  try {
    check(file)
  } catch (error) {
    const fails = (part: Uint8Array) => {
      try {
        check(part)
        return false
      } catch {
        return true
      }
    }
    const small = shrunk(file, fails)
    throw new Error(`${showDocument(small, dialect, more)}\n${(error as Error).message}`, { cause: error })
  }
}

/** All of a file, by the reference. */
function wholeByReference(file: Uint8Array, options: Options) {
  const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true }
  return parseReference(file, 0, { ...request, rowsMax: Number.POSITIVE_INFINITY }, options)
}

describe('documents in random dialects', () => {
  it('give the rows and errors of the reference, in blocks of any size', async () => {
    await torture(150, ({ random }) => {
      for (let left = documentsEach; left > 0; left--) {
        const dialect = randomDialect(random)
        const fieldCount = 1 + random.below(4)
        const file = randomDocument(random, dialect, fieldCount)
        const options: Options = {
          ...defaultOptions,
          dialect,
          columns: randomColumns(random, fieldCount),
          fieldCount,
          ignoreErrors: random.chance(),
          maxRowBytes: oneOf([5, 40, 1000, 1000], random),
        }
        const blockBytes = 1 + (random.chance() ? random.below(8) : random.below(file.length + 1))
        const cut = { blockBytes, lookAhead: random.below(20), rowsMax: oneOf([1, 3, 1000], random) }
        checkShrunk(file, dialect, { ...options, dialect: undefined, cut }, (part) => {
          const expected = wholeByReference(part, options)
          const found = parseInBlocks(part, options, cut)
          expect(found.values).toEqual(expected.values)
          expect(found.errors).toEqual(expected.errors)
          expect(found.errorCount).toBe(expected.errorCount)
          expect(found.skipped).toBe(expected.skipped)
          if (options.ignoreErrors) expect(found.lines).toBe(expected.lines)
        })
      }
    })
  })
})

/** What a document is to another parser: texts up to the first record that it, or we, refuse. */
interface Reading {
  readonly rows: (string | null)[][]
  /** Why there are no more; null: there are. `unknown`: the other refuses what we take. */
  readonly refused: 'ragged' | 'quotes' | 'unknown' | null
}

/** Our reading, with all columns as texts. */
function ourReading(file: Uint8Array, dialect: Dialect, fieldCount: number): Reading {
  const columns = columnsOf(...Array<'STRING'>(fieldCount).fill('STRING'))
  const options = { ...defaultOptions, dialect, columns, fieldCount, maxRowBytes: 100_000 }
  const { values, errors } = parseInBlocks(file, options, { blockBytes: Math.max(1, file.length) })
  const rows = values.map((row) =>
    row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : null)),
  )
  const kind = errors[0]?.kind
  if (kind === undefined) return { rows, refused: null }
  if (kind === 'ragged') return { rows, refused: 'ragged' }
  if (kind === 'quote' || kind === 'unclosedQuote') return { rows, refused: 'quotes' }
  throw new Error(`a text is never refused for its ${kind}`)
}

interface Cell {
  readonly text: string
  readonly quoting: boolean
}

/** Rows of `csv-parse` as the dialect has them; it knows neither nulls nor how many fields there must be. */
function byDialect(rows: readonly Cell[][], dialect: Dialect, fieldCount: number): Reading {
  const nullTexts = dialect.nullStrings.map((text) => Buffer.from(text).toString())
  const valueOfCell = ({ text, quoting }: Cell): string | null => {
    const isNull = nullTexts.includes(text) || (text === '' && (quoting || dialect.emptyAsNull))
    return isNull && (dialect.quotedNulls || !quoting) ? null : text
  }
  const taken: (string | null)[][] = []
  for (const row of rows) {
    const last = row.at(-1)!
    const isLeftAlone = row.length === fieldCount + 1 && last.text === '' && !last.quoting
    const cells = isLeftAlone ? row.slice(0, -1) : row
    if (cells.length > fieldCount || (cells.length < fieldCount && !dialect.nullPadding)) {
      return { rows: taken, refused: 'ragged' }
    }
    const missing = Array<string | null>(fieldCount - cells.length).fill(null)
    taken.push([...cells.map(valueOfCell), ...missing])
  }
  return { rows: taken, refused: null }
}

const refusals: Readonly<Record<string, Reading['refused']>> = {
  CSV_INVALID_CLOSING_QUOTE: 'quotes',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'quotes',
  CSV_QUOTE_NOT_CLOSED: 'quotes',
  // A quote in an unquoted field is text for us.
  INVALID_OPENING_QUOTE: 'unknown',
}

function csvParseReading(file: Uint8Array, dialect: Dialect, fieldCount: number): Reading {
  const { delimiter, quote, escape: escapeCharacter, comment } = charactersOf(dialect)
  const rows: Cell[][] = []
  let refused: Reading['refused'] = null
  try {
    csvParse(Buffer.from(file), {
      columns: false,
      delimiter,
      quote: dialect.quote === -1 ? null : quote,
      escape: dialect.escape === -1 ? null : escapeCharacter,
      comment: dialect.comment === -1 ? null : comment,
      comment_no_infix: true,
      trim: dialect.trim,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: fieldCount > 1,
      cast: (text, { quoting }) => ({ text, quoting }) as never,
      on_record: (record: unknown) => {
        rows.push(record as Cell[])
        return null
      },
    })
  } catch (error) {
    refused = refusals[(error as { code: string }).code] ?? null
    if (refused === null) throw error
  }
  const reading = byDialect(rows, dialect, fieldCount)
  return reading.refused === null ? { ...reading, refused } : reading
}

const literal = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`

/** What csv-parse reads otherwise than we do, without an error; see docs/csv.md. */
function csvParseDiffers(text: string, dialect: Dialect): boolean {
  const { quote, escape: escapeCharacter, comment } = charactersOf(dialect)
  const [q, e, c] = [quote, escapeCharacter, comment].map(literal) as [string, string, string]
  const hasQuotes = dialect.quote !== -1
  const otherEscape = dialect.escape !== -1 && dialect.escape !== dialect.quote
  const patterns = [
    // It drops an escape before anything.
    ...(hasQuotes && otherEscape ? [`^(?:[^${e}]|${e}[${e}${q}])*${e}(?![${e}${q}])`] : []),
    // It takes a comment, or a NUL, behind a closing quote.
    ...(hasQuotes && dialect.comment !== -1 ? [`${q}[ \\t]*${c}`] : []),
    ...(hasQuotes ? [`${q}\\0`] : []),
    // It trims whatever JavaScript calls white, lines before it looks for comments, blank lines, and what
    // stands between two texts.
    ...(dialect.trim
      ? ['[\\v\\f\\ufeff]', `(?:^|[\\r\\n])[ \\t]+(?:[\\r\\n]|$${dialect.comment === -1 ? '' : `|${c}`})`]
      : []),
    ...(dialect.trim && hasQuotes ? [`${q}${q}[ \\t]+${q}`] : []),
  ]
  return patterns.some((pattern) => new RegExp(pattern, 's').test(text))
}

/** Whether an unquoted field has a quote in it: text for us, an opening quote for csv-parser. */
function hasQuoteInText(file: Uint8Array, dialect: Dialect): boolean {
  const input = { bytes: file, end: file.length, atEnd: true, maxRowBytes: 100_000, dialect }
  for (let at = 0; at < file.length; ) {
    const line = readLine(input, at)
    if (!('next' in line)) return false
    if (line.kind === 'comment' && file.subarray(at, line.end).includes(dialect.quote)) return true
    if (line.kind === 'record') {
      const isStray = ({ start, end }: { start: number; end: number }) =>
        file[start] !== dialect.quote && file.subarray(start, end).includes(dialect.quote)
      if (line.badQuote !== -1 || line.fields.some(isStray)) return true
    }
    at = line.next
  }
  return false
}

function csvParserReading(file: Uint8Array, dialect: Dialect, fieldCount: number): Reading {
  const { delimiter, quote, escape: escapeCharacter, comment } = charactersOf(dialect)
  const parser = csvParser({
    headers: false,
    separator: delimiter,
    quote,
    escape: escapeCharacter,
    ...(dialect.comment === -1 ? {} : { skipComments: comment }),
  })
  const last = file.at(-1)
  // It parses a chunk when it is written; a last line end lets nothing stay inside.
  parser.write(Buffer.concat([file, Buffer.from(last === 0x0a ? '' : '\n')]))
  const rows: Cell[][] = []
  for (let row = parser.read(); row !== null; row = parser.read()) {
    const cells = Object.values(row as Record<string, string>)
    // Blank lines are rows without cells there.
    if (cells.length > 0) rows.push(cells.map((text) => ({ text, quoting: false })))
  }
  return byDialect(rows, { ...dialect, quotedNulls: true }, fieldCount)
}

describe('two other parsers', () => {
  const counts = { compared: 0, all: 0 }

  it('csv-parse, which is strict, gives the same rows and refuses the same records', async () => {
    await torture(100, ({ random }) => {
      for (let left = documentsEach; left > 0; left--) {
        const dialect = randomDialect(random)
        const fieldCount = 1 + random.below(4)
        const file = Buffer.from(Buffer.from(randomDocument(random, dialect, fieldCount)).toString())
        // An escape that begins comments, too, would need rules of its own.
        if (dialect.comment !== -1 && dialect.comment === dialect.escape) continue
        counts.all++
        if (csvParseDiffers(file.toString(), dialect)) continue
        counts.compared++
        checkShrunk(file, dialect, { fieldCount }, (part) => {
          if (csvParseDiffers(Buffer.from(part).toString(), dialect)) return
          if (Buffer.from(part).toString().includes('\ufffd')) return
          const theirs = csvParseReading(part, dialect, fieldCount)
          const ours = ourReading(part, dialect, fieldCount)
          if (theirs.refused === 'unknown') {
            expect(ours.rows.slice(0, theirs.rows.length)).toEqual(theirs.rows)
          } else expect(ours).toEqual(theirs)
        })
      }
    })
    expect(counts.compared).toBeGreaterThan(counts.all / 2)
  })

  it('csv-parser, which takes anything, gives the same rows of what is well written', async () => {
    await torture(100, ({ random }) => {
      for (let left = documentsEach; left > 0; left--) {
        const given = randomDialect(random)
        if (given.quote === -1 || given.escape === -1) continue
        const bare = { nullStrings: [], trim: false, emptyAsNull: true, quotedNulls: true }
        const dialect: Dialect = { ...given, ...bare, nullPadding: given.nullPadding }
        const fieldCount = 2 + random.below(3)
        const file = Buffer.from(Buffer.from(randomDocument(random, dialect, fieldCount)).toString())
        const differs = (part: Uint8Array) => {
          const text = Buffer.from(part).toString()
          const { escape: escapeCharacter } = charactersOf(dialect)
          const escapesItself = dialect.escape !== dialect.quote && text.includes(escapeCharacter.repeat(2))
          return /\r(?!\n)|\ufffd/.test(text) || escapesItself || hasQuoteInText(part, dialect)
        }
        if (differs(file)) continue
        checkShrunk(file, dialect, { fieldCount }, (part) => {
          if (differs(part)) return
          const ours = ourReading(part, dialect, fieldCount)
          const theirs = csvParserReading(part, dialect, fieldCount)
          // It does not say whether an empty field in excess was quoted: for us it is one too many then.
          if (ours.refused !== null) expect(theirs.rows.slice(0, ours.rows.length)).toEqual(ours.rows)
          else expect(ours).toEqual(theirs)
        })
      }
    })
  })
})

describe('the dialects of these tests', () => {
  it('are all that users can ask for', () => {
    expect(Object.keys(makeDialect({})).sort()).toMatchInlineSnapshot(`
      [
        "blobFormat",
        "comment",
        "dateFormat",
        "decimalSeparator",
        "delimiter",
        "emptyAsNull",
        "escape",
        "nonFinite",
        "nullPadding",
        "nullStrings",
        "quote",
        "quotedNulls",
        "thousandsSeparator",
        "timestampFormat",
        "trim",
      ]
    `)
  })
})
