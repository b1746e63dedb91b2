import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyPage, pageEntriesMax } from '../index/index.js'
import { loadSharedKernels } from './shared-kernels.js'

/** The shared kernels against the same in plain TypeScript, with hashes and codes that crowd together. */
const page = 65_536
const mapAt = page
const u64 = (value: bigint) => BigInt.asUintN(64, value)

const slots = 64

function memoryOf(buckets: number) {
  const pages = 1 + Math.ceil((buckets * 64) / page) + 8
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  // Room for an overflow between the buckets and what is free.
  const free = mapAt + buckets * 64 + slots * 16
  return { kernels: loadSharedKernels(memory), buffer: memory.buffer, free: Math.ceil(free / 16) * 16 }
}

describe('the kernels of the map of candidates', () => {
  const buckets = 2048
  const rangeBuckets = 1024
  const bucketOf = (hash: bigint) => Number(((hash >> 32n) * BigInt(buckets)) >> 32n)
  const tagOf = (hash: bigint) => Number((hash >> 24n) & 255n) || 1
  const next = (bucket: number) => (bucket & ~(rangeBuckets - 1)) | ((bucket + 1) & (rangeBuckets - 1))

  interface Entry {
    readonly tag: number
    readonly offset: number
  }

  /** The twin: buckets as lists, and whether an entry went on from them. */
  class PlainMap {
    readonly #buckets = Array.from({ length: buckets }, () => ({ entries: [] as Entry[], passed: false }))

    add(hash: bigint, offset: number): void {
      let bucket = bucketOf(hash)
      while (this.#buckets[bucket]!.entries.length === 12) {
        this.#buckets[bucket]!.passed = true
        bucket = next(bucket)
      }
      this.#buckets[bucket]!.entries.push({ tag: tagOf(hash), offset })
    }

    candidates(hash: bigint): number[] {
      const found: number[] = []
      for (let bucket = bucketOf(hash), more = true; more; bucket = next(bucket)) {
        const { entries, passed } = this.#buckets[bucket]!
        for (const { tag, offset } of entries) if (tag === tagOf(hash)) found.push(offset)
        more = passed
      }
      return found
    }
  }

  /** Few buckets, at the ends of ranges too, and few tags, 0 among them. */
  const crowded = fc
    .tuple(fc.constantFrom(0, 1, 5, 1022, 1023, 1024, 2047), fc.nat(3), fc.nat(255))
    .map(([bucket, tag, rest]) => {
      const high = (BigInt(bucket) << 32n) / BigInt(buckets) + 1n
      return (high << 32n) | (BigInt(tag) << 24n) | BigInt(rest)
    })

  it('find what the plain map finds, whatever goes on to other buckets', () => {
    fc.assert(
      fc.property(fc.array(crowded, { maxLength: 300 }), (hashes) => {
        const { kernels, buffer, free } = memoryOf(buckets)
        const plain = new PlainMap()
        const kept = (hash: bigint) => Number(hash >> 24n)
        const sorted = [...hashes].sort((a, b) => kept(a) - kept(b))
        const entries = sorted.map((hash, offset) => ({ hash, offset }))
        for (const [first, end] of [
          [0, rangeBuckets],
          [rangeBuckets, buckets],
        ] as const) {
          const keyPage = new KeyPage()
          for (const { hash, offset } of entries) {
            keyPage.add(kept(hash), offset)
            if (bucketOf(hash) >= first && bucketOf(hash) < end) plain.add(hash, offset)
          }
          new Uint8Array(buffer).set(keyPage.bytes, free)
          expect(kernels.addPage(free, pageEntriesMax, mapAt, buckets, first, end)).toBe(0)
        }
        const words = new BigUint64Array(buffer, free, 2 * hashes.length)
        hashes.forEach((hash, row) => {
          words[row * 2] = hash
          words[row * 2 + 1] = BigInt(row)
        })
        const scratch = free + 16 * (hashes.length + 1)
        const out = scratch + 1024
        const consumed = kernels.probePairs(
          free,
          hashes.length,
          mapAt,
          buckets,
          scratch,
          out,
          16_384,
          scratch + 512,
        )
        expect(consumed).toBe(hashes.length)
        const count = new DataView(buffer).getUint32(scratch + 512, true)
        const expected = hashes.flatMap((hash, row) =>
          plain.candidates(hash).map((offset) => (BigInt(offset) << 24n) | BigInt(row)),
        )
        expect([...new BigUint64Array(buffer, out, count)]).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('refuse a map whose range is full, and leave a pair for which there is no room', () => {
    const { kernels, buffer, free } = memoryOf(rangeBuckets)
    const keyPage = new KeyPage()
    for (let entry = 0; entry < 408; entry++) keyPage.add(0x1234567, entry)
    new Uint8Array(buffer).set(keyPage.bytes, free)
    const add = () => kernels.addPage(free, pageEntriesMax, mapAt, rangeBuckets, 0, rangeBuckets)
    for (let entries = 408; entries <= 12 * rangeBuckets; entries += 408) expect(add()).toBe(0)
    expect(add()).toBe(1)
    const words = new BigUint64Array(buffer, free, 4)
    words.set([0x1234567n << 24n, 0n, 0x1234567n << 24n, 1n])
    const out = free + 2048
    const probe = (count: number) =>
      kernels.probePairs(free, count, mapAt, rangeBuckets, free + 512, out, 16_384, free + 1024)
    expect(probe(2)).toBe(1)
    expect(new DataView(buffer).getUint32(free + 1024, true)).toBe(12 * rangeBuckets)
  })
})

describe('the kernels of the map of codes', () => {
  const buckets = 65_536

  /** Codes that share buckets, or all bits that are kept, or are next to the end of the map. */
  const crowded = fc
    .tuple(fc.constantFrom(0n, 1n, 2n, 0x7fffn, 0xfffen, 0xffffn), fc.nat(2), fc.nat(3))
    .map(([bucket, middle, low]) => (bucket << 48n) | (BigInt(middle) << 16n) | BigInt(low * 21_845))

  it('find exactly the codes that were added, whatever goes on to other buckets', () => {
    const { kernels, buffer, free } = memoryOf(buckets)
    fc.assert(
      fc.property(
        fc.uniqueArray(crowded, { maxLength: 60 }),
        fc.array(crowded, { maxLength: 60 }),
        (codes, others) => {
          new Uint8Array(buffer, mapAt, buckets * 64 + slots * 16).fill(0)
          const put = (list: readonly bigint[]) => {
            const words = new BigUint64Array(buffer, free, 2 * list.length)
            list.forEach((code, row) => {
              words[row * 2] = code
              words[row * 2 + 1] = BigInt(row)
            })
          }
          const scratch = free + 16 * 200
          const out = scratch + 1024
          put(codes)
          expect(kernels.addCodes(free, codes.length, mapAt, buckets, slots, scratch)).toBe(0)
          const asked = [...others, ...codes, ...codes.map((code) => u64(code ^ (1n << 48n)))]
          put(asked)
          const found = kernels.findCodes(free, asked.length, mapAt, buckets, slots, scratch, out)
          const offsets = new Map(codes.map((code, offset) => [code, offset]))
          const expected = asked.flatMap((code, row) => {
            const offset = offsets.get(code)
            return offset === undefined ? [] : [(BigInt(offset) << 24n) | BigInt(row)]
          })
          expect([...new BigUint64Array(buffer, out, found)]).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('refuse what finds no place in the overflow either, and offsets of more than 32 bits', () => {
    const { kernels, buffer, free } = memoryOf(buckets)
    const words = new BigUint64Array(buffer, free, 2)
    const add = (code: bigint, offset: bigint) => {
      words.set([code, offset])
      return kernels.addCodes(free, 1, mapAt, buckets, slots, free + 512)
    }
    // Two buckets of 6, and all slots.
    for (let entry = 0n; entry < 76n; entry++) expect(add((5n << 48n) | entry, entry)).toBe(0)
    expect(add((5n << 48n) | 76n, 76n)).toBe(1)
    expect(add(9n << 48n, 1n << 32n)).toBe(1)
  })
})
