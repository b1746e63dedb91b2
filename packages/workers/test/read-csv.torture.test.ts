/**
 * Random documents in random dialects through all of `readCsv`: blocks of a few bytes shared by up to four
 * threads give the rows and the errors of the reference, which reads one byte after the other.
 */

import { torture } from '@millrace/testing'
import { readCsv } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import type { CsvError, ParseColumn } from '../src/csv/csv-error.js'
import type { Dialect } from '../src/csv/dialect.js'
import { defaultOptions } from '../src/csv/parsing.test.fixture.js'
import {
  charactersOf,
  oneOf,
  randomDialect,
  randomDocument,
  showDocument,
} from '../src/csv/random-documents.test.fixture.js'
import { parseReference } from '../src/csv/reference-parser.js'
import type { ReferenceValue } from '../src/csv/reference-values.js'
import { writeFile } from './support.js'

/** Documents that one reader reads, as the files of one source. */
const documentsEach = 25
/** No dialect gives these letters a meaning. */
const names = ['XX', 'YY', 'ZZ', 'WW']
const maxRowBytes = 300

/** A dialect as `readCsv` is told of it. */
function optionsOf(dialect: Dialect) {
  const { delimiter, quote, escape: escapeCharacter, comment } = charactersOf(dialect)
  const { nullStrings, decimalSeparator, thousandsSeparator, ...rest } = dialect
  return {
    ...rest,
    delimiter,
    quote: dialect.quote === -1 ? '' : quote,
    escape: dialect.escape === -1 ? '' : escapeCharacter,
    comment: dialect.comment === -1 ? '' : comment,
    nullStrings: nullStrings.map((text) => Buffer.from(text).toString()),
    decimalSeparator: String.fromCharCode(decimalSeparator),
    thousandsSeparator: thousandsSeparator === -1 ? '' : String.fromCharCode(thousandsSeparator),
  }
}

/** A value as rows have it. */
function plain(value: ReferenceValue, { type }: ParseColumn): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  return type === 'BOOL' && value !== null ? value === 1n : value
}

/** An error of what follows a header of one line as a reader tells it: where things stand in the file. */
function inFile({ recordBytes: _, openQuote, ...error }: CsvError, headerBytes: number) {
  const { row, line, byteOffset, message } = error
  const place = { ...error, row: row + 1, line: line + 2, byteOffset: byteOffset + headerBytes }
  if (openQuote === undefined) return place
  const quote = {
    field: openQuote.field,
    line: openQuote.line + 2,
    byteOffset: openQuote.byteOffset + headerBytes,
  }
  const stands = `it stands on line ${quote.line}, at byte ${quote.byteOffset}`
  return { ...place, message: `${message}: ${stands}`, openQuote: quote }
}

describe('random documents in random dialects', () => {
  it('are read by one to four threads as the reference reads them', async () => {
    await torture(12, async ({ random }) => {
      const dialect = randomDialect(random)
      const columns = names.slice(0, 1 + random.below(names.length)).map((name, csvIndex): ParseColumn => {
        const type = oneOf(['STRING', 'STRING', 'STRING', 'INT64', 'DOUBLE', 'BOOL'] as const, random)
        return { csvIndex, name, type, nullable: true }
      })
      const header = Buffer.from(`${columns.map(({ name }) => name).join(charactersOf(dialect).delimiter)}\n`)
      const rows: unknown[][] = []
      const errors: unknown[] = []
      const files: string[] = []
      for (let number = 0; number < documentsEach; number++) {
        const body = randomDocument(random, dialect, columns.length)
        const file = writeFile(`${String(number).padStart(2, '0')}.csv`, Buffer.concat([header, body]))
        const request = { length: body.length, blockBytes: body.length, start: 0, atEnd: true }
        const options = { ...defaultOptions, dialect, columns, maxRowBytes, ignoreErrors: true }
        const expected = parseReference(body, 0, { ...request, rowsMax: 1_000_000 }, options)
        rows.push(...expected.values.map((row) => row.map((value, i) => plain(value, columns[i]!))))
        for (const error of expected.errors) errors.push({ ...inFile(error, header.length), file })
        files.push(file)
      }
      const how = { threads: 1 + random.below(4), blockSize: 1 + random.below(random.chance() ? 6 : 90) }
      const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
      const reader = readCsv(files, {
        ...optionsOf(dialect),
        ...how,
        types,
        maxRowBytes,
        header: true,
        ignoreErrors: true,
        int64: 'bigint',
      })
      const found: unknown[][] = []
      for await (const row of reader.rows()) found.push(columns.map(({ name }) => row[name]))
      const what = showDocument(new Uint8Array(), dialect, { ...how, types })
      expect(reader.result!.errors, what).toEqual(errors)
      expect(found, what).toEqual(rows)
      expect(reader.result!.errorCount).toBe(errors.length)
    })
  })
})
