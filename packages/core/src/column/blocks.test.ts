/** The block compressor: against its twin, against damage, and within its bounds. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeBench } from './columns.test.fixture.js'
import { blockSlackBytes, blockSlotsBytes, kernelSlackBytes, packedBytesMax } from './layout.js'
import { referenceKernels } from './reference/index.js'
import { random } from './values.test.fixture.js'

const wasm = makeBench()
const reference = makeBench(referenceKernels)
const canary = 0xee

/** Compresses with noise behind the block and checks that nothing is written behind the room. */
function compress({ arena, kernels }: typeof wasm, block: Uint8Array, noise = 0x55): Uint8Array {
  const mark = arena.mark()
  const source = arena.allocate(block.length + blockSlackBytes)
  const slots = arena.allocate(blockSlotsBytes)
  const room = packedBytesMax(block.length)
  const out = arena.allocate(room + 16)
  const { bytes } = arena
  bytes.fill(noise, source + block.length, source + block.length + blockSlackBytes)
  bytes.set(block, source)
  bytes.fill(canary, out + room, out + room + 16)
  const size = kernels.compressBlock(source, block.length, slots, out)
  expect(bytes.subarray(out + room, out + room + 16).every((byte) => byte === canary)).toBe(true)
  const packed = bytes.slice(out, out + size)
  arena.release(mark)
  return packed
}

/** Decompresses; null when refused. Nothing may be written behind the block and its slack. */
function decompress({ arena, kernels }: typeof wasm, packed: Uint8Array, size: number): Uint8Array | null {
  const mark = arena.mark()
  const source = arena.allocate(packed.length + kernelSlackBytes)
  const out = arena.allocate(size + kernelSlackBytes + 64)
  const { bytes } = arena
  const behind = out + size + kernelSlackBytes
  bytes.set(packed, source)
  bytes.fill(canary, behind, behind + 64)
  const status = kernels.decompressBlock(source, packed.length, out, size)
  expect(bytes.subarray(behind, behind + 64).every((byte) => byte === canary)).toBe(true)
  const block = bytes.slice(out, out + size)
  arena.release(mark)
  return status === 0 ? block : null
}

function agreeOn(block: Uint8Array): Uint8Array {
  const packed = compress(wasm, block)
  const same = (left: Uint8Array | null, right: Uint8Array) =>
    expect(left !== null && Buffer.compare(left, right) === 0).toBe(true)
  same(compress(reference, block), packed)
  same(compress(wasm, block, 0x20), packed)
  same(decompress(wasm, packed, block.length), block)
  same(decompress(reference, packed, block.length), block)
  return packed
}

/** Words of a vocabulary with what may stand between them. */
function words(bytes: number, vocabulary: number, seed: number): Uint8Array {
  const { next } = random(seed)
  const letters = 'etaoinshrdluETAOIé日0123456789'
  const word = () =>
    Array.from({ length: 1 + (next() % 12) }, () => [...letters][next() % letters.length] ?? 'x').join('')
  const all = Array.from({ length: vocabulary }, word)
  let text = ''
  while (text.length < bytes)
    text += all[next() % vocabulary]! + [' ', ' ', ', ', '\n', ' "', ''][next() % 6]!
  return Buffer.from(text).subarray(0, bytes)
}

function noise(bytes: number, seed: number): Uint8Array {
  const { next } = random(seed)
  return Uint8Array.from({ length: bytes }, () => next() >>> 8)
}

