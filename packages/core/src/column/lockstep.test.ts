import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { namedTypeNames, physicalTypeOf } from '../types/index.js'
import {
  type Bench,
  type Encoded,
  encodeColumn,
  makeBench,
  makeColumn,
  valuesOfLanes,
} from './columns.test.fixture.js'
import { hashKey, hashLanes, SegmentDecoder, type SegmentDescriptor } from './index.js'
import { referenceKernels } from './reference/index.js'
import { type Column, columnOf, columns } from './values.test.fixture.js'

const wasm = makeBench()
const reference = makeBench(referenceKernels)

/** Runs `body`, gives back what it allocated. */
function within<T>(bench: Bench, body: () => T): T {
  const mark = bench.arena.mark()
  try {
    return body()
  } finally {
    bench.arena.release(mark)
  }
}

function encode(bench: Bench, { type, values }: Column): Encoded {
  return within(bench, () => encodeColumn(bench, makeColumn(bench.arena, type, values)))
}

/**
 * What a decoder makes of a content: both results, or the message of the refusal. Anything else but a refusal
 * is thrown.
 */
function decode(bench: Bench, descriptor: SegmentDescriptor, content: Uint8Array): unknown {
  const decoder = new SegmentDecoder(bench.arena, bench.kernels)
  return within(bench, () => {
    try {
      const vector = decoder.decode(descriptor, content)
      const address = bench.arena.allocate(content.length + 16)
      bench.arena.bytes.set(content, address)
      const buffer = decoder.decodeLanes(descriptor, address)
      if (descriptor.type !== 'STRING') return [vector, valuesOfLanes(bench.arena, buffer)]
      const lanes = new Uint32Array(bench.arena.memory.buffer, buffer.values, buffer.rows * 2)
      return [vector, lanes.filter((_, half) => half % 2 === 1)]
    } catch (error) {
      if (!isMillraceError(error, 'MILLRACE_CORRUPT')) throw error
      return error.message
    }
  })
}

function hashes(bench: Bench, { type, values }: Column): BigUint64Array {
  return within(bench, () => {
    const buffer = makeColumn(bench.arena, type, values)
    const out = bench.arena.allocate(values.length * 8)
    hashLanes(bench.kernels, buffer, out)
    return new BigUint64Array(bench.arena.memory.buffer, out, values.length).slice()
  })
}

function agreeOn(column: Column): void {
  const made = encode(wasm, column)
  expect(made).toEqual(encode(reference, column))
  expect(decode(wasm, made.descriptor, made.content)).toEqual(
    decode(reference, made.descriptor, made.content),
  )
  expect(hashes(wasm, column)).toEqual(hashes(reference, column))
}

describe('kernels and their plain TypeScript twins', () => {
  test('write the same bytes and read the same values from any small column', () => {
    fc.assert(fc.property(columns(40), agreeOn), { numRuns: 300 })
  })

  test('agree on columns of several miniblocks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 3100 }), fc.nat(), (rows, seed) => {
        agreeOn(columnOf(rows, seed))
      }),
      { numRuns: 30 },
    )
  })
})

