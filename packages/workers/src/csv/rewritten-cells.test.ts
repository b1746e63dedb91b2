import type { LogicalType } from '@millrace/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dialect, type DialectOptions, makeDialect } from './dialect.js'
import { columnsOf, defaultOptions, parseAt, showValue, withParser } from './parsing.test.fixture.js'
import { type ReferenceValue, valueOfField } from './reference-values.js'
import { monthNames, weekdayNames } from './temporal-format.js'

const refused = 'not of the type'
/** Separates the fields: no text below holds it. */
const delimiter = '|'

function dialectOf(options: DialectOptions): Dialect {
  return makeDialect({ delimiter, ...options })
}

const show = (values: readonly (ReferenceValue | undefined)[]) =>
  values.map((value) => (value === undefined ? refused : showValue(value)))

/** The value of each text as the parser sees it. */
function parserValues(type: LogicalType, texts: readonly string[], dialect: Dialect) {
  const file = Buffer.from(texts.map((text) => `${text}|x\n`).join(''))
  const rowsMax = texts.length
  const options = {
    ...defaultOptions,
    ...{ dialect, columns: columnsOf(type, 'STRING'), ignoreErrors: true, errorsKeptMax: rowsMax, rowsMax },
    maxRowBytes: 10_000,
  }
  const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax }
  const block = withParser(options, file.length, (parser) => parseAt(parser, file, 0, request))
  const bad = new Set(block.errors.map((error) => error.row))
  let row = 0
  return show(texts.map((_, record) => (bad.has(record) ? undefined : block.values[row++]![0])))
}

function referenceValues(type: LogicalType, texts: readonly string[], dialect: Dialect) {
  return show(
    texts.map((text) => {
      const bytes = Buffer.from(text)
      return valueOfField(type, bytes, { start: 0, end: bytes.length }, dialect)
    }),
  )
}

const micros = (iso: string) => `${BigInt(Date.parse(iso)) * 1000n}n`
const days = (iso: string) => `${BigInt(Date.parse(iso) / 86_400_000)}n`

describe('numbers with other separators', () => {
  const german = dialectOf({ decimalSeparator: ',', thousandsSeparator: '.', nullStrings: ['n.a.'] })
  const english = dialectOf({ thousandsSeparator: ',' })
  const swiss = dialectOf({ thousandsSeparator: "'" })
  it.each<[LogicalType, Dialect, string, string | number | null]>([
    ['DOUBLE', german, '1,5', 1.5],
    ['DOUBLE', german, '1.234.567,25', 1234567.25],
    ['DOUBLE', german, '-1.234', -1234],
    ['DOUBLE', german, '1234,5', 1234.5],
    ['DOUBLE', german, '1,5e3', 1500],
    ['DOUBLE', german, '1.5', refused],
    ['DOUBLE', german, '1.2345', refused],
    ['FLOAT', german, '1,5', 1.5],
    ['UINT16', german, '65.535', '65535n'],
    ['UINT16', german, '65.536', refused],
    ['UINT64', english, '9,223,372,036,854,775,808', '0n'],
    ['DECIMAL(9,2)', german, '1.234,50', '123450n'],
    ['DECIMAL(9,2)', german, '1.234,505', refused],
    ['DECIMAL(9,2)', german, '12,5e1', '12500n'],
    ['DOUBLE', german, '12.34.567', refused],
    ['DOUBLE', german, '1.234.56', refused],
    ['DOUBLE', german, '.123', refused],
    ['DOUBLE', german, '1,234.567', refused],
    ['DOUBLE', german, '1,5,6', refused],
    ['DOUBLE', german, '"1.234,5"', 1234.5],
    ['DOUBLE', german, ' 1,5 ', 1.5],
    ['DOUBLE', german, '""""', refused],
    ['INT64', german, '""1""', refused],
    ['DOUBLE', german, 'n.a.', null],
    ['DOUBLE', german, '', null],
    ['DOUBLE', german, '12345678901234567890123,5', 1.2345678901234568e22],
    ['DOUBLE', german, '0,1000000000000000055511151231257827', 0.1],
    ['DOUBLE', german, `${'9'.repeat(2000)},0`, refused],
    ['INT64', german, '9.223.372.036.854.775.807', '9223372036854775807n'],
    ['INT64', german, '9.223.372.036.854.775.808', refused],
    ['INT64', german, '1,0', refused],
    ['INT32', german, '-2.147.483.648', '-2147483648n'],
    ['DOUBLE', english, '1,234.5', 1234.5],
    ['DOUBLE', english, '1,23.5', refused],
    ['DOUBLE', swiss, "1'234.5", 1234.5],
    ['STRING', german, '1,5', '1,5'],
  ])('%s, %o: %s is %s', (type, dialect, text, value) => {
    expect(parserValues(type, [text], dialect)).toEqual([value])
    expect(referenceValues(type, [text], dialect)).toEqual([value])
  })

  it('are read by the parser as the specification has them', () => {
    const separators = fc.constantFrom(
      [',', '.'],
      ['.', ','],
      [',', ' '],
      ['.', "'"],
      [',', ''],
      ['_', ''],
    ) as fc.Arbitrary<[string, string]>
    const piece = fc.constantFrom(
      '1',
      '23',
      '456',
      '7890',
      '.',
      ',',
      "'",
      ' ',
      '-',
      '+',
      'e',
      'E5',
      'inf',
      '0',
      '_',
    )
    const texts = fc.array(
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
      { minLength: 1 },
    )
    const types = fc.constantFrom<LogicalType>('DOUBLE', 'INT64', 'INT32')
    fc.assert(
      fc.property(types, separators, texts, (type, [decimalSeparator, thousandsSeparator], column) => {
        const dialect = dialectOf({ decimalSeparator, thousandsSeparator, nullStrings: ['1', '-'] })
        expect(parserValues(type, column, dialect)).toEqual(referenceValues(type, column, dialect))
      }),
      { numRuns: 400 },
    )
  })
})

