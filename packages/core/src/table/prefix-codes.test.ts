import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prefixBitsMax, prefixCodes, prefixLengths } from './prefix-codes.js'

const weights = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1 << 24 })), {
  minLength: 1,
  maxLength: 257,
})

describe('prefix codes', () => {
  it('are at most 16 bits long, and none begins another', () => {
    fc.assert(
      fc.property(weights, (list) => {
        const lengths = prefixLengths(list)
        const codes = prefixCodes(lengths)
        expect(Math.max(...lengths)).toBeLessThanOrEqual(prefixBitsMax)
        const taken = new Set<string>()
        const bitsOf = (symbol: number) =>
          codes[symbol]!.toString(2).padStart(lengths[symbol]!, '0').split('').reverse().join('')
        const texts = lengths.map((length, symbol) => (length === 0 ? '' : bitsOf(symbol)))
        for (const text of texts) taken.add(text)
        expect(taken.size).toBe(list.length)
        for (const text of texts) {
          for (let bits = 0; bits < text.length; bits++) expect(taken.has(text.slice(0, bits))).toBe(false)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('take no bits for one symbol, and the same for 16 that are as frequent', () => {
    expect(prefixLengths([7])).toEqual([0])
    expect(prefixLengths(Array.from({ length: 16 }, (_, symbol) => 1000 + symbol * 10))).toEqual(
      Array.from({ length: 16 }, () => 4),
    )
  })

  it('are shorter for what is more frequent, and bounded where weights grow like Fibonacci numbers', () => {
    const [a, b, c, d] = prefixLengths([100, 50, 20, 10])
    expect([a, b, c, d]).toEqual([1, 2, 3, 3])
    const fibonacci = [1, 1]
    while (fibonacci.length < 60) fibonacci.push(fibonacci.at(-1)! + fibonacci.at(-2)!)
    expect(Math.max(...prefixLengths(fibonacci))).toBeLessThanOrEqual(prefixBitsMax)
  })
})
