/**
 * Tables and their manifests as bytes, for the catalog and for the log.
 *
 * | list          | count u32 · items                                                                                      |
 * |---------------|--------------------------------------------------------------------------------------------------------|
 * | text          | length in bytes u16 · UTF-8                                                                            |
 * | table         | kind u8 (1 node, 2 rel; 3, 4: the same with loads) · id u32 · name text · columns list · row count u64 · node part or rel part · loads |
 * | column        | name text · type (see `segment-codec.ts`)                                                              |
 * | node part     | key column u32 · row groups list · key index                                                           |
 * | key index     | sorted groups list of u32 · index runs list · range kind u8 (1 none, 2 present) · if present: min, max i64 |
 * | index run     | entries u64 · bucket pages u32 · page run                                                              |
 * | rel part      | from table u32 · to table u32 · runs list                                                              |
 * | rel run       | rows u64 · forward list of CSR groups · backward list of CSR groups                                    |
 * | CSR group     | group index u32 · rows u64 · starts descriptor · chunks list of row groups                             |
 * | loads         | see `loads-codec.ts`; only of a table that remembers any                                               |
 */
import type { ByteReader, ByteWriter } from '../format/index.js'
import { columnsMax, manifestEntriesMax, manifestRunsMax, nameBytesMax } from '../limits.js'
import type { ColumnSchema } from '../types/index.js'
import { readLoads, writeLoads } from './loads-codec.js'
import type { CsrGroup, KeyIndexManifest, KeyIndexRun, RelRun, RowGroup, Table } from './model.js'
import { readRowGroup, rowGroupBytesMin, writeRowGroup } from './row-group-codec.js'
import {
  descriptorBytesMin,
  pageRunBytesMin,
  readDescriptor,
  readPageRun,
  readType,
  writeDescriptor,
  writePageRun,
  writeType,
} from './segment-codec.js'

const tableKinds = { node: 1, rel: 2 } as const

/** Added to the kind of a table whose loads follow it: tables that remember none are as they always were. */
const withLoads = 2

const rangeKinds = { none: 1, present: 2 } as const

const columnBytesMin = 2 + 1
const keyIndexRunBytesMin = 8 + 4 + pageRunBytesMin
const csrGroupBytesMin = 4 + 8 + descriptorBytesMin + 4
const relRunBytesMin = 8 + 4 + 4

/** Bytes of the smallest table. */
export const tableBytesMin = 1 + 4 + 2 + 4 + 8 + 4 + 4

function writeList<T>(
  writer: ByteWriter,
  items: readonly T[],
  write: (writer: ByteWriter, item: T) => void,
): void {
  writer.u32(items.length)
  for (const item of items) write(writer, item)
}

/** A list of at most `max` items, each at least `itemBytesMin` bytes long; `name` is for the error. */
interface ListShape {
  readonly max: number
  readonly itemBytesMin: number
  readonly name: string
}

function readList<T>(reader: ByteReader, shape: ListShape, read: (reader: ByteReader) => T): T[] {
  const count = reader.count(shape.max, shape.itemBytesMin, shape.name)
  const items: T[] = []
  for (let index = 0; index < count; index++) items.push(read(reader))
  return items
}

const lists = {
  columns: { max: columnsMax, itemBytesMin: columnBytesMin, name: 'columns' },
  rowGroups: { max: manifestEntriesMax, itemBytesMin: rowGroupBytesMin, name: 'row groups' },
  sortedGroups: { max: manifestEntriesMax, itemBytesMin: 4, name: 'sorted groups' },
  keyIndexRuns: { max: manifestRunsMax, itemBytesMin: keyIndexRunBytesMin, name: 'key index runs' },
  csrGroups: { max: manifestEntriesMax, itemBytesMin: csrGroupBytesMin, name: 'CSR groups' },
  relRuns: { max: manifestRunsMax, itemBytesMin: relRunBytesMin, name: 'relationship runs' },
} as const satisfies Record<string, ListShape>

function writeColumn(writer: ByteWriter, column: ColumnSchema): void {
  writer.text16(column.name)
  writeType(writer, column.type)
}

function readColumn(reader: ByteReader): ColumnSchema {
  const name = reader.text16(nameBytesMax, "a column's name")
  return { name, type: readType(reader, `the column ${name}`) }
}

