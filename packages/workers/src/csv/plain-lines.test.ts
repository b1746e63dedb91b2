import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultDialect, makeDialect } from './dialect.js'
import { firstLines, isPlain, readPlainLines } from './plain-lines.js'
import { fieldText, readLine } from './reference-scan.js'

/** The records of `text`, as the specification reads them. */
function referenceRows(text: Buffer, dialect = defaultDialect): string[][] {
  const input = { bytes: text, end: text.length, atEnd: true, maxRowBytes: text.length, dialect }
  const rows: string[][] = []
  for (let at = 0; at < text.length; ) {
    const line = readLine(input, at)
    if (!('next' in line)) throw new Error(line.kind)
    at = line.next
    if (line.kind !== 'record') continue
    rows.push(line.fields.map((field) => Buffer.from(fieldText(text, field, dialect).text).toString()))
  }
  return rows
}

describe('a plain text', () => {
  it('is one without quotes, escapes, comments, carriage returns and trimming', () => {
    const isPlainIn = (text: string, options = {}) => isPlain(Buffer.from(text), makeDialect(options))
    expect(isPlainIn('a,b\n#c,d\\\n')).toBe(true)
    expect(isPlainIn('a,"b"\n')).toBe(false)
    expect(isPlainIn('a,"b"\n', { quote: null })).toBe(true)
    expect(isPlainIn('a,b\r\n')).toBe(false)
    expect(isPlainIn('a,b\n#c\n', { comment: '#' })).toBe(false)
    expect(isPlainIn('a,b\\\n', { escape: '\\' })).toBe(false)
    expect(isPlainIn('a, b\n', { trim: true })).toBe(false)
  })

  it('has the records that the specification finds in it', () => {
    const bytes = fc.array(fc.constantFrom(0x61, 0x2c, 0x0a, 0x20, 0xc3, 0xa9, 0xff, 0), { maxLength: 40 })
    fc.assert(
      fc.property(bytes, (given) => {
        const text = Buffer.from(given)
        expect(readPlainLines(text, defaultDialect, 0)).toEqual(referenceRows(text))
      }),
    )
  })

  it('has first lines behind those to skip, enough of them and enough bytes', () => {
    const text = Buffer.from(Array.from({ length: 1000 }, (_, i) => `${1000 + i},x\n`).join(''))
    expect(firstLines(text, 0, 10).toString()).toBe(text.subarray(0, 32 * 7).toString())
    expect(firstLines(text, 500, 10)).toHaveLength(532 * 7)
    expect(firstLines(text, 0, 2000)).toHaveLength(286 * 7)
    expect(firstLines(text, 980, 10)).toHaveLength(text.length)
    expect(firstLines(Buffer.from('a,b'), 0, 10).toString()).toBe('a,b')
  })
})
