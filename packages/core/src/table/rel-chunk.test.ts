import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, MemoryBudget } from '../memory/index.js'
import type { LogicalType } from '../types/index.js'
import { ChunkWalk, packRels, type RelRows, readAll, readChunk } from './rel-chunk.js'
import { SpoolCursor } from './spool-cursor.js'
import { type Cell, columnOf, offsetsOf } from './table.test.fixture.js'
import { createWorkingMemory } from './working-memory.js'

const memory = createWorkingMemory(new Arena(new MemoryBudget(1 << 28), 1 << 28))
const types: LogicalType[] = ['INT64', 'STRING', 'DOUBLE', 'BOOL']

interface Rel {
  from: number
  to: number
  cells: Cell[]
}

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 0n, max: 40n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
)
const optional = <T>(cell: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: cell }, fc.constant(null))
const rels = (cells: fc.Arbitrary<Cell>[]) =>
  fc.array(
    fc.record({
      from: fc.nat(99),
      to: fc.nat(2 ** 31 - 1),
      cells: fc.tuple(...cells) as fc.Arbitrary<Cell[]>,
    }),
    { minLength: 1, maxLength: 120 },
  )
const kinds: fc.Arbitrary<Cell>[] = [
  int64,
  fc.string({ unit: 'grapheme' }),
  fc.double({ noNaN: true }),
  fc.nat(1),
]

function put(rows: readonly Rel[]): RelRows {
  const { arena } = memory
  const lanes = (of: (rel: Rel) => number) => offsetsOf(arena, rows.map(of))
  return {
    rows: rows.length,
    from: lanes((rel) => rel.from),
    to: lanes((rel) => rel.to),
    columns: types.map((type, index) =>
      columnOf(
        arena,
        type,
        rows.map((rel) => rel.cells[index]!),
      ),
    ),
  }
}

/** The packed chunks, copied out of the arena. */
function pack(rows: readonly Rel[], partitions: number): Uint8Array {
  const ranges = { firstNode: 0, nodesPerPartition: Math.ceil(100 / partitions), partitions }
  const packed = packRels(memory, put(rows), ranges)!
  return memory.arena.bytes.slice(packed.address, packed.address + packed.bytes)
}

/** The chunks that lie one behind the other in `bytes`. */
function chunksIn(
  bytes: Uint8Array,
): { partition: number; rows: number; byteOffset: number; byteLength: number }[] {
  const walk = new ChunkWalk(bytes)
  const chunks = []
  while (walk.next()) {
    const { partition, rows, byteOffset, byteLength } = walk
    chunks.push({ partition, rows, byteOffset, byteLength })
  }
  return chunks
}

function cursorOver(bytes: Uint8Array): SpoolCursor {
  const extents = { places: [0], lengths: [bytes.length], bytes: bytes.length }
  return new SpoolCursor(extents, (_, from, target) => target.set(bytes.subarray(from, from + target.length)))
}

function get(rows: RelRows): Rel[] {
  const view = new DataView(memory.arena.memory.buffer)
  const cellOf = (column: RelRows['columns'][number], row: number): Cell => {
    if (view.getUint8(column.nulls + row) === 1) return null
    const lane = column.values + row * 8
    if (column.type === 'DOUBLE') return view.getFloat64(lane, true)
    if (column.type === 'INT64') return view.getBigInt64(lane, true)
    if (column.type === 'BOOL') return Number(view.getBigInt64(lane, true))
    const address = view.getUint32(lane, true)
    return Buffer.from(memory.arena.bytes.slice(address, address + view.getUint32(lane + 4, true))).toString()
  }
  return Array.from({ length: rows.rows }, (_, row) => ({
    from: Number(view.getBigInt64(rows.from + row * 8, true)),
    to: Number(view.getBigInt64(rows.to + row * 8, true)),
    cells: rows.columns.map((column) => cellOf(column, row)),
  }))
}

