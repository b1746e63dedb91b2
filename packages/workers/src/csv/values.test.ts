import type { LogicalType } from '@millrace/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultDialect, makeDialect } from './dialect.js'
import { columnsOf, defaultOptions, parseAt, showValue, withParser } from './parsing.test.fixture.js'
import { type ReferenceValue, valueOfField } from './reference-values.js'

/** The value of each text as the kernels see it; undefined where it is not of the type. */
function kernelValues(
  type: LogicalType,
  texts: readonly string[],
  dialect = defaultDialect,
): (ReferenceValue | undefined)[] {
  // The second field keeps an empty first one from being a blank line.
  const file = Buffer.from(texts.map((text) => `${text},x\n`).join(''))
  const columns = columnsOf(type, 'STRING')
  const options = { ...defaultOptions, dialect, columns, ignoreErrors: true, errorsKeptMax: texts.length }
  const request = {
    length: file.length,
    blockBytes: file.length,
    start: 0,
    atEnd: true,
    rowsMax: texts.length,
  }
  const block = withParser({ ...options, rowsMax: texts.length }, file.length, (parser) =>
    parseAt(parser, file, 0, request),
  )
  const bad = new Set(block.errors.map((error) => error.row))
  let row = 0
  return texts.map((_, record) => (bad.has(record) ? undefined : block.values[row++]![0]))
}

function referenceValues(type: LogicalType, texts: readonly string[], dialect = defaultDialect) {
  return texts.map((text) => {
    const bytes = Buffer.from(text)
    return valueOfField(type, bytes, { start: 0, end: bytes.length }, dialect)
  })
}

const show = (values: readonly (ReferenceValue | undefined)[]) =>
  values.map((value) => (value === undefined ? 'not of the type' : showValue(value)))

function readOne(type: LogicalType, text: string): string | number | null {
  return show(kernelValues(type, [text]))[0]!
}

const refused = 'not of the type'

