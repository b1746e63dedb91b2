import { BufferPool, pageBytes, poolBytesMin, requireTable, Store } from '@millrace/core/internal'
import {
  describeState,
  fabricateNodeTable,
  readState,
  SimulatedFileSystem,
  type Step,
  StoreModel,
} from '@millrace/testing'
import { describe, expect, it } from 'vitest'

function append(table: string, seed: number, pages: number): Step {
  const columns = [
    { seed, contentBytes: pages * pageBytes },
    { seed: seed + 1, contentBytes: pages * pageBytes },
  ] as const
  return { kind: 'append', table, columns }
}

function started(): {
  readonly model: StoreModel
  readonly store: Store
  readonly fileSystem: SimulatedFileSystem
} {
  const fileSystem = new SimulatedFileSystem()
  const model = new StoreModel(fileSystem)
  const store = model.open()
  model.do({ kind: 'create', table: 'A' })
  model.do(append('A', 1, 10))
  return { model, store, fileSystem }
}

describe('the pages of a dropped table', () => {
  it('are used again after a checkpoint, and not before', () => {
    const { model, store } = started()
    const before = store.pageCount
    model.do({ kind: 'drop', table: 'A' })
    model.do({ kind: 'create', table: 'B' })
    model.do(append('B', 3, 10))
    expect(store.pageCount).toBe(before + 20)
    model.do({ kind: 'checkpoint' })
    model.do(append('B', 5, 10))
    expect(store.pageCount).toBeLessThanOrEqual(before + 21)
    expect(readState(store).get('B')).toHaveLength(4)
  })

  it('are not used while a reader of an older version is left', () => {
    const { store } = started()
    const version = store.catalog.version
    const table = requireTable(store.catalog, 'A')
    const segments = table.kind === 'node' ? table.groups[0]!.segments : []
    store.commit({ kind: 'dropTable', tableId: table.id }, { oldestVersionInUse: version })
    store.checkpoint({ oldestVersionInUse: version })
    store.commit(
      { kind: 'createTable', table: fabricateNodeTable(store, 'B') },
      { oldestVersionInUse: version },
    )
    const first = store.allocate(10)
    store.writePages(first, new Uint8Array(10 * pageBytes).fill(7))
    for (const segment of segments) store.reader.verify(segment, { table: 'A' })
    store.free(first, 10)
    // The reader is gone.
    store.checkpoint()
    expect(store.allocate(20)).toBeLessThanOrEqual(segments.at(0)!.firstPage)
  })

  it('are read anew: the pool forgets what they held', () => {
    const { model, store, fileSystem } = started()
    readState(store)
    model.do({ kind: 'drop', table: 'A' })
    model.do({ kind: 'checkpoint' })
    model.do({ kind: 'create', table: 'B' })
    for (let seed = 10; seed < 30; seed += 2) {
      model.do(append('B', seed, 3))
      const fresh = { fileSystem, readOnly: true, pool: BufferPool.create(poolBytesMin) }
      const reading = Store.open(model.path, fresh)
      expect(describeState(readState(store))).toBe(describeState(readState(reading)))
      reading.close()
      model.do({ kind: 'drop', table: 'B' })
      model.do({ kind: 'checkpoint' })
      model.do({ kind: 'create', table: 'B' })
    }
  })

  it('at the end of the file are given back to the file system', () => {
    const { model, fileSystem } = started()
    model.do({ kind: 'checkpoint' })
    const before = fileSystem.readAll(model.path).length
    model.do({ kind: 'drop', table: 'A' })
    model.do({ kind: 'checkpoint' })
    model.close()
    model.open()
    model.do({ kind: 'create', table: 'B' })
    model.close()
    expect(fileSystem.readAll(model.path).length).toBeLessThan(before / 4)
  })
})

describe('a load that is given up', () => {
  it('leaves its pages to the next one', () => {
    const { model, store } = started()
    const first = store.allocate(50)
    store.writePages(first, new Uint8Array(50 * pageBytes))
    const grown = store.pageCount
    store.free(first, 50)
    model.do(append('A', 5, 20))
    expect(store.pageCount).toBe(grown)
  })

  it('cannot be committed', () => {
    const { model, store } = started()
    const table = requireTable(store.catalog, 'A')
    if (table.kind !== 'node') throw new Error('a node table')
    const group = table.groups[0]!
    const change = { kind: 'appendNodes' as const, tableId: table.id, groups: [group], keys: table.keys }
    // Its pages belong to the table already.
    expect(() => store.commit(change)).toThrow(expect.objectContaining({ code: 'MILLRACE_INTERNAL' }))
    expect(readState(store).get('A')).toHaveLength(2)
    model.close()
  })
})

describe('a read-only opening', () => {
  it('sees what is committed, writes nothing, and refuses to', () => {
    const { model, fileSystem } = started()
    const operations = fileSystem.operations.length
    const reading = Store.open(model.path, {
      fileSystem,
      readOnly: true,
      pool: BufferPool.create(poolBytesMin),
    })
    expect(describeState(readState(reading))).toBe(describeState(readState(model.store)))
    expect(() => reading.allocate(1)).toThrow(expect.objectContaining({ code: 'MILLRACE_READ_ONLY' }))
    expect(() => reading.checkpoint()).toThrow(expect.objectContaining({ code: 'MILLRACE_READ_ONLY' }))
    reading.close()
    expect(fileSystem.operations.slice(operations).map(({ kind }) => kind)).toEqual(['open', 'open'])
  })

  it('says that its state is gone when the writer used its pages again', () => {
    const { model, fileSystem } = started()
    const reading = Store.open(model.path, {
      fileSystem,
      readOnly: true,
      pool: BufferPool.create(poolBytesMin),
    })
    model.do({ kind: 'drop', table: 'A' })
    model.do({ kind: 'checkpoint' })
    model.do({ kind: 'create', table: 'B' })
    model.do(append('B', 7, 10))
    expect(() => readState(reading)).toThrow(expect.objectContaining({ code: 'MILLRACE_SNAPSHOT_GONE' }))
    reading.close()
  })
})
