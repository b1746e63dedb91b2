import { describe, expect, it } from 'vitest'
import { type SniffOptions, sniff } from './sniff.js'

describe('sniffing dates and timestamps', () => {
  it.each([
    ['31/12/2001', '1/2/2003', '%d/%m/%Y'],
    ['12/31/2001', '1/2/2003', '%m/%d/%Y'],
    ['31.12.2001', '01.02.2003', '%d.%m.%Y'],
    ['1.2.2001', '', '%d.%m.%Y'],
    ['13-12-2001', '01-02-2003', '%d-%m-%Y'],
    ['2001.12.31', '2001.01.02', '%Y.%m.%d'],
  ])('finds how dates are written: %s, %s', (one, other, dateFormat) => {
    const { dialect, columns, header } = sniff(Buffer.from(`a,b\n1,${one}\n2,${other}\n`))
    expect([dialect.dateFormat, dialect.timestampFormat]).toEqual([dateFormat, ''])
    expect([columns[1]?.type, header]).toEqual(['DATE', true])
    expect(sniff(Buffer.from(`1,${one}\n2,${other}\n`)).header).toBe(false)
  })

  it.each([
    ['31/12/2001 23:59', '%d/%m/%Y %H:%M'],
    ['12/31/2001 11:59:59 PM', '%m/%d/%Y %I:%M:%S %p'],
    ['31.12.2001 23:59:59', '%d.%m.%Y %H:%M:%S'],
    ['26/08/2015 22:31:46.913', '%d/%m/%Y %H:%M:%S.%f'],
    ['12/31/2001 11:59:59.000001 PM', '%m/%d/%Y %I:%M:%S.%f %p'],
  ])('finds how timestamps are written: %s', (text, timestampFormat) => {
    const { dialect, columns } = sniff(Buffer.from(`a,b\n1,${text}\n2,NA\n`), { nullStrings: ['NA'] })
    expect([dialect.dateFormat, dialect.timestampFormat]).toEqual(['', timestampFormat])
    expect(columns[1]?.type).toBe('TIMESTAMP')
  })

  it('takes the format of dates that are certain for those that may be of it, too', () => {
    const { columns, dialect } = sniff(Buffer.from('a,b,c\n13/1/2001,1/2/2003,x\n1/2/2001,3/4/2005,y\n'))
    expect([dialect.dateFormat, ...columns.map(({ type }) => type)]).toEqual([
      ...['%d/%m/%Y', 'DATE', 'DATE', 'STRING'],
    ])
  })

  it('takes timestamps in their format beside dates of ISO 8601', () => {
    const { columns, dialect } = sniff(Buffer.from('a,b\n31/12/2001 23:59,2001-12-31\n'))
    expect([dialect.dateFormat, dialect.timestampFormat]).toEqual(['', '%d/%m/%Y %H:%M'])
    expect(columns.map(({ type }) => type)).toEqual(['TIMESTAMP', 'DATE'])
  })

  it.each([
    ['days and months that may be either', 'a\n1/2/2003\n12/11/2004\n'],
    ['columns in several orders', 'a,b\n13/1/2001,1/13/2001\n'],
    ['days that are none', 'a\n13/13/2001\n'],
    ['a year of two digits', 'a\n31/12/01\n'],
    ['dates with separators of two kinds', 'a\n31/12/2001\n31.12.2001\n'],
    ['dates of ISO 8601 in another column', 'a,b\n31/12/2001,2001-12-31\n'],
    ['timestamps beside those of ISO 8601', 'a,b\n31/12/2001 23:59,2001-12-31T10:00:00Z\n'],
    ['a seventh decimal of the second', 'a\n31/12/2001 23:59:59.1234567\n'],
    ['decimals of some seconds only', 'a\n31/12/2001 23:59:59.5\n31/12/2001 23:59:59\n'],
    ['a format that is said', 'a\n31/12/2001\n', { dateFormat: 'us' }],
  ] as [string, string, SniffOptions?][])('keeps as texts: %s', (_, text, options = {}) => {
    const { dialect, columns } = sniff(Buffer.from(text), options)
    expect([dialect.dateFormat, columns[0]?.type]).toEqual([options.dateFormat ?? '', 'STRING'])
  })
})
