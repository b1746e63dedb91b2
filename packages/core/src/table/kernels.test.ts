import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, KeyPage, keptHash, pageEntriesMax, pageLanesBytes } from '../index/index.js'
import { pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import { loadTableKernels } from './kernels.js'

/** The kernels against the same in plain TypeScript, on the same bytes. */
const arena = new Arena(new MemoryBudget(1 << 26), 1 << 26)
const kernels = loadTableKernels(arena.memory)

interface Pair {
  hash: bigint
  value: bigint
}

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
/** Hashes that collide in their upper, lower or all bits. */
const hash = fc.oneof(
  u64,
  fc.constantFrom(
    0n,
    1n << 63n,
    (1n << 64n) - 1n,
    0xabcdef01_23000000n,
    0xabcdef01_23ffffffn,
    0xabcdef01_24000000n,
  ),
)
const pairs = fc.array(fc.record({ hash, value: fc.bigInt({ min: 0n, max: 2n ** 40n - 1n }) }), {
  maxLength: 200,
})

/** Runs `action` with regions that are released afterwards. */
function withArena<T>(action: () => T): T {
  const mark = arena.mark()
  try {
    return action()
  } finally {
    arena.release(mark)
  }
}

function put64(values: readonly bigint[]): number {
  const address = arena.allocate(values.length * 8 + 8)
  new BigUint64Array(arena.memory.buffer, address, values.length).set(values)
  return address
}

function get64(address: number, count: number): bigint[] {
  return Array.from(new BigUint64Array(arena.memory.buffer, address, count))
}

const putPairs = (list: readonly Pair[]) => put64(list.flatMap((pair) => [pair.hash, pair.value]))

function getPairs(address: number, count: number): Pair[] {
  const words = get64(address, count * 2)
  return Array.from({ length: count }, (_, i) => ({ hash: words[i * 2]!, value: words[i * 2 + 1]! }))
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)

describe('the key kernels', () => {
  it('sort pairs by the upper 40 bits of the hash, or by the second word, and keep the order of equals', () => {
    fc.assert(
      fc.property(pairs, (list) =>
        withArena(() => {
          const address = putPairs(list)
          const scratch = arena.allocate(list.length * 16 + 16)
          const counts = arena.allocate(4096)
          kernels.sortPairs(address, scratch, list.length, counts, 0, 24)
          const byHash = list.toSorted((a, b) => compare(a.hash >> 24n, b.hash >> 24n))
          expect(getPairs(address, list.length)).toEqual(byHash)
          kernels.sortPairs(address, scratch, list.length, counts, 8, 0)
          expect(getPairs(address, list.length)).toEqual(byHash.toSorted((a, b) => compare(a.value, b.value)))
        }),
      ),
    )
  })

  it('scatter hashes over partitions, and select pairs by the top bits', () => {
    fc.assert(
      fc.property(
        fc.array(hash, { maxLength: 200 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(50),
        (hashes, bits, room) =>
          withArena(() => {
            const first = 2 ** 33 + 5
            const out = arena.allocate(hashes.length * 16 + 16)
            const counts = arena.allocate(4 << bits)
            const places = arena.allocate(4 << bits)
            kernels.partitionHashes(put64(hashes), hashes.length, first, bits, counts, places, out)
            const all = hashes.map((value, row) => ({ hash: value, value: BigInt(first + row) }))
            const top = (pair: Pair) => pair.hash >> BigInt(64 - bits)
            const scattered = all.toSorted((a, b) => compare(top(a), top(b)))
            expect(getPairs(out, hashes.length)).toEqual(scattered)
            const sizes = new Uint32Array(arena.memory.buffer, counts, 2 ** bits)
            expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(hashes.length)
            const prefix = scattered[0] === undefined ? 0n : top(scattered[0])
            const matching = scattered.filter((pair) => top(pair) === prefix)
            const selected = arena.allocate(room * 16 + 16)
            const found = kernels.selectPairs(out, hashes.length, bits, Number(prefix), selected, room)
            expect(found).toBe(matching.length)
            const kept = Math.min(room, found)
            expect(getPairs(selected, kept)).toEqual(matching.slice(0, kept))
          }),
      ),
    )
  })

  it('probe a page as the plain search does, and stop before what has no room', () => {
    fc.assert(
      fc.property(
        pairs,
        pairs,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 300 }),
        (stored, asked, bucketPages, room) =>
          withArena(() => {
            const kept = (pair: Pair) => keptHash(Number(pair.hash >> 32n), Number(pair.hash & 0xffff_ffffn))
            const bucket = (pair: Pair) => bucketOf(Number(pair.hash >> 32n), bucketPages)
            const probes = [...asked, ...stored].toSorted((a, b) => compare(a.hash >> 24n, b.hash >> 24n))
            if (probes.length === 0) return
            const wanted = bucket(probes[0]!)
            const page = new KeyPage()
            for (const pair of stored
              .filter((entry) => bucket(entry) === wanted)
              .toSorted((a, b) => kept(a) - kept(b))) {
              page.add(kept(pair), Number(pair.value))
            }
            const pageAddress = arena.allocate(pageBytes)
            arena.bytes.set(page.bytes, pageAddress)
            const expected: bigint[] = []
            let consumed = 0
            for (const [row, probe] of probes.entries()) {
              if (bucket(probe) !== wanted) break
              const found: bigint[] = []
              for (
                let at = page.find(kept(probe));
                at < page.entries && page.hashAt(at) === kept(probe);
                at++
              ) {
                found.push((BigInt(page.offsetAt(at)) << 24n) | BigInt(row))
              }
              if (expected.length + found.length > room) break
              expected.push(...found)
              consumed++
            }
            const count = arena.allocate(8)
            new Uint32Array(arena.memory.buffer, count, 1)[0] = 0
            const candidates = arena.allocate(room * 8)
            const address = putPairs(probes.map(({ hash }, row) => ({ hash, value: BigInt(row) })))
            expect(kernels.pairBucket(address, bucketPages)).toBe(wanted)
            const done = kernels.probePage(
              pageAddress,
              pageEntriesMax,
              wanted,
              bucketPages,
              address,
              probes.length,
              candidates,
              count,
              room,
            )
            expect(done).toBe(consumed)
            expect(get64(candidates, new Uint32Array(arena.memory.buffer, count, 1)[0]!)).toEqual(expected)
          }),
      ),
    )
  })
})

describe('pairs as entries', () => {
  const kept = ({ hash: all }: Pair) => keptHash(Number(all >> 32n), Number(all & 0xffff_ffffn))

  it('are those of the first bucket that share their hash with no neighbour, as a page holds them', () => {
    fc.assert(
      fc.property(
        pairs,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 40 }),
        (list, pages, most) =>
          withArena(() => {
            const sorted = list.toSorted((a, b) => compare(a.hash >> 24n, b.hash >> 24n))
            const bucket = (pair: Pair) => bucketOf(Number(pair.hash >> 32n), pages)
            const address = putPairs(sorted)
            const lanes = arena.allocate(pageLanesBytes)
            for (let first = 1; first < sorted.length; first++) {
              const expected = new KeyPage()
              for (let at = first; at < sorted.length - 1; at++) {
                const [before, pair, next] = [sorted[at - 1]!, sorted[at]!, sorted[at + 1]!]
                if (kept(before) === kept(pair) || kept(next) === kept(pair)) break
                if (bucket(pair) !== bucket(sorted[first]!)) break
                expected.add(kept(pair), Number(pair.value))
              }
              const [pair, count] = [address + first * 16, sorted.length - first]
              const capped = kernels.pairsToEntries(pair, count, pages, lanes, most)
              expect(capped).toBe(Math.min(expected.entries, most))
              const taken = kernels.pairsToEntries(pair, count, pages, lanes, pageEntriesMax)
              const page = new KeyPage()
              page.append(new Uint8Array(arena.memory.buffer, lanes, pageLanesBytes), taken)
              expect(Buffer.compare(page.bytes, expected.bytes)).toBe(0)
            }
          }),
      ),
      { numRuns: 50 },
    )
  })
})

