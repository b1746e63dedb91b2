/** Random texts of every type through the field kernels and their reference. */
import type { LogicalType } from '@millrace/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultDialect, makeDialect } from './dialect.js'
import { kernelValues, referenceValues, show } from './field-values.test.fixture.js'

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
const twoDigits = (max: number) =>
  fc.tuple(fc.nat(max), fc.constantFrom(2, 2, 1)).map(([value, width]) => String(value).padStart(width, '0'))
const dateText = fc
  .tuple(
    fc.nat(9999).map((year) => String(year).padStart(4, '0')),
    twoDigits(13),
    twoDigits(32),
    fc.constantFrom('-', '-', '/'),
  )
  .map(([year, month, day, separator]) => [year, month, day].join(separator))
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
    fc.constantFrom(
      '',
      'Z',
      'z',
      '+01:00',
      '-2330',
      '+05',
      '+5',
      'X',
      '-00:60',
      'Z+01:00',
      'z-02',
      'Z5',
      'ZZ',
    ),
  )
  .map((parts) => parts.join(''))
const timestampText = fc.tuple(dateText, fc.oneof(fc.constant(''), timeText)).map((parts) => parts.join(''))
const word = fc.constantFrom('true', 'FALSE', 'Yes', 'nO', 't', 'F', '1', '0', 'yess', 'tru', '', '01')

const smallNumber = padded(fc.integer({ min: -70_000, max: 70_000 }).map(String))
const hex = (count: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: count, maxLength: count })
    .map((each) => each.join(''))
const uuidText = fc
  .tuple(
    fc.oneof(
      fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)),
      fc.tuple(hex(4), hex(4), hex(8), hex(8), hex(4), hex(4)),
      fc.tuple(hex(2), hex(6), hex(8), hex(16)),
    ),
    fc.constantFrom('-', '-', '', ':', '--'),
    fc.constantFrom('', '', '{'),
  )
  .map(([groups, mark, brace]) => brace + groups.join(mark) + (brace === '' ? '' : '}'))
const clockText = fc
  .tuple(
    fc.tuple(twoDigits(24), twoDigits(60)).map((parts) => parts.join(':')),
    fc.oneof(
      fc.constant(''),
      twoDigits(60).map((seconds) => `:${seconds}`),
    ),
    fc.oneof(
      fc.constant(''),
      digits(10).map((fraction) => `.${fraction}`),
    ),
  )
  .map((parts) => parts.join(''))