describe('a block', () => {
  test('of any bytes is compressed alike by both and comes back', () => {
    const anyBytes = fc.uint8Array({ maxLength: 400 })
    const fewBytes = fc.array(fc.constantFrom(0, 1, 3, 32, 97, 98), { maxLength: 800 })
    const repeated = fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 }))
      .map(([unit, times]) => Array.from({ length: times }, () => [...unit]).flat())
    const blocks = fc.oneof(
      anyBytes,
      fewBytes,
      repeated,
      fc.array(fc.oneof(fewBytes, repeated)).map((all) => all.flat()),
    )
    fc.assert(
      fc.property(blocks, (block) => void agreeOn(Uint8Array.from(block))),
      { numRuns: 250 },
    )
  })

  test('of words is compressed alike by both, at sizes around every step', () => {
    for (let bytes = 0; bytes < 260; bytes++) agreeOn(words(bytes, 5, bytes))
    for (const bytes of [1000, 4096, 20_000]) agreeOn(words(bytes, 300, bytes))
  })

  test('longer than the distance of a match is compressed alike by both', () => {
    const packed = agreeOn(words(150_000, 2000, 3))
    expect(packed.length).toBeLessThan(100_000)
    // The same 20,000 bytes once nearer and once farther than 65,535.
    const text = noise(20_000, 9)
    agreeOn(Buffer.concat([text, noise(45_000, 1), text, noise(46_000, 2), text]))
  })

  test.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 300])(
    'of period %i shrinks to next to nothing',
    (period) => {
      const unit = noise(period, period).map((byte) => byte | 1)
      const block = Uint8Array.from({ length: 30_000 }, (_, i) => unit[i % period]!)
      expect(agreeOn(block).length).toBeLessThan(200 + 2 * period)
    },
  )

  test('of noise grows by no more than LZ4 allows', () => {
    for (const bytes of [0, 1, 14, 15, 16, 31, 32, 33, 269, 270, 271, 5000]) {
      const packed = agreeOn(noise(bytes, bytes))
      expect(packed.length).toBeLessThanOrEqual(bytes + Math.floor(bytes / 255) + 16)
    }
  })

  test('of other texts than prose is compressed alike by both', () => {
    const { next } = random(7)
    const some = (bytes: number, part: () => string) => {
      let text = ''
      while (text.length < bytes) text += part()
      return Buffer.from(text).subarray(0, bytes)
    }
    const signs = Array.from({ length: 90 }, (_, i) => String.fromCodePoint(0x4e00 + i * 37))
    const texts = [
      some(9000, () => signs[next() % 90]! + signs[next() % 9]!),
      some(9000, () => `user-${next().toString(16)}`),
      some(9000, () => `${2000 + (next() % 30)}-0${next() % 9}-1${next() % 9} ${next() % 1000};`),
      some(9000, () => ['ERROR_DISK', 'INFO_NET', 'camelCaseName', '"key": '][next() % 4]!),
      some(9000, () => `${'A'.repeat(next() % 90)}${'.'.repeat(next() % 90)}`),
    ]
    for (const text of texts) agreeOn(text)
  })

  test('whose matches end at its last bytes, or one of which ends in every byte of a step', () => {
    const unit = words(150, 40, 11)
    for (let bytes = 40; bytes < 300; bytes++) {
      const text = Buffer.concat([unit, unit, unit]).subarray(0, bytes)
      agreeOn(text)
      agreeOn(Buffer.concat([unit, unit.subarray(0, bytes % 150), Buffer.from('#'), noise(40, bytes)]))
    }
  })

  test('of phrases said again and again shrinks several times', () => {
    const phrases = Array.from({ length: 100 }, (_, seed) => words(40, 2000, seed))
    const { next } = random(4)
    const text = Buffer.concat(Array.from({ length: 1000 }, () => phrases[next() % 100]!))
    expect(agreeOn(text).length).toBeLessThan(text.length / 4)
  })
})

