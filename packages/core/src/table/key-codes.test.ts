import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, MemoryBudget } from '../memory/index.js'
import { loadTableKernels } from './kernels.js'
import { alphabetOf, codePositionsMax, markString, seenBytes } from './key-codes.js'
import { columnOf } from './table.test.fixture.js'

const arena = new Arena(new MemoryBudget(1 << 26), 1 << 26)
const kernels = loadTableKernels(arena.memory)

/** The codes that the kernel gives `asked` by the alphabets of `texts`: row → code; null: none. */
function codesOf(texts: readonly string[], asked: readonly string[]): (bigint | null)[] | null {
  const mark = arena.mark()
  try {
    const column = columnOf(arena, 'STRING', texts)
    const seen = arena.allocate(seenBytes)
    arena.bytes.fill(0, seen, seen + seenBytes)
    expect(kernels.scanStrings(column.values, 0, column.rows, codePositionsMax, seen)).toBe(texts.length)
    const marks = arena.bytes.slice(seen, seen + seenBytes)
    const plain = new Uint8Array(seenBytes)
    for (const text of texts) markString(plain, Buffer.from(text))
    expect(Buffer.compare(marks, plain)).toBe(0)
    const alphabet = alphabetOf(marks)
    if (alphabet === null) return null
    const at = arena.allocate(alphabet.words.byteLength)
    new BigUint64Array(arena.memory.buffer, at, alphabet.words.length).set(alphabet.words)
    const keys = columnOf(arena, 'STRING', asked)
    const pairs = arena.allocate(asked.length * 16 + 16)
    const count = kernels.codeStrings(keys.values, 0, 0, keys.rows, 0, at, alphabet.positions, pairs)
    const words = new BigUint64Array(arena.memory.buffer, pairs, count * 2)
    const codes = new Array<bigint | null>(asked.length).fill(null)
    for (let pair = 0; pair < count; pair++) codes[Number(words[pair * 2 + 1])] = words[pair * 2]!
    return codes
  } finally {
    arena.release(mark)
  }
}

describe('key codes', () => {
  const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 })
  const text = fc.oneof(
    fc.nat(99_999).map((n) => `P${n}`),
    fc.nat(99_999).map((n) => `P${String(n).padStart(6, '0')}`),
    hex.map((digits) => `user-${digits}`),
    fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), maxLength: 6 }),
  )

  it('are different for different keys; keys without one are not in the table', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(text, { minLength: 1, maxLength: 40 }),
        fc.array(text, { maxLength: 40 }),
        (texts, others) => {
          const asked = [...texts, ...others]
          const codes = codesOf(texts, asked)
          if (codes === null) return
          const byCode = new Map<bigint, string>()
          codes.forEach((code, row) => {
            if (row < texts.length) expect(code).not.toBeNull()
            if (code === null) return
            expect(byCode.get(code) ?? asked[row]).toBe(asked[row])
            byCode.set(code, asked[row]!)
          })
        },
      ),
      { numRuns: 50 },
    )
  })

  it('are there for a fixed beginning with 16 hexadecimal digits, and not for 17', () => {
    const digits = [...'0123456789abcdef']
    const keys = (count: number) => digits.map((digit) => `user-${digit.repeat(count)}`)
    expect(codesOf(keys(16), keys(16))).not.toBeNull()
    expect(codesOf(keys(17), keys(17))).toBeNull()
  })

  it('are not there for strings that are too long', () => {
    const mark = arena.mark()
    const column = columnOf(arena, 'STRING', [
      'a',
      'b'.repeat(codePositionsMax),
      'c'.repeat(codePositionsMax + 1),
    ])
    const seen = arena.allocate(seenBytes)
    expect(kernels.scanStrings(column.values, 0, column.rows, codePositionsMax, seen)).toBe(2)
    arena.release(mark)
  })
})
