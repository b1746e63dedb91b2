/**
 * The check of tables notices what deleted rows could hide: sides, ends and index entries that do not agree.
 */
import {
  checkTable,
  MemoryBudget,
  type NodeTable,
  type RelRun,
  type RelTable,
  Snapshot,
  type Table,
} from '@millrace/core/internal'
import { GraphUnderTest, type GraphWrite, SimulatedFileSystem } from '@millrace/testing'
import { beforeEach, describe, expect, it } from 'vitest'

const knows = (tag: number, from: number, to: number): GraphWrite => ({
  kind: 'createRel',
  rel: { kind: 'Knows', from: BigInt(from), to: BigInt(to), tag: BigInt(tag), note: null },
})

let graph: GraphUnderTest
let before: { person: NodeTable; knows: RelTable }

/** Commits and merges; the pages of tables as they were stay as they are. */
function merge(...writes: GraphWrite[]): { person: NodeTable; knows: RelTable } {
  graph.do({ kind: 'write', writes })
  graph.store.checkpoint({ oldestVersionInUse: 0 })
  return { person: graph.table('Person') as NodeTable, knows: graph.table('Knows') as RelTable }
}

beforeEach(() => {
  graph = new GraphUnderTest(new SimulatedFileSystem())
  graph.do({ kind: 'create' })
  const people = [3, 1, 2].map((id): GraphWrite => {
    return { kind: 'createPerson', person: { id: BigInt(id), name: null, score: null } }
  })
  before = merge(...people, knows(1, 3, 1), knows(2, 1, 2))
})

/** What the check says of a database with these tables in the place of its own. */
function problemsWith(...tables: Table[]): string[] {
  const { catalog, reader } = graph.store
  const changed = catalog.tables.map((table) => tables.find(({ id }) => id === table.id) ?? table)
  const options = { budget: new MemoryBudget(1 << 28), cacheBytes: 1 << 20 }
  const snapshot = new Snapshot({ ...catalog, tables: changed }, reader, options)
  return changed.flatMap((table) => Array.from(checkTable(snapshot, table), ({ what }) => what))
}

const runOf = (table: RelTable, change: Partial<RelRun>): RelTable => {
  return { ...table, runs: [{ ...table.runs[0]!, ...change }] }
}

describe('the check', () => {
  it('finds nothing in tables with deleted rows', () => {
    const after = merge({ kind: 'deletePerson', id: 3n }, { kind: 'deleteRel', tag: 2n })
    expect(after.person.groups[0]!.segments.at(0)!.nullCount).toBe(1)
    expect(after.knows.runs[0]!.forward[0]!.chunks[0]!.segments.at(0)!.nullCount).toBe(2)
    expect(problemsWith()).toEqual([])
  })

  it('notices a relationship that is deleted on one side only', () => {
    const first = merge({ kind: 'deleteRel', tag: 1n })
    const { backward } = first.knows.runs[0]!
    expect(problemsWith(runOf(before.knows, { backward }))).toEqual([
      expect.stringMatching(/forward and backward hold different relationships/),
    ])
    const { forward } = first.knows.runs[0]!
    expect(problemsWith(runOf(before.knows, { forward }))).toEqual([
      expect.stringMatching(/forward and backward hold different relationships/),
    ])
    expect(problemsWith(first.knows)).toEqual([])
  })

  it('notices a relationship of a deleted node, at either end', () => {
    const after = merge({ kind: 'deletePerson', id: 2n })
    expect(problemsWith(before.knows)).toEqual([
      expect.stringMatching(/forward .* a neighbour is node 2, which is deleted/),
      expect.stringMatching(/backward .* bound by node 2, which is deleted/),
    ])
    expect(problemsWith(after.knows)).toEqual([])
  })

  it('notices keys that no index entry leads to', () => {
    const after = merge({ kind: 'deletePerson', id: 2n })
    expect(after.person.keys.runs[0]!.entries).toBe(3)
    const keys = { ...after.person.keys, runs: [] }
    expect(problemsWith({ ...after.person, keys })).toEqual([
      'the key index has 0 entries for 2 hashed keys',
      'keys of row group 0 are not found',
    ])
  })

  it('notices a sorted group with deleted nodes', () => {
    const after = merge({ kind: 'deletePerson', id: 2n })
    const keys = { ...after.person.keys, sortedGroups: [0], runs: [] }
    expect(problemsWith({ ...after.person, keys })).toContain('the sorted row group 0 has deleted nodes')
  })
})
