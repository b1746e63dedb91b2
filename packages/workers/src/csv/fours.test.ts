/**
 * Cells that kernels read four at a time: whatever stands between the usual ones, each cell is what it is by
 * itself.
 */
import type { LogicalType } from '@millrace/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultDialect, makeDialect } from './dialect.js'
import { kernelValues, referenceValues } from './field-values.test.fixture.js'
import type { ReferenceValue } from './reference-values.js'

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max })

interface Kind {
  readonly types: readonly LogicalType[]
  /** A text that is read with others. */
  readonly sample: string
  readonly usual: fc.Arbitrary<string>
  /** Most of them are of another kind, and read alone. */
  readonly odd: fc.Arbitrary<string>
  /** Those of them that a kernel may take for usual ones. */
  readonly edges: readonly string[]
}

const day = fc
  .date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())
const anyDate = fc.tuple(digits(4, 4), digits(2, 2), digits(2, 2)).map((parts) => parts.join('-'))
const anyClock = fc.tuple(digits(2, 2), digits(2, 2), digits(2, 2)).map((parts) => parts.join(':'))
const integer = digits(1, 8)

const numberEdges = [
  ...[
    '',
    '-',
    '0',
    '-0',
    '+1',
    '1 ',
    ' 1',
    '1x',
    'x',
    '/',
    ':',
    '1/2',
    '1:2',
    '１',
    '0x10',
    '1_000',
    '\u00001',
  ],
  ...[
    '127',
    '128',
    '255',
    '256',
    '-128',
    '-129',
    '32767',
    '32768',
    '65535',
    '65536',
    '99999999',
    '100000000',
  ],
  ...['4294967295', '4294967296', '9999999999999999', '10000000000000000', '"12"'],
]

const kinds: readonly Kind[] = [
  {
    types: ['INT64', 'INT32', 'INT16', 'INT8', 'UINT32', 'UINT16', 'UINT8'],
    sample: '12',
    usual: integer,
    odd: fc.oneof(
      digits(0, 20),
      digits(1, 9).map((text) => `-${text}`),
    ),
    edges: numberEdges,
  },
  {
    types: ['DOUBLE'],
    sample: '1.25',
    usual: fc
      .tuple(digits(0, 7), digits(0, 7))
      .map(([whole, fraction]) => `${whole}.${fraction}`.slice(0, 8))
      .filter((text) => text.length > 1),
    odd: fc.oneof(digits(0, 20), integer, fc.double().map(String)),
    edges: [
      ...numberEdges,
      ...['.', '..', '1.', '.1', '1..2', '1.2.3', '-1.5', '-.5', '1e3', '1.5e', 'inf', 'nan', '0.123456'],
      ...['0.1234567', '1234567.', '.1234567', '1.5/', '1.5:', '00.00'],
    ],
  },
  {
    types: ['DATE'],
    sample: '2001-02-03',
    usual: day.map((text) => text.slice(0, 10)),
    odd: anyDate,
    edges: [
      ...['2000-02-29', '1900-02-29', '2023-02-29', '2024-02-30', '2024-04-31', '2024-00-10', '2024-13-01'],
      ...[
        '2024-01-00',
        '2024-01-32',
        '2024/01/02',
        '2024-01/02',
        '2024-1-2',
        '2024-01-2',
        '20240102',
        '24-01-02',
      ],
      ...['', '"2024-01-02"', ' 2024-01-02', '2024-01-02 ', '2024-01-0x', '202/-01-02', '2024-01-02x', 'x'],
    ],
  },
  {
    types: ['TIMESTAMP'],
    sample: '2001-02-03 04:05:06',
    usual: fc
      .tuple(day, fc.constantFrom(' ', 'T'))
      .map(([text, between]) => text.slice(0, 19).replace('T', between)),
    odd: fc
      .tuple(
        fc.oneof(
          anyDate,
          day.map((text) => text.slice(0, 10)),
        ),
        fc.constantFrom(' ', 't'),
        anyClock,
      )
      .map((parts) => parts.join('')),
    edges: [
      ...['2024-01-02 23:59:59', '2024-01-02 24:00:00', '2024-01-02 23:60:00', '2024-01-02 23:59:60'],
      ...[
        '2024-01-02x03:04:05',
        '2024-01-02\u000003:04:05',
        '2024-01-02\u001403:04:05',
        '2024-01-02003:04:05',
      ],
      ...[
        '2024-01-02',
        '2024-01-02 03:04',
        '2024-01-02 03:04:05.6',
        '2024-01-02T03:04:05Z',
        '2024-01-02 03:04-05',
      ],
      ...['2024-01-02 03:04+0500', '2024-01-02 3:04:05', '2024-01-02 03:04:5x', '2024-01-02 03;04:05'],
      ...['2024-01-02 03:04;05', '2024-02-29 01:02:03', '2023-02-29 01:02:03', '2024-01-02 0/:04:05'],
      ...['', '"2024-01-02 03:04:05"', '2024-13-02 03:04:05', '2024-01-02 03:04:05 ', 'x'],
    ],
  },
]

