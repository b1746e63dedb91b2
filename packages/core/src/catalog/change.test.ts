import { describe, expect, it } from 'vitest'
import type { SegmentDescriptor } from '../column/segment.js'
import { applyChange, emptyCatalog } from './change.js'
import { findTable, requireTable } from './lookup.js'
import type { Catalog, CatalogChange, CsrGroup, NodeTable, RelTable, RowGroup } from './model.js'
import { changedPages, tableExtents, tableRuns } from './page-runs.js'
import { planTable } from './plan-table.js'

let nextPage = 2

function segment(rows: number, change: Partial<SegmentDescriptor> = {}): SegmentDescriptor {
  return {
    type: 'INT64',
    encoding: 'bitPacked',
    rows,
    nullCount: 0,
    strictlyIncreasing: false,
    stats: { kind: 'none' },
    firstPage: nextPage++,
    contentBytes: 10,
    checksums: new Uint32Array(1),
    ...change,
  }
}

const group = (rows: number, segments: SegmentDescriptor[]): RowGroup => ({ rows, segments })
const personSchema = {
  kind: 'node' as const,
  name: 'Person',
  columns: [
    { name: 'id', type: 'INT64' as const },
    { name: 'name', type: 'STRING' as const },
  ],
  keyColumn: 0,
}
const noKeys = { sortedGroups: [], runs: [], hashedRange: null }

function withTables(): Catalog {
  const person = applyChange(emptyCatalog, {
    kind: 'createTable',
    table: planTable(emptyCatalog, personSchema),
  })
  const knows = { kind: 'rel' as const, name: 'Knows', fromTable: 'Person', toTable: 'Person', columns: [] }
  return applyChange(person, { kind: 'createTable', table: planTable(person, knows) })
}

function people(rows: number): CatalogChange & { kind: 'appendNodes' } {
  const groups = [group(rows, [segment(rows), segment(rows, { type: 'STRING' })])]
  return { kind: 'appendNodes', tableId: 1, groups, keys: noKeys }
}

function csr(rows: number, segments: number): CsrGroup {
  const chunk = group(
    rows,
    Array.from({ length: segments }, () => segment(rows)),
  )
  return { groupIndex: 0, rows, starts: segment(11), chunks: [chunk] }
}

describe('a change', () => {
  it('makes a new catalog and leaves the old one as it was', () => {
    const before = withTables()
    const text = JSON.stringify(before)
    const after = applyChange(before, people(10))
    expect(JSON.stringify(before)).toBe(text)
    expect(after.version).toBe(before.version + 1)
    expect(requireTable(after, 'Person').rowCount).toBe(10)
    expect(findTable(after, 'Knows')).toBe(findTable(before, 'Knows'))
  })

  it('appends row groups and runs', () => {
    let catalog = applyChange(applyChange(withTables(), people(10)), people(5))
    expect((requireTable(catalog, 'Person') as NodeTable).groups.map(({ rows }) => rows)).toEqual([10, 5])
    const run = { rows: 7, forward: [csr(7, 1)], backward: [csr(7, 2)] }
    catalog = applyChange(catalog, { kind: 'appendRels', tableId: 2, run })
    expect((requireTable(catalog, 'Knows') as RelTable).runs).toEqual([run])
    expect(requireTable(catalog, 'Knows').rowCount).toBe(7)
  })

  it('drops a table, but not one that is joined', () => {
    const catalog = withTables()
    expect(() => applyChange(catalog, { kind: 'dropTable', tableId: 1 })).toThrow(/Knows/)
    const without = applyChange(applyChange(catalog, { kind: 'dropTable', tableId: 2 }), {
      kind: 'dropTable',
      tableId: 1,
    })
    expect(without.tables).toEqual([])
    expect(without.nextTableId).toBe(3)
    expect(() => requireTable(without, 'Person')).toThrow(/There is no table Person.*none/)
  })

  const manyRows = 131_073
  const refused: Record<string, [CatalogChange, RegExp]> = {
    'a table of a taken name': [
      { kind: 'createTable', table: { ...(withTables().tables[0] as NodeTable), id: 3 } },
      /exists already/,
    ],
    'a table with another id': [
      { kind: 'createTable', table: { ...(withTables().tables[0] as NodeTable), id: 9, name: 'X' } },
      /id/,
    ],
    'a table that is not there': [{ kind: 'dropTable', tableId: 77 }, /There is no table/],
    'nodes for a relationship table': [{ ...people(3), tableId: 2 }, /Knows is a rel table/],
    'a missing segment': [{ ...people(3), groups: [group(3, [segment(3)])] }, /1 segments for 2 columns/],
    'a segment of another type': [
      { ...people(3), groups: [group(3, [segment(3), segment(3)])] },
      /type INT64, its column STRING/,
    ],
    'a segment of other rows': [
      { ...people(3), groups: [group(3, [segment(3), segment(2, { type: 'STRING' })])] },
      /2 rows/,
    ],
    'null keys': [
      { ...people(3), groups: [group(3, [segment(3, { nullCount: 1 }), segment(3, { type: 'STRING' })])] },
      /key column has nulls/,
    ],
    'a row group of too many rows': [people(manyRows), /131073 rows/],
    'an index of unknown groups': [
      { ...people(3), keys: { ...noKeys, sortedGroups: [1] } },
      /row group 1 of 1/,
    ],
    'unequal sides': [
      { kind: 'appendRels', tableId: 2, run: { rows: 7, forward: [csr(7, 1)], backward: [csr(6, 2)] } },
      /7 relationships has 6/,
    ],
  }

  it.each(Object.keys(refused))('is refused: %s', (name) => {
    const [change, message] = refused[name]!
    expect(() => applyChange(withTables(), change)).toThrow(message)
  })
})

