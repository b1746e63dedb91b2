import type { LogicalType } from '@millrace/core/internal'
import { describe, expect, it } from 'vitest'
import { makeDialect } from './dialect.js'
import { kernelValues, refused, show } from './field-values.test.fixture.js'

function readOne(type: LogicalType, text: string): string | number | null {
  return show(kernelValues(type, [text]))[0]!
}

/** Bytes of types that are no text in hexadecimal. */
function readHex(type: LogicalType, text: string): string | number | null {
  const [value] = kernelValues(type, [text])
  const isBytes = type === 'UUID' || type === 'BLOB'
  return isBytes && value instanceof Uint8Array ? Buffer.from(value).toString('hex') : show([value])[0]!
}

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
    ['BOOL', '0\0', refused],
    ['BOOL', '1\0\0', refused],
    ['BOOL', 't\0', refused],
    ['BOOL', 'true\0', refused],
    ['BOOL', '"0\0"', refused],
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
