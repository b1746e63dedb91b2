/** Columns of values for properties: arbitrary small ones, and large ones made from a seed. */
import fc from 'fast-check'
import { isBytesType, type LogicalType, namedTypeNames, physicalTypeOf } from '../types/index.js'
import { binaryOfBytes } from '../values/index.js'
import type { Value } from './columns.test.fixture.js'

export interface Column {
  readonly type: LogicalType
  readonly values: readonly Value[]
}

/** Integers at which something overflows. */
export const edgeInts = [
  ...[0n, 1n, -1n, 2n ** 31n, -(2n ** 31n), 2n ** 51n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n],
  ...[-(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 63n) + 1n],
]

/** Mulberry32: `next()` is a u32. */
export function random(seed: number): { next(): number } {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return (mixed ^ (mixed >>> 14)) >>> 0
    },
  }
}

const ints = fc.oneof(
  fc.array(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(...edgeInts))),
  fc.array(fc.bigInt({ min: -50n, max: 50n })),
  fc.array(fc.bigInt({ min: 0n, max: 1000n })).map((steps) => {
    let sum = 0n
    return steps.map((step) => (sum += step))
  }),
)

const doubles = fc.oneof(
  fc.array(fc.double()),
  fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => value / 1000)),
)

const strings = fc.oneof(
  fc.array(fc.string({ unit: 'binary' })),
  // Prefixes as long as what the kernels look at first, and zeros, which they fill up with.
  fc
    .tuple(
      fc.constantFrom('', 'eight by', 'sixteen bytes...', 'more than sixteen bytes'),
      fc.array(fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', 'é') })),
      fc.boolean(),
    )
    .map(([prefix, ends, sorted]) => {
      const all = ends.map((end) => Buffer.from(prefix + end))
      if (sorted) all.sort(Buffer.compare)
      return all.map(String)
    }),
  fc.array(fc.constantFrom('', 'a', 'ab', 'Zürich', '日本語', 'a longer string than sixteen bytes')),
)

function valuesOfType(type: LogicalType): fc.Arbitrary<Value[]> {
  if (isBytesType(type)) return fc.array(fc.uint8Array({ maxLength: 40 }).map(binaryOfBytes))
  if (physicalTypeOf(type) === 'string') return strings
  if (physicalTypeOf(type) === 'double') return doubles
  if (type === 'BOOL') return fc.array(fc.constantFrom(0n, 1n))
  return ints
}

/** Columns of every type with up to `rowsMax` rows, with and without nulls. */
export function columns(rowsMax: number): fc.Arbitrary<Column> {
  return fc.constantFrom(...namedTypeNames).chain((type) =>
    fc
      .tuple(valuesOfType(type), fc.array(fc.boolean()), fc.boolean())
      .map(([values, nulls, anyNull]): Column => {
        const cut = values.slice(0, rowsMax)
        return { type, values: cut.map((value, row) => (anyNull && nulls[row] ? null : value)) }
      }),
  )
}

/** A column of exactly `rows` rows, the same for the same seed: type, range, order and nulls vary with it. */
export function columnOf(rows: number, seed: number): Column {
  const { next } = random(seed)
  const type = namedTypeNames[next() % namedTypeNames.length]!
  const nullEvery = [0, 0, 2, 10, 1000][next() % 5]!
  const width = BigInt(next() % 65)
  const cardinality = [3, 100, 5000, 2 ** 31][next() % 4]!
  const sorted = next() % 3 === 0
  let sum = BigInt.asIntN(64, BigInt(next()) * BigInt(next()))
  const one = (row: number): Value => {
    if (type === 'BOOL') return BigInt(next() & 1)
    if (physicalTypeOf(type) === 'string') return `${'ü'.repeat(next() % 9)}${next() % cardinality}`
    if (physicalTypeOf(type) === 'double')
      return cardinality > 5000 ? Math.sqrt(next()) : (next() % 2 ** 20) / 100
    const bits = BigInt.asUintN(Number(width), (BigInt(next()) << 32n) | BigInt(next()))
    sum = BigInt.asIntN(64, sorted ? sum + bits : bits + BigInt(row))
    return sum
  }
  const values = Array.from({ length: rows }, (_, row) => {
    const value = one(row)
    return nullEvery > 0 && next() % nullEvery === 0 ? null : value
  })
  return { type, values }
}