describe('values', () => {
  it.each([
    ['INT64', '9223372036854775807', '9223372036854775807n'],
    ['INT64', '-9223372036854775808', '-9223372036854775808n'],
    ['INT64', '9223372036854775808', refused],
    ['INT64', '-9223372036854775809', refused],
    ['INT64', '18446744073709551616', refused],
    ['INT64', '99999999999999999999999', refused],
    ['INT64', '00000000000000000000000012', '12n'],
    ['INT64', '+5', '5n'],
    ['INT64', '-0', '0n'],
    ['INT64', '-', refused],
    ['INT64', '--1', refused],
    ['INT64', '1e3', refused],
    ['INT64', '1.0', refused],
    ['INT64', '  12\t', '12n'],
    ['INT64', '1 2', refused],
    ['INT64', '"12"', '12n'],
    ['INT64', '" 12 "', '12n'],
    ['INT64', '""', null],
    ['INT64', '  ', null],
    ['INT64', '12345678', '12345678n'],
    ['INT64', '123456789', '123456789n'],
    ['INT64', '-1234567890123456', '-1234567890123456n'],
    ['INT64', '12345678901234567', '12345678901234567n'],
    ['INT64', '٣', refused],
    ['INT32', '2147483647', '2147483647n'],
    ['INT32', '2147483648', refused],
    ['INT32', '-2147483648', '-2147483648n'],
    ['INT32', '-2147483649', refused],
    ['DOUBLE', '0.1', 0.1],
    ['DOUBLE', '-0', -0],
    ['DOUBLE', '.5', 0.5],
    ['DOUBLE', '5.', 5],
    ['DOUBLE', '.', refused],
    ['DOUBLE', '-.', refused],
    ['DOUBLE', '1.2.3', refused],
    ['DOUBLE', '1e5', 100_000],
    ['DOUBLE', '1E-5', 0.00001],
    ['DOUBLE', '1e', refused],
    ['DOUBLE', '0x10', refused],
    ['DOUBLE', '1_000', refused],
    ['DOUBLE', '1e400', refused],
    ['DOUBLE', '1e-400', 0],
    ['DOUBLE', '9007199254740993', 9007199254740992],
    ['DOUBLE', '2.2250738585072011e-308', 2.225073858507201e-308],
    ['DOUBLE', '1.7976931348623157e308', Number.MAX_VALUE],
    ['DOUBLE', 'inf', Number.POSITIVE_INFINITY],
    ['DOUBLE', '-Infinity', Number.NEGATIVE_INFINITY],
    ['DOUBLE', 'NaN', Number.NaN],
    ['DOUBLE', 'nanx', refused],
    ['BOOL', 'TRUE', '1n'],
    ['BOOL', 'f', '0n'],
    ['BOOL', 'Yes', '1n'],
    ['BOOL', 'no', '0n'],
    ['BOOL', '1', '1n'],
    ['BOOL', '0', '0n'],
    ['BOOL', '2', refused],
    ['BOOL', '\u0011', refused],
    ['BOOL', 'truex', refused],
    ['BOOL', '"true"', '1n'],
    ['DATE', '1970-01-01', '0n'],
    ['DATE', '2024-02-29', '19782n'],
    ['DATE', '2023-02-29', refused],
    ['DATE', '2000-02-29', '11016n'],
    ['DATE', '1900-02-29', refused],
    ['DATE', '0000-01-01', '-719528n'],
    ['DATE', '9999-12-31', '2932896n'],
    ['DATE', '2024-13-01', refused],
    ['DATE', '2024-00-10', refused],
    ['DATE', '2024-04-31', refused],
    ['DATE', '2024-1-1', refused],
    ['DATE', '2024/01/01', refused],
    ['DATE', ' 2024-01-01 ', '19723n'],
    ['TIMESTAMP', '1970-01-01T00:00:00Z', '0n'],
    ['TIMESTAMP', '1970-01-01 00:00:01', '1000000n'],
    ['TIMESTAMP', '1970-01-01', '0n'],
    ['TIMESTAMP', '1970-01-01T00:01', '60000000n'],
    ['TIMESTAMP', '1970-01-01T00:00:00.000001', '1n'],
    ['TIMESTAMP', '1970-01-01T00:00:00.5+01:00', '-3599500000n'],
    ['TIMESTAMP', '1969-12-31 23:59:59.999999z', '-1n'],
    ['TIMESTAMP', '1970-01-01T00:00:00-0130', '5400000000n'],
    ['TIMESTAMP', '1970-01-01T00:00:00+02', '-7200000000n'],
    ['TIMESTAMP', '1970-01-01T00:00:00.000001000', '1n'],
    ['TIMESTAMP', '1970-01-01T00:00:00.0000001', refused],
    ['TIMESTAMP', '1970-01-01T24:00:00', refused],
    ['TIMESTAMP', '1970-01-01T00:60:00', refused],
    ['TIMESTAMP', '1970-01-01T00:00:60', refused],
    ['TIMESTAMP', '1970-01-01T00:00:00+24:00', refused],
    ['TIMESTAMP', '1970-02-30T00:00:00', refused],
    ['STRING', 'plain', 'plain'],
    ['STRING', '', null],
    ['STRING', '""', ''],
    ['STRING', ' padded ', ' padded '],
    ['STRING', '"a ""b"" c"', 'a "b" c'],
    ['STRING', '""""', '"'],
    ['STRING', 'a"b', 'a"b'],
  ] as const)('%s reads %s as %s', (type, text, expected) => {
    expect(readOne(type, text)).toBe(expected)
  })

  it('null strings are nulls, for STRING only without quotes', () => {
    const dialect = makeDialect({ nullStrings: ['NA', '-1'] })
    expect(show(kernelValues('INT64', ['NA', '-1', '"NA"', '1'], dialect))).toEqual([null, null, null, '1n'])
    expect(show(kernelValues('STRING', ['NA', '"NA"', 'NAN', ''], dialect))).toEqual([
      null,
      'NA',
      'NAN',
      null,
    ])
    expect(show(kernelValues('DOUBLE', ['NA', '-1', '-1.0'], dialect))).toEqual([null, null, -1])
    expect(show(kernelValues('BOOL', ['NA', 'no'], dialect))).toEqual([null, '0n'])
    expect(show(kernelValues('DATE', ['NA', '1970-01-02'], dialect))).toEqual([null, '1n'])
  })
})

const digits = (max: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { maxLength: max }).map((each) => each.join(''))
const sign = fc.constantFrom('', '', '-', '+')
const padded = (text: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 6, arbitrary: text },
    { weight: 1, arbitrary: text.map((each) => ` ${each}\t`) },
    { weight: 1, arbitrary: text.map((each) => `"${each}"`) },
    { weight: 1, arbitrary: text.map((each) => each.replace(/.$/, 'x')) },
  )
