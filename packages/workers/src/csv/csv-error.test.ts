import { describe, expect, it } from 'vitest'
import { typeError } from './csv-error.js'
import { type DialectOptions, makeDialect } from './dialect.js'

describe('what is said of a value that is not of its type', () => {
  const said = (type: string, text: string, options: DialectOptions = {}) =>
    typeError({ csvIndex: 0, name: 'a', type, nullable: true } as never, text, makeDialect(options)).message

  it.each([
    ['DATE', '2001-12-31', { dateFormat: 'german' }, 'not a DATE (german: %d.%m.%Y)'],
    ['DATE', '2001-12-31', { dateFormat: '%d/%m/%y' }, 'not a DATE (%d/%m/%y)'],
    ['DATE', '2001-02-30', {}, 'not a day of the calendar'],
    ['TIMESTAMP', '26/08/2015 22:31:46.9', { timestampFormat: 'european' }, '(european: %d/%m/%Y %H:%M:%S)'],
    ['TIMESTAMP', 'x', { dateFormat: 'german' }, '(YYYY-MM-DDThh:mm:ss, at most 6 decimals)'],
  ])('names the format of dates that it must have: %s %j', (type, text, options, words) => {
    expect(said(type, text, options)).toContain(words)
  })

  it.each([
    ['DOUBLE', '1.5', { decimalSeparator: ',' }, 'is not a DOUBLE (number, with "," before decimals)'],
    ['FLOAT', '1.5', { decimalSeparator: ',' }, 'is not a FLOAT (number, with "," before decimals)'],
    ['DOUBLE', '1,5', {}, 'is not a DOUBLE (number)'],
    ['DOUBLE', '1e400', {}, 'is out of the range of DOUBLE'],
    ['DOUBLE', '1,5e400', { decimalSeparator: ',' }, 'is out of the range of DOUBLE'],
    [
      'DOUBLE',
      '1.000,5e400',
      { decimalSeparator: ',', thousandsSeparator: '.' },
      'is out of the range of DOUBLE',
    ],
    ['DOUBLE', '1.5', { decimalSeparator: ',', thousandsSeparator: '.' }, 'is not a DOUBLE (number, with'],
    ['FLOAT', '1e39', {}, 'is out of the range of FLOAT'],
    ['INT8', '1,000', { thousandsSeparator: ',' }, 'is out of the range of INT8'],
    ['INT8', '1000,000', { thousandsSeparator: ',' }, 'is not an INT8 (whole number)'],
    ['INT8', '1.5', {}, 'is not an INT8 (whole number)'],
    ['DECIMAL(4,2)', '1.5', { decimalSeparator: ',' }, 'and 2 behind it, with "," before decimals)'],
  ])(
    'takes numbers for out of range when they are written as numbers are: %s %s %j',
    (type, text, options, words) => {
      expect(said(type, text, options)).toContain(words)
    },
  )
})
