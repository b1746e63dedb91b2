import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pageBytes } from '../limits.js'
import { bucketOf, KeyPage, keptHash, pageEntriesMax } from './key-page.js'

describe('a key page', () => {
  it('holds 408 entries and not one more', () => {
    const page = new KeyPage()
    expect(pageEntriesMax).toBe(408)
    for (let entry = 0; entry < pageEntriesMax; entry++)
      expect(page.add(entry, 2 ** 40 - 1 - entry)).toBe(true)
    expect(page.add(1000, 0)).toBe(false)
    expect(page.entries).toBe(408)
    expect(page.offsetAt(407)).toBe(2 ** 40 - 408)
  })

  it('gives hashes of 40 bits and offsets of 40 bits back, and finds the first that is not smaller', () => {
    const number40 = fc.maxSafeNat().map((value) => value % 2 ** 40)
    fc.assert(
      fc.property(fc.array(fc.tuple(number40, number40), { maxLength: 408 }), number40, (entries, asked) => {
        const page = new KeyPage()
        const sorted = entries.toSorted((a, b) => a[0] - b[0])
        for (const [hash, offset] of sorted) page.add(hash, offset)
        expect(sorted.map((_, index) => [page.hashAt(index), page.offsetAt(index)])).toEqual(sorted)
        for (const hash of [asked, sorted[0]?.[0] ?? 0]) {
          const first = sorted.findIndex((entry) => entry[0] >= hash)
          expect(page.find(hash)).toBe(first === -1 ? sorted.length : first)
        }
      }),
    )
  })

  it('has its entry in the file byte by byte', () => {
    const page = new KeyPage()
    page.add(keptHash(0x11223344, 0x55ffffff), 0xab_0102_0304)
    const hex = (from: number, bytes: number) =>
      Buffer.from(page.bytes.subarray(from, from + bytes)).toString('hex')
    expect(hex(0, 4)).toBe('01000000')
    expect(hex(16, 4)).toBe('44332211')
    expect(hex(16 + 1632, 4)).toBe('04030201')
    expect(hex(16 + 3264, 2)).toBe('55ab')
    expect(page.bytes.filter((byte) => byte !== 0).length).toBe(1 + 4 + 4 + 2)
    expect(page.bytes.length).toBe(pageBytes)
  })

  it('that claims more entries than it can hold is damaged', () => {
    const page = new KeyPage()
    new DataView(page.bytes.buffer).setUint32(0, 409, true)
    expect(() => page.check('Person')).toThrow(/key index page of table Person claims 409 entries/)
  })
})

describe('a bucket', () => {
  it('is the top 32 bits of the hash times the number of pages, divided by 2^32, exactly', () => {
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(u32, fc.integer({ min: 1, max: 2 ** 32 - 1 }), (high, pages) => {
        expect(bucketOf(high, pages)).toBe(Number((BigInt(high) * BigInt(pages)) >> 32n))
      }),
    )
  })
})
