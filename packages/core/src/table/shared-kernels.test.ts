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

describe('the kernels of the map of packed keys', () => {
  const buckets = 65_536
  const recordBytes = 32
  const least = 8

  interface Packed {
    readonly word: bigint
    readonly rest: readonly [bigint, bigint]
    /** 0: the word is a hash. */
    readonly bytes: number
  }

  /** Packed keys that share buckets, all bits that are kept, or all but the last byte. */
  const crowded = fc
    .tuple(
      fc.constantFrom(0n, 1n, 0x7fffn, 0xfffen, 0xffffn),
      fc.nat(2),
      fc.constantFrom(0, 8, 9, 15, 16, 17, 23, 24),
      fc.nat(2),
    )
    .map(([bucket, low, bytes, last]): Packed => {
      const end = (from: number) => {
        const count = Math.min(8, bytes - from)
        return count <= 0 ? 0n : BigInt(last) << BigInt(8 * (count - 1))
      }
      return { word: (bucket << 48n) | BigInt(low), rest: [end(8), end(16)], bytes }
    })

  const nameOf = ({ word, rest, bytes }: Packed) =>
    bytes === 0 ? `hash ${word}` : `${word} ${rest.join(' ')} ${bytes}`

  /** Memory with room for entries, and for records, words and scratch behind them. */
  function packedMemory(entriesBytes: number, records: number) {
    const ends = mapAt
    const entries = ends + buckets * 4
    const free = Math.ceil((entries + entriesBytes + 64) / 64) * 64
    const scratch = free + records * recordBytes
    const out = scratch + 4096
    const named = out + records * 8
    const pages = Math.ceil((named + 8192 * 8) / page)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    const put = (list: readonly Packed[]) => {
      const view = new DataView(memory.buffer, free)
      list.forEach(({ word, rest, bytes }, row) => {
        const at = row * recordBytes
        view.setBigUint64(at, word, true)
        view.setBigUint64(at + 8, rest[0], true)
        view.setBigUint64(at + 16, rest[1], true)
        view.setUint32(at + 24, row, true)
        view.setUint32(at + 28, bytes, true)
      })
    }
    return {
      kernels: loadSharedKernels(memory),
      buffer: memory.buffer,
      ends,
      entries,
      free,
      scratch,
      out,
      named,
      put,
    }
  }

  for (const [headBytes, offsetBits] of [
    [3, 19],
    [4, 27],
  ] as const) {
    it(`find exactly the keys that were added, and all of a hash (${headBytes} bytes of offset)`, () => {
      const head = (headBytes << 16) | (offsetBits << 8) | (least - 1)
      fc.assert(
        fc.property(
          fc.array(crowded, { maxLength: 60 }),
          fc.array(crowded, { maxLength: 60 }),
          (list, others) => {
            const names = new Set<string>()
            // Packed keys are different; hashes need not be.
            const added = list.filter((key) => {
              const isNew = !names.has(nameOf(key))
              names.add(nameOf(key))
              return isNew || key.bytes === 0
            })
            const asked = [...others, ...added]
            const map = packedMemory(4096, 200)
            const { kernels, buffer, ends, entries, free, scratch, out, named } = map
            map.put(added)
            const hashes = added.filter(({ bytes }) => bytes === 0).length
            expect(kernels.countPacked(free, added.length, head, ends, buckets, scratch)).toBe(hashes)
            expect(kernels.sumPacked(ends, buckets, 4096, 4096)).toBe(0)
            expect(kernels.addPacked(free, added.length, head, ends, buckets, entries, scratch)).toBe(0)
            map.put(asked)
            const at = [ends, buckets, entries, scratch, out, named] as const
            const written = scratch + 2048
            expect(kernels.findPacked(free, asked.length, head, 0, ...at, 4096, written)).toBe(asked.length)
            const [found, candidates] = new Uint32Array(buffer, written, 2)
            const words = (isHash: boolean) =>
              asked.flatMap((key, row) =>
                added.flatMap((other, offset) => {
                  const isFound = nameOf(other) === nameOf(key) && (key.bytes === 0) === isHash
                  return isFound ? [(BigInt(offset) << 24n) | BigInt(row)] : []
                }),
              )
            expect([...new BigUint64Array(buffer, out, found!)]).toEqual(words(false))
            expect([...new BigUint64Array(buffer, named, candidates!)]).toEqual(words(true))
          },
        ),
        { numRuns: 60 },
      )
    })
  }

  it('go from entry to entry by a stride where all have as many bytes', () => {
    const head = (3 << 16) | (23 << 8) | 15
    const keys = Array.from({ length: 20 }, (_, row): Packed => {
      return { word: 5n << 48n, rest: [BigInt(row + 1), 0n], bytes: 16 }
    })
    const map = packedMemory(4096, 64)
    const { kernels, buffer, ends, entries, free, scratch, out, named } = map
    map.put(keys)
    kernels.countPacked(free, keys.length, head, ends, buckets, scratch)
    expect(kernels.sumPacked(ends, buckets, 20 * 17, 4096)).toBe(0)
    expect(kernels.addPacked(free, keys.length, head, ends, buckets, entries, scratch)).toBe(0)
    map.put([...keys, { word: 5n << 48n, rest: [0n, 0n], bytes: 16 }])
    const at = [ends, buckets, entries, scratch, out, named] as const
    expect(kernels.findPacked(free, 21, head, 17, ...at, 64, scratch + 2048)).toBe(21)
    expect(new Uint32Array(buffer, scratch + 2048, 1)[0]).toBe(20)
    const words = new BigUint64Array(buffer, out, 20)
    expect([...words]).toEqual(keys.map((_, row) => (BigInt(row) << 24n) | BigInt(row)))
  })

  it('refuse what takes more than there is, a bucket of too much, and offsets that do not fit', () => {
    const head = (3 << 16) | (19 << 8) | (least - 1)
    const keys = Array.from({ length: 10 }, (_, row): Packed => {
      return { word: (7n << 48n) | BigInt(row), rest: [0n, 0n], bytes: 8 }
    })
    const map = packedMemory(4096, 64)
    const { kernels, buffer, ends, entries, free, scratch } = map
    map.put(keys)
    const count = () => {
      new Uint8Array(buffer, ends, buckets * 4).fill(0)
      kernels.countPacked(free, keys.length, head, ends, buckets, scratch)
    }
    count()
    expect(kernels.sumPacked(ends, buckets, 90, 90)).toBe(0)
    count()
    expect(kernels.sumPacked(ends, buckets, 89, 4096)).toBe(1)
    count()
    expect(kernels.sumPacked(ends, buckets, 4096, 89)).toBe(1)
    new DataView(buffer).setUint32(free + 24, 2 ** 19, true)
    expect(kernels.addPacked(free, 1, head, ends, buckets, entries, scratch)).toBe(1)
  })

  it('leave a hash for whose candidates there is no room', () => {
    const head = (3 << 16) | (19 << 8) | (least - 1)
    const hash: Packed = { word: 9n << 48n, rest: [0n, 0n], bytes: 0 }
    const added = Array.from({ length: 40 }, () => hash)
    const map = packedMemory(4096, 64)
    const { kernels, buffer, ends, entries, free, scratch, out, named } = map
    map.put(added)
    kernels.countPacked(free, added.length, head, ends, buckets, scratch)
    expect(kernels.sumPacked(ends, buckets, 4096, 4096)).toBe(0)
    kernels.addPacked(free, added.length, head, ends, buckets, entries, scratch)
    const at = [ends, buckets, entries, scratch, out, named] as const
    expect(kernels.findPacked(free, 3, head, 0, ...at, 100, scratch + 2048)).toBe(2)
    expect([...new Uint32Array(buffer, scratch + 2048, 2)]).toEqual([0, 80])
  })
})
