import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeTable } from '../catalog/index.js'
import { pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import type { LogicalType } from '../types/index.js'
import { checkTable } from './check-table.js'
import { DuplicateFinder } from './duplicate-key.js'
import { DuplicateCollector } from './duplicate-rows.js'
import { encodeNodeBatch } from './encode-node-batch.js'
import { type DuplicateRows, NodeLoad } from './node-load.js'
import type { StoredNodeReader } from './node-reader.js'
import { RowMarks } from './row-marks.js'
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
const target = new Uint8Array(512 * pageBytes)

function append(nodes: NodeLoad, table: NodeTable, rows: readonly (readonly Cell[])[]): void {
  const mark = context.arena.mark()
  const columns = table.columns.map(({ type }, index) =>
    columnOf(
      context.arena,
      type,
      rows.map((row) => row[index]!),
    ),
  )
  const batch = encodeNodeBatch(context, columns, table.keyColumn, rows.length, target)
  context.arena.release(mark)
  nodes.append(batch!, target)
}

/** Loads rows, leaving out those whose keys are there. */
function loadSkipping(
  store: FixtureStore,
  table: NodeTable,
  rows: readonly (readonly Cell[])[],
  batchRows: number,
  budgetBytes = 1 << 25,
): { table: NodeTable; duplicates: DuplicateRows | null } {
  const budget = new MemoryBudget(budgetBytes)
  const nodes = new NodeLoad(store, table, { budget, skipDuplicates: true })
  for (let start = 0; start < rows.length; start += batchRows) {
    append(nodes, table, rows.slice(start, start + batchRows))
  }
  const duplicates = nodes.leaveOutDuplicates(5)
  const loaded = withNodes(table, nodes.finish())
  nodes.committed()
  expect(budget.reservedBytes).toBe(0)
  return { table: loaded, duplicates }
}

function rowsOfWords({ words }: DuplicateRows): number[] {
  const rows: number[] = []
  for (const [word, bits] of words.entries()) {
    for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) rows.push(word * 32 + bit)
  }
  return rows
}

const tableOf = (type: LogicalType) =>
  nodeTable(
    [
      { name: 'note', type: 'STRING' },
      { name: 'id', type },
      { name: 'size', type: 'DOUBLE' },
    ],
    1,
  )

/** Rows that tell where they come from, with nulls. */
const rowsOf = (keys: readonly Cell[], from: number): Cell[][] =>
  keys.map((key, at) => [
    (from + at) % 5 === 0 ? null : `row ${from + at}`,
    key,
    (from + at) % 3 === 0 ? null : from + at,
  ])

