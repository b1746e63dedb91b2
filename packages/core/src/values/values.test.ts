import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogicalType } from '../types/index.js'
import {
  bytesOfLane,
  decodeList,
  encodeList,
  intervalOfText,
  isJson,
  type ListItem,
  shownFormats,
  storedOfInterval,
  textOfValue,
  valueOfText,
} from './index.js'

const read = (type: LogicalType, text: string) => valueOfText(type, text, shownFormats)

describe('a text that is no number', () => {
  test('is found to be none in time that grows with its length, not with the square of it', () => {
    const digits = '1'.repeat(100_000)
    for (const text of [`${digits}x`, `${digits}.${digits}x`, `.${digits}x`, `1e${digits}x`]) {
      expect(read('DOUBLE', text)).toBeUndefined()
      expect(read('INT64', text)).toBeUndefined()
    }
  }, 2000)

  test.each(['1', '1.', '.5', '1.5', '+1', '-1.e5', '1E-5'])('%s is one', (text) => {
    expect(read('DOUBLE', text)).toBe(Number(text))
  })

  test.each(['', '.', '+', '1..2', '1e', 'e5', '.e5', '0x1', ' 1'])('%j is none', (text) => {
    expect(read('DOUBLE', text)).toBeUndefined()
  })
})

describe('a value of every type is written as a text that is read as the same value', () => {
  const stored: Partial<Record<LogicalType, fc.Arbitrary<bigint | number | string>>> = {
    INT8: fc.bigInt({ min: -128n, max: 127n }),
    UINT64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    DOUBLE: fc.double({ noNaN: true }),
    FLOAT: fc.float({ noNaN: true }),
    BOOL: fc.constantFrom(0n, 1n),
    DATE: fc.bigInt({ min: -719_528n, max: 2_932_896n }),
    TIME: fc.bigInt({ min: 0n, max: 86_399_999_999n }),
    TIMESTAMP: fc.bigInt({ min: -62_167_219_200_000_000n, max: 253_402_300_799_999_999n }),
    UUID: fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((bytes) => Buffer.from(bytes).toString('latin1')),
    BLOB: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    INTERVAL: fc
      .record({
        months: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        days: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        micros: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
      })
      .map(storedOfInterval),
    'DECIMAL(18,3)': fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }),
    'STRING[]': fc
      .array(fc.option(fc.string({ unit: fc.constantFrom('a', '\0', '"', '\\', ',', ']', 'é', "'", '\n') })))
      .map((items) => encodeList('STRING', items)),
    'DOUBLE[]': fc.array(fc.option(fc.double({ noNaN: true }))).map((items) => encodeList('DOUBLE', items)),
  }
  test.each(Object.entries(stored) as [LogicalType, fc.Arbitrary<bigint | number | string>][])(
    '%s',
    (type, values) => {
      fc.assert(
        fc.property(values, (value) => {
          expect(read(type, textOfValue(type, value))).toEqual(value)
        }),
        { numRuns: 300 },
      )
    },
  )
})

test('a DECIMAL of 38 digits is exact to the last', () => {
  const text = `-${'9'.repeat(28)}.${'9'.repeat(10)}`
  expect(textOfValue('DECIMAL(38,10)', read('DECIMAL(38,10)', text)!)).toBe(text)
  expect(read('DECIMAL(38,10)', `1${text.slice(1)}`)).toBeUndefined()
})

describe('an interval', () => {
  test.each([
    ['1 year 2 months 3 days 04:05:06.789', 14, 3, 14_706_789_000n],
    ['P1Y2M3DT4H5M6.789S', 14, 3, 14_706_789_000n],
    ['-1 day', 0, -1, 0n],
    ['2 weeks', 0, 14, 0n],
    ['1.5 hours', 0, 0, 5_400_000_000n],
    ['-00:00:00.5', 0, 0, -500_000n],
    ['-P1DT1S', 0, -1, -1_000_000n],
    ['100:00:00', 0, 0, 360_000_000_000n],
    ['3 ms 4us', 0, 0, 3004n],
  ])('%s', (text, months, days, micros) => {
    expect(intervalOfText(text)).toEqual({ months, days, micros })
  })

  test.each([
    '',
    '1',
    'day',
    '1.5 days',
    'P',
    'PT',
    'P1H',
    '1 parsec',
    '00:60:00',
    '0.0001 ms',
    '200000000000 days',
  ])('is not %j', (text) => {
    expect(intervalOfText(text)).toBeUndefined()
  })

  test('sorts by its length', () => {
    const texts = ['-1 month', '-1 day', '00:00:00', '23:59:59', '1 day', '30 days', '1 month', '1 year']
    const sorted = texts.map((text) => read('INTERVAL', text) as string).sort()
    expect(sorted.map((value) => textOfValue('INTERVAL', value))).toEqual(texts)
  })
})

