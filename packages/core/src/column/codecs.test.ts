import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogicalType } from '../types/index.js'
import { bytesOfLane } from '../values/index.js'
import { makeBench, roundTrip, type Value } from './columns.test.fixture.js'
import { columnOf, columns, edgeInts, random } from './values.test.fixture.js'

const bench = makeBench()

function comesBack(type: LogicalType, values: readonly Value[]): void {
  const back = roundTrip(bench, type, values)
  expect(back.decoded).toEqual(values)
  expect(back.lanes).toEqual(values)
  expect(back.descriptor.nullCount).toBe(values.filter((value) => value === null).length)
}

describe('any column comes back as it was', () => {
  test('of any type, with any values and nulls', () => {
    fc.assert(
      fc.property(columns(60), ({ type, values }) => comesBack(type, values)),
      { numRuns: 400 },
    )
  })

  test.each([0, 1, 7, 8, 9, 1023, 1024, 1025, 2049])('at %i rows', (rows) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { type, values } = columnOf(rows, seed)
        comesBack(type, values)
      }),
      { numRuns: 12 },
    )
  })

  test('at the largest row counts', () => {
    for (const rows of [131_072, 131_073]) {
      comesBack(
        'INT64',
        Array.from({ length: rows }, (_, row) => BigInt(row) * 17n),
      )
      const { next } = random(rows)
      comesBack(
        'STRING',
        Array.from({ length: rows }, () => `name ${next() % 1_000_000}`),
      )
    }
  })

  test('integers so far apart that their difference wraps', () => {
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n]
    comesBack('INT64', [least, most, 0n, most, least, -1n, 1n])
    comesBack(
      'INT64',
      Array.from({ length: 3000 }, (_, row) => (row % 2 ? most - BigInt(row) : least + BigInt(row))),
    )
    // A stride that wraps around is one constant difference.
    const stride = 2n ** 62n + 12_345n
    const wrapping = Array.from({ length: 3000 }, (_, row) => BigInt.asIntN(64, BigInt(row) * stride))
    comesBack('INT64', wrapping)
    expect(roundTrip(bench, 'INT64', wrapping).content.length).toBeLessThan(100)
  })

  test('at every width of bits', () => {
    for (let width = 0; width <= 64; width++) {
      const { next } = random(width + 1)
      const values = Array.from({ length: 1100 }, (_, row) => {
        const bits = (BigInt(next()) << 32n) | BigInt(next())
        const residual = BigInt.asUintN(width, row % 500 === 3 ? -1n : bits)
        return BigInt.asIntN(64, residual - (width === 64 ? 2n ** 63n : 5n))
      })
      comesBack('INT64', values)
    }
  })

  test('doubles with their signs of zero, infinities, denormals and NaN', () => {
    const values = [0, -0, Infinity, -Infinity, Number.NaN, Number.MIN_VALUE, Number.MAX_VALUE, 0.1, null]
    comesBack('DOUBLE', values)
    for (const value of values) comesBack('DOUBLE', [value, value, value])
    for (const value of values) comesBack('DOUBLE', [value, 1.5, value])
  })

  test('strings of any length', () => {
    for (const length of [0, 1, 7, 8, 9, 15, 16, 17, 127, 128, 129, 300, 70_000]) {
      comesBack('STRING', ['é'.repeat(length), 'x'.repeat(length), null, 'x'.repeat(length), ''])
      comesBack('STRING', ['x'.repeat(length)])
    }
  })
})

describe('decimals', () => {
  test('are exact at every scale, up to 2^53', () => {
    for (let scale = 0; scale <= 15; scale++) {
      const { next } = random(scale + 99)
      const values = Array.from({ length: 500 }, (_, row) => {
        const mantissa = (next() % 2 ** 21) * 2 ** 32 + next()
        return (row % 2 ? -mantissa : mantissa) / 10 ** scale
      }).filter((value) => !Object.is(value, -0))
      comesBack('DOUBLE', values)
    }
    comesBack('DOUBLE', [2 ** 53, -(2 ** 53), 1, 2 ** 51, 2 ** 51 + 1])
    comesBack('DOUBLE', [2 ** 53 + 2, 1])
  })

  test('of prices take a fraction of eight bytes', () => {
    const { next } = random(5)
    const prices = Array.from({ length: 10_000 }, () => (next() % 10_000) / 100)
    const { descriptor } = roundTrip(bench, 'DOUBLE', prices)
    expect(descriptor.encoding).toBe('decimal')
    expect(descriptor.contentBytes).toBeLessThan(10_000 * 2)
  })

  test('one value that is none makes the segment plain', () => {
    const prices: number[] = Array.from({ length: 3000 }, (_, row) => row / 4)
    for (const odd of [-0, Math.PI, Number.NaN, Infinity, 1e-20, 2 ** 60]) {
      prices[2999] = odd
      const back = roundTrip(bench, 'DOUBLE', prices)
      expect(back.descriptor.encoding).toBe('plainDouble')
      expect(back.decoded).toEqual(prices)
    }
  })
})