/** Columns in which the odd cells are rare, common, or all there is. */
function columnOf({ usual, odd: others, edges }: Kind): fc.Arbitrary<string[]> {
  const odd = fc.oneof(others, fc.constantFrom(...edges))
  const length = { minLength: 1, maxLength: 200, size: 'max' } as const
  const mixed = [0, 1, 5, 20].map((weight) =>
    fc.array(fc.oneof({ weight: 20, arbitrary: usual }, { weight, arbitrary: odd }), length),
  )
  return fc.oneof(...mixed, fc.array(odd, length))
}

describe('cells that are read four at a time', () => {
  for (const kind of kinds) {
    for (const type of kind.types) {
      it(`are each what they are alone: ${type}`, () => {
        fc.assert(
          fc.property(columnOf(kind), fc.constantFrom(null, 'a'), (texts, before) => {
            expect(kernelValues(type, texts, defaultDialect, before)).toEqual(referenceValues(type, texts))
          }),
          { numRuns: 150 },
        )
      })

      it(`are told from others, in each of four places: ${type}`, () => {
        for (const edge of kind.edges) {
          const places = [0, 1, 2, 3].flatMap((place) =>
            Array.from({ length: 8 }, (_, at) => (at === place ? edge : kind.sample)),
          )
          expect(kernelValues(type, places), JSON.stringify(edge)).toEqual(referenceValues(type, places))
        }
      })
    }
  }

  it('are null where they are null strings', () => {
    const dialect = makeDialect({ nullStrings: ['12', '1.5', '2000-01-01', '2000-01-01 00:00:00'] })
    for (const [type, text] of [
      ['INT64', '12'],
      ['DOUBLE', '1.5'],
      ['DATE', '2000-01-01'],
      ['TIMESTAMP', '2000-01-01 00:00:00'],
    ] as const) {
      const texts = Array.from({ length: 10 }, () => text)
      expect(kernelValues(type, texts, dialect)).toEqual(texts.map(() => null))
    }
  })

  it('are the right days at the ends of every month of ten thousand years', () => {
    const days = [1, 28, 29, 30, 31]
    const pad = (number: number, digits: number) => String(number).padStart(digits, '0')
    for (let first = 0; first < 10_000; first += 200) {
      const texts: string[] = []
      const expected: ReferenceValue[] = []
      for (let at = 0; at < 200 * 60; at++) {
        const [year, month, day] = [first + Math.floor(at / 60), Math.floor(at / 5) % 12, days[at % 5]!]
        const date = new Date(0)
        date.setUTCFullYear(year, month, day)
        texts.push(`${pad(year, 4)}-${pad(month + 1, 2)}-${pad(day, 2)}`)
        expected.push(date.getUTCMonth() === month ? BigInt(date.getTime() / 86_400_000) : undefined)
      }
      expect(kernelValues('DATE', texts)).toEqual(expected)
    }
  })
})