describe('dates and timestamps by a format', () => {
  it.each<[LogicalType, string, string, string | null]>([
    ['DATE', '%d.%m.%Y', '29.02.2024', days('2024-02-29')],
    ['DATE', '%d.%m.%Y', '29.02.2023', refused],
    ['DATE', '%d.%m.%Y', '1.2.2024', days('2024-02-01')],
    ['DATE', '%d.%m.%Y', '2024-02-01', refused],
    ['DATE', '%d.%m.%Y', '', null],
    ['DATE', 'german', '31.12.1999', days('1999-12-31')],
    ['DATE', 'us', '12/31/1999', days('1999-12-31')],
    ['DATE', 'us', '31/12/1999', refused],
    ['DATE', '%y%m%d', '690101', days('1969-01-01')],
    ['DATE', '%y%m%d', '680101', days('2068-01-01')],
    ['DATE', '%-d %B %Y', '3 sEPTember 2001', days('2001-09-03')],
    ['DATE', '%d-%b-%Y', '03-SEP-2001', days('2001-09-03')],
    ['DATE', '%b %e %Y', 'Sep  3 2001', days('2001-09-03')],
    ['DATE', '%b %e %Y', 'Sep 13 2001', days('2001-09-13')],
    ['DATE', '%b %e %Y', 'Sep   3 2001', refused],
    ['DATE', '%b %e %Y', 'Sep ', refused],
    ['DATE', '%b %d %Y', 'Sep  3 2001', refused],
    ['DATE', '%A, %d %b %Y', 'Monday, 03 Sep 2001', days('2001-09-03')],
    ['DATE', 'epoch', '-86400', days('1969-12-31')],
    ['DATE', '%Y年%m月%d日', '2024年2月29日', days('2024-02-29')],
    ['DATE', '%%%Y-%m-%d', '%2024-02-29', days('2024-02-29')],
    ['TIMESTAMP', '%d/%m/%Y %H:%M', '29/02/2024 23:59', micros('2024-02-29T23:59Z')],
    ['TIMESTAMP', '%d/%m/%Y %H:%M', '29/02/2024 24:00', refused],
    ['TIMESTAMP', '%m/%d/%Y %I:%M:%S %p', '2/9/2024 12:00:01 am', micros('2024-02-09T00:00:01Z')],
    ['TIMESTAMP', '%m/%d/%Y %I:%M:%S %p', '2/9/2024 12:00:01 PM', micros('2024-02-09T12:00:01Z')],
    ['TIMESTAMP', '%m/%d/%Y %I:%M:%S %p', '2/9/2024 13:00:01 PM', refused],
    ['TIMESTAMP', '%Y%m%dT%H%M%S.%f', '20240229T235959.25', micros('2024-02-29T23:59:59.250Z')],
    ['TIMESTAMP', 'rfc2822', 'Thu, 29 Feb 2024 01:00:00 +0230', micros('2024-02-28T22:30:00Z')],
    ['TIMESTAMP', '%F %T%z', '2024-02-29 01:00:00Z', micros('2024-02-29T01:00:00Z')],
    ['TIMESTAMP', '%F %T%z', '2024-02-29 01:00:00-08', micros('2024-02-29T09:00:00Z')],
    ['TIMESTAMP', 'epoch', '1709164800', micros('2024-02-29T00:00:00Z')],
    ['TIMESTAMP', 'epoch_ms', '-1', micros('1969-12-31T23:59:59.999Z')],
    ['TIMESTAMP', 'epoch_ms', '999999999999999', refused],
    ['TIMESTAMP', 'epoch', '12x', refused],
  ])('%s, %s: %s is %s', (type, format, text, value) => {
    const dialect = dialectOf(type === 'DATE' ? { dateFormat: format } : { timestampFormat: format })
    expect(parserValues(type, [text], dialect)).toEqual([value])
    expect(referenceValues(type, [text], dialect)).toEqual([value])
  })

  it('are read by the parser as the specification has them', () => {
    const formats = fc.constantFrom(
      ...['%d.%m.%Y', '%m/%d/%y', '%Y%m%d', '%d %b %Y', '%a %d %B %Y %H:%M:%S.%f', '%F %I:%M %p %z'],
      ...['%F %T%z', 'epoch', 'epoch_ms', 'compact', '%Q', '%dx%my%Y'],
    )
    const piece = fc.oneof(
      fc.nat(99).map(String),
      fc.nat(99).map((each) => String(each).padStart(2, '0')),
      fc.integer({ min: 1600, max: 2400 }).map(String),
      fc.constantFrom(
        ...monthNames,
        ...weekdayNames,
        'Feb',
        'mon',
        'am',
        'PM',
        'Z',
        '+01:30',
        '-08',
        '-0530',
      ),
    )
    const separator = fc.constantFrom('.', '/', ' ', '-', ':', '', '', 'x', 'y')
    const mixed = fc
      .array(fc.tuple(piece, separator), { minLength: 1, maxLength: 7 })
      .map((parts) => parts.flat().join(''))
    const date = fc
      .date({ min: new Date(-62_000_000_000_000), max: new Date(250_000_000_000_000), noInvalidDate: true })
      .map((each) => each.toISOString())
    const fitting = fc.oneof(
      date.map((iso) => `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)}`),
      date.map((iso) => `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`),
      date.map((iso) => String(Date.parse(iso))),
      date.map((iso) => String(Math.floor(Date.parse(iso) / 1000))),
      date.map((iso) => iso.slice(0, 10).replaceAll('-', '')),
    )
    const types = fc.constantFrom<LogicalType>('DATE', 'TIMESTAMP')
    fc.assert(
      fc.property(
        types,
        formats,
        fc.array(fc.oneof(mixed, fitting), { minLength: 1 }),
        (type, format, column) => {
          const dialect = dialectOf({ dateFormat: format, timestampFormat: format })
          expect(parserValues(type, column, dialect)).toEqual(referenceValues(type, column, dialect))
        },
      ),
      { numRuns: 600 },
    )
  })

  it.each([
    ['%Q%q', 'followed by one of'],
    ['%', 'followed by one of'],
    ['%Y-%m', 'a year, month and day'],
    ['nonsense', 'a year, month and day'],
    [`%F${' '.repeat(300)}`, 'at most 256 bytes'],
  ])('refuse the format %s', (dateFormat, expected) => {
    expect(() => makeDialect({ dateFormat })).toThrow(expected)
  })
})