describe('what packs well packs well', () => {
  const rows = 131_072
  test.each([
    ['a constant stride', 'INT64', (row: number) => BigInt(row) * 1_000_003n, 4096],
    ['a sorted key with gaps below 16', 'INT64', (row: number) => BigInt(row * 16 + (row % 13)), 90_000],
    ['two letters', 'STRING', (row: number) => ((row * 7) % 3 ? 'AA' : 'BB'), 20_000],
    ['one value and nulls', 'STRING', (row: number) => (row % 2 ? 'yes' : null), 20_000],
    ['flags', 'BOOL', (row: number) => BigInt(row % 2), 16_500],
  ] as const)('%s', (_, type, value, bytesMax) => {
    const values = Array.from({ length: rows }, (_, row) => value(row))
    const { descriptor } = roundTrip(bench, type, values)
    expect(descriptor.contentBytes).toBeLessThan(bytesMax)
  })
})

describe('statistics', () => {
  /** Numbers by size, strings by their bytes. */
  function inOrder(left: Value, right: Value): number {
    if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(String(right)))
    const [a, b] = [left as number, right as number]
    return a < b ? -1 : a > b ? 1 : 0
  }

  const unsigned = (value: number | bigint) => (typeof value === 'number' ? value + 0 : value)

  test('are those of the values', () => {
    fc.assert(
      fc.property(columns(40), ({ type, values }) => {
        const { stats, strictlyIncreasing } = roundTrip(bench, type, values).descriptor
        const present = values.filter((value) => value !== null && !Number.isNaN(value))
        if (stats.kind === 'none') expect(present).toEqual([])
        if (stats.kind === 'none') return
        const sorted = [...present].sort(inOrder)
        const rises = values.every((value, row) => row === 0 || inOrder(value, values[row - 1]!) > 0)
        if (stats.kind !== 'double') expect(strictlyIncreasing).toBe(rises && !values.includes(null))
        const bounds = [sorted[0]!, sorted.at(-1)!]
        if (stats.kind === 'string') {
          const length = sorted[0] === sorted.at(-1) ? 256 : 32
          const prefixes = bounds.map((value) =>
            Buffer.from(bytesOfLane(type, value as string)).subarray(0, length),
          )
          expect([stats.min, stats.max].map((bytes) => Buffer.from(bytes))).toEqual(prefixes)
        } else {
          // The sign of a zero is not a statistic.
          expect([stats.min, stats.max].map(unsigned)).toEqual((bounds as number[]).map(unsigned))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('of strings are prefixes in the order of bytes, and whole for a constant', () => {
    const { stats } = roundTrip(bench, 'STRING', ['b', 'ä', null, 'a'.repeat(50), 'zz']).descriptor
    expect(stats.kind === 'string' && Buffer.from(stats.min).toString()).toBe('a'.repeat(32))
    expect(stats.kind === 'string' && Buffer.from(stats.max).toString()).toBe('ä')
    const constant = roundTrip(bench, 'STRING', ['c'.repeat(256), 'c'.repeat(256)]).descriptor
    expect(constant.encoding).toBe('constant')
    expect(constant.stats.kind === 'string' && constant.stats.min.length).toBe(256)
    const longer = roundTrip(bench, 'STRING', ['c'.repeat(257), 'c'.repeat(257)]).descriptor
    expect(longer.encoding).toBe('dictionary')
  })

  test('of strings that begin alike are what they have in common, and no constant', () => {
    const start = 'https://example.org/a/page/of/the/mill/'
    const values = Array.from({ length: 3000 }, (_, row) => `${start}${(row * 7919) % 3000}`)
    for (const some of [values, values.slice(0, 2), [null, ...values], [start, ...values]]) {
      const { stats, encoding } = roundTrip(bench, 'STRING', some).descriptor
      expect(encoding).not.toBe('constant')
      expect(stats.kind === 'string' && Buffer.from(stats.min).toString()).toBe(start.slice(0, 32))
      expect(stats.kind === 'string' && Buffer.from(stats.max).toString()).toBe(start.slice(0, 32))
    }
  })

  test('say whether keys strictly increase', () => {
    const rises = (type: LogicalType, values: Value[]) =>
      roundTrip(bench, type, values).descriptor.strictlyIncreasing
    const keys = Array.from({ length: 2048 }, (_, row) => `key ${String(row).padStart(8, '0')}`)
    expect(rises('STRING', keys)).toBe(true)
    expect(rises('STRING', [...keys, keys[2047]!])).toBe(false)
    expect(rises('STRING', [...keys.slice(0, 1500), 'a', ...keys.slice(1500)])).toBe(false)
    expect(
      rises(
        'INT64',
        [...edgeInts].sort((a, b) => (a < b ? -1 : 1)),
      ),
    ).toBe(true)
    // The step from one miniblock to the next counts too.
    const steps = Array.from({ length: 2048 }, (_, row) => BigInt(row))
    expect(rises('INT64', steps)).toBe(true)
    expect(rises('INT64', steps.with(1024, 1023n).with(1025, 1024n).with(1026, 1025n))).toBe(false)
    expect(rises('INT64', [1n, null, 3n])).toBe(false)
  })
})