describe('the CSR kernels', () => {
  it('order rows by partition of their node, stably, and refuse nodes outside', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(200), { maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(3),
        (nodes, perPartition, partitions, first) =>
          withArena(() => {
            const lanes = put64(nodes.map(BigInt))
            const order = arena.allocate(nodes.length * 4 + 8)
            const counts = arena.allocate(partitions * 4)
            const places = arena.allocate(partitions * 4)
            const failed = kernels.orderByNode(
              lanes,
              nodes.length,
              first,
              perPartition,
              partitions,
              counts,
              places,
              order,
            )
            const partition = (row: number) => Math.floor((nodes[row]! - first) / perPartition)
            const rows = nodes.map((_, row) => row)
            expect(failed === 1).toBe(rows.some((row) => partition(row) < 0 || partition(row) >= partitions))
            if (failed === 1) return
            const expected = rows.toSorted((a, b) => partition(a) - partition(b))
            expect([...new Uint32Array(arena.memory.buffer, order, nodes.length)]).toEqual(expected)
          }),
      ),
    )
  })

  it('turn counts of bound nodes into starts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 100 }), (nodes) =>
        withArena(() => {
          const starts = put64(Array.from({ length: 32 }, () => 0n))
          kernels.countStarts(put64(nodes.map((node) => BigInt(node + 1000))), nodes.length, 1000, starts)
          kernels.sumStarts(starts, 32)
          const expected = Array.from({ length: 32 }, (_, lane) =>
            BigInt(nodes.filter((node) => node < lane).length),
          )
          expect(get64(starts, 32)).toEqual(expected)
        }),
      ),
    )
  })

  it('find how many strings fit, and copy them behind each other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 40 }),
        fc.nat(200),
        (texts, bytesMax) =>
          withArena(() => {
            const encoded = texts.map((text) => Buffer.from(text))
            const heap = arena.allocate(encoded.reduce((sum, bytes) => sum + bytes.length, 16))
            let at = heap
            const lanes = put64(
              encoded.map((bytes) => {
                arena.bytes.set(bytes, at)
                at += bytes.length
                return (BigInt(bytes.length) << 32n) | BigInt(at - bytes.length)
              }),
            )
            const rows = texts.map((_, row) => row).toReversed()
            const order = arena.allocate(rows.length * 4 + 8)
            new Uint32Array(arena.memory.buffer, order, rows.length).set(rows)
            let fitting = 0
            for (let sum = 0; fitting < rows.length; fitting++) {
              sum += encoded[rows[fitting]!]!.length
              if (sum > bytesMax) break
            }
            expect(kernels.stringsThatFit(lanes, order, rows.length, bytesMax)).toBe(fitting)
            const total = at - heap
            expect(kernels.orderedStringBytes(lanes, order, rows.length)).toBe(total)
            expect(kernels.sumStringBytes(lanes, rows.length)).toBe(total)
            const out = arena.allocate(rows.length * 8 + 8)
            const copied = arena.allocate(total + 8)
            expect(kernels.copyOrderedStrings(lanes, order, rows.length, out, copied, 0)).toBe(total)
            const back = get64(out, rows.length).map((lane) => {
              const address = Number(lane & 0xffff_ffffn)
              return Buffer.from(arena.bytes.slice(address, address + Number(lane >> 32n))).toString()
            })
            expect(back).toEqual(rows.map((row) => texts[row]))
          }),
      ),
    )
  })
})