const intervalText = fc
  .array(
    fc.tuple(
      sign,
      fc.nat(3000),
      fc.constantFrom(
        ' days',
        'd',
        ' months',
        ' years',
        ' hours',
        'ms',
        ' us',
        ' Week',
        ' parsec',
        ':30:15.5',
      ),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.map((part) => part.join('')).join(' '))
const quotedText = (text: fc.Arbitrary<string>) => text.map((each) => `"${each.replaceAll('"', '""')}"`)
const listText = (item: fc.Arbitrary<string>) =>
  fc.oneof(
    quotedText(fc.array(item, { maxLength: 6 }).map((items) => `[${items.join(',')}]`)),
    quotedText(fc.array(item, { maxLength: 3 }).map((items) => ` [${items.join(' , ')}`)),
    item.filter((each) => !/[",\r\n]/.test(each)).map((each) => `[${each}]`),
  )
const itemText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.string({ unit: fc.constantFrom('"', "'", '\\', ',', ']', 'n', 'u0041'), maxLength: 4 }),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
)

const texts: Record<string, fc.Arbitrary<string>> = {
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
  INT16: fc.oneof(padded(integerText), smallNumber),
  INT8: fc.oneof(padded(integerText), smallNumber, padded(fc.integer({ min: -200, max: 300 }).map(String))),
  UINT64: fc.oneof(
    padded(integerText),
    padded(wholeNumber),
    padded(fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String)),
  ),
  UINT32: fc.oneof(padded(integerText), padded(fc.integer({ min: -9, max: 5e9 }).map(String))),
  UINT16: fc.oneof(padded(integerText), smallNumber),
  UINT8: fc.oneof(padded(integerText), padded(fc.integer({ min: -9, max: 300 }).map(String))),
  FLOAT: fc.oneof(padded(decimalText), padded(fc.float().map(String)), padded(fc.double().map(String))),
  'DECIMAL(4,2)': fc.oneof(
    padded(decimalText),
    padded(fc.integer({ min: -12_000, max: 12_000 }).map((n) => String(n / 100))),
  ),
  'DECIMAL(18,3)': padded(decimalText),
  'DECIMAL(18,0)': fc.oneof(padded(integerText), padded(decimalText)),
  'DECIMAL(18,18)': padded(decimalText),
  'DECIMAL(38,10)': fc.oneof(padded(decimalText), padded(digits(40))),
  TIME: padded(clockText),
  UUID: padded(uuidText),
  INTERVAL: padded(intervalText),
  BLOB: padded(
    fc.oneof(
      fc.nat(12).chain(hex),
      fc.nat(6).chain((count) => hex(count * 2).map((text) => `\\x${text}`)),
    ),
  ),
  JSON: fc.oneof(quotedText(fc.json({ maxDepth: 1 })), quotedText(itemText), fc.nat(99).map(String), word),
  'INT32[]': listText(padded(integerText).filter((text) => !text.includes('"'))),
  'DOUBLE[]': listText(fc.oneof(decimalText, fc.constantFrom('NULL', 'null', ' 1 '))),
  'STRING[]': listText(itemText),
  'INT8[][]': listText(
    fc.array(fc.integer({ min: -130, max: 130 }), { maxLength: 3 }).map((items) => `[${items}]`),
  ),
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
        { numRuns: 80 },
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
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 200 }),
        (numbers) => {
          const found = kernelValues(
            'DOUBLE',
            numbers.map((each) => (Object.is(each, -0) ? '-0' : String(each))),
          )
          expect(found).toEqual(numbers)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('for digits without end, around what lies half way between two doubles', () => {
    const halfWay = fc.tuple(
      fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
      fc.integer({ min: -1074, max: 960 }),
    )
    const text = fc
      .tuple(halfWay, fc.constantFrom('', '0000000001', '5', '00'), fc.boolean())
      .map(([[mantissa, power], more, below]) => {
        const half = mantissa * 2n + 1n
        if (power >= 1) return `${half * 2n ** BigInt(power - 1) - (below ? 1n : 0n)}.${more}`
        const places = BigInt(1 - power)
        const shown = (half * 5n ** places - (below ? 1n : 0n)).toString()
        return `${shown}${more}e-${Number(places) + more.length}`
      })
    const long = fc
      .tuple(sign, digits(40), digits(40), fc.constantFrom('', 'e-300', 'e280', 'e-350'))
      .map(([mark, whole, fraction, power]) => `${mark}1${whole}.${fraction}${power}`)
    fc.assert(
      fc.property(fc.array(fc.oneof(text, long), { minLength: 1, maxLength: 20 }), (column) => {
        const short = column.filter((each) => each.length < 900)
        const expected = short.map((each) => (Number.isFinite(Number(each)) ? Number(each) : undefined))
        if (short.length > 0) expect(kernelValues('DOUBLE', short)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('for floats: the nearest one, wherever the double nearest to the text lies', () => {
    const bits = new Uint32Array(1)
    const floats = new Float32Array(bits.buffer)
    const nextTo = (value: number, step: number) => {
      floats[0] = value
      bits[0] = bits[0]! + step
      return floats[0]!
    }
    const ends = ['', '000000000000000000001', '5']
    const cell = fc.tuple(
      fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 }),
      fc.constantFrom(...ends),
    )
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 50 }), (cells) => {
        const column: string[] = []
        const expected: number[] = []
        for (const [float, end] of cells) {
          const above = nextTo(float, 1)
          if (!Number.isFinite(above) || float < 1e-10 || float > 1e15) continue
          const middle = (float + above) / 2
          const exact = middle.toFixed(100).replace(/0+$/, '')
          column.push(`${exact}${end}`)
          const isEven = (new Uint32Array(Float32Array.of(float).buffer)[0]! & 1) === 0
          expected.push(end === '' ? (isEven ? float : above) : above)
        }
        if (column.length > 0) expect(kernelValues('FLOAT', column)).toEqual(expected)
      }),
      { numRuns: 60 },
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
