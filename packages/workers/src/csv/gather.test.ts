import { Arena, MemoryBudget } from '@millrace/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadCsvKernels } from './kernels.js'

const memoryBytes = 1 << 20
const slackBytes = 64

/** Lanes of `texts` in an arena: address and length, the texts anywhere before. */
function withLanes<T>(
  texts: readonly Uint8Array[],
  use: (arena: Arena, lanes: number, rows: number) => T,
): T {
  const arena = new Arena(new MemoryBudget(memoryBytes), memoryBytes)
  const places = texts.map((text) => arena.allocate(text.length, 1))
  arena.allocate(slackBytes)
  const lanes = arena.allocate(texts.length * 8)
  const view = new DataView(arena.memory.buffer)
  for (const [row, text] of texts.entries()) {
    arena.bytes.set(text, places[row]!)
    // An empty text may have any address, as that of a null has.
    view.setUint32(lanes + row * 8, text.length === 0 ? 0 : places[row]!, true)
    view.setUint32(lanes + row * 8 + 4, text.length, true)
  }
  return use(arena, lanes, texts.length)
}

/** The twin of the kernels. */
function gathered(texts: readonly Uint8Array[]): { offsets: number[]; bytes: Uint8Array } {
  const offsets = [0]
  for (const text of texts) offsets.push(offsets.at(-1)! + text.length)
  return { offsets, bytes: Buffer.concat(texts) }
}

describe('gathering texts', () => {
  it('puts them one behind the other, with where each ends, and nothing beside them', () => {
    const texts = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 40 })
    fc.assert(
      fc.property(texts, (given) => {
        withLanes(given, (arena, lanes, rows) => {
          const expected = gathered(given)
          const kernels = loadCsvKernels(arena.memory)
          expect(kernels.textBytes(lanes, rows)).toBe(expected.bytes.length)
          const offsets = arena.allocate((rows + 1) * 4)
          const out = arena.allocate(expected.bytes.length + slackBytes)
          arena.bytes.fill(0xaa, out, out + expected.bytes.length + slackBytes)
          kernels.gatherTexts(lanes, rows, offsets, out)
          const { buffer } = arena.memory
          expect([...new Uint32Array(buffer, offsets, rows + 1)]).toEqual(expected.offsets)
          expect(Buffer.from(buffer, out, expected.bytes.length)).toEqual(Buffer.from(expected.bytes))
          const behind = new Uint8Array(buffer, out + expected.bytes.length + 16, slackBytes - 16)
          expect(behind.every((byte) => byte === 0xaa)).toBe(true)
        })
      }),
    )
  })
})
