import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, MemoryBudget } from '../memory/index.js'
import { loadTableKernels } from './kernels.js'
import { type KeyPacking, packingOf } from './key-packing.js'
import { columnOf } from './table.test.fixture.js'

const arena = new Arena(new MemoryBudget(1 << 26), 1 << 26)
const kernels = loadTableKernels(arena.memory)
const recordBytes = 32
const packedBytesMax = 24
const mask = (1n << 64n) - 1n

function sampleOf(texts: readonly string[]) {
  const parts = texts.map((text) => Buffer.from(text))
  let end = 0
  const ends = parts.map(({ length }) => (end += length))
  return { bytes: new Uint8Array(Buffer.concat(parts)), ends, groups: [], tooLong: 0 }
}

/** The twin: the packed key as one number, and its bytes; null: there is none. */
function plainPack({ contexts, shift, tables }: KeyPacking, text: string) {
  const bytes = Buffer.from(text)
  if (shift === 0 && bytes.length >= contexts) return null
  let packed = 0n
  let bits = 0
  let context = 0
  const add = (entry: number) => {
    if ((entry & 0xff) === 0xff) return false
    packed |= BigInt(entry >>> 8) << BigInt(bits)
    bits += entry & 0xff
    return true
  }
  for (const byte of bytes) {
    if (!add(tables[context * 256 + byte]!)) return null
    context = shift === 0 ? context + 1 : ((context << shift) ^ byte) & (contexts - 1)
  }
  if (!add(tables[contexts * 256 + context]!) || bits > packedBytesMax * 8) return null
  return { packed, bytes: Math.max(8, Math.ceil(bits / 8)) }
}

function unmixed(high: bigint): bigint {
  let hash = high ^ (high >> 33n)
  hash = (hash * 0x9cb4b2f8129337dbn) & mask
  hash ^= hash >> 33n
  hash = (hash * 0x4f74430c22a54005n) & mask
  hash ^= hash >> 33n
  return hash ^ 0x9e3779b97f4a7c15n
}

/** What the packed key's other words are mixed into the first by. */
function mixed(words: readonly bigint[]): bigint {
  const multiplier = 0xc6a4a7935bd1e995n
  return words.reduce((hash, value) => {
    let word = (value * multiplier) & mask
    word = ((word ^ (word >> 47n)) * multiplier) & mask
    return ((hash ^ word) * multiplier) & mask
  }, 0n)
}

/** What the kernel makes of texts, the first word unmixed: row → packed key; null: a hash. */
function kernelPack(packing: KeyPacking, texts: readonly string[], usesPlaced: boolean) {
  const mark = arena.mark()
  const tables = arena.allocate(packing.tablesBytes)
  new Uint32Array(arena.memory.buffer, tables, packing.tables.length).set(packing.tables)
  const column = columnOf(arena, 'STRING', texts)
  const records = arena.allocate((texts.length + 1) * recordBytes)
  const { contexts, shift, placedByte } = packing
  const placed = usesPlaced && placedByte > 0 ? tables + placedByte : 0
  const sizes = 8 | (packedBytesMax << 8)
  const args = [column.values, 0, 0, column.rows, 0, tables, contexts, shift, placed, sizes] as const
  expect(kernels.packStrings(...args, 1, records)).toBe(texts.length)
  const view = new DataView(arena.memory.buffer, records)
  const found = texts.map((_, row) => {
    const word = (index: number) => view.getBigUint64(row * recordBytes + index * 8, true)
    expect(view.getUint32(row * recordBytes + 24, true)).toBe(row)
    const bytes = view.getUint32(row * recordBytes + 28, true)
    if (bytes === 0) return null
    const rest = [word(1), word(2)]
    const first = unmixed(word(0)) ^ mixed(rest)
    return { packed: first | (rest[0]! << 64n) | (rest[1]! << 128n), bytes }
  })
  arena.release(mark)
  return found
}

