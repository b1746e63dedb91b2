/** Tables in a real store: what loads commit is there after reopening, what they abandon is free space. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Arena,
  BufferPool,
  type Catalog,
  type ColumnBuffer,
  checkTable,
  createBatchEncoderContext,
  encodeNodeBatch,
  encodeRelBatch,
  KeyResolver,
  MemoryBudget,
  NodeLoad,
  type NodeTable,
  pageBytes,
  RelLoad,
  type RelTable,
  requireTable,
  Snapshot,
  Store,
} from '@millrace/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const context = createBatchEncoderContext(new Arena(new MemoryBudget(1 << 27), 1 << 27))
const target = new Uint8Array(new SharedArrayBuffer(256 * pageBytes))

function stringColumn(values: readonly string[]): ColumnBuffer {
  const { arena } = context
  const rows = values.length
  const address = arena.allocate(rows * 8)
  const nulls = arena.allocate(rows + 64)
  const texts = values.map((value) => Buffer.from(value))
  let heap = arena.allocate(texts.reduce((sum, text) => sum + text.length, 16))
  arena.bytes.fill(0, nulls, nulls + rows)
  const view = new DataView(arena.memory.buffer)
  for (const [row, text] of texts.entries()) {
    arena.bytes.set(text, heap)
    view.setUint32(address + row * 8, heap, true)
    view.setUint32(address + row * 8 + 4, text.length, true)
    heap += text.length
  }
  return { type: 'STRING', rows, values: address, nulls, nullCount: 0 }
}

describe('tables in a store', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-store-'))
    path = join(folder, 'a.mill')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = () => Store.open(path, { pool: BufferPool.create(1 << 20) })
  const nodesOf = (store: Store) => requireTable(store.catalog, 'Airport') as NodeTable
  const relsOf = (store: Store) => requireTable(store.catalog, 'Route') as RelTable
  const snapshotOf = (store: Store, catalog: Catalog = store.catalog) =>
    new Snapshot(catalog, store.reader, { budget: new MemoryBudget(1 << 26), cacheBytes: 1 << 20 })
  const options = () => ({ budget: new MemoryBudget(1 << 25) })

  function create(store: Store): void {
    store.commit({
      kind: 'createTable',
      table: {
        kind: 'node',
        id: 1,
        name: 'Airport',
        columns: [{ name: 'iata', type: 'STRING' }],
        keyColumn: 0,
        rowCount: 0,
        groups: [],
        keys: { sortedGroups: [], runs: [], hashedRange: null },
      },
    })
    store.commit({
      kind: 'createTable',
      table: {
        kind: 'rel',
        id: 2,
        name: 'Route',
        columns: [],
        fromTableId: 1,
        toTableId: 1,
        rowCount: 0,
        runs: [],
      },
    })
  }

  function loadNodes(store: Store, keys: readonly string[]): NodeLoad {
    const mark = context.arena.mark()
    const load = new NodeLoad(store, nodesOf(store), options())
    load.append(encodeNodeBatch(context, [stringColumn(keys)], 0, keys.length, target)!, target)
    context.arena.release(mark)
    return load
  }

  /** A relationship from each key to the one behind it. */
  function loadRels(store: Store, keys: readonly string[]): RelLoad {
    const { arena } = context
    const mark = arena.mark()
    const resolver = new KeyResolver(snapshotOf(store), nodesOf(store), context)
    const from = arena.allocate(keys.length * 8)
    const to = arena.allocate(keys.length * 8)
    expect(resolver.resolve(stringColumn(keys), from)).toBe(0)
    expect(resolver.resolve(stringColumn([...keys.slice(1), keys[0]!]), to)).toBe(0)
    const load = new RelLoad(store, relsOf(store), options())
    load.append(encodeRelBatch(context, from, to, [], keys.length, load.partitioning, target)!, target)
    arena.release(mark)
    return load
  }

  function expectSound(store: Store): void {
    const snapshot = snapshotOf(store)
    for (const table of store.catalog.tables) expect([...checkTable(snapshot, table)]).toEqual([])
  }

  const keysOf = (part: number) => Array.from({ length: 300 }, (_, i) => `K${part}-${(i * 7) % 300}`)

  it('are there after the database is opened again', () => {
    let store = open()
    create(store)
    for (const part of [0, 1, 2]) {
      store.commit(loadNodes(store, keysOf(part)).finish())
      store.commit(loadRels(store, keysOf(part)).finish())
      expectSound(store)
    }
    store.close()
    store = open()
    expectSound(store)
    const reader = snapshotOf(store).nodes(nodesOf(store))
    expect(reader.rowCount).toBe(900)
    expect(keysOf(2).map((key) => reader.lookup(key))).toEqual(keysOf(2).map((_, i) => 600 + i))
    const rels = snapshotOf(store).rels(relsOf(store))
    // Closing has made one of three small runs, in which what came from the second begins at its first node.
    expect(rels.runCount).toBe(1)
    const group = rels.group(0, 'forward', 0)!
    const first = group.starts()[300]!
    expect([...group.neighbours(0)].slice(first, first + 3)).toEqual([301, 302, 303])
    store.close()
    expect(readdirSync(folder)).toEqual(['a.mill'])
  })

  it('give back to the file all that an abandoned load had written', () => {
    const store = open()
    create(store)
    store.commit(loadNodes(store, keysOf(0)).finish())
    const pages = store.pageCount - store.freePages
    const nodes = loadNodes(store, keysOf(1))
    nodes.finish()
    const rels = loadRels(store, keysOf(0))
    rels.finish()
    expect(store.pageCount - store.freePages).toBeGreaterThan(pages)
    nodes.abort()
    rels.abort()
    expect(store.pageCount - store.freePages).toBe(pages)
    store.commit(loadNodes(store, keysOf(1)).finish())
    expectSound(store)
    store.close()
  })

  it('do not keep the pages of index runs that were folded into larger ones', () => {
    const store = open()
    create(store)
    for (let part = 0; part < 8; part++) store.commit(loadNodes(store, keysOf(part)).finish())
    store.checkpoint()
    const runs = nodesOf(store).keys.runs
    expect(runs.length).toBeLessThan(4)
    expectSound(store)
    store.close()
    const used = open()
    const runPages = nodesOf(used).keys.runs.reduce((sum, run) => sum + run.bucketPages, 0)
    const groupPages = nodesOf(used).groups.reduce(
      (sum, group) => sum + Math.ceil(group.segments.at(0)!.contentBytes / pageBytes),
      0,
    )
    // Besides: two superblocks and the catalog.
    expect(used.pageCount - used.freePages).toBeLessThanOrEqual(runPages + groupPages + 6)
    used.close()
  })
})