function writeKeyIndexRun(writer: ByteWriter, run: KeyIndexRun): void {
  writer.u64(run.entries).u32(run.bucketPages)
  writePageRun(writer, run.pages)
}

function readKeyIndexRun(reader: ByteReader): KeyIndexRun {
  return { entries: reader.u64(), bucketPages: reader.u32(), pages: readPageRun(reader) }
}

export function writeKeyIndex(writer: ByteWriter, keys: KeyIndexManifest): void {
  writeList(writer, keys.sortedGroups, (to, group) => to.u32(group))
  writeList(writer, keys.runs, writeKeyIndexRun)
  if (keys.hashedRange === null) writer.u8(rangeKinds.none)
  else writer.u8(rangeKinds.present).i64(keys.hashedRange.min).i64(keys.hashedRange.max)
}

export function readKeyIndex(reader: ByteReader): KeyIndexManifest {
  const sortedGroups = readList(reader, lists.sortedGroups, (from) => from.u32())
  const runs = readList(reader, lists.keyIndexRuns, readKeyIndexRun)
  const kind = reader.u8()
  if (kind === rangeKinds.none) return { sortedGroups, runs, hashedRange: null }
  if (kind !== rangeKinds.present) throw reader.corrupt(`a key range of the unknown kind ${kind}`)
  return { sortedGroups, runs, hashedRange: { min: reader.i64(), max: reader.i64() } }
}

export function writeRowGroups(writer: ByteWriter, groups: readonly RowGroup[]): void {
  writeList(writer, groups, writeRowGroup)
}

export function readRowGroups(reader: ByteReader): RowGroup[] {
  return readList(reader, lists.rowGroups, readRowGroup)
}

function writeCsrGroup(writer: ByteWriter, group: CsrGroup): void {
  writer.u32(group.groupIndex).u64(group.rows)
  writeDescriptor(writer, group.starts)
  writeRowGroups(writer, group.chunks)
}

function readCsrGroup(reader: ByteReader): CsrGroup {
  const groupIndex = reader.u32()
  const rows = reader.u64()
  return { groupIndex, rows, starts: readDescriptor(reader), chunks: readRowGroups(reader) }
}

export function writeRelRun(writer: ByteWriter, run: RelRun): void {
  writer.u64(run.rows)
  writeList(writer, run.forward, writeCsrGroup)
  writeList(writer, run.backward, writeCsrGroup)
}

export function readRelRun(reader: ByteReader): RelRun {
  const rows = reader.u64()
  const forward = readList(reader, lists.csrGroups, readCsrGroup)
  return { rows, forward, backward: readList(reader, lists.csrGroups, readCsrGroup) }
}

export function writeTable(writer: ByteWriter, table: Table): void {
  const { loads } = table
  writer
    .u8(tableKinds[table.kind] + (loads === undefined ? 0 : withLoads))
    .u32(table.id)
    .text16(table.name)
  writeList(writer, table.columns, writeColumn)
  writer.u64(table.rowCount)
  if (table.kind === 'node') {
    writer.u32(table.keyColumn)
    writeRowGroups(writer, table.groups)
    writeKeyIndex(writer, table.keys)
  } else {
    writer.u32(table.fromTableId).u32(table.toTableId)
    writeList(writer, table.runs, writeRelRun)
  }
  if (loads !== undefined) writeLoads(writer, loads)
}

export function readTable(reader: ByteReader): Table {
  const code = reader.u8()
  const hasLoads = code > withLoads
  const table = readTableOf(reader, hasLoads ? code - withLoads : code)
  return hasLoads ? { ...table, loads: readLoads(reader) } : table
}

function readTableOf(reader: ByteReader, kind: number): Table {
  const id = reader.u32()
  const name = reader.text16(nameBytesMax, "a table's name")
  const columns = readList(reader, lists.columns, readColumn)
  const shared = { id, name, columns, rowCount: reader.u64() }
  if (kind === tableKinds.node) {
    const keyColumn = reader.u32()
    const groups = readRowGroups(reader)
    return { kind: 'node', ...shared, keyColumn, groups, keys: readKeyIndex(reader) }
  }
  if (kind !== tableKinds.rel) throw reader.corrupt(`the table ${name} is of the unknown kind ${kind}`)
  const fromTableId = reader.u32()
  const toTableId = reader.u32()
  return { kind: 'rel', ...shared, fromTableId, toTableId, runs: readList(reader, lists.relRuns, readRelRun) }
}
