import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import { asDescriptor, makeBench, makeColumn, valuesOf } from './columns.test.fixture.js'
import {
  type ColumnBuffer,
  decodeScratchBytes,
  encodeScratchBytes,
  kernelSlackBytes,
  loadColumnKernels,
  SegmentDecoder,
  SegmentEncoder,
} from './index.js'
import { columnOf } from './values.test.fixture.js'

describe('the room a segment is given', () => {
  test('is not overstepped, and too little of it is said so', () => {
    const { arena, kernels } = makeBench()
    const encoder = new SegmentEncoder(arena, kernels)
    for (let seed = 0; seed < 70; seed++) {
      const mark = arena.mark()
      const { type, values } = columnOf(1 + (seed % 7) * 300, seed)
      const buffer = makeColumn(arena, type, values)
      const out = arena.allocate(1 << 18)
      const { contentBytes } = encoder.encode(buffer, out, 1 << 18)!
      if (contentBytes > 0) {
        const capacity = contentBytes + kernelSlackBytes
        expect(encoder.encode(buffer, out, capacity - 1)).toBeNull()
        arena.bytes.fill(0xee, out, out + (1 << 18))
        expect(encoder.encode(buffer, out, capacity)).not.toBeNull()
        expect(arena.bytes.subarray(out + capacity, out + (1 << 18)).every((byte) => byte === 0xee)).toBe(
          true,
        )
      }
      arena.release(mark)
    }
  })
})

describe('scratch', () => {
  /** An arena that can give no more than what is in use and `bytes` besides, to the page. */
  function arenaWith(bytes: number, use: (arena: Arena) => void): Arena {
    const pageBytes = 65_536
    const rough = new Arena(new MemoryBudget(2 ** 28), 2 ** 28)
    use(rough)
    const limit = rough.mark() + bytes
    const budget = new MemoryBudget(Math.ceil(limit / pageBytes) * pageBytes)
    const arena = new Arena(budget, 2 ** 28)
    use(arena)
    return arena
  }

  test.each([1, 1000, 40_000, 131_072])(
    'of %i rows keeps to what is documented and is given back',
    (rows) => {
      for (let seed = 0; seed < 14; seed++) {
        const { type, values } = columnOf(rows, seed)
        const capacity = 32 * rows + 4096
        let buffer = { type, rows, values: 0, nulls: 0, nullCount: 0 }
        let out = 0
        const arena = arenaWith(encodeScratchBytes(rows), (used) => {
          buffer = makeColumn(used, type, values) as typeof buffer
          out = used.allocate(capacity)
        })
        const kernels = loadColumnKernels(arena.memory)
        const top = arena.mark()
        const segment = new SegmentEncoder(arena, kernels).encode(buffer, out, capacity)
        expect(segment).not.toBeNull()
        expect(arena.mark()).toBe(top)

        const content = arena.bytes.slice(out, out + segment!.contentBytes)
        const reading = arenaWith(content.length + kernelSlackBytes + decodeScratchBytes(rows), () => {})
        const readingTop = reading.mark()
        new SegmentDecoder(reading, loadColumnKernels(reading.memory)).decode(asDescriptor(segment!), content)
        expect(reading.mark()).toBe(readingTop)
      }
    },
  )

  test('of texts that are compressed keeps to what is documented and is given back', () => {
    const rows = 6000
    const values = Array.from({ length: rows }, (_, row) =>
      `${row} grinds the corn of ${row % 977}. `.repeat(4),
    )
    const capacity = 200 * rows
    let buffer: ColumnBuffer | undefined
    let out = 0
    const arena = arenaWith(encodeScratchBytes(rows), (used) => {
      buffer = makeColumn(used, 'STRING', values)
      out = used.allocate(capacity)
    })
    const top = arena.mark()
    const segment = new SegmentEncoder(arena, loadColumnKernels(arena.memory)).encode(buffer!, out, capacity)
    expect(segment!.contentBytes).toBeLessThan(values.join('').length / 2)
    expect(arena.mark()).toBe(top)
    const content = arena.bytes.slice(out, out + segment!.contentBytes)
    const reading = arenaWith(content.length + kernelSlackBytes + decodeScratchBytes(rows), () => {})
    const vector = new SegmentDecoder(reading, loadColumnKernels(reading.memory)).decode(
      asDescriptor(segment!),
      content,
    )
    expect(valuesOf(vector)).toEqual(values)
  })

  test('that the budget does not have is an error that leaves the arena as it was', () => {
    const arena = new Arena(new MemoryBudget(2 * 65_536), 2 ** 28)
    const buffer = makeColumn(arena, 'STRING', ['a', 'b'])
    const top = arena.mark()
    const encoder = new SegmentEncoder(arena, loadColumnKernels(arena.memory))
    const rows = { ...buffer, rows: 60_000 }
    let caught: unknown
    try {
      encoder.encode(rows, arena.mark(), 1000)
    } catch (error) {
      caught = error
    }
    expect(isMillraceError(caught, 'MILLRACE_MEMORY_BUDGET')).toBe(true)
    expect(arena.mark()).toBe(top)
  })
})

describe('strings at the very end of the memory', () => {
  test('are read without leaving it', () => {
    const memory = new WebAssembly.Memory({ initial: 2 })
    const kernels = loadColumnKernels(memory)
    const end = memory.buffer.byteLength
    const bytes = new Uint8Array(memory.buffer)
    const view = new DataView(memory.buffer)
    for (let length = 0; length <= 40; length++) {
      const text = Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH'.slice(0, length))
      const [near, far] = [end - length, 4096]
      bytes.set(text, far)
      bytes.set(text, near)
      view.setUint32(1024, near, true)
      view.setUint32(1028, length, true)
      view.setUint32(1032, far, true)
      view.setUint32(1036, length, true)
      kernels.hashStrings(1024, 0, 2, 2048)
      expect(view.getBigUint64(2048, true)).toBe(view.getBigUint64(2056, true))
      kernels.analyzeStrings(1024, 0, 2, 2048)
      expect(view.getUint32(2048 + 12, true)).toBe(1)
      expect(kernels.buildDictionary(1024, 0, 2, 1, 8192, 15, 2048, 4, 0)).toBe(1)
      expect(kernels.gatherStrings(1024, 2, 2048, 16_384)).toBe(16_384 + 2 * length)
      expect(Buffer.from(bytes.subarray(16_384, 16_384 + 2 * length))).toEqual(Buffer.concat([text, text]))
    }
  })
})
