import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AliasTable,
  fillUniform,
  normalQuantile,
  normalShare,
  Permutation,
  Poisson,
  RowStream,
  streamKey,
  threefry,
  uniformAt,
  Zipf,
} from './index.js'

const key = streamKey(7, 'table', 'column')

/** `count` draws in [0, 1) of rows from 0 on. */
function uniforms(count: number, draw = 0): Float64Array {
  const rows = Float64Array.from({ length: count }, (_, row) => row)
  const out = new Float64Array(count)
  fillUniform(key, rows, count, draw, out)
  return out
}

/** Pearson's statistic of counts against what is expected of them. */
function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, at) => sum + (count - expected[at]!) ** 2 / expected[at]!, 0)
}

/** The largest distance between the samples' distribution and `share` (Kolmogorov and Smirnov). */
function largestGap(samples: Float64Array, share: (x: number) => number): number {
  const sorted = samples.toSorted()
  return sorted.reduce((gap, x, at) => Math.max(gap, Math.abs(share(x) - at / sorted.length)), 0)
}

describe('Threefry', () => {
  it('gives the known answers of its authors', () => {
    expect(threefry({ k0: 0, k1: 0 }, 0, 0)).toEqual([0x6b200159, 0x99ba4efe])
    expect(threefry({ k0: -1, k1: -1 }, -1, -1)).toEqual([0x1cb996fc, 0xbb002be7])
    expect(threefry({ k0: 0x13198a2e, k1: 0x03707344 }, 0x243f6a88, 0x85a308d3)).toEqual([
      0xc4923a9c, 0x483df7a0,
    ])
  })

  it('numbers of rows are even over [0, 1), and do not depend on the rows around them', () => {
    const all = uniforms(100_000)
    expect(largestGap(all, (x) => x)).toBeLessThan(1.95 / Math.sqrt(all.length))
    for (const row of [0, 17, 99_999]) expect(uniformAt(key, row, 0)).toBe(all[row])
  })

  it('rows beyond 2^32 have numbers of their own', () => {
    expect(uniformAt(key, 5, 0)).not.toBe(uniformAt(key, 5 + 2 ** 32, 0))
    expect(uniformAt(key, 5, 1)).not.toBe(uniformAt(key, 5, 0))
  })

  it('where one name ends and the next begins makes another key', () => {
    expect(streamKey(1, 'ab', 'c')).not.toEqual(streamKey(1, 'a', 'bc'))
    expect(streamKey(1, 'a')).not.toEqual(streamKey(2, 'a'))
    expect(streamKey(1, 'a')).not.toEqual(streamKey(1 + 2 ** 32, 'a'))
  })

  it('two columns are independent', () => {
    const other = new Float64Array(20_000)
    const rows = Float64Array.from({ length: other.length }, (_, row) => row)
    fillUniform(streamKey(7, 'table', 'column2'), rows, other.length, 0, other)
    const cells = Array.from({ length: 100 }, () => 0)
    for (const [row, u] of uniforms(other.length).entries()) {
      cells[Math.floor(u * 10) * 10 + Math.floor(other[row]! * 10)]!++
    }
    // 99 degrees of freedom: beyond 148.2 in one of a thousand cases.
    expect(
      chiSquare(
        cells,
        cells.map(() => other.length / 100),
      ),
    ).toBeLessThan(148.2)
  })
})