const integerText = fc.tuple(sign, digits(22)).map((parts) => parts.join(''))
const wholeNumber = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String)
const decimalText = fc
  .tuple(
    sign,
    digits(20),
    fc.constantFrom('', '.', '.'),
    digits(12),
    fc.constantFrom('', '', 'e3', 'E-12', 'e25', 'e+300', 'e-310'),
  )
  .map((parts) => parts.join(''))
const twoDigits = (max: number) => fc.nat(max).map((value) => String(value).padStart(2, '0'))
const dateText = fc
  .tuple(
    fc.nat(9999).map((year) => String(year).padStart(4, '0')),
    twoDigits(13),
    twoDigits(32),
  )
  .map((parts) => parts.join('-'))
const timeText = fc
  .tuple(
    fc.constantFrom('T', ' ', 't'),
    fc.tuple(twoDigits(24), twoDigits(60)).map((parts) => parts.join(':')),
    fc.oneof(
      fc.constant(''),
      twoDigits(60).map((seconds) => `:${seconds}`),
    ),
    fc.oneof(
      fc.constant(''),
      digits(10).map((fraction) => `.${fraction}`),
    ),
    fc.constantFrom('', 'Z', 'z', '+01:00', '-2330', '+05', '+5', 'X', '-00:60'),
  )
  .map((parts) => parts.join(''))
const timestampText = fc.tuple(dateText, fc.oneof(fc.constant(''), timeText)).map((parts) => parts.join(''))
const word = fc.constantFrom('true', 'FALSE', 'Yes', 'nO', 't', 'F', '1', '0', 'yess', 'tru', '', '01')

const texts: Record<LogicalType, fc.Arbitrary<string>> = {
  INT64: fc.oneof(padded(integerText), padded(wholeNumber)),
  INT32: fc.oneof(padded(integerText), padded(fc.integer({ min: -3e9, max: 3e9 }).map(String))),
  DOUBLE: fc.oneof(padded(decimalText), padded(fc.double().map(String)), padded(fc.float().map(String))),
  BOOL: padded(word),
  STRING: fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[",\r\n]/g, '')),
    fc.string({ unit: 'grapheme' }).map((text) => `"${text.replaceAll('"', '""')}"`),
  ),
  DATE: padded(fc.oneof(dateText, fc.constantFrom('2024-02-29', '2023-02-29', '1600-02-29'))),
  TIMESTAMP: padded(timestampText),
}

describe('the field kernels and the reference say the same', () => {
  for (const [type, text] of Object.entries(texts) as [LogicalType, fc.Arbitrary<string>][]) {
    it.each([
      ['', defaultDialect],
      [' with null strings', makeDialect({ nullStrings: ['1', 'true', '2024-02-29', '-'] })],
    ])(`for ${type}%s`, (_, dialect) => {
      fc.assert(
        fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), (column) => {
          expect(show(kernelValues(type, column, dialect))).toEqual(
            show(referenceValues(type, column, dialect)),
          )
        }),
        { numRuns: 150 },
      )
    })
  }

  it('for every day of four centuries and around them', () => {
    const days = Array.from({ length: 150_000 }, (_, i) => new Date((i - 75_000) * 86_400_000))
    const column = days.map((day) => day.toISOString().slice(0, 10))
    const expected = days.map((day) => BigInt(day.getTime() / 86_400_000))
    expect(kernelValues('DATE', column)).toEqual(expected)
  })

  it('for every text that JavaScript writes for a double', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 200 }), (numbers) => {
        const found = kernelValues(
          'DOUBLE',
          numbers.map((each) => (Object.is(each, -0) ? '-0' : String(each))),
        )
        expect(found).toEqual(numbers)
      }),
      { numRuns: 100 },
    )
  })

  it('for decimals of up to 19 digits with any exponent, half-way cases among them', () => {
    const mantissa = fc.oneof(
      fc.bigInt({ min: 1n, max: 10n ** 19n - 1n }),
      // Odd and one bit too long for a double: exactly between two.
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 61n }).map((each) => each * 2n + 1n),
      fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }).map((each) => (each * 2n + 1n) << 6n),
    )
    const exponent = fc.oneof(
      fc.constant(0),
      fc.integer({ min: -5, max: 24 }),
      fc.integer({ min: -345, max: 310 }),
    )
    const text = fc.tuple(mantissa, exponent).map(([digitsOfIt, power]) => `${digitsOfIt}e${power}`)
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 200 }), (column) => {
        const expected = column.map((each) => (Number.isFinite(Number(each)) ? Number(each) : undefined))
        expect(kernelValues('DOUBLE', column)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })
})
