import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeTable, RelTable } from '../catalog/index.js'
import { tableRuns } from '../catalog/index.js'
import { KeyRunWriter } from '../index/index.js'
import { pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import type { TableProblem } from './check-report.js'
import { checkTable } from './check-table.js'
import { encodeNodeBatch } from './encode-node-batch.js'
import { encodeRelBatch } from './encode-rel-batch.js'
import { NodeLoad } from './node-load.js'
import { RelLoad } from './rel-load.js'
import {
  columnOf,
  FixtureStore,
  nodeTable,
  offsetsOf,
  relTable,
  snapshotOf,
  withNodes,
  withRels,
} from './table.test.fixture.js'
import { createBatchEncoderContext } from './working-memory.js'

const context = createBatchEncoderContext(new Arena(new MemoryBudget(1 << 28), 1 << 28))
const target = new Uint8Array(256 * pageBytes)
const nodeCount = 2000

function loadNodes(store: FixtureStore): NodeTable {
  const table = nodeTable([
    { name: 'id', type: 'INT64' },
    { name: 'name', type: 'STRING' },
  ])
  const nodes = new NodeLoad(store, table, { budget: new MemoryBudget(1 << 26) })
  for (let start = 0; start < nodeCount; start += 500) {
    const ids = Array.from({ length: 500 }, (_, i) => start + (start < 1000 ? i : 499 - i))
    const names = ids.map((id) => (id % 10 === 0 ? null : `name ${id}`))
    const mark = context.arena.mark()
    const columns = [columnOf(context.arena, 'INT64', ids), columnOf(context.arena, 'STRING', names)]
    nodes.append(encodeNodeBatch(context, columns, 0, 500, target)!, target)
    context.arena.release(mark)
  }
  return withNodes(table, nodes.finish())
}

function loadRels(store: FixtureStore, table: RelTable, step: number): RelTable {
  const rels = new RelLoad(store, table, { budget: new MemoryBudget(1 << 26) })
  const rows = Array.from({ length: 3000 }, (_, i) => i)
  const mark = context.arena.mark()
  const from = offsetsOf(
    context.arena,
    rows.map((i) => (i * step) % nodeCount),
  )
  const to = offsetsOf(
    context.arena,
    rows.map((i) => (i * 7) % nodeCount),
  )
  const weight = columnOf(
    context.arena,
    'DOUBLE',
    rows.map((i) => (i % 8 === 0 ? null : i / 7)),
  )
  rels.append(encodeRelBatch(context, from, to, [weight], 3000, rels.partitioning, target)!, target)
  context.arena.release(mark)
  return withRels(table, rels.finish())
}

describe('the check of a table', () => {
  let store: FixtureStore
  let nodes: NodeTable
  let rels: RelTable
  beforeAll(() => {
    store = new FixtureStore()
    store.pretendNodes(nodeCount, nodeCount)
    nodes = loadNodes(store)
    rels = loadRels(store, loadRels(store, relTable([{ name: 'weight', type: 'DOUBLE' }]), 3), 11)
  })
  afterAll(() => store.close())

  function check(table: NodeTable | RelTable): TableProblem[] {
    const snapshot = snapshotOf(store).withCatalog(store.catalog)
    const problems = [...checkTable(snapshot, table)]
    snapshot.close()
    return problems
  }

  it('finds nothing wrong with tables as they were loaded', () => {
    expect(nodes.keys.runs).toHaveLength(1)
    expect(check(nodes)).toEqual([])
    expect(check(rels)).toEqual([])
  })

  it('names table, column and page of every page in which a bit has changed', () => {
    let pages = 0
    for (const table of [nodes, rels]) {
      for (const { run, place } of tableRuns(table)) {
        const position = run.firstPage * pageBytes + Math.min(100, run.contentBytes - 1)
        const byte = new Uint8Array(1)
        store.file.read(byte, position)
        store.file.write(Uint8Array.of(byte[0]! ^ 4), position)
        store.pool.invalidate(run.firstPage, 1)
        const problems = check(table)
        expect(problems[0]).toMatchObject({ table: table.name, page: run.firstPage })
        expect(problems[0]!.column).toBe(place.column)
        store.file.write(byte, position)
        pages++
      }
    }
    expect(pages).toBeGreaterThan(15)
    expect([...check(nodes), ...check(rels)]).toEqual([])
  })

  it('notices relationships that the two sides do not share', () => {
    const [first, second] = rels.runs
    const mixed = { ...rels, runs: [{ ...first!, backward: second!.backward }, second!] }
    expect(check(mixed).map((problem) => problem.what)).toEqual([
      'run 0: forward and backward hold different relationships',
    ])
  })

  it('notices starts, neighbours and counts that do not fit', () => {
    const [run] = rels.runs
    const [forward] = run!.forward
    const wrongStarts = { ...forward!, starts: forward!.chunks[0]!.segments.at(0)! }
    expect(check({ ...rels, runs: [{ ...run!, forward: [wrongStarts] }] })[0]!.what).toMatch(/starts/)
    const fewer = { ...run!, rows: 2999 }
    expect(check({ ...rels, runs: [fewer] }).map((problem) => problem.what)).toContainEqual(
      expect.stringMatching(/a position is 2999 of 2999|3000 relationships forward, 2999 in all/),
    )
  })

  it('notices keys that the index does not find, or counts wrongly', () => {
    const [run] = nodes.keys.runs
    expect(check({ ...nodes, keys: { ...nodes.keys, runs: [] } }).map((problem) => problem.what)).toEqual([
      'the key index has 0 entries for 1000 hashed keys',
      'keys of row group 2 are not found',
      'keys of row group 3 are not found',
    ])
    const writer = new KeyRunWriter(store, 1)
    writer.add(5, 1500)
    writer.add(7, nodeCount)
    const forged = { ...writer.finish(), entries: run!.entries }
    const problems = check({ ...nodes, keys: { ...nodes.keys, runs: [forged] } })
    expect(problems.map((problem) => problem.what)).toContain(
      'key index run 0: bucket 0: entry 1 points to node 2000 of 2000',
    )
  })
})
