import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RelTable } from '../catalog/index.js'
import { type FileSystem, nodeFileSystem } from '../io/index.js'
import { csrGroupNodes, pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import type { ColumnSchema } from '../types/index.js'
import { encodeRelBatch } from './encode-rel-batch.js'
import { partitioningFor, RelLoad, relLoadBytesMin } from './rel-load.js'
import type { RelReader } from './rel-reader.js'
import {
  type Cell,
  columnOf,
  FixtureStore,
  offsetsOf,
  relTable,
  snapshotOf,
  withRels,
} from './table.test.fixture.js'
import { valueAt } from './vector-values.js'
import { createBatchEncoderContext } from './working-memory.js'

interface Rel {
  from: number
  to: number
  properties: Cell[]
}

const context = createBatchEncoderContext(new Arena(new MemoryBudget(1 << 28), 1 << 28))
const target = new Uint8Array(new SharedArrayBuffer(1024 * pageBytes))

const properties: ColumnSchema[] = [
  { name: 'since', type: 'DATE' },
  { name: 'note', type: 'STRING' },
  { name: 'weight', type: 'DOUBLE' },
]

function append(rels: RelLoad, table: RelTable, rows: readonly Rel[]): void {
  const { arena } = context
  const mark = arena.mark()
  const from = offsetsOf(
    arena,
    rows.map((rel) => rel.from),
  )
  const to = offsetsOf(
    arena,
    rows.map((rel) => rel.to),
  )
  const columns = table.columns.map((column, index) =>
    columnOf(
      arena,
      column.type,
      rows.map((rel) => rel.properties[index]!),
    ),
  )
  const batch = encodeRelBatch(context, from, to, columns, rows.length, rels.partitioning, target)
  arena.release(mark)
  rels.append(batch!, target)
}

function load(
  store: FixtureStore,
  table: RelTable,
  rows: readonly Rel[],
  batchRows = 1000,
  budgetBytes = 1 << 26,
): RelTable {
  const budget = new MemoryBudget(budgetBytes)
  const rels = new RelLoad(store, table, { budget })
  for (let start = 0; start < rows.length; start += batchRows) {
    append(rels, table, rows.slice(start, start + batchRows))
  }
  const change = rels.finish()
  expect(budget.reservedBytes).toBe(0)
  expect(budget.peakBytes).toBeLessThanOrEqual(budgetBytes)
  expect(store.temporaryFiles()).toEqual([])
  return withRels(table, change)
}

/** All relationships of a direction as [bound, neighbour, position] in the order of the file. */
function walk(reader: RelReader, run: number, direction: 'forward' | 'backward', nodeCount: number) {
  const found: { bound: number; neighbour: number; position: number }[] = []
  for (let group = 0; group * csrGroupNodes < nodeCount; group++) {
    const csr = reader.group(run, direction, group)
    if (csr === undefined) continue
    const starts = csr.starts()
    const bounds: number[] = []
    for (let node = 0; node + 1 < starts.length; node++) {
      for (let row = starts[node]!; row < starts[node + 1]!; row++) bounds.push(csr.firstNode + node)
    }
    expect(bounds.length).toBe(csr.rows)
    for (let chunk = 0; chunk < csr.chunkCount; chunk++) {
      const neighbours = csr.neighbours(chunk)
      const positions = csr.positions(chunk)
      for (let row = 0; row < neighbours.length; row++) {
        const bound = bounds[csr.chunkStart(chunk) + row]!
        found.push({ bound, neighbour: neighbours[row]!, position: positions[row]! })
      }
    }
  }
  return found
}

/** Compares a run with the plain model: a stable sort by source, then by destination of that. */
function expectRun(
  store: FixtureStore,
  table: RelTable,
  run: number,
  rows: readonly Rel[],
  nodes: [number, number],
) {
  const snapshot = snapshotOf(store)
  const reader = snapshot.rels(table)
  const forward = rows.toSorted((a, b) => a.from - b.from)
  expect(walk(reader, run, 'forward', nodes[0])).toEqual(
    forward.map((rel, position) => ({ bound: rel.from, neighbour: rel.to, position })),
  )
  const backward = forward.map((rel, position) => ({ bound: rel.to, neighbour: rel.from, position }))
  expect(walk(reader, run, 'backward', nodes[1])).toEqual(backward.toSorted((a, b) => a.bound - b.bound))
  const positions = forward.map((_, index) => (index * 7919) % forward.length)
  for (const column of table.columns.keys()) {
    const vector = reader.property(run, positions, positions.length, column)
    const cells = positions.map((_, at) => valueAt(vector, at))
    expect(cells).toEqual(positions.map((position) => forward[position]!.properties[column]))
  }
  snapshot.close()
}

function makeRels(count: number, from: (i: number) => number, to: (i: number) => number): Rel[] {
  return Array.from({ length: count }, (_, i) => ({
    from: from(i),
    to: to(i),
    properties: [
      i % 9 === 0 ? null : i - 50,
      i % 5 === 0 ? null : `note ${i % 321}`,
      i % 4 === 0 ? null : i / 8,
    ],
  }))
}

/** Spreads 0, 1, 2 … over 0 … n − 1. */
const spread = (n: number, step: number) => (i: number) => (i * step) % n

describe('a relationship load', () => {
  let store: FixtureStore
  beforeEach(() => {
    store = new FixtureStore()
  })
  afterEach(() => store.close())

  it('equals the plain model forward and backward, over any nodes, batches and budgets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.option(fc.string({ unit: 'grapheme' }))), {
          maxLength: 300,
        }),
        fc.integer({ min: 1, max: 90 }),
        fc.constantFrom(1_200_000, 1 << 24),
        (fromNodes, toNodes, pairs, batchRows, budgetBytes) => {
          store.pretendNodes(fromNodes, toNodes)
          const rows = pairs.map(([from, to, note], i) => ({
            from: from % fromNodes,
            to: to % toNodes,
            properties: [i % 3 === 0 ? null : i, note, i / 4],
          }))
          const table = load(store, relTable(properties), rows, batchRows, budgetBytes)
          expectRun(store, table, 0, rows, [fromNodes, toNodes])
        },
      ),
      { numRuns: 40 },
    )
  })

  it('spills and partitions again within a small budget', () => {
    store.pretendNodes(3000, 2000)
    const rows = makeRels(40_000, spread(3000, 977), spread(2000, 331))
    const budget = new MemoryBudget(1_300_000)
    const rels = new RelLoad(store, relTable(properties), { budget })
    for (let start = 0; start < rows.length; start += 5000) {
      append(rels, relTable(properties), rows.slice(start, start + 5000))
    }
    expect(store.temporaryFiles()).not.toEqual([])
    const table = withRels(relTable(properties), rels.finish())
    expectRun(store, table, 0, rows, [3000, 2000])
    expect(store.temporaryFiles()).toEqual([])
  })

  it('writes many blocks at a time, however little memory many nodes leave', () => {
    const nodes = 1_000_000
    store.pretendNodes(nodes, nodes)
    let writes = 0
    const counting: FileSystem = {
      ...nodeFileSystem,
      open: (path, mode) => {
        const file = nodeFileSystem.open(path, mode)
        const write = file.write.bind(file)
        file.write = (bytes, position) => {
          writes++
          write(bytes, position)
        }
        return file
      },
    }
    Object.assign(store, { fileSystem: counting })
    const table = relTable(properties)
    const size = { fromNodes: nodes, toNodes: nodes, types: table.columns.map(({ type }) => type) }
    const unitBytes = 1 << 20
    const enough = relLoadBytesMin({ ...size, unitBytes })
    for (const budgetBytes of [enough, enough - (1 << 20)]) {
      writes = 0
      const rels = new RelLoad(store, table, { budget: new MemoryBudget(budgetBytes), unitBytes })
      const rows = makeRels(40_000, spread(nodes, 7919), spread(nodes, 104_729))
      for (let start = 0; start < rows.length; start += 10_000) {
        append(rels, table, rows.slice(start, start + 10_000))
      }
      expect(store.temporaryFiles()).not.toEqual([])
      expect(writes).toBeLessThan(200)
      rels.abort()
    }
  })

  it('builds relationships with very many texts in memory for a few', () => {
    store.pretendNodes(500, 500)
    const texts = Array.from({ length: 120 }, (_, index) => ({ name: `t${index}`, type: 'STRING' as const }))
    const rows = Array.from({ length: 1500 }, (_, i) => ({
      from: (i * 7) % 500,
      to: (i * 31) % 500,
      properties: texts.map(({ name }, column) => ((i + column) % 9 === 0 ? null : `${name} of ${i}`)),
    }))
    const table = load(store, relTable(texts), rows, 100, 16 << 20)
    expectRun(store, table, 0, rows, [500, 500])
  })

  it('streams a single node with more relationships than fit', () => {
    store.pretendNodes(500, 500)
    const rows = makeRels(
      40_000,
      (i) => (i % 10 === 0 ? i % 500 : 250),
      (i) => (i % 3 === 0 ? 7 : (i * 31) % 500),
    )
    const table = load(store, relTable(properties), rows, 5000, 1_300_000)
    expectRun(store, table, 0, rows, [500, 500])
  })

  it('partitions again and again where relationships crowd into few of many nodes', () => {
    store.pretendNodes(100_000, 100_000)
    const rows = makeRels(
      60_000,
      (i) => 50_000 + (i % 4 === 0 ? i % 700 : (i * 7) % 11),
      (i) => 70_000 + ((i * 13) % 5),
    )
    const table = load(store, relTable(properties), rows, 5000, 6_500_000)
    expectRun(store, table, 0, rows, [100_000, 100_000])
  })

  it('cuts row groups at CSR groups, and evenly where they would be too large', () => {
    const nodes = csrGroupNodes * 2 + 10
    store.pretendNodes(nodes, 3)
    const rows: Rel[] = Array.from({ length: 150_000 }, (_, i) => ({
      from: i < 140_000 ? 5 : csrGroupNodes * 2 + (i % 10),
      to: i % 3,
      properties: [],
    }))
    const table = load(store, relTable([]), rows, 50_000)
    const [run] = table.runs
    expect(run!.forward.map((group) => [group.groupIndex, group.chunks.map((chunk) => chunk.rows)])).toEqual([
      [0, [70_000, 70_000]],
      [2, [10_000]],
    ])
    expect(run!.forward[1]!.starts.rows).toBe(11)
    expect(run!.backward.map((group) => group.rows)).toEqual([150_000])
    expectRun(store, table, 0, rows, [nodes, 3])
  })

  it('ends a row group early when its strings are long, and gives a very long one its own', () => {
    store.pretendNodes(40, 40)
    const rows = makeRels(200, spread(40, 7), spread(40, 3))
    rows.forEach((rel, i) => {
      rel.properties[1] = `${i}${'x'.repeat(i % 50 === 0 ? 300_000 : i * 20)}`
    })
    const table = load(store, relTable(properties), rows, 20, 4_000_000)
    expect(table.runs[0]!.forward[0]!.chunks.length).toBeGreaterThan(3)
    expectRun(store, table, 0, rows, [40, 40])
  })

  it('adds a run for each load, and numbers relationships across runs', () => {
    store.pretendNodes(100, 100)
    const first = makeRels(300, spread(100, 17), spread(100, 3))
    const second = makeRels(50, spread(100, 3), spread(100, 17))
    let table = load(store, relTable(properties), first)
    store.pretendNodes(140, 100)
    second.push({ from: 139, to: 0, properties: [1, 'new node', 2] })
    table = load(store, table, second)
    expectRun(store, table, 0, first, [140, 100])
    expectRun(store, table, 1, second, [140, 100])
    const reader = snapshotOf(store).rels(table)
    expect([reader.runStart(0), reader.runStart(1)]).toEqual([0, 300])
    expect(reader.group(0, 'forward', 0)!.starts().length).toBe(101)
    expect(reader.group(1, 'forward', 1)).toBeUndefined()
  })

  it('makes the same pages whatever the size of the batches', () => {
    store.pretendNodes(700, 600)
    const rows = makeRels(5000, spread(700, 331), spread(600, 17))
    const checksums = [1, 77, 5000].map((batchRows) => {
      const table = load(store, relTable(properties), rows, batchRows)
      const groups = [...table.runs[0]!.forward, ...table.runs[0]!.backward]
      return groups
        .flatMap((group) => [group.starts, ...group.chunks.flatMap((chunk) => [...chunk.segments])])
        .map((segment) => [...segment.checksums])
    })
    expect(checksums[1]).toEqual(checksums[0])
    expect(checksums[2]).toEqual(checksums[0])
  })

  it('says no to a batch that does not fit its target', () => {
    const mark = context.arena.mark()
    const lanes = offsetsOf(
      context.arena,
      Array.from({ length: 1000 }, (_, i) => i),
    )
    const partitioning = partitioningFor(1000)
    const encode = (bytes: number) =>
      encodeRelBatch(context, lanes, lanes, [], 1000, partitioning, new Uint8Array(bytes))
    const fitting = encode(1 << 18)!
    expect(encode(1 << 17)).toEqual(fitting)
    expect(encode(fitting.bytes - 1)).toBeNull()
    context.arena.release(mark)
  })

  it('leaves no page, memory or temporary file when it is aborted, before or after it is finished', () => {
    store.pretendNodes(3000, 2000)
    const rows = makeRels(20_000, spread(3000, 977), spread(2000, 331))
    for (const finished of [false, true]) {
      const budget = new MemoryBudget(1_300_000)
      const rels = new RelLoad(store, relTable(properties), { budget })
      append(rels, relTable(properties), rows)
      expect(store.temporaryFiles()).not.toEqual([])
      if (finished) {
        rels.finish()
        expect(store.taken.size).toBeGreaterThan(0)
      }
      rels.abort()
      expect(store.temporaryFiles()).toEqual([])
      expect(store.taken.size).toBe(0)
      expect(budget.reservedBytes).toBe(0)
    }
  })

  it('cuts nodes into partitions by their number alone, each within a CSR group', () => {
    for (const nodes of [0, 1, 2, 511, 512, 513, 10_000, 5_000_000, 2 ** 28 + 1]) {
      const { fromNodesPerPartition, partitions } = partitioningFor(nodes)
      expect(fromNodesPerPartition * partitions).toBeGreaterThanOrEqual(nodes)
      expect(csrGroupNodes % fromNodesPerPartition).toBe(0)
      expect(partitions).toBeLessThanOrEqual(Math.max(1024, nodes / csrGroupNodes + 1))
    }
  })
})
