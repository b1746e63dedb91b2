/**
 * The catalog and its changes as bytes: what the catalog's page run holds, and what a log record holds.
 *
 * | catalog       | version u64 · next table id u32 · tables list                                       |
 * |---------------|-------------------------------------------------------------------------------------|
 * | change        | kind u8, then:                                                                      |
 * | 1 createTable | table                                                                               |
 * | 2 dropTable   | table id u32                                                                        |
 * | 3 appendNodes | table id u32 · row groups list · key index (the whole new one)                      |
 * | 4 appendRels  | table id u32 · rel run                                                              |
 * | 5 recordLoad  | table id u32 · progress of a load (`loads-codec.ts`)                                |
 * | 6 appendNodes | as 3, then the progress of its load                                                 |
 * | 7 appendRels  | as 4, then the progress of its load                                                 |
 *
 * Decoding checks every length; what the values mean is checked by `validate.ts`.
 */
import { ByteReader, type BytesSource, ByteWriter } from '../format/index.js'
import { tablesMax } from '../limits.js'
import { readProgress, writeProgress } from './loads-codec.js'
import type { Catalog, CatalogChange, Table } from './model.js'
import {
  readKeyIndex,
  readRelRun,
  readRowGroups,
  readTable,
  tableBytesMin,
  writeKeyIndex,
  writeRelRun,
  writeRowGroups,
  writeTable,
} from './table-codec.js'
import { checkTables } from './validate.js'

const changeKinds = { createTable: 1, dropTable: 2, appendNodes: 3, appendRels: 4, recordLoad: 5 } as const

/** Added to the kind of a change that appends, when the progress of its load follows. */
const withProgress = 3

const fromMemory = (what: string): BytesSource => ({ file: 'memory', what })

/** The bytes of `catalog`. */
export function encodeCatalog(catalog: Catalog): Uint8Array {
  const writer = new ByteWriter(1 << 16)
  writer.u64(catalog.version).u32(catalog.nextTableId).u32(catalog.tables.length)
  for (const table of catalog.tables) writeTable(writer, table)
  return writer.finish()
}

/**
 * The catalog in `bytes`. `source` is named by errors.
 * @throws MillraceError `MILLRACE_CORRUPT` when the bytes are no valid catalog
 */
export function decodeCatalog(bytes: Uint8Array, source = fromMemory('the catalog')): Catalog {
  const reader = new ByteReader(bytes, source)
  const version = reader.u64()
  const nextTableId = reader.u32()
  const count = reader.count(tablesMax, tableBytesMin, 'tables')
  const tables: Table[] = []
  for (let index = 0; index < count; index++) tables.push(readTable(reader))
  reader.end()
  const catalog = { version, nextTableId, tables }
  const problem = checkTables(catalog)
  if (problem !== null) throw reader.corrupt(problem)
  return catalog
}

/** The bytes of `change`. */
export function encodeChange(change: CatalogChange): Uint8Array {
  const writer = new ByteWriter(1 << 12)
  const kind = changeKinds[change.kind]
  if (change.kind === 'createTable') {
    writeTable(writer.u8(kind), change.table)
    return writer.finish()
  }
  const progress = 'progress' in change ? change.progress : undefined
  const appends = change.kind === 'appendNodes' || change.kind === 'appendRels'
  writer.u8(appends && progress !== undefined ? kind + withProgress : kind).u32(change.tableId)
  if (change.kind === 'appendNodes') {
    writeRowGroups(writer, change.groups)
    writeKeyIndex(writer, change.keys)
  } else if (change.kind === 'appendRels') {
    writeRelRun(writer, change.run)
  }
  if (progress !== undefined) writeProgress(writer, progress)
  return writer.finish()
}

function readChange(reader: ByteReader): CatalogChange {
  const kind = reader.u8()
  if (kind === changeKinds.createTable) return { kind: 'createTable', table: readTable(reader) }
  const tableId = reader.u32()
  if (kind === changeKinds.dropTable) return { kind: 'dropTable', tableId }
  if (kind === changeKinds.recordLoad) return { kind: 'recordLoad', tableId, progress: readProgress(reader) }
  const hasProgress = kind > changeKinds.recordLoad
  const change = readAppend(reader, hasProgress ? kind - withProgress : kind, tableId)
  return hasProgress ? { ...change, progress: readProgress(reader) } : change
}

function readAppend(
  reader: ByteReader,
  kind: number,
  tableId: number,
): CatalogChange & { kind: 'appendNodes' | 'appendRels' } {
  if (kind === changeKinds.appendRels) return { kind: 'appendRels', tableId, run: readRelRun(reader) }
  if (kind !== changeKinds.appendNodes) throw reader.corrupt(`a change of the unknown kind ${kind}`)
  const groups = readRowGroups(reader)
  return { kind: 'appendNodes', tableId, groups, keys: readKeyIndex(reader) }
}

/**
 * The change in `bytes`. `source` is named by errors.
 * @throws MillraceError `MILLRACE_CORRUPT` when the bytes are no valid change
 */
export function decodeChange(bytes: Uint8Array, source = fromMemory('a change')): CatalogChange {
  const reader = new ByteReader(bytes, source)
  const change = readChange(reader)
  reader.end()
  return change
}
