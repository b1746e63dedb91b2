import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keepBytes, keepWords, takeWords } from './shared-arrays.js'

describe('small arrays that stay', () => {
  it('keep what they were given, whatever is taken after them', () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.constantFrom(500, 512, 513, 5000)), { maxLength: 60 })
    fc.assert(
      fc.property(sizes, (counts) => {
        const kept = counts.map((count, index) => ({
          count,
          words: keepWords(new Uint32Array(count).fill(index + 1)),
          bytes: keepBytes(new Uint8Array(count).fill(index + 1)),
          zeros: takeWords(count),
        }))
        for (const [index, { count, words, bytes, zeros }] of kept.entries()) {
          expect([words.length, bytes.length, zeros.length]).toEqual([count, count, count])
          expect(words.every((word) => word === index + 1)).toBe(true)
          expect(bytes.every((byte) => byte === index + 1)).toBe(true)
          expect(zeros.every((word) => word === 0)).toBe(true)
        }
      }),
    )
  })
})
