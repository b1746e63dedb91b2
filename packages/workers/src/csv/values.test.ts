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
  const options = {
    ...defaultOptions,
    dialect,
    columns,
    ignoreErrors: true,
    errorsKeptMax: texts.length,
  }
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

/** Bytes of types that are no text in hexadecimal. */
function readHex(type: LogicalType, text: string): string | number | null {
  const [value] = kernelValues(type, [text])
  const isBytes = type === 'UUID' || type === 'BLOB'
  return isBytes && value instanceof Uint8Array ? Buffer.from(value).toString('hex') : show([value])[0]!
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
    ['DOUBLE', 'inf', refused],
    ['DOUBLE', 'NaN', refused],
    ['DOUBLE', '1e309', refused],
    ['DOUBLE', '1.7976931348623158e308', Number.MAX_VALUE],
    ['DOUBLE', '1.7976931348623159e308', refused],
    ['DOUBLE', '5e-324', 5e-324],
    ['DOUBLE', '2.4703282292062327e-324', 0],
    ['DOUBLE', '2.4703282292062328e-324', 5e-324],
    ['DOUBLE', '0.1000000000000000055511151231257827', 0.1],
    ['DOUBLE', '9007199254740993.00000000000000000000000001', 9007199254740994],
    ['BOOL', 'TRUE', '1n'],
    ['BOOL', 'f', '0n'],
    ['BOOL', 'Yes', '1n'],
    ['BOOL', 'no', '0n'],
    ['BOOL', 'Y', '1n'],
    ['BOOL', 'n', '0n'],
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
    ['DATE', '2024-1-1', '19723n'],
    ['DATE', '2024-1-01', '19723n'],
    ['DATE', '"2024/01/1"', '19723n'],
    ['DATE', '2024/01/01', '19723n'],
    ['DATE', '2024/01-01', refused],
    ['DATE', '2024-01-001', refused],
    ['DATE', '2024-1-', refused],
    ['DATE', '2024-1-0', refused],
    ['DATE', '2023/2/29', refused],
    ['DATE', '24-01-01', refused],
    ['DATE', '12024-1-1', refused],
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
    ['TIMESTAMP', '1970-1-1 0:0:1', '1000000n'],
    ['TIMESTAMP', '1970/01/01 00:00:01', '1000000n'],
    ['TIMESTAMP', '1970-1-1', '0n'],
    ['TIMESTAMP', '1970-01-01 1:00:00.5-01', '7200500000n'],
    ['TIMESTAMP', '1970-01-01 00:00:00Z+00:00', '0n'],
    ['TIMESTAMP', '1970-01-01 00:00:00Z+01:00', '-3600000000n'],
    ['TIMESTAMP', '1970-01-01 00:00:00Z+', refused],
    ['TIMESTAMP', '1970-01-01 00:00:00ZZ', refused],
    ['TIMESTAMP', '1970-01-01 24:0:0', refused],
    ['TIMESTAMP', '1970-01-01 0:0:60', refused],
    ['TIMESTAMP', '1970-01-01 000:00:00', refused],
    ['TIMESTAMP', '1970-01-01 0:00:00.', refused],
    ['TIMESTAMP', '1970-1-1 0:0:0.0000001', refused],
    ['TIMESTAMP', '1970-1-1  0:0:0', refused],
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

  it.each([
    ['INT8', '-128', '127'],
    ['INT16', '-32768', '32767'],
    ['INT32', '-2147483648', '2147483647'],
    ['INT64', '-9223372036854775808', '9223372036854775807'],
    ['UINT8', '0', '255'],
    ['UINT16', '0', '65535'],
    ['UINT32', '0', '4294967295'],
    ['UINT64', '0', '18446744073709551615'],
  ] as const)('%s has its range, and nothing beyond', (type, min, max) => {
    const lane = (text: string) => `${BigInt(text) - (type === 'UINT64' ? 2n ** 63n : 0n)}n`
    const inside = [min, max, `+${max}`, `000${max}`, ` ${max} `, `"${min}"`, '-0', '1']
    const outside = [
      String(BigInt(min) - 1n),
      String(BigInt(max) + 1n),
      `${max}0`,
      '1.0',
      '1e1',
      '1 2',
      '+',
      '0x1',
    ]
    expect(show(kernelValues(type, inside))).toEqual(inside.map((text) => lane(text.replace(/[" ]/g, ''))))
    expect(show(kernelValues(type, outside))).toEqual(outside.map(() => refused))
    expect(show(kernelValues(type, ['', '""', '  ']))).toEqual([null, null, null])
  })

  it.each([
    ['DECIMAL(4,2)', '99.99', '9999n'],
    ['DECIMAL(4,2)', '-99.99', '-9999n'],
    ['DECIMAL(4,2)', '100', refused],
    ['DECIMAL(4,2)', '99.990', '9999n'],
    ['DECIMAL(4,2)', '1.005', refused],
    ['DECIMAL(4,2)', '1e1', '1000n'],
    ['DECIMAL(4,2)', '150e-1', '1500n'],
    ['DECIMAL(4,2)', '1e2', refused],
    ['DECIMAL(4,2)', '.5', '50n'],
    ['DECIMAL(4,2)', '5.', '500n'],
    ['DECIMAL(4,2)', '.', refused],
    ['DECIMAL(4,2)', '-0', '0n'],
    ['DECIMAL(4,2)', '+00000000000000000000000001.10', '110n'],
    ['DECIMAL(4,2)', '1,5', refused],
    ['DECIMAL(18,0)', '999999999999999999', '999999999999999999n'],
    ['DECIMAL(18,0)', '1000000000000000000', refused],
    ['DECIMAL(18,18)', '-0.999999999999999999', '-999999999999999999n'],
    ['DECIMAL(18,18)', '1', refused],
    ['TIME', '23:59:59.999999', '86399999999n'],
    ['TIME', '00:00', '0n'],
    ['TIME', '24:00:00', refused],
    ['TIME', '12:60:00', refused],
    ['TIME', '12:00:60', refused],
    ['TIME', '1:00:00', '3600000000n'],
    ['TIME', '1:2:3.5', '3723500000n'],
    ['TIME', '1:2', '3720000000n'],
    ['TIME', '1:', refused],
    ['TIME', '1', refused],
    ['TIME', '24:0', refused],
    ['TIME', '12:00:00.', refused],
    ['TIME', '12:00:00.0000001', refused],
    ['TIME', '12:00:00.123456000', '43200123456n'],
    ['TIME', '12:00:00Z', refused],
    ['FLOAT', '0.1', Math.fround(0.1)],
    ['FLOAT', '16777217', 16777216],
    // The double nearest to it lies half way between two floats, and would go the other way.
    ['FLOAT', '16777217.000000000000000000001', 16777218],
    ['FLOAT', '-16777217.000000000000000000001', -16777218],
    ['FLOAT', '16777218.999999999999999999999', 16777218],
    ['FLOAT', '3.4028234663852886e38', 3.4028234663852886e38],
    ['FLOAT', '3.4028235677973366e38', refused],
    ['FLOAT', '1e-45', 1.401298464324817e-45],
    ['FLOAT', '7.006492321624085e-46', 0],
    ['FLOAT', '7.0064923216240854e-46', 1.401298464324817e-45],
    ['FLOAT', '-0', -0],
    ['FLOAT', 'inf', refused],
    ['UUID', 'A0EEBC99-9C0B-4ef8-bb6d-6bb9bd380a11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['UUID', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['UUID', 'a0eebc999c0b4ef8bb6d6bb9bd380a11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['UUID', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['UUID', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1', refused],
    ['UUID', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g', refused],
    ['UUID', 'a0eebc99:9c0b-4ef8-bb6d-6bb9bd380a11', refused],
    ['UUID', 'a0eebc99-9c0b4-ef8-bb6d-6bb9bd380a11', refused],
    ['UUID', 'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['UUID', '{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['UUID', 'a0eebc99--9c0b4ef8bb6d6bb9bd380a11', refused],
    ['UUID', 'a0eebc999c0b4ef8bb6d6bb9bd380a11-', refused],
    ['UUID', '-a0eebc999c0b4ef8bb6d6bb9bd380a11', refused],
    ['UUID', 'a0eebc99-9c0b4ef8bb6d6bb9bd380a111', refused],
    ['UUID', 'a0eebc99-9c0b4ef8bb6d6bb9bd380a11a0ee', refused],
    ['UUID', '{a0eebc999c0b4ef8bb6d6bb9bd380a11', refused],
    ['BLOB', '\\xfF00', 'ff00'],
    ['BLOB', '0xFF00', 'ff00'],
    ['BLOB', '\\xff\\x00', 'ff00'],
    ['BLOB', 'fffe', 'fffe'],
    ['BLOB', '\\xff0', refused],
    ['BLOB', 'xyz', refused],
    ['JSON', '"{""a"": [1, null]}"', '{"a": [1, null]}'],
    ['JSON', '12', '12'],
    ['JSON', '{a:1}', refused],
    ['JSON', '""', refused],
    ['JSON', '', null],
  ] as const)('%s reads %s as %s', (type, text, expected) => {
    expect(readHex(type, text)).toBe(expected)
  })

  it('options say what else a text may be', () => {
    const dialect = makeDialect({ nonFinite: true, blobFormat: 'base64' })
    const found = (type: LogicalType, ...each: string[]) => kernelValues(type, each, dialect)
    expect(found('DOUBLE', 'inf', '-Infinity', 'NaN', 'nanx', '+INF')).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      undefined,
      Number.POSITIVE_INFINITY,
    ])
    expect(found('FLOAT', 'nan', '-inf')).toEqual([Number.NaN, Number.NEGATIVE_INFINITY])
    const blobs = found('BLOB', '3q2+7w==', '3q2-7w', '3q2+7w=', 'AB', 'AA', '\\xff')
    const shown = blobs.map((each) =>
      each === undefined ? refused : Buffer.from(each as Uint8Array).toString('hex'),
    )
    expect(shown).toEqual(['deadbeef', 'deadbeef', refused, refused, '00', refused])
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
    const options = { ...defaultOptions, maxRowBytes: 4000 }
    expect(options.maxRowBytes).toBeGreaterThan(defaultOptions.maxRowBytes)
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