describe('a permutation', () => {
  it('meets every index once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), (size, seed) => {
        const permutation = new Permutation(streamKey(seed, 'p'), size)
        const met = new Set(Array.from({ length: size }, (_, index) => permutation.at(index)))
        expect(met.size).toBe(size)
        expect(Math.max(...met)).toBe(size - 1)
      }),
      { numRuns: 60 },
    )
  })

  it('of a huge domain stays within it and repeats nothing', () => {
    for (const size of [2 ** 52, 2 ** 40 + 1, 10 ** 15]) {
      const permutation = new Permutation(key, size)
      const met = new Set(Array.from({ length: 10_000 }, (_, index) => permutation.at(size - 1 - index)))
      expect(met.size).toBe(10_000)
      expect(Math.max(...met)).toBeLessThan(size)
      // Neighbours do not stay together.
      expect(Math.max(...met) - Math.min(...met)).toBeGreaterThan(size / 2)
    }
  })

  it('looks random: its first indices are spread evenly', () => {
    const permutation = new Permutation(key, 1_000_003)
    const counts = Array.from({ length: 50 }, () => 0)
    for (let index = 0; index < 50_000; index++)
      counts[Math.floor((permutation.at(index) / 1_000_003) * 50)]!++
    // 49 degrees of freedom: beyond 85.4 in one of a thousand cases.
    expect(
      chiSquare(
        counts,
        counts.map(() => 1000),
      ),
    ).toBeLessThan(85.4)
  })
})

describe('distributions', () => {
  it('normal values follow the normal curve', () => {
    const values = uniforms(100_000).map((u) => normalQuantile(u))
    expect(largestGap(values, normalShare)).toBeLessThan(1.95 / Math.sqrt(values.length))
  })

  it('the normal curve and its inverse undo each other', () => {
    for (const z of [-5, -2.5, -1, -0.1, 0, 0.3, 1.7, 4])
      expect(normalQuantile(normalShare(z))).toBeCloseTo(z, 2)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12)
  })

  it('weights are met, and a weight of nothing never', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 12 }), (weights) => {
        fc.pre(weights.some((weight) => weight > 0))
        const table = new AliasTable(weights)
        const counts = weights.map(() => 0)
        for (let at = 0; at < 20_000; at++) counts[table.pick((at + 0.5) / 20_000)]!++
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        for (const [at, weight] of weights.entries()) {
          if (weight === 0) expect(counts[at]).toBe(0)
          expect(counts[at]! / 20_000).toBeCloseTo(weight / total, 2)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('Poisson counts have the mean and the variance of their rate', () => {
    for (const rate of [0, 0.3, 4, 60, 800]) {
      const poisson = new Poisson(rate)
      const counts = uniforms(50_000).map((u) => poisson.pick(u))
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
      const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length
      expect(Math.abs(mean - rate)).toBeLessThan(0.05 + rate * 0.01)
      expect(Math.abs(variance - rate)).toBeLessThan(0.05 + rate * 0.03)
    }
  })

  it('Zipf ranks come in proportion to their powers', () => {
    for (const [size, exponent] of [
      [10, 1],
      [1000, 0.7],
      [1_000_000, 1.3],
    ] as const) {
      const zipf = new Zipf(size, exponent)
      const counts = Array.from({ length: 11 }, () => 0)
      const rows = 100_000
      for (let row = 0; row < rows; row++) {
        const rank = zipf.pick((draw) => uniformAt(key, row, draw))
        if (rank <= 10) counts[rank - 1]!++
        else counts[10]!++
      }
      const weights = Array.from({ length: size }, (_, at) => (at + 1) ** -exponent)
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const first = weights.slice(0, 10).map((weight) => (weight / total) * rows)
      const rest = rows - first.reduce((sum, count) => sum + count, 0)
      const expected = rest < 1 ? first : [...first, rest]
      // 10 degrees of freedom: beyond 29.6 in one of a thousand cases.
      expect(chiSquare(counts.slice(0, expected.length), expected)).toBeLessThan(29.6)
    }
  })
})

describe('the numbers of a row', () => {
  it('are the same whenever the row is started', () => {
    const stream = new RowStream(key)
    const take = (row: number) => {
      stream.load(Float64Array.of(9, row), 2)
      stream.start(1)
      return Array.from({ length: 20 }, () => stream.below(1000))
    }
    const first = take(3)
    take(4)
    expect(take(3)).toEqual(first)
    expect(take(4)).not.toEqual(first)
  })
})
