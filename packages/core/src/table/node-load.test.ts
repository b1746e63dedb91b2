import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeTable } from '../catalog/index.js'
import { isMillraceError } from '../errors/index.js'
import { pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import type { ColumnSchema } from '../types/index.js'
import type { DuplicateKeyError } from './duplicate-key.js'
import { encodeNodeBatch } from './encode-node-batch.js'
import { NodeLoad } from './node-load.js'
import {
  type Cell,
  columnOf,
  columnValues,
  FixtureStore,
  nodeTable,
  snapshotOf,
  withNodes,
} from './table.test.fixture.js'
import { createBatchEncoderContext } from './working-memory.js'

const context = createBatchEncoderContext(new Arena(new MemoryBudget(1 << 28), 1 << 28))
const target = new Uint8Array(new SharedArrayBuffer(512 * pageBytes))

/** Loads rows in batches of `batchRows`; rows are arrays of cells. */
function load(
  store: FixtureStore,
  table: NodeTable,
  rows: readonly (readonly Cell[])[],
  batchRows = 1000,
  budgetBytes = 1 << 26,
): NodeTable {
  const budget = new MemoryBudget(budgetBytes)
  const nodes = new NodeLoad(store, table, { budget })
  try {
    for (let start = 0; start < rows.length; start += batchRows) {
      append(nodes, table, rows.slice(start, start + batchRows))
    }
    return withNodes(table, nodes.finish())
  } catch (error) {
    nodes.abort()
    throw error
  } finally {
    expect(budget.reservedBytes).toBe(0)
  }
}

function append(nodes: NodeLoad, table: NodeTable, rows: readonly (readonly Cell[])[]): void {
  const mark = context.arena.mark()
  const columns = table.columns.map((column, index) =>
    columnOf(
      context.arena,
      column.type,
      rows.map((row) => row[index]!),
    ),
  )
  const batch = encodeNodeBatch(context, columns, table.keyColumn, rows.length, target)
  context.arena.release(mark)
  nodes.append(batch!, target)
}

const people: ColumnSchema[] = [
  { name: 'name', type: 'STRING' },
  { name: 'id', type: 'INT64' },
  { name: 'height', type: 'DOUBLE' },
  { name: 'alive', type: 'BOOL' },
  { name: 'born', type: 'DATE' },
]

const onlyKey = (type: 'INT64' | 'STRING') => nodeTable([{ name: 'id', type }])
const keyRows = (keys: readonly Cell[]) => keys.map((key) => [key])

function shuffled<T>(values: readonly T[], seed = 7): T[] {
  const copy = [...values]
  let state = seed
  for (let i = copy.length - 1; i > 0; i--) {
    state = (state * 1103515245 + 12345) % 2147483648
    const j = state % (i + 1)
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}

describe('a node load', () => {
  let store: FixtureStore
  beforeEach(() => {
    store = new FixtureStore()
  })
  afterEach(() => store.close())

  it('reads back equal to what was loaded, over several batches, types and nulls', () => {
    const rows = Array.from({ length: 5000 }, (_, i): Cell[] => [
      i % 7 === 0 ? null : `person ${i} ${'é'.repeat(i % 5)}`,
      i * 3 - 4000,
      i % 11 === 0 ? null : i / 4,
      i % 3 === 0 ? null : i % 2,
      i % 13 === 0 ? null : i - 2500,
    ])
    const table = load(store, nodeTable(people, 1), rows, 777)
    const snapshot = snapshotOf(store)
    const reader = snapshot.nodes(table)
    expect(reader.rowCount).toBe(5000)
    for (const column of people.keys()) {
      expect(columnValues(reader, column)).toEqual(rows.map((row) => row[column]))
    }
    for (const offset of [0, 776, 777, 4999]) {
      const group = reader.groupOf(offset)
      expect(offset - reader.groupStart(group)).toBe(offset % 777)
    }
    snapshot.close()
  })

  it('cuts a batch of more rows than a row group into groups', () => {
    const keys = Array.from({ length: 140_000 }, (_, i) => i)
    const table = load(store, onlyKey('INT64'), keyRows(shuffled(keys)), 140_000)
    expect(table.groups.map((group) => group.rows)).toEqual([131_072, 8928])
    const reader = snapshotOf(store).nodes(table)
    expect(shuffled(keys).every((key, offset) => offset % 997 !== 0 || reader.lookup(key) === offset)).toBe(
      true,
    )
  })

  it('needs no index for strictly increasing keys', () => {
    const table = load(store, onlyKey('INT64'), keyRows(Array.from({ length: 3000 }, (_, i) => i * 2)), 500)
    expect(table.keys.runs).toEqual([])
    expect(table.keys.sortedGroups).toEqual([0, 1, 2, 3, 4, 5])
    const reader = snapshotOf(store).nodes(table)
    expect(reader.lookup(2998)).toBe(1499)
    for (const absent of [-2, 2999, 6000, 1.5, 2n ** 64n, 'x']) expect(reader.lookup(absent)).toBe(-1)
  })

  it('finds keys however they are ordered, and none that is absent', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.oneof(fc.integer({ min: 0, max: 400 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 2n })),
          {
            maxLength: 200,
            selector: (key) => BigInt(key),
          },
        ),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(3),
        (keys, batchRows, sortedParts) => {
          // Some batches sorted, some not; then a second load of the rest.
          const ordered = keys
            .map(BigInt)
            .map((key, index, all) => (index % 4 < sortedParts ? [...all].sort(compare)[index]! : key))
          const distinct = [...new Set(ordered)]
          const half = distinct.length >> 1
          let table = load(store, onlyKey('INT64'), keyRows(distinct.slice(0, half)), batchRows)
          table = load(store, table, keyRows(distinct.slice(half)), batchRows)
          const snapshot = snapshotOf(store)
          const reader = snapshot.nodes(table)
          distinct.forEach((key, offset) => {
            expect(reader.lookup(key)).toBe(offset)
          })
          for (const near of distinct) {
            if (!distinct.includes(near + 1n)) expect(reader.lookup(near + 1n)).toBe(-1)
          }
          snapshot.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  it('finds string keys, the empty one and near misses too', () => {
    const keys = ['', 'a', 'b', 'ab', 'é', ...Array.from({ length: 4000 }, (_, i) => `key-${i}`)]
    let table = load(store, onlyKey('STRING'), keyRows(keys.slice(0, 2500)), 300)
    table = load(store, table, keyRows(keys.slice(2500)), 300)
    const reader = snapshotOf(store).nodes(table)
    keys.forEach((key, offset) => {
      expect(reader.lookup(key)).toBe(offset)
    })
    for (const absent of ['key-', 'key-4000', 'A', ' ', 7]) expect(reader.lookup(absent)).toBe(-1)
  })

  it('keeps the number of runs logarithmic by folding small ones into the new', () => {
    let table = onlyKey('STRING')
    for (let part = 0; part < 40; part++) {
      table = load(store, table, keyRows(Array.from({ length: 50 }, (_, i) => `k${part}-${i}`)))
      expect(table.keys.runs.length).toBeLessThanOrEqual(3 + Math.log2(part + 1))
      expect(table.keys.runs.reduce((sum, run) => sum + run.entries, 0)).toBe(50 * (part + 1))
    }
    const reader = snapshotOf(store).nodes(table)
    for (let part = 0; part < 40; part++) expect(reader.lookup(`k${part}-49`)).toBe(part * 50 + 49)
  })

  it('builds the same index whether it sorts at once or spills and sorts in parts', () => {
    const keys = shuffled(Array.from({ length: 60_000 }, (_, i) => i * 5))
    const large = load(store, onlyKey('INT64'), keyRows(keys), 8000)
    const other = new FixtureStore()
    const small = load(other, onlyKey('INT64'), keyRows(keys), 8000, 1_700_000)
    expect(small.keys.runs[0]!.pages.checksums).toEqual(large.keys.runs[0]!.pages.checksums)
    expect(small.keys.runs[0]!.bucketPages).toBeGreaterThan(190)
    expect(other.temporaryFiles()).toEqual([])
    const reader = snapshotOf(store).nodes(large)
    expect(keys.every((key, offset) => offset % 61 !== 0 || reader.lookup(key) === offset)).toBe(true)
    other.close()
  })

  it('leaves no page, memory or temporary file when it is aborted', () => {
    const budget = new MemoryBudget(1_700_000)
    const table = onlyKey('STRING')
    const nodes = new NodeLoad(store, table, { budget })
    for (let part = 0; part < 60; part++) {
      append(nodes, table, keyRows(Array.from({ length: 1000 }, (_, i) => `k${part}-${i}`)))
    }
    expect(store.temporaryFiles()).not.toEqual([])
    nodes.abort()
    expect(store.temporaryFiles()).toEqual([])
    expect(store.taken.size).toBe(0)
    expect(budget.reservedBytes).toBe(0)
  })

  it('gives the pages of the finished index back too, when the commit does not follow', () => {
    const table = onlyKey('STRING')
    const nodes = new NodeLoad(store, table, { budget: new MemoryBudget(1 << 26) })
    append(nodes, table, keyRows(['b', 'a']))
    nodes.finish()
    expect(store.taken.size).toBe(2)
    nodes.abort()
    expect(store.taken.size).toBe(0)
  })
})

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

describe('a duplicate key', () => {
  let store: FixtureStore
  beforeEach(() => {
    store = new FixtureStore()
  })
  afterEach(() => store.close())

  function duplicateOf(
    table: NodeTable,
    keys: readonly Cell[],
    batchRows: number,
  ): DuplicateKeyError['duplicate'] {
    const taken = store.taken.size
    try {
      load(store, table, keyRows(keys), batchRows)
    } catch (error) {
      expect(isMillraceError(error, 'MILLRACE_DUPLICATE_KEY')).toBe(true)
      expect(store.taken.size).toBe(taken)
      expect(store.temporaryFiles()).toEqual([])
      return (error as DuplicateKeyError).duplicate
    }
    throw new Error('no duplicate was found')
  }

  const cases: [string, Cell[], Cell[], number, number, number | null][] = [
    ['between two sorted batches', [], [1, 2, 3, 3, 4, 5], 3, 3, 2],
    ['within an unsorted batch', [], [5, 1, 9, 1, 5], 10, 3, 1],
    ['between unsorted batches', [], [5, 1, 9, 3, 2, 5], 3, 5, 0],
    ['of a sorted group by an unsorted batch', [], [1, 3, 5, 9, 3, 11], 3, 4, 1],
    ['of a dense sorted group by an unsorted batch', [], [1, 2, 3, 9, 3, 11], 3, 4, 2],
    ['of an unsorted batch by a sorted one', [], [9, 3, 11, 1, 2, 3], 3, 5, 1],
    ['of a sorted group in the table', [10, 20, 30], [1, 20, 40], 3, 1, null],
    ['of an unsorted group in the table', [30, 20, 10], [1, 20, 40], 3, 1, null],
    ['of the table by an unsorted batch', [10, 20, 30], [40, 30, 10], 3, 1, null],
    ['of a string in the table', ['b', 'a'], ['c', 'a'], 3, 1, null],
    ['of a string in the load', ['b', 'a'], ['c', 'd', 'e', 'c'], 2, 3, 0],
    ['three times over', [], [7, 7, 7, 7, 3, 3], 2, 1, 0],
    ['first by its later row', [], [9, 8, 7, 6, 6, 7, 8, 9], 8, 4, 3],
  ]
  it.each(cases)('%s is found and named', (_, before, keys, batchRows, loadRow, firstLoadRow) => {
    const type = typeof keys[0] === 'string' ? 'STRING' : 'INT64'
    const table = before.length === 0 ? onlyKey(type) : load(store, onlyKey(type), keyRows(before))
    const duplicate = duplicateOf(table, keys, batchRows)
    expect(duplicate).toMatchObject({ loadRow, firstLoadRow, value: keys[loadRow] })
  })

  it('is the first of many, whatever the order of keys and batches', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (before, keys, batchRows, strings) => {
          const cell = (key: number) => (strings ? `k${key}` : key)
          const old = [...new Set(before)].map(cell)
          const table = load(store, onlyKey(strings ? 'STRING' : 'INT64'), keyRows(old), batchRows)
          const cells = keys.map(cell)
          const first = cells.findIndex((key, row) => old.includes(key) || cells.indexOf(key) < row)
          if (first === -1) load(store, table, keyRows(cells), batchRows)
          else expect(duplicateOf(table, cells, batchRows).loadRow).toBe(first)
        },
      ),
      { numRuns: 80 },
    )
  })

  it('between many sparse sorted groups and many unsorted keys is found, and none where there is none', () => {
    const sparse = Array.from({ length: 6000 }, (_, i) => i * 7)
    const table = load(store, onlyKey('INT64'), keyRows(sparse), 40)
    expect(table.keys.sortedGroups.length).toBe(150)
    const between = shuffled(Array.from({ length: 30_000 }, (_, i) => i + Math.floor(i / 6) + 1))
    expect(between.some((key) => key % 7 === 0)).toBe(false)
    const both = load(store, table, keyRows(between), 3000, 1_700_000)
    const reader = snapshotOf(store).nodes(both)
    expect(between.every((key, row) => row % 83 !== 0 || reader.lookup(key) === 6000 + row)).toBe(true)
    expect(sparse.every((key, offset) => offset % 83 !== 0 || reader.lookup(key) === offset)).toBe(true)
    const twice = [...between.slice(0, 20_000), 7 * 5999, ...between.slice(20_000), 7]
    expect(duplicateOf(table, twice, 3000)).toMatchObject({
      loadRow: 20_000,
      firstLoadRow: null,
      value: 41_993,
    })
  })

  it('repeated more often than memory can sort is an error, not an overflow', () => {
    const table = onlyKey('STRING')
    const keys = Array.from({ length: 40_000 }, (_, i) => (i < 100 ? `k${i}` : 'same'))
    expect(() => load(store, table, keyRows(keys), 5000, 1_700_000)).toThrow(
      'row 102 of the load: the key same of Person.id is already there (in row 101)',
    )
    expect(store.taken.size).toBe(0)
  })
})
