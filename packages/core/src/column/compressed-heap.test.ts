/** Segments whose strings are compressed in blocks. */
import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { compressedHeapBytesMax } from '../limits.js'
import {
  type Bench,
  encodeColumn,
  makeBench,
  makeColumn,
  roundTrip,
  type Value,
} from './columns.test.fixture.js'
import { kernelSlackBytes, SegmentDecoder, type SegmentDescriptor, SegmentEncoder } from './index.js'
import { blockBytes, heapAsItIs, heapInBlocks } from './layout.js'
import { referenceKernels } from './reference/index.js'
import { random } from './values.test.fixture.js'

const bench = makeBench()
const twin = makeBench(referenceKernels)

const vocabulary = Array.from({ length: 500 }, (_, i) => `w${(i * 7919) % 100_003}é`.slice(0, 3 + (i % 7)))

/** Texts of about `length` bytes of a vocabulary, no two alike. */
function texts(rows: number, length: number, seed = 1): string[] {
  const { next } = random(seed)
  return Array.from({ length: rows }, (_, row) => {
    let text = `${row} `
    while (text.length < length) text += vocabulary[next() % vocabulary.length]! + (next() % 9 ? ' ' : ', "')
    return text
  })
}

function base64(rows: number, seed = 2): string[] {
  const { next } = random(seed)
  return Array.from({ length: rows }, () =>
    Buffer.from(Uint32Array.from({ length: 30 }, next).buffer).toString('base64'),
  )
}

/** Kind of the heap of a `plain` segment without nulls. */
const kindOf = (content: Uint8Array) => content[16]

function comesBack(values: readonly Value[]) {
  const back = roundTrip(bench, 'STRING', values)
  expect(back.decoded).toEqual(values)
  expect(back.lanes).toEqual(values)
  return back
}

describe('a column of texts', () => {
  test('is the same segment where they lie one behind the other as where they do not', () => {
    const values = texts(4000, 200).map((text, row) => (row % 9 === 4 ? null : row % 5 === 0 ? '' : text))
    for (const { arena, kernels } of [bench, twin]) {
      const contents = [0, 1].map((gapBytes) => {
        const column = makeColumn(arena, 'STRING', values, gapBytes)
        const out = arena.allocate(4 << 20)
        const encoded = new SegmentEncoder(arena, kernels).encode(column, out, 4 << 20)!
        return Buffer.from(arena.bytes.slice(out, out + encoded.contentBytes))
      })
      expect(contents[0]!.length).toBeGreaterThan(100_000)
      expect(contents[0]!.equals(contents[1]!)).toBe(true)
    }
  })

  test('is compressed, in several blocks, and comes back', () => {
    const values = texts(4000, 200)
    const { content, descriptor, vector } = comesBack(values)
    expect(descriptor.encoding).toBe('plain')
    expect(kindOf(content)).toBe(heapInBlocks)
    if (vector.kind !== 'string') throw new Error(vector.kind)
    expect(vector.bytes.length).toBeGreaterThan(3 * blockBytes)
    expect(content.length).toBeLessThan(vector.bytes.length / 1.6)
    expect(descriptor.contentBytes).toBe(content.length)
  })

  test('comes back with nulls, empty strings, and strings that are longer than a block', () => {
    const [long, longer] = ['abc def '.repeat(blockBytes / 4), 'Zürich, "Oslo"\n'.repeat(40_000)]
    comesBack(texts(900, 60).flatMap((text, row) => [row % 7 ? text : null, '', `${row}`]))
    comesBack(['', long, null, longer, '', `${longer}${long}`])
    comesBack([...texts(300, 30), long, ...base64(3000)])
  })

  test('comes back when its heap ends at, before or behind the end of a block', () => {
    for (const more of [-1, 0, 1]) {
      const values = [
        'x y z ab '.repeat(20_000).slice(0, 131_072),
        'x y z ab '.repeat(20_000).slice(0, 131_072 + more),
      ]
      comesBack(values.map((value, row) => `${row}${value.slice(1)}`))
    }
  })

  test('of noise stays as it is, and so does one too small to save a page', () => {
    expect(kindOf(comesBack(base64(2000)).content)).toBe(heapAsItIs)
    expect(kindOf(comesBack(['a'.repeat(2000), 'b'.repeat(2000)]).content)).toBe(heapAsItIs)
    expect(kindOf(comesBack(['a'.repeat(2100), 'b'.repeat(2100)]).content)).toBe(heapInBlocks)
  })

  test('that looks compressible but is not takes hardly more than it would as it is', () => {
    const values = [...texts(600, 200), ...base64(9000), ...texts(300, 200, 3)]
    const rest = base64(9000, 5)
    const mixed = [...texts(300, 200), ...rest, ...texts(300, 200, 9), ...rest.map((text) => `${text}=`)]
    for (const column of [values, mixed]) {
      const { content } = comesBack(column)
      expect(content.length).toBeLessThan(column.join('').length + column.length * 2 + 1000)
    }
  })

  test('that repeat is a dictionary with a compressed heap', () => {
    const entries = texts(400, 150)
    const values = Array.from({ length: 2000 }, (_, row) => (row % 11 ? entries[(row * 37) % 400]! : null))
    const { descriptor, content } = comesBack(values)
    expect(descriptor.encoding).toBe('dictionary')
    expect(content.length).toBeLessThan((400 * 150) / 1.3)
  })

  test('is written alike by kernels and twins', () => {
    const column = texts(1500, 200)
    const encode = (on: Bench) => {
      const mark = on.arena.mark()
      const { content } = encodeColumn(on, makeColumn(on.arena, 'STRING', column))
      on.arena.release(mark)
      return content
    }
    expect(Buffer.compare(encode(bench), encode(twin))).toBe(0)
  })

  test('fits in exactly what it takes, and in nothing less', () => {
    const { arena, kernels } = bench
    for (const column of [texts(2500, 200), [...texts(700, 100), ...base64(4000)]]) {
      const mark = arena.mark()
      const buffer = makeColumn(arena, 'STRING', column)
      const room = 2 ** 21
      const out = arena.allocate(room)
      const encoder = new SegmentEncoder(arena, kernels)
      const { contentBytes } = encoder.encode(buffer, out, room)!
      const capacity = contentBytes + kernelSlackBytes
      for (const less of [1, 2, 1000, contentBytes >> 1]) {
        arena.bytes.fill(0xee, out, out + room)
        expect(encoder.encode(buffer, out, capacity - less)).toBeNull()
        const behind = arena.bytes.subarray(out + capacity - less, out + room)
        expect(behind.every((byte) => byte === 0xee)).toBe(true)
      }
      expect(encoder.encode(buffer, out, capacity)?.contentBytes).toBe(contentBytes)
      expect(arena.bytes.subarray(out + capacity, out + room).every((byte) => byte === 0xee)).toBe(true)
      arena.release(mark)
    }
  })
})

