/**
 * What the tests of this room share: a real file with a pool and a page allocator that counts, columns made
 * from plain arrays, and rows read back as plain arrays. Not part of the product.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BufferPool, PageReader } from '../buffer/index.js'
import type { Catalog, CatalogChange, NodeTable, RelTable } from '../catalog/index.js'
import type { ColumnBuffer } from '../column/index.js'
import type { PageStore } from '../index/index.js'
import { type File, nodeFileSystem } from '../io/index.js'
import { pageBytes } from '../limits.js'
import { type Arena, MemoryBudget } from '../memory/index.js'
import { type ColumnSchema, type LogicalType, physicalTypeOf } from '../types/index.js'
import type { NodeReader } from './node-reader.js'
import { Snapshot } from './snapshot.js'
import { valueAt } from './vector-values.js'

export type Cell = number | bigint | string | null

/** Pages over a real file. Reuses freed runs of the same length, so that stale reads would show. */
export class FixtureStore implements PageStore {
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-table-'))
  readonly path = join(this.folder, 'a.mill')
  readonly fileSystem = nodeFileSystem
  readonly pool = BufferPool.create(1 << 20)
  readonly file: File = nodeFileSystem.open(this.path, 'readWriteCreate')
  readonly reader = new PageReader(this.file, this.pool)
  /** First page → pages, of every run taken and not given back. */
  readonly taken = new Map<number, number>()
  /** What a relationship load asks for its node counts. */
  catalog: Catalog = { version: 1, nextTableId: 10, tables: [] }
  readonly #freed: { firstPage: number; pages: number }[] = []
  #end = 2

  allocate(pages: number): number {
    const reusable = this.#freed.findIndex((run) => run.pages === pages)
    const firstPage = reusable === -1 ? this.#end : this.#freed.splice(reusable, 1)[0]!.firstPage
    if (reusable === -1) this.#end += pages
    this.pool.invalidate(firstPage, pages)
    this.taken.set(firstPage, pages)
    return firstPage
  }

  /** Takes back a run, or a part of one. */
  free(firstPage: number, pages: number): void {
    const run = [...this.taken].find(
      ([first, count]) => first <= firstPage && firstPage + pages <= first + count,
    )
    if (run === undefined) throw new Error(`pages ${firstPage} + ${pages} were never taken`)
    const [first, count] = run
    this.taken.delete(first)
    if (first < firstPage) this.taken.set(first, firstPage - first)
    const end = firstPage + pages
    if (end < first + count) this.taken.set(end, first + count - end)
    this.#freed.push({ firstPage, pages })
  }

  /** Pages that were taken and not given back. */
  get pagesInUse(): number {
    return [...this.taken.values()].reduce((sum, pages) => sum + pages, 0)
  }

  writePages(firstPage: number, bytes: Uint8Array): void {
    this.file.write(bytes, firstPage * pageBytes)
  }

  /** Pretends that there are so many nodes at each end of `relTable`. */
  pretendNodes(from: number, to: number): void {
    const table = nodeTable([])
    const tables = [
      { ...table, rowCount: from },
      { ...table, id: 3, rowCount: to },
    ]
    this.catalog = { ...this.catalog, tables }
  }

  /** Files in the folder besides the database. */
  temporaryFiles(): string[] {
    return readdirSync(this.folder).filter((name) => name !== 'a.mill')
  }

  close(): void {
    this.file.close()
    rmSync(this.folder, { recursive: true })
  }
}

export function nodeTable(columns: readonly ColumnSchema[], keyColumn = 0): NodeTable {
  return {
    kind: 'node',
    id: 1,
    name: 'Person',
    columns,
    keyColumn,
    rowCount: 0,
    groups: [],
    keys: { sortedGroups: [], runs: [], hashedRange: null },
  }
}

export function relTable(columns: readonly ColumnSchema[]): RelTable {
  return { kind: 'rel', id: 2, name: 'Knows', columns, fromTableId: 1, toTableId: 3, rowCount: 0, runs: [] }
}

/** The table as the catalog has it after the change. */
export function withNodes(table: NodeTable, change: CatalogChange): NodeTable {
  if (change.kind !== 'appendNodes') throw new Error(change.kind)
  const groups = [...table.groups, ...change.groups]
  return { ...table, groups, keys: change.keys, rowCount: groups.reduce((sum, group) => sum + group.rows, 0) }
}

export function withRels(table: RelTable, change: CatalogChange): RelTable {
  if (change.kind !== 'appendRels') throw new Error(change.kind)
  return { ...table, runs: [...table.runs, change.run], rowCount: table.rowCount + change.run.rows }
}

/** Puts an array into the arena as a column buffer; the caller releases. */
export function columnOf(arena: Arena, type: LogicalType, cells: readonly Cell[]): ColumnBuffer {
  const rows = cells.length
  const values = arena.allocate(rows * 8 + 16)
  const nulls = arena.allocate(rows + 64)
  const texts = cells.map((cell) => (typeof cell === 'string' ? Buffer.from(cell) : null))
  const heap = arena.allocate(texts.reduce((sum, text) => sum + (text?.length ?? 0), 0) + 16)
  const view = new DataView(arena.memory.buffer)
  let at = heap
  let nullCount = 0
  for (const [row, cell] of cells.entries()) {
    view.setUint8(nulls + row, cell === null ? 1 : 0)
    view.setBigUint64(values + row * 8, 0n, true)
    if (cell === null) nullCount++
    else if (typeof cell === 'string') {
      view.setUint32(values + row * 8, at, true)
      view.setUint32(values + row * 8 + 4, texts[row]!.length, true)
      arena.bytes.set(texts[row]!, at)
      at += texts[row]!.length
    } else if (physicalTypeOf(type) === 'double') view.setFloat64(values + row * 8, Number(cell), true)
    else view.setBigInt64(values + row * 8, BigInt(cell), true)
  }
  return { type, rows, values, nulls, nullCount }
}

/** Puts numbers into the arena as i64 lanes. */
export function offsetsOf(arena: Arena, offsets: readonly number[]): number {
  return columnOf(arena, 'INT64', offsets).values
}

/** A column of the whole table as plain values. */
export function columnValues(reader: NodeReader, column: number): Cell[] {
  const cells: Cell[] = []
  for (let group = 0; group < reader.groupCount; group++) {
    const vector = reader.column(group, column)
    for (let row = 0; row < vector.rows; row++) cells.push(valueAt(vector, row))
  }
  return cells
}

export function snapshotOf(store: FixtureStore, cacheBytes = 1 << 22): Snapshot {
  const catalog = { version: 1, nextTableId: 3, tables: [] }
  return new Snapshot(catalog, store.reader, { budget: new MemoryBudget(1 << 28), cacheBytes })
}
