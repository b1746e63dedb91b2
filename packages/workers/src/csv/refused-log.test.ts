/** What is written down of refused records is all of them, at their places, whatever room there is. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CsvError } from './csv-error.js'
import { columnsOf, csvText, defaultOptions, parseAt, withParser } from './parsing.test.fixture.js'
import { parseReference } from './reference-parser.js'
import { csvField, RefusedCursor, RefusedLog } from './refused-log.js'

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** A line as the log has it. */
function lineOf({ kind, column, message, byteOffset, recordBytes }: CsvError, file: Uint8Array): string {
  const head = Buffer.from(`${csvField(column ?? '')},${kind},${csvField(message)},`).toString('latin1')
  return `${head}${csvField(latin1(file.subarray(byteOffset, byteOffset + recordBytes!)))}\n`
}

it('all refused records are written down in their order, in as many parses as it takes', () => {
  const bytes = fc
    .tuple(
      csvText(defaultOptions.dialect),
      fc.array(fc.constantFrom(0xff, 0xc3, 0x2c, 0x0a), { maxLength: 9 }),
    )
    .map(([text, rest]) => Buffer.concat([Buffer.from(text), Buffer.from(rest)]))
  const columns = columnsOf('INT64', 'STRING', 'DOUBLE')
  const options = { ...defaultOptions, columns, ignoreErrors: true, maxRowBytes: 30 }
  fc.assert(
    fc.property(bytes, fc.integer({ min: 60, max: 4000 }), fc.nat(2), (file, logBytes, errorsKeptMax) => {
      const whole = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 100_000 }
      const expected = parseReference(file, 0, whole, { ...options, errorsKeptMax: 1000 })
      const log = new RefusedLog(Buffer.alloc(logBytes))
      const found: object[] = []
      const totals = { rows: 0, errorCount: 0 }
      withParser(options, Math.max(1, file.length), (parser) => {
        let [start, midLine, records, lines] = [0, false, 0, 0]
        for (let done = false; !done; ) {
          const request = { ...whole, start, midLine, errorsKeptMax, refused: log }
          const parsed = parseAt(parser, file, 0, request)
          const cursor = new RefusedCursor(log.entries)
          const apart = log.apart[Symbol.iterator]()
          while (cursor.next()) {
            const place = { row: records + cursor.row, line: lines + cursor.line }
            if (cursor.isApart) {
              const { recordBytes, byteOffset } = apart.next().value!
              found.push({ ...place, recordBytes, byteOffset })
            } else {
              const line = new Uint8Array(cursor.bytes)
              cursor.copyTo(line, 0)
              found.push({ ...place, text: latin1(line) })
            }
          }
          expect(parsed.errors.length).toBe(Math.min(errorsKeptMax, parsed.errorCount))
          totals.rows += parsed.rows
          totals.errorCount += parsed.errorCount
          ;({ end: start, midLine, done } = parsed)
          records += parsed.records
          lines += parsed.lines
        }
      })
      expect(totals).toMatchObject({ rows: expected.rows, errorCount: expected.errorCount })
      expect(found).toHaveLength(expected.errorCount)
      for (const [index, error] of expected.errors.entries()) {
        const { row, line, byteOffset, recordBytes } = error
        const isApart = 'byteOffset' in found[index]!
        if (recordBytes === null) expect(isApart).toBe(true)
        expect(found[index]).toEqual(
          isApart ? { row, line, byteOffset, recordBytes } : { row, line, text: lineOf(error, file) },
        )
      }
    }),
    { numRuns: 300 },
  )
})
