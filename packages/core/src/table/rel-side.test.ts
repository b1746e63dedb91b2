import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogChange, CsrGroup } from '../catalog/index.js'
import { nodeFileSystem } from '../io/index.js'
import { csrGroupNodes, pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import type { ColumnSchema } from '../types/index.js'
import { buildUnit } from './build-unit.js'
import { unitMemoryFor } from './csr-unit.js'
import { encodeRelBatch } from './encode-rel-batch.js'
import { RelLoad } from './rel-load.js'
import { type Cell, columnOf, FixtureStore, offsetsOf, relTable } from './table.test.fixture.js'
import { createWorkingMemory } from './working-memory.js'

const context = createWorkingMemory(new Arena(new MemoryBudget(1 << 28), 1 << 28))
const elsewhere = createWorkingMemory(new Arena(new MemoryBudget(1 << 28), 1 << 28))
const target = new Uint8Array(new SharedArrayBuffer(2048 * pageBytes))

const properties: ColumnSchema[] = [
  { name: 'since', type: 'INT64' },
  { name: 'note', type: 'STRING' },
]

type Rel = readonly [from: number, to: number, since: Cell, note: Cell]

const unitBytes = 200_000

function begin(store: FixtureStore, rows: readonly Rel[], batchRows: number, budgetBytes: number): RelLoad {
  const { arena } = context
  const rels = new RelLoad(store, relTable(properties), { budget: new MemoryBudget(budgetBytes), unitBytes })
  for (let start = 0; start < rows.length; start += batchRows) {
    const mark = arena.mark()
    const batch = rows.slice(start, start + batchRows)
    const ends = [0, 1].map((end) =>
      offsetsOf(
        arena,
        batch.map((rel) => rel[end] as number),
      ),
    )
    const columns = properties.map(({ type }, index) =>
      columnOf(
        arena,
        type,
        batch.map((rel) => rel[index + 2] as Cell),
      ),
    )
    const [from, to] = ends as [number, number]
    const encoded = encodeRelBatch(context, from, to, columns, batch.length, rels.partitioning, target)!
    rels.append(encoded, target)
    arena.release(mark)
  }
  return rels
}

/**
 * Builds all units as `here` says: by the load itself, or elsewhere. Returns how many units each side has.
 */
function build(rels: RelLoad, here: (unit: number) => boolean): number[] {
  const counts: number[] = []
  for (let plan = rels.beginSide(); plan !== null; plan = rels.beginSide()) {
    const { side, units } = structuredClone(plan)
    counts.push(units.length)
    // In any order; they are placed in theirs.
    const built = units
      .toReversed()
      .map((unit) => {
        if (here(unit.index)) return null
        const bytes = new Uint8Array(1 << 22)
        const mark = elsewhere.arena.mark()
        const outcome = buildUnit(elsewhere, nodeFileSystem, side, unit, bytes)!
        expect(elsewhere.arena.mark()).toBe(mark)
        return { outcome, bytes }
      })
      .toReversed()
    for (const [index, unit] of built.entries()) {
      if (unit === null) rels.build(index)
      else rels.place(index, unit.outcome, unit.bytes)
    }
  }
  return counts
}

/** Everything a side says of itself but where its pages are. */
function sides(change: CatalogChange): unknown {
  if (change.kind !== 'appendRels') throw new Error(change.kind)
  const plain = (groups: readonly CsrGroup[]) =>
    groups.map(({ groupIndex, rows, starts, chunks }) => ({
      groupIndex,
      rows,
      segments: [starts, ...chunks.flatMap((chunk) => [...chunk.segments])].map(
        ({ firstPage: _, ...rest }) => rest,
      ),
    }))
  return [plain(change.run.forward), plain(change.run.backward)]
}

function makeRels(count: number, fromNodes: number, toNodes: number, skew: number): Rel[] {
  return Array.from({ length: count }, (_, i) => [
    i % 10 < skew ? 77 % fromNodes : (i * 7919) % fromNodes,
    i % 10 < skew ? (i * 31) % Math.min(9, toNodes) : (i * 104_729) % toNodes,
    i % 9 === 0 ? null : i % 1000,
    i % 11 === 0 ? null : i % 501 === 0 ? `${i}`.repeat(9000) : `note ${i % 77}`,
  ])
}

describe('the units of a side', () => {
  let store: FixtureStore
  beforeEach(() => {
    store = new FixtureStore()
  })
  afterEach(() => store.close())

  it('become the same pages wherever they are built, whatever the batches and however much is spilled', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }),
        fc.constantFrom(1, 40, 3000, csrGroupNodes * 2 + 5),
        fc.constantFrom(1, 700, csrGroupNodes + 100),
        fc.integer({ min: 0, max: 9 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 500, max: 4000 }),
        (count, fromNodes, toNodes, skew, heres, batchRows) => {
          store.pretendNodes(fromNodes, toNodes)
          const rows = makeRels(count, fromNodes, toNodes, skew)
          const alone = begin(store, rows, 9000, 1 << 26)
          const expected = sides(alone.finish())
          alone.abort()
          for (const budgetBytes of [1 << 26, 10_000_000]) {
            const rels = begin(store, rows, batchRows, budgetBytes)
            build(rels, (unit) => heres[unit % heres.length]!)
            expect(sides(rels.finish())).toEqual(expected)
            rels.abort()
            expect(store.taken.size).toBe(0)
            expect(store.temporaryFiles()).toEqual([])
          }
        },
      ),
      { numRuns: 12 },
    )
  })

  it('divide a CSR group evenly, and leave no group out', () => {
    const nodes = csrGroupNodes * 2
    store.pretendNodes(nodes, 10)
    const rows: Rel[] = Array.from({ length: 8000 }, (_, i) => [(i * 5003) % nodes, i % 10, i, null])
    const rels = begin(store, rows, 4000, 1 << 26)
    const plan = rels.beginSide()!
    expect(plan.units.length).toBeGreaterThan(4)
    const sizes = plan.units.map((unit) => unit.rows)
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.3)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(8000)
    expect(plan.units.map((unit) => unit.firstPosition)).toEqual(
      sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0)),
    )
    for (const unit of plan.units) {
      const lastNode = unit.firstNode + unit.nodes - 1
      expect(Math.floor(lastNode / csrGroupNodes)).toBe(Math.floor(unit.firstNode / csrGroupNodes))
      expect(unit.memoryBytes).toBeLessThanOrEqual(unitMemoryFor(unitBytes))
    }
    rels.abort()
  })

  it('are read from the temporary file where they were spilled', () => {
    store.pretendNodes(3000, 2000)
    const rels = begin(store, makeRels(60_000, 3000, 2000, 0), 5000, 1_900_000)
    const plan = rels.beginSide()!
    expect(plan.side.file).not.toBeNull()
    const places = plan.units.flatMap((unit) => unit.extents.places)
    expect([places.some((place) => place >= 0), places.some((place) => place < 0)]).toEqual([true, true])
    const [unit] = plan.units
    expect(buildUnit(elsewhere, nodeFileSystem, plan.side, unit!, target)!.pages).toBeGreaterThan(0)
    rels.abort()
    expect(() => buildUnit(elsewhere, nodeFileSystem, plan.side, unit!, target)).toThrow(/ENOENT|reading/)
  })

  it('are taken in order, and as many as there are', () => {
    store.pretendNodes(3000, 2000)
    const rels = begin(store, makeRels(9000, 3000, 2000, 0), 5000, 1 << 24)
    const { units } = rels.beginSide()!
    expect(() => rels.build(1)).toThrow(/unit 1 after 0/)
    for (const unit of units) rels.build(unit.index)
    expect(() => rels.build(units.length)).toThrow(/unit/)
    rels.abort()
  })

  it('are refused by a target that is too small, at any point', () => {
    store.pretendNodes(300, 200)
    const rels = begin(store, makeRels(2000, 300, 200, 0), 5000, 1 << 24)
    const { side, units } = rels.beginSide()!
    const unit = units[0]!
    const whole = buildUnit(elsewhere, nodeFileSystem, side, unit, target)!
    const bytes = whole.pages * pageBytes + unit.nodes * 4 + whole.chunkBytes
    for (let length = 0; length < bytes; length += 1500) {
      expect(buildUnit(elsewhere, nodeFileSystem, side, unit, target.subarray(0, length))).toBeNull()
    }
    expect(buildUnit(elsewhere, nodeFileSystem, side, unit, target)).toEqual(whole)
    rels.abort()
  })
})