const digits = '0123456789abcdef'
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...digits), minLength: length, maxLength: length })
const mail = fc
  .tuple(fc.constantFrom('maria', 'jo', 'chen'), fc.nat(99_999), fc.constantFrom('mail.com', 'example.org'))
  .map(([name, number, domain]) => `${name}.${number}@${domain}`)
const kinds = [
  hex(8),
  hex(32),
  hex(40),
  fc.uuid(),
  fc.uuid().map((uuid) => `user-${uuid}`),
  fc.nat().map(String),
  mail,
  fc.string({ maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), maxLength: 6 }),
]

/** As many keys as make contexts that take nothing else than they were seen with. */
function manyOf(kind: fc.Arbitrary<string>, seed: number): string[] {
  return fc.sample(kind, { numRuns: 3000, seed })
}

describe('packed keys', () => {
  it('are what the plain ones are, different for different keys, by whatever sample', () => {
    const samples = kinds.map((kind, index) => manyOf(kind, index + 1))
    const packings = samples.map((sample) => packingOf(sampleOf(sample)))
    expect(packings.filter((packing) => packing !== null).length).toBeGreaterThan(5)
    fc.assert(
      fc.property(
        fc.nat(kinds.length - 1),
        fc.array(fc.oneof(...kinds), { maxLength: 60 }),
        fc.nat(2900),
        (index, others, from) => {
          const packing = packings[index]!
          if (packing === null) return
          const texts = [...new Set([...samples[index]!.slice(from, from + 60), ...others])]
          const found = kernelPack(packing, texts, true)
          expect(found).toEqual(texts.map((text) => plainPack(packing, text)))
          expect(kernelPack(packing, texts, false)).toEqual(found)
          const packed = found.flatMap((key) => (key === null ? [] : [key.packed]))
          expect(new Set(packed).size).toBe(packed.length)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('of hexadecimal digits and UUIDs take 16 bytes and are placed', () => {
    const texts = Array.from({ length: 3000 }, (_, row) => createHash('md5').update(`${row}`).digest('hex'))
    const uuids = texts.map((text) => text.replace(/^(.{8})(.{4}).(.{3})(.{4})(.{12})$/, '$1-$2-4$3-$4-$5'))
    for (const keys of [texts, uuids]) {
      const packing = packingOf(sampleOf(keys))!
      expect(packing).toMatchObject({ shift: 0, least: 16, most: 16, meanBytes: 14 })
      expect(packing.placedByte).toBeGreaterThan(0)
      const asked = [...keys.slice(0, 50), 'f'.repeat(32), '0'.repeat(32), 'g'.repeat(32), '']
      const found = kernelPack(packing, asked, true)
      expect(found).toEqual(asked.map((text) => plainPack(packing, text)))
      expect(found.slice(0, 50)).not.toContain(null)
    }
  })

  it('have room for what else may stand where row groups differ, as the digits of a time do', () => {
    const keyOf = (time: string, row: number) =>
      `${time}${createHash('md5').update(`${time}${row}`).digest('hex').slice(0, 20)}`
    const times = [...'0123']
    const keys = times.flatMap((time) => Array.from({ length: 1500 }, (_, row) => keyOf(time, row)))
    const groups = keys.map((_, row) => Math.floor(row / 1500))
    const packing = packingOf({ ...sampleOf(keys), groups })!
    expect(packing).toMatchObject({ shift: 0, least: 11, most: 11 })
    const later = [...digits].map((time) => keyOf(time, 7))
    const found = kernelPack(packing, later, true)
    expect(found).toEqual(later.map((text) => plainPack(packing, text)))
    expect(found).not.toContain(null)
  })

  it('of keys whose parts repeat are short, and not placed', () => {
    const packing = packingOf(sampleOf(manyOf(mail, 6)))!
    expect(packing.placedByte).toBe(0)
    expect(packing.meanBytes).toBeLessThan(10)
  })

  it('are not made where too many keys would have none', () => {
    expect(packingOf(sampleOf(manyOf(hex(60), 7)))).toBeNull()
    expect(packingOf({ ...sampleOf(manyOf(hex(8), 8)), tooLong: 10 })).toBeNull()
  })
})