/** Reads chunks as the tables in `rel-chunk.ts` and its kernels draw them, a value at a time. */
function readPlainly(bytes: Uint8Array): Rel[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return chunksIn(bytes).flatMap(({ rows, byteOffset, byteLength }) => {
    let at = byteOffset + 16
    const column = (): (bigint | null)[] => {
      const base = view.getBigInt64(at, true)
      const width = view.getUint16(at + 8, true)
      const anyNull = view.getUint16(at + 10, true) === 1
      const bits = at + 12
      const nulls = bits + Math.ceil(rows / 8) * width
      at = nulls + (anyNull ? Math.ceil(rows / 8) : 0)
      const bit = (from: number, index: number) => (view.getUint8(from + (index >> 3)) >> (index & 7)) & 1
      return Array.from({ length: rows }, (_, row) => {
        let value = 0n
        for (let i = width - 1; i >= 0; i--) value = (value << 1n) | BigInt(bit(bits, row * width + i))
        return anyNull && bit(nulls, row) === 1 ? null : BigInt.asIntN(64, base + value)
      })
    }
    const text = (length: bigint | null): string | null => {
      if (length === null) return null
      at += Number(length)
      return Buffer.from(bytes.subarray(at - Number(length), at)).toString()
    }
    const double = (lane: bigint) => new Float64Array(BigInt64Array.of(lane).buffer)[0]!
    const [from, to, ints, lengths] = [column(), column(), column(), column()]
    at += 4
    const texts = lengths.map(text)
    const [doubles, flags] = [column(), column()]
    expect(at).toBeGreaterThan(byteOffset + byteLength - 8)
    expect(at).toBeLessThanOrEqual(byteOffset + byteLength)
    return from.map((node, row) => ({
      from: Number(node),
      to: Number(to[row]),
      cells: [
        ints[row]!,
        texts[row]!,
        doubles[row] === null ? null : double(doubles[row]!),
        flags[row] === null ? null : Number(flags[row]),
      ],
    }))
  })
}

function withArena<T>(action: () => T): T {
  const mark = memory.arena.mark()
  try {
    return action()
  } finally {
    memory.arena.release(mark)
  }
}

describe('relationship chunks', () => {
  it('give rows back as they were, by partition and in order, whole or chunk by chunk', () => {
    const some = fc.oneof(rels(kinds), rels(kinds.map(optional)))
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 12 }), (rows, partitions) =>
        withArena(() => {
          const bytes = pack(rows, partitions)
          const width = Math.ceil(100 / partitions)
          const expected = rows.toSorted((a, b) => Math.floor(a.from / width) - Math.floor(b.from / width))
          expect(get(readAll(memory, cursorOver(bytes), rows.length, types))).toEqual(expected)
          expect(readPlainly(bytes)).toEqual(expected)
          const cursor = cursorOver(bytes)
          const streamed: Rel[] = []
          while (cursor.remaining > 0) streamed.push(...get(readChunk(memory, cursor, types)))
          expect(streamed).toEqual(expected)
          const chunks = chunksIn(bytes)
          expect(chunks.map((chunk) => chunk.partition)).toEqual([
            ...new Set(expected.map((rel) => Math.floor(rel.from / width))),
          ])
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('cut a partition into chunks of so many rows and so many bytes of strings', () => {
    withArena(() => {
      const row = (i: number, text: string): Rel => ({ from: 5, to: i, cells: [BigInt(i), text, i, i % 2] })
      const many = Array.from({ length: 10_000 }, (_, i) => row(i, 'x'))
      expect(chunksIn(pack(many, 1)).map(({ rows }) => rows)).toEqual([4096, 4096, 1808])
      const long = Array.from({ length: 8 }, (_, i) => row(i, 'x'.repeat(i === 5 ? 600_000 : 100_000)))
      const bytes = pack(long, 1)
      expect(chunksIn(bytes).map(({ rows }) => rows)).toEqual([2, 2, 1, 1, 2])
      expect(get(readAll(memory, cursorOver(bytes), 8, types))).toEqual(long)
    })
  })

  it('take few bits where values lie close together', () => {
    withArena(() => {
      const rows = Array.from({ length: 4096 }, (_, i) => ({
        from: i % 64,
        to: 1_000_000 + (i % 1024),
        cells: [1_700_000_000n + BigInt(i % 32), 'x', 1.5, i % 2],
      }))
      // 6 + 10 + 5 + (0 + 8) + 0 + 1 bits a row.
      expect(pack(rows, 1).length).toBeLessThan((4096 * 30) / 8 + 200)
    })
  })

  it('are refused when their bytes are not what was packed', () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({
      from: i,
      to: i * 77,
      cells: [i % 3 === 0 ? null : BigInt(i), `text ${i}`, i / 3, 1],
    }))
    const good = withArena(() => pack(rows, 1))
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) =>
        withArena(() => {
          const bytes = good.slice()
          bytes[at]! ^= change
          const length = good.length - (at % 3 === 0 ? at % 50 : 0)
          // Other values, or an error: never a read outside of the chunk.
          try {
            expect(get(readAll(memory, cursorOver(bytes.subarray(0, length)), 50, types))).toHaveLength(50)
          } catch (error) {
            expect(String(error)).toMatch(/chunk|spooled/)
          }
        }),
      ),
      { numRuns: 300 },
    )
  })
})