describe('content that was damaged', () => {
  const damage = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      byte: fc.constantFrom(0, 1, 2, 8, 57, 64, 65, 0x7f, 0x80, 0xff),
    }),
    { minLength: 1, maxLength: 4 },
  )

  /** Most of a content is bits; what matters more is in front. */
  function harm(content: Uint8Array, places: readonly { at: number; byte: number }[]): Uint8Array {
    const harmed = content.slice()
    for (const { at, byte } of places) {
      const reach = byte % 2 === 0 ? harmed.length : Math.min(200, harmed.length)
      harmed[Math.floor(at * reach)] = byte
    }
    return harmed
  }

  test('is decoded to something or refused, never more, and by both alike', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 2500 }),
        fc.nat(),
        damage,
        fc.boolean(),
        (rows, seed, places, anyway) => {
          const { descriptor, content } = encode(wasm, columnOf(rows, seed))
          if (content.length === 0) return
          const harmed = harm(content, places)
          // Past the header, which is compared with the descriptor, damage goes deeper.
          if (anyway) harmed.set(content.subarray(0, 16))
          expect(decode(wasm, descriptor, harmed)).toEqual(decode(reference, descriptor, harmed))
        },
      ),
      { numRuns: 150 },
    )
  })

  test('in one of its fields is decoded to something or refused by both alike', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 2500 }),
        fc.nat(),
        fc.integer({ min: 4, max: 40 }),
        fc.constantFrom(0, 1, 2, 3, 7, 64, 1000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, -1, -8),
        (rows, seed, field, value) => {
          const { descriptor, content } = encode(wasm, columnOf(rows, seed))
          if (content.length < field * 4 + 4) return
          const harmed = content.slice()
          // Small negative numbers stand for places near the content's end.
          const written = value < 0 ? content.length + value : value
          new DataView(harmed.buffer).setUint32(field * 4, written, true)
          expect(decode(wasm, descriptor, harmed)).toEqual(decode(reference, descriptor, harmed))
        },
      ),
      { numRuns: 300 },
    )
  })

  /** Columns without nulls, so that the body is at 16, and the fields of their bodies. */
  const dictionary = Array.from({ length: 200 }, (_, row) => ['Oslo', 'Rio', 'Tokyo'][row % 3]!)
  const plain = ['Rio de Janeiro', 'Oslo']
  test.each([
    ['a dictionary of no entries', dictionary, 16, 0n, 4],
    ['a dictionary of fewer entries than codes', dictionary, 16, 2n, 4],
    ['a dictionary of more entries than rows', dictionary, 16, 201n, 4],
    ['a list of entries behind the end', dictionary, 20, 0xffff_fff0n, 4],
    ['codes beyond the entries', dictionary, 24, 1n, 8],
    ['codes below zero', dictionary, 24, -1n, 8],
    ['codes behind the end', dictionary, 32, 0xffff_fff0n, 4],
    ['codes of 57 bits', dictionary, 36, 57n, 4],
    ['codes of 65 bits', dictionary, 36, 65n, 4],
    ['a heap of no kind', plain, 16, 0n, 4],
    ['a heap of unknown kind', plain, 16, 2n, 4],
    ['a heap larger than the content', plain, 20, 0xffff_ffffn, 4],
    ['a heap smaller than its strings', plain, 20, 17n, 4],
    ['a heap behind the end', plain, 24, 0xffff_fff0n, 4],
    ['lengths beyond the heap', plain, 32, 1000n, 8],
    ['lengths below zero', plain, 32, -4n, 8],
    ['lengths whose sum wraps to the right one', plain, 32, 4n - 2n ** 63n, 8],
    ['a first string that does not begin at 0', plain, 48, 1n, 4],
    ['an end that is not the end of the heap', plain, 52, 17n, 4],
  ] as const)('with %s is refused by both alike', (_, values, at, value, bytes) => {
    const { descriptor, content } = encode(wasm, { type: 'STRING', values })
    expect(descriptor.encoding).toBe(values === plain ? 'plain' : 'dictionary')
    const harmed = content.slice()
    const view = new DataView(harmed.buffer)
    if (bytes === 8) view.setBigInt64(at, value, true)
    else view.setUint32(at, Number(value), true)
    expect(harmed).not.toEqual(content)
    const outcome = decode(wasm, descriptor, harmed)
    expect(outcome).toBeTypeOf('string')
    expect(outcome).toBe(decode(reference, descriptor, harmed))
  })

  test('or cut short is refused', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { descriptor, content } = encode(wasm, columnOf(1500, seed))
      for (const kept of [0, 3, 15, 16, 24, content.length >> 1, content.length - 1]) {
        if (kept >= content.length) continue
        const cut = content.slice(0, kept)
        if (kept >= 16) new DataView(cut.buffer).setUint32(12, kept, true)
        const outcome = decode(wasm, { ...descriptor, contentBytes: kept }, cut)
        expect(outcome).toBeTypeOf('string')
        expect(decode(wasm, descriptor, cut)).toBeTypeOf('string')
      }
    }
  })

  test('or all noise behind its header is decoded to something or refused', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.uint8Array({ minLength: 400, maxLength: 400 }),
        fc.nat(),
        (seed, noise, skip) => {
          const { descriptor, content } = encode(wasm, columnOf(600, seed))
          const harmed = content.slice()
          for (let at = 16 + (skip % 64); at < harmed.length; at++) harmed[at] = noise[at % 400]!
          decode(wasm, descriptor, harmed)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('of another type, encoding, row or null count than its descriptor says is refused', () => {
    const { descriptor, content } = encode(wasm, {
      type: 'INT64',
      values: Array.from({ length: 50 }, (_, row) => BigInt((row * 37) % 50)),
    })
    const wrong: Partial<SegmentDescriptor>[] = [
      { rows: 49 },
      { rows: 2 ** 30 },
      { nullCount: 1 },
      { nullCount: 51 },
      { encoding: 'delta' },
      { encoding: 'plain' },
      { encoding: 'constant' },
      { type: 'DATE' },
      { type: 'STRING' },
      { contentBytes: content.length + 1 },
    ]
    for (const change of wrong)
      expect(decode(wasm, { ...descriptor, ...change }, content)).toBeTypeOf('string')
    expect(decode(wasm, descriptor, content)).not.toBeTypeOf('string')
  })
})

describe('the hash of one key', () => {
  test('is the hash of its row', () => {
    for (const type of namedTypeNames.filter((name) => physicalTypeOf(name) !== 'double')) {
      const values =
        physicalTypeOf(type) === 'string'
          ? ['', 'a', 'eight...', 'nine.....', 'ÿ'.repeat(40)]
          : [0n, 1n, -1n, 2n ** 40n]
      const rows = hashes(wasm, { type, values })
      values.forEach((value, row) => {
        const { low, high } = hashKey(wasm.kernels, wasm.arena, type, value)
        expect((BigInt(high) << 32n) | BigInt(low)).toBe(rows[row])
      })
    }
  })

  test('never collides for integers, and a null hashes to 0', () => {
    const values = Array.from({ length: 20_000 }, (_, row) => BigInt(row - 10_000) << BigInt(row % 40))
    const distinct = new Set(values)
    expect(new Set(hashes(wasm, { type: 'INT64', values })).size).toBe(distinct.size)
    expect([...hashes(wasm, { type: 'INT64', values: [null, 5n, null] })].map((hash) => hash === 0n)).toEqual(
      [true, false, true],
    )
  })

  test('spreads keys that differ little over all ranges of the hash space', () => {
    const counts = new Uint32Array(64)
    const values = Array.from({ length: 64_000 }, (_, row) => `user${String(row).padStart(7, '0')}`)
    for (const hash of hashes(wasm, { type: 'STRING', values })) counts[Number(hash >> 58n)]!++
    // 1,000 are expected in each; six standard deviations are 190.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(190)
  })
})