describe('a block in the LZ4 format', () => {
  // Written by hand from the format's description.
  test.each([
    ['literals alone', '30 61 62 63', 'abc'],
    ['nothing', '00', ''],
    ['a run', '11 61 01 00 10 62', 'aaaaaab'],
    ['an overlapping match and more', '2b 61 62 02 00 20 63 64', `${'ab'.repeat(8)}acd`],
    ['a long literal', `f0 01 ${'78 '.repeat(16).trim()}`, 'x'.repeat(16)],
    ['a long match', '1f 79 01 00 ff 00 10 7a', `${'y'.repeat(1 + 4 + 15 + 255)}z`],
  ] as const)('is read: %s', (_, hex, text) => {
    const packed = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    for (const bench of [wasm, reference]) {
      expect(Buffer.from(decompress(bench, packed, text.length)!).toString()).toBe(text)
      expect(decompress(bench, packed, text.length + 1)).toBeNull()
      if (text.length > 0) expect(decompress(bench, packed, text.length - 1)).toBeNull()
    }
  })

  test.each([
    ['nothing at all, for a byte', '', 1],
    ['literals that are not there', '30 61 62', 3],
    ['a length that never ends', 'f0 ff ff ff', 800],
    ['a length of no bytes', 'f0', 15],
    ['half a distance', '10 61 01', 5],
    ['a distance of 0', '11 61 00 00 10 62', 7],
    ['a distance before the block', '11 61 02 00 10 62', 7],
    ['a match longer than the block', '1f 61 01 00 ff ff ff 00', 100],
    ['a match whose length never ends', '1f 61 01 00 ff ff', 600],
  ] as const)('is refused: %s', (_, hex, size) => {
    const packed = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(decompress(wasm, packed, size)).toBeNull()
    expect(decompress(reference, packed, size)).toBeNull()
  })

  test('that was damaged is read alike by both or refused by both', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 15, 240, 255))), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.nat(),
        damage,
        fc.integer({ min: -3, max: 3 }),
        (bytes, seed, places, more) => {
          const packed = compress(wasm, words(bytes, 20, seed))
          for (const [at, byte] of places) packed[at % packed.length] = byte
          const size = Math.max(0, bytes + more)
          expect(decompress(wasm, packed, size)).toEqual(decompress(reference, packed, size))
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('strings that lie one behind the other', () => {
  test('are told from others by both, with what is readable behind them', () => {
    const rows = fc.array(
      fc.record({
        length: fc.integer({ min: 0, max: 5 }),
        gap: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, -1),
        isNull: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    const slack = fc.constantFrom(0, 64, 100_000)
    fc.assert(
      fc.property(rows, slack, (given, slackBytes) => {
        for (const { arena, kernels } of [wasm, reference]) {
          const mark = arena.mark()
          const lanes = arena.allocate(given.length * 8 + 8)
          const heap = arena.allocate(100) + 20
          const view = new DataView(arena.memory.buffer)
          let at = heap
          let isAdjacent = true
          let isFirst = true
          for (const [row, { length, gap, isNull }] of given.entries()) {
            if (!isFirst && length > 0) {
              at += gap
              isAdjacent &&= gap === 0
            }
            view.setUint32(lanes + row * 8, length === 0 && isNull ? 0 : at, true)
            view.setUint32(lanes + row * 8 + 4, length, true)
            at += length
            if (length > 0) isFirst = false
          }
          const isThere = at + slackBytes <= arena.memory.buffer.byteLength
          const expected = isAdjacent && isThere && !isFirst ? heap : 0
          expect(kernels.adjacentStrings(lanes, given.length, slackBytes)).toBe(expected)
          arena.release(mark)
        }
      }),
    )
  })
})

describe('the window', () => {
  test('is filled by both alike, whatever its size and the strings', () => {
    const texts = fc.array(fc.string({ maxLength: 30 }), { maxLength: 30 })
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 70 }), (values, bytesMax) => {
        const all = Buffer.from(values.join(''))
        for (const { arena, kernels } of [wasm, reference]) {
          const mark = arena.mark()
          const lanes = arena.allocate(values.length * 8 + 8)
          const cursor = arena.allocate(8)
          const window = arena.allocate(bytesMax + kernelSlackBytes)
          const heap = arena.allocate(all.length + kernelSlackBytes)
          arena.bytes.set(all, heap)
          const view = new DataView(arena.memory.buffer)
          let at = 0
          for (const [row, value] of values.entries()) {
            view.setUint32(lanes + row * 8, heap + at, true)
            view.setUint32(lanes + row * 8 + 4, Buffer.byteLength(value), true)
            at += Buffer.byteLength(value)
          }
          view.setBigUint64(cursor, 0n, true)
          for (let done = 0; done <= all.length; done += bytesMax) {
            const count = kernels.fillWindow(lanes, values.length, cursor, window, bytesMax)
            const expected = all.subarray(done, done + bytesMax)
            expect(Buffer.from(arena.bytes.slice(window, window + count))).toEqual(expected)
          }
          expect(view.getUint32(cursor, true)).toBe(values.length)
          arena.release(mark)
        }
      }),
    )
  })
})
