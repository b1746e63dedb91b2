import { describe, expect, it } from 'vitest'
import { applyChange, type Catalog, type CatalogChange, emptyCatalog, planTable } from '../catalog/index.js'
import { ByteWriter } from '../format/index.js'
import { applyToState, checkChange, stateOf } from './graph-state.js'
import type { Write } from './write.js'
import { encodeWrite } from './write-codec.js'

const person = {
  kind: 'node' as const,
  name: 'Person',
  columns: [
    { name: 'id', type: 'INT64' as const },
    { name: 'age', type: 'INT32' as const },
  ],
  keyColumn: 0,
}
const knows = { kind: 'rel' as const, name: 'Knows', fromTable: 'Person', toTable: 'Person', columns: [] }

function withTables(): Catalog {
  const first = applyChange(emptyCatalog, { kind: 'createTable', table: planTable(emptyCatalog, person) })
  return applyChange(first, { kind: 'createTable', table: planTable(first, knows) })
}

function writes(...list: Write[]): CatalogChange {
  const writer = new ByteWriter()
  for (const write of list) encodeWrite(writer, write)
  return { kind: 'writes', bytes: writer.finish().slice() }
}

const create = (offset: number, ...values: (bigint | null)[]): Write => ({
  kind: 'createNode',
  tableId: 1,
  offset,
  values: values.length === 0 ? [BigInt(offset), null] : values,
})

describe('writes that come from elsewhere', () => {
  it.each<[string, Write, RegExp]>([
    [
      'of a table that is not there',
      { kind: 'deleteNode', tableId: 9, offset: 0 },
      /table 9, which is not there/,
    ],
    ['of the other kind', { kind: 'deleteRel', tableId: 1, position: 0 }, /to the node table Person/],
    ['that leave a gap', create(1), /a new row of Person is 1, 0 is expected/],
    ['with too few values', create(0, 1n), /1 values for 2 columns/],
    ['with a null key', create(0, null, 1n), /a key of Person is null/],
    ['with a value beyond its type', create(0, 1n, 2n ** 31n), /wrong type for age/],
    [
      'to a row that is not there',
      { kind: 'setNode', tableId: 1, offset: 0, column: 1, value: 1n },
      /row 0 of 0/,
    ],
    [
      'that take a key away',
      { kind: 'setNode', tableId: 1, offset: 0, column: 0, value: null },
      /a key of Person is null/,
    ],
    [
      'that join nodes which are not there',
      { kind: 'createRel', tableId: 2, position: 0, from: 0, to: 0, values: [] },
      /joins nodes 0 and 0, which are not there/,
    ],
  ])('%s are refused, and nothing is changed', (_, write, message) => {
    const state = stateOf(withTables())
    expect(() => checkChange(state, writes(write))).toThrow(message)
    expect(state.delta.isEmpty).toBe(true)
  })

  it('are looked at one after the other: what one makes, the next may use', () => {
    const state = stateOf(withTables())
    const change = writes(
      create(0),
      create(1),
      { kind: 'createRel', tableId: 2, position: 0, from: 0, to: 1, values: [] },
      { kind: 'setNode', tableId: 1, offset: 1, column: 1, value: 5n },
    )
    const { version } = state.catalog
    expect(checkChange(state, change).version).toBe(version + 1)
    const after = applyToState(state, change)
    expect(after.catalog.version).toBe(version + 1)
    expect(after.delta.nodes(1)?.created).toBe(2)
    expect(after.delta.nodes(1)?.columns[1]?.valueAt(1)).toBe(5n)
    expect(() => checkChange(after, writes(create(0)))).toThrow(/is 0, 2 is expected/)
  })

  it('of several parts are checked against the parts before them', () => {
    const state = stateOf(
      applyChange(emptyCatalog, { kind: 'createTable', table: planTable(emptyCatalog, person) }),
    )
    const table = planTable(state.catalog, knows)
    const rel: Write = { kind: 'createRel', tableId: 2, position: 0, from: 0, to: 0, values: [] }
    const several = (...changes: CatalogChange[]): CatalogChange => ({ kind: 'several', changes })
    expect(() => checkChange(state, several(writes(rel), { kind: 'createTable', table }))).toThrow(
      /not there/,
    )
    const change = several(writes(create(0)), { kind: 'createTable', table }, writes(rel))
    checkChange(state, change)
    const after = applyToState(state, change)
    expect(after.catalog.version).toBe(state.catalog.version + 1)
    expect(after.delta.rels(2)?.created).toBe(1)
    const dropped = applyToState(after, { kind: 'dropTable', tableId: 2 })
    expect(dropped.delta.tableIds).toEqual([1])
  })

  it('are not loaded past', () => {
    const state = applyToState(stateOf(withTables()), writes(create(0)))
    const keys = { sortedGroups: [], runs: [], hashedRange: null }
    const load: CatalogChange = { kind: 'appendNodes', tableId: 1, groups: [], keys }
    expect(() => checkChange(state, load)).toThrow(/writes that a load would go past/)
  })
})

describe('a held delta', () => {
  it('stays as it is; one that nobody holds is changed in place', () => {
    const first = applyToState(stateOf(withTables()), writes(create(0)))
    const release = first.delta.hold()
    const second = applyToState(first, writes(create(1), { kind: 'deleteNode', tableId: 1, offset: 0 }))
    expect(first.delta.nodes(1)?.created).toBe(1)
    expect(first.delta.nodes(1)?.isDeleted(0)).toBe(false)
    expect(second.delta.nodes(1)?.created).toBe(2)
    release()
    release()
    const third = applyToState(second, writes(create(2)))
    expect(third.delta).toBe(second.delta)
    expect(applyToState(first, writes(create(1))).delta).toBe(first.delta)
  })
})