describe('a node load that skips duplicate keys', () => {
  let store: FixtureStore
  beforeEach(() => {
    store = new FixtureStore()
  })
  afterEach(() => store.close())

  function expectHolds(table: NodeTable, expected: readonly Cell[][]): void {
    const snapshot = snapshotOf(store)
    const reader = snapshot.nodes(table)
    expect(reader.rowCount).toBe(expected.length)
    for (const column of [0, 1, 2]) {
      expect(columnValues(reader, column).map(plain)).toEqual(expected.map((row) => plain(row[column]!)))
    }
    for (const [offset, row] of expected.entries()) expect(reader.lookup(row[1]!)).toBe(offset)
    expect([...checkTable(snapshot, table)]).toEqual([])
    snapshot.close()
  }

  const intKeys = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 120 })

  it.each(['INT64', 'STRING'] as const)(
    'keeps the first of each key, in order, over two loads (%s)',
    (type) => {
      const asKey = (key: number): Cell => (type === 'STRING' ? `key ${key}` : key)
      fc.assert(
        fc.property(
          intKeys,
          intKeys,
          fc.integer({ min: 1, max: 50 }),
          fc.boolean(),
          (one, two, batchRows, sort) => {
            // Sorted beginnings make sorted groups, which later rows fall into.
            const first = sort ? [...one].sort((left, right) => left - right) : one
            let table = tableOf(type)
            const expected: Cell[][] = []
            const seen = new Set<Cell>()
            for (const keys of [first.map(asKey), two.map(asKey)]) {
              const rows = rowsOf(keys, expected.length)
              const left: number[] = []
              for (const [at, row] of rows.entries()) {
                if (seen.has(row[1]!)) left.push(at)
                else expected.push(row)
                seen.add(row[1]!)
              }
              const loaded = loadSkipping(store, table, rows, batchRows)
              table = loaded.table
              expect(loaded.duplicates === null ? [] : rowsOfWords(loaded.duplicates)).toEqual(left)
              expect(loaded.duplicates?.count ?? 0).toBe(left.length)
              expect(loaded.duplicates?.values ?? []).toEqual(left.slice(0, 5).map((at) => String(keys[at])))
            }
            expectHolds(table, expected)
          },
        ),
        { numRuns: 60 },
      )
    },
  )

  it('leaves nothing of a load that was there already, and can load on', () => {
    const rows = rowsOf(
      Array.from({ length: 3000 }, (_, at) => at),
      0,
    )
    let { table } = loadSkipping(store, tableOf('INT64'), rows, 700)
    for (const again of [rows, rows.toReversed()]) {
      const loaded = loadSkipping(store, table, again, 450)
      expect(loaded.duplicates?.count).toBe(3000)
      table = loaded.table
      expectHolds(table, rows)
    }
    const more = rowsOf([5, 3000, 3001], 3000)
    table = loadSkipping(store, table, more, 10).table
    expectHolds(table, [...rows, ...more.slice(1)])
  })

  it('compares many keys at once, in groups of all sizes', () => {
    const keys = Array.from({ length: 40_000 }, (_, at) => (at * 7919) % 20_011)
    const rows = rowsOf(keys, 0)
    const { table } = loadSkipping(store, tableOf('INT64'), rows, 9000)
    const seen = new Set<number>()
    expectHolds(
      table,
      rows.filter((row) => !seen.has(row[1] as number) && seen.add(row[1] as number)),
    )
  })

  it('keeps one of a key that comes more often than fits in memory', () => {
    const rows = rowsOf(
      Array.from({ length: 60_000 }, (_, at) => (at % 50 === 7 ? at : -1)),
      0,
    )
    const { table, duplicates } = loadSkipping(store, tableOf('INT64'), rows, 9000, 1 << 23)
    const left = rows.filter((row, at) => at === 0 || row[1] !== -1)
    expect(duplicates?.count).toBe(rows.length - left.length)
    expectHolds(table, left)
  })

  /** A reader of one group with these keys, as far as finders use it. */
  function readerOf(keys: readonly number[]): StoredNodeReader {
    const { arena } = context
    const reader = {
      table: {
        name: 'T',
        keyColumn: 0,
        columns: [{ name: 'k', type: 'INT64' }],
        groups: [{ segments: [{}] }],
      },
      starts: Float64Array.of(0, keys.length),
      groupOf: () => 0,
      groupStart: () => 0,
      column: () => ({ kind: 'number', type: 'INT64', values: Float64Array.from(keys), nulls: null }),
      source: { memory: context, lanes: () => columnOf(arena, 'INT64', keys) },
    }
    return reader as unknown as StoredNodeReader
  }

  it('finds the first of all duplicates among keys that have one hash, whatever is compared at once', () => {
    const keys = Array.from({ length: 20_000 }, (_, row) => (row < 19_000 ? row : row - 15_000))
    const rows = keys.map((_, row) => row)
    for (const order of [rows, rows.toReversed()]) {
      const finder = new DuplicateFinder()
      finder.readFrom(readerOf(keys))
      for (const row of order) if (row > 4000) finder.compare(row < 19_000 ? 0 : row - 15_000, row)
      expect(() => finder.settle(100)).toThrow(
        expect.objectContaining({
          duplicate: expect.objectContaining({ loadRow: 18_900, firstLoadRow: 3900 }),
        }),
      )
    }
  })

  it('finds nothing where all keys with one hash differ', () => {
    const finder = new DuplicateFinder()
    finder.readFrom(readerOf([1, 2, 3, 4]))
    for (let row = 1; row < 4; row++) finder.compare(0, row)
    expect(finder.settle(0)).toBe(false)
  })

  it('tells keys apart that have one hash', () => {
    const keys = [1, 2, 2, 3, 1, 3, 2, 4]
    const marks = new RowMarks(new MemoryBudget(1 << 20))
    const collector = new DuplicateCollector(0, marks)
    collector.readFrom(readerOf(keys))
    for (let row = 1; row < keys.length; row++) collector.compare(0, row)
    expect(collector.settle()).toBe(true)
    expect([...keys.keys()].filter((row) => marks.has(row))).toEqual([2, 4, 5, 6])
  })

  it('gives all pages back when it is given up', () => {
    const table = tableOf('STRING')
    const nodes = new NodeLoad(store, table, { budget: new MemoryBudget(1 << 25), skipDuplicates: true })
    append(nodes, table, rowsOf(['a', 'b', 'a', 'c'], 0))
    const before = store.pagesInUse
    expect(before).toBeGreaterThan(0)
    expect(nodes.leaveOutDuplicates(1)?.values).toEqual(['a'])
    nodes.abort()
    expect(store.pagesInUse).toBe(0)
  })

  it('gives the pages of what it wrote twice back when it is committed', () => {
    const rows = rowsOf(['a', 'b', 'a', 'c'], 0)
    const { table } = loadSkipping(store, tableOf('STRING'), rows, 10)
    const inUse = store.pagesInUse
    const other = new FixtureStore()
    loadSkipping(other, tableOf('STRING'), [rows[0]!, rows[1]!, rows[3]!], 10)
    expect(inUse).toBe(other.pagesInUse)
    expect(table.rowCount).toBe(3)
    other.close()
  })
})

function plain(value: Cell): Cell {
  return typeof value === 'bigint' ? Number(value) : value
}

describe('marked rows', () => {
  it('are counted before any row, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000)), fc.array(fc.nat(6000)), (rows, asked) => {
        const budget = new MemoryBudget(1 << 20)
        const marks = new RowMarks(budget)
        for (const row of rows) marks.mark(row)
        marks.settle()
        const distinct = [...new Set(rows)]
        expect(marks.count).toBe(distinct.length)
        for (const row of asked) {
          expect(marks.has(row)).toBe(distinct.includes(row))
          expect(marks.before(row)).toBe(distinct.filter((each) => each < row).length)
        }
        marks.close()
        expect(budget.reservedBytes).toBe(0)
      }),
    )
  })
})