describe('the pages of a table', () => {
  it('are found with their places', () => {
    const catalog = applyChange(withTables(), people(3))
    const found = Array.from(tableRuns(requireTable(catalog, 'Person')), ({ place }) => place)
    expect(found).toEqual([
      { table: 'Person', column: 'id', what: 'row group 0' },
      { table: 'Person', column: 'name', what: 'row group 0' },
    ])
  })

  it('are told together where they lie one behind the other', () => {
    const run = (firstPage: number, pages: number) => {
      return { firstPage, contentBytes: pages * 4096, checksums: new Uint32Array(pages) }
    }
    const at = (first: number) =>
      group(3, [segment(3, run(first, 2)), segment(3, { ...run(first + 2, 1), type: 'STRING' })])
    const change = { ...people(3), groups: [at(10), at(13), at(20)] }
    const catalog = applyChange(withTables(), change)
    const expected = [
      { first: 10, pages: 6 },
      { first: 20, pages: 3 },
    ]
    expect(changedPages(withTables(), change)).toEqual({ added: expected, removed: [] })
    expect([...tableExtents(requireTable(catalog, 'Person'))]).toEqual(expected)
    const person = requireTable(catalog, 'Person') as NodeTable
    const replaced = { ...person, groups: [at(10), at(30), at(20)] }
    expect(changedPages(catalog, { kind: 'replaceTables', tables: [replaced] })).toEqual({
      added: [{ first: 30, pages: 3 }],
      removed: [{ first: 13, pages: 3 }],
    })
  })

  it('of a replaced key index are given up, but for runs that are kept', () => {
    const indexRun = (firstPage: number) => ({
      entries: 1,
      bucketPages: 1,
      pages: { firstPage, contentBytes: 4096, checksums: new Uint32Array(1) },
    })
    const first = { ...people(3), keys: { ...noKeys, runs: [indexRun(1000), indexRun(1001)] } }
    const catalog = applyChange(withTables(), first)
    const second = { ...people(3), keys: { ...noKeys, runs: [indexRun(1001), indexRun(1002)] } }
    const { added, removed } = changedPages(catalog, second)
    expect(removed).toEqual([{ first: 1000, pages: 1 }])
    expect(added.filter(({ first }) => first >= 1000)).toEqual([{ first: 1002, pages: 1 }])
  })
})