describe('rewritten cells', () => {
  it('are as many as a batch has, whatever there is room for at a time', () => {
    const dialect = dialectOf({ decimalSeparator: ',' })
    const column = Array.from({ length: 10_000 }, (_, i) => `${'0'.repeat(i % 700)}${i},5`)
    expect(parserValues('DOUBLE', column, dialect)).toEqual(column.map((_, i) => i + 0.5))
  })

  it('are quoted in errors as they stand in the file', () => {
    const dialect = makeDialect({ delimiter: ';', decimalSeparator: ',' })
    const file = Buffer.from('1,5;x\n1.5;y\n')
    const options = { ...defaultOptions, dialect, columns: columnsOf('DOUBLE', 'STRING') }
    const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 10 }
    const { errors } = withParser(options, file.length, (parser) => parseAt(parser, file, 0, request))
    expect(errors).toMatchObject([{ kind: 'type', row: 1, line: 1, column: 'c0', text: '1.5' }])
  })
})

describe('spaces around fields', () => {
  const trimmed = dialectOf({ trim: true })
  it.each<[LogicalType, string, string | number | null]>([
    ['STRING', '  a b\t', 'a b'],
    ['STRING', '  " a " ', ' a '],
    ['STRING', ' "a""b|c" ', 'a"b|c'],
    ['STRING', '   ', null],
    ['STRING', ' "" ', ''],
    ['INT64', ' " 12 " ', '12n'],
    ['DOUBLE', ' 1.5 ', 1.5],
  ])('%s: %j is %j', (type, text, value) => {
    expect(parserValues(type, [text], trimmed)).toEqual([value])
  })
  it('stay where nobody trims', () => {
    expect(parserValues('STRING', ['  a '], dialectOf({}))).toEqual(['  a '])
  })
})