describe('a list', () => {
  test.each([
    ['INT64[]', '[1, -2,NULL , 3]', [1n, -2n, null, 3n]],
    ['INT64[]', '[]', []],
    ['STRING[]', `[a b, "c,\\"d\\"", 'it''s']`, undefined],
    ['STRING[]', `[a b, "c,\\"d\\"", 'e\\'s', "null", null, ""]`, ['a b', 'c,"d"', "e's", 'null', null, '']],
    ['STRING[]', '["\\u0041\\n"]', ['A\n']],
    ['DECIMAL(4,2)[]', '[1.5,-2]', [150n, -200n]],
    ['BOOL[]', '[true,F]', [1n, 0n]],
    ['INT64[]', '[1,,2, ]', [1n, null, 2n, null]],
    ['STRING[]', '[,""]', [null, '']],
    ['STRING[]', '[ ]', []],
  ] as const)('%s of %s', (type, text, items) => {
    const value = read(type, text)
    const itemType = type.slice(0, -2) as LogicalType
    expect(value === undefined ? undefined : decodeList(itemType, value as string)).toEqual(items)
  })

  test.each(['1,2', '[1,2', '[1]]', '[[1]]', '["1]', '[300]', ''])('of UINT8 is not %j', (text) => {
    expect(read('UINT8[]', text)).toBeUndefined()
  })

  const itemsOf: [LogicalType, fc.Arbitrary<ListItem>, (a: ListItem, b: ListItem) => number][] = [
    [
      'INT16',
      fc.bigInt({ min: -(2n ** 15n), max: 2n ** 15n - 1n }),
      (a, b) => Number(a! as bigint) - Number(b),
    ],
    ['DOUBLE', fc.double({ noNaN: true }).map((x) => x + 0), (a, b) => (a! < b! ? -1 : Number(a! > b!))],
    [
      'STRING',
      fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', 'a', 'ÿ') }),
      (a, b) => Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)),
    ],
  ]
  test.each(itemsOf)('of %s sorts item by item as its bytes do', (type, item, compare) => {
    const list = fc.array(item, { maxLength: 3 })
    fc.assert(
      fc.property(list, list, (left, right) => {
        let order = 0
        for (let at = 0; order === 0 && at < Math.min(left.length, right.length); at++)
          order = compare(left[at]!, right[at]!)
        if (order === 0) order = left.length - right.length
        const [a, b] = [left, right].map((items) => encodeList(type, items)) as [string, string]
        expect(Math.sign(a < b ? -1 : Number(a > b))).toBe(Math.sign(order))
        const isText = [left, right].map((items) => decodeList(type, encodeList(type, items)))
        expect(isText).toEqual([left, right])
      }),
      { numRuns: 500 },
    )
  })

  test('in a list keeps its nulls', () => {
    const value = read('INT8[][]', '[[1,NULL],NULL,[]]')!
    expect(textOfValue('INT8[][]', value)).toBe('[[1,NULL],NULL,[]]')
  })
})

test('DECIMALs beyond 18 digits sort as their bytes do', () => {
  const number = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })
  fc.assert(
    fc.property(number, number, (a, b) => {
      const [left, right] = [a, b].map((each) =>
        bytesOfLane('DECIMAL(38,0)', read('DECIMAL(38,0)', String(each)) as string),
      )
      expect(Math.sign(Buffer.compare(left!, right!))).toBe(a < b ? -1 : Number(a > b))
    }),
  )
})

test('JSON is what JSON.parse takes', () => {
  expect(['{"a":1}', ' [1,2] ', '"x"', 'null', '{a:1}', '', '1 2'].map(isJson)).toEqual([
    ...[true, true, true, true],
    ...[false, false, false],
  ])
})
