import { describe, expect, it } from 'vitest'
import { makeDialect } from './dialect.js'
import { type SniffOptions, sniff } from './sniff.js'

const guess = (text: string, options: SniffOptions = {}) => {
  const { dialect, header, columns } = sniff(Buffer.from(text), options)
  return {
    delimiter: String.fromCharCode(dialect.delimiter),
    header,
    columns: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
  }
}

describe('sniffing', () => {
  it.each([',', ';', '\t', '|'])('finds the delimiter %j, the header and the types', (delimiter) => {
    const rows = [
      ['id', 'name', 'score', 'born', 'seen', 'active', 'none'],
      ['1', '"Smith, J; x|y"', '2.5', '2001-02-03', '2024-01-01T10:00:00Z', 'true', ''],
      ['2', '"two\nlines"', '', '1999-12-31', '2024-01-01 10:00:00.5', 'no', ''],
      ['-3', '"a ""b"""', '7', '', '', 'yes', ''],
    ]
    expect(guess(rows.map((row) => `${row.join(delimiter)}\r\n`).join(''))).toEqual({
      delimiter,
      header: true,
      columns: {
        id: 'INT64',
        name: 'STRING',
        score: 'DOUBLE',
        born: 'DATE',
        seen: 'TIMESTAMP',
        active: 'BOOL',
        none: 'STRING',
      },
    })
  })

  it('sees that there is no header when the first row is data', () => {
    expect(guess('1,x\n2,y\n')).toEqual({
      delimiter: ',',
      header: false,
      columns: { column0: 'INT64', column1: 'STRING' },
    })
  })

  it('keeps codes with leading zeros as text', () => {
    expect(guess('zip,n\n01234,1\n98765,2\n').columns).toEqual({ zip: 'STRING', n: 'INT64' })
  })

  it('takes numbers beyond INT64 for DOUBLE, and 0 and 1 for INT64', () => {
    expect(guess('a,b\n99999999999999999999,0\n1,1\n').columns).toEqual({ a: 'DOUBLE', b: 'INT64' })
  })

  it('leaves null strings out of the types', () => {
    expect(guess('a,b\n1,NA\nNA,2.5\n', { nullStrings: ['NA'] }).columns).toEqual({ a: 'INT64', b: 'DOUBLE' })
    expect(guess('a,b\n1,NA\nNA,2.5\n').columns).toEqual({ a: 'STRING', b: 'STRING' })
  })

  it('believes what it is told', () => {
    expect(guess('a;b\nc;d\n', { header: false, delimiter: ';' }).columns).toEqual({
      column0: 'STRING',
      column1: 'STRING',
    })
    expect(guess('# x\nskip\na,b\n1,2\n', { comment: '#', skip: 1 }).header).toBe(true)
  })

  it('is not led astray by a stray quote', () => {
    expect(guess('name,n\n5" pipe,1\n6" pipe,2\n7" pipe,3\n').columns).toEqual({ name: 'STRING', n: 'INT64' })
  })

  it('ignores a last line that the sample cuts', () => {
    expect(guess('a,b\n1,2\n3,4\n5,').columns).toEqual({ a: 'INT64', b: 'INT64' })
    expect(guess('a,b\n1,2\n3,n').columns).toEqual({ a: 'INT64', b: 'INT64' })
  })

  it('reads a single column, a header alone, and an empty file', () => {
    expect(guess('iata\nSFO\nLAX\n')).toEqual({ delimiter: ',', header: true, columns: { iata: 'STRING' } })
    expect(guess('\ufeffid,name').columns).toEqual({ id: 'STRING', name: 'STRING' })
    expect(guess('')).toEqual({ delimiter: ',', header: false, columns: {} })
  })

  it('takes columns named like properties of objects for what they are', () => {
    expect(guess('__proto__,constructor\n1,2\n').columns).toEqual(
      Object.fromEntries([
        ['__proto__', 'INT64'],
        ['constructor', 'INT64'],
      ]),
    )
  })
})

describe('dialects', () => {
  it('are given by characters', () => {
    expect(makeDialect({ delimiter: '\\t', quote: "'" })).toMatchObject({
      delimiter: 9,
      quote: 39,
      escape: 39,
    })
    expect(makeDialect({ quote: null })).toMatchObject({ quote: -1, escape: -1 })
    expect(makeDialect({ escape: '\\' })).toMatchObject({ quote: 34, escape: 92 })
  })

  it.each([
    { delimiter: 'ab' },
    { delimiter: '' },
    { delimiter: 'é' },
    { delimiter: '\n' },
    { delimiter: '"' },
    { comment: ',' },
    { escape: ',' },
  ])('that cannot work are refused: %j', (options) => {
    expect(() => makeDialect(options)).toThrow(expect.objectContaining({ code: 'MILLRACE_ARGUMENT' }))
  })
})
