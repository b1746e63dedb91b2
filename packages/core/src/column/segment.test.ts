import { describe, expect, test } from 'vitest'
import { makeBench, roundTrip, type Value } from './columns.test.fixture.js'

const bench = makeBench()

function rows<T extends Value>(count: number, value: (row: number) => T): T[] {
  return Array.from({ length: count }, (_, row) => value(row))
}

/** Values that are neither sorted nor repeated, the same on every run. */
function scatter(row: number): number {
  return Math.imul(row + 1, 0x9e3779b1) >>> 0
}

describe('the encoding follows the data', () => {
  test.each([
    ['INT64', 'constant', rows(5000, () => 7n)],
    ['INT64', 'constant', rows(5000, () => null)],
    ['INT64', 'constant', []],
    ['INT64', 'delta', rows(5000, (row) => BigInt(row * 3 - 1000))],
    ['TIMESTAMP', 'delta', rows(5000, (row) => 1_700_000_000_000_000n + BigInt(row) * 1_000_000n)],
    ['INT32', 'bitPacked', rows(5000, (row) => BigInt(scatter(row) % 1000))],
    ['DATE', 'bitPacked', rows(5000, (row) => (row % 3 === 0 ? null : BigInt(scatter(row) % 20_000)))],
    [
      'INT64',
      'bitPacked',
      rows(5000, (row) => BigInt.asIntN(64, BigInt(scatter(row)) * BigInt(scatter(row * 7)))),
    ],
    ['BOOL', 'bitmap', rows(5000, (row) => BigInt(scatter(row) & 1))],
    ['BOOL', 'constant', rows(5000, () => 1n)],
    ['DOUBLE', 'constant', rows(5000, () => -0)],
    ['DOUBLE', 'decimal', rows(5000, (row) => (scatter(row) % 100_000) / 100)],
    ['DOUBLE', 'plainDouble', rows(5000, (row) => Math.sqrt(scatter(row)))],
    ['DOUBLE', 'plainDouble', rows(5000, (row) => (row === 4321 ? -0 : row / 10))],
    ['DOUBLE', 'plainDouble', rows(5000, () => Number.NaN)],
    ['STRING', 'constant', rows(5000, () => 'same')],
    ['STRING', 'constant', rows(5000, () => '')],
    ['STRING', 'dictionary', rows(5000, (row) => `city ${scatter(row) % 200}`)],
    ['STRING', 'dictionary', rows(5000, (row) => (row % 2 ? null : 'only'))],
    ['STRING', 'plain', rows(5000, (row) => `key-${scatter(row)}`)],
    ['STRING', 'plain', rows(5000, (row) => (row % 5 === 0 ? null : `schlüssel ${scatter(row)}`))],
  ] as const)('%s as %s comes back as it was', (type, encoding, values) => {
    const back = roundTrip(bench, type, values)
    expect(back.descriptor.encoding).toBe(encoding)
    expect(back.decoded).toEqual(values)
    expect(back.lanes).toEqual(values)
  })
})