describe('a compressed heap that was damaged', () => {
  const { descriptor, content } = roundTrip(bench, 'STRING', texts(3000, 200))
  const view = new DataView(content.buffer, content.byteOffset)
  const heap = view.getUint32(16 + 8, true)
  const heapBytes = view.getUint32(16 + 4, true)
  const stored = view.getUint32(16 + 12, true)

  /** The refusal's message, both ways of decoding it, or undefined. */
  function refusal(of: SegmentDescriptor, harmed: Uint8Array, on: Bench): (string | undefined)[] {
    const { arena, kernels } = on
    const decoder = new SegmentDecoder(arena, kernels)
    return [0, 1].map((way) => {
      const mark = arena.mark()
      const size = arena.sizeBytes
      try {
        if (way === 0) decoder.decode(of, harmed)
        else {
          const address = arena.allocate(harmed.length + kernelSlackBytes)
          arena.bytes.set(harmed, address)
          decoder.decodeLanes(of, address)
        }
        return undefined
      } catch (error) {
        if (!isMillraceError(error, 'MILLRACE_CORRUPT')) throw error
        expect(arena.sizeBytes - size).toBeLessThan(4 * heapBytes)
        return error.message
      } finally {
        arena.release(mark)
      }
    })
  }

  test.each([
    ['a kind that is none', 16, 3, 1],
    ['blocks of no size', 17, 0, 1],
    ['blocks too small', 17, 15, 1],
    ['blocks too large', 17, 19, 1],
    ['blocks of 2^255 bytes', 17, 255, 1],
    ['something where zeros belong', 18, 1, 1],
    ['one byte more', 20, heapBytes + 1, 4],
    ['one byte less', 20, heapBytes - 1, 4],
    ['no bytes', 20, 0, 4],
    ['more than any heap has', 20, compressedHeapBytesMax + 1, 4],
    ['2^32 − 1 bytes', 20, 0xffff_ffff, 4],
    ['255 times what is stored', 20, stored * 255, 4],
    ['its place behind the end', 24, content.length, 4],
    ['a stored size beyond the content', 28, stored + 1, 4],
    ['a stored size smaller than its blocks', 28, stored - 1, 4],
    ['a stored size smaller than its directory', 28, 7, 4],
    ['no stored size', 28, 0, 4],
    ['a first block within the directory', heap, 0, 4],
    ['a first block later', heap, 17, 4],
    ['a second block before the first', heap + 4, 1, 4],
    ['a second block behind the end', heap + 4, 0xffff_fff0, 4],
    ['a second block one byte later', heap + 4, view.getUint32(heap + 4, true) + 1, 4],
    ['another end', heap + 12, stored - 1, 4],
    ['a block that begins otherwise', heap + 16, 0xffff_ffff, 4],
  ] as const)('is refused with %s', (_, at, value, bytes) => {
    const harmed = content.slice()
    if (bytes === 1) harmed[at] = value
    else new DataView(harmed.buffer).setUint32(at, value, true)
    expect(harmed).not.toEqual(content)
    const messages = refusal(descriptor, harmed, bench)
    expect(messages.every((message) => message !== undefined)).toBe(true)
    expect(messages).toEqual(refusal(descriptor, harmed, twin))
  })

  test('or cut short is refused', () => {
    for (const kept of [40, heap, heap + 10, content.length - stored / 2, content.length - 1].map(
      Math.floor,
    )) {
      const cut = content.slice(0, kept)
      new DataView(cut.buffer).setUint32(12, kept, true)
      const messages = refusal({ ...descriptor, contentBytes: kept }, cut, bench)
      expect(messages.every((message) => message !== undefined)).toBe(true)
    }
  })

  test('anywhere is decoded to something or refused', () => {
    const { next } = random(8)
    let refused = 0
    for (let run = 0; run < 150; run++) {
      const harmed = content.slice()
      for (let i = 0; i < 3; i++) harmed[heap + (next() % stored)] = next() % 3 ? next() >>> 24 : 255
      if (refusal(descriptor, harmed, bench)[0] !== undefined) refused++
    }
    expect(refused).toBeGreaterThan(0)
  })
})
