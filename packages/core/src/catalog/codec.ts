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
 * | 8 writes      | the writes, to the end (`delta/write-codec.ts`)                                     |
 * | 9 replaceTables | list of tables                                                                    |
 * | 10 several    | list of changes, each behind its length in bytes u32                                |
 *
 * Decoding checks every length; what the values mean is checked by `validate.ts`. Descriptors of segments
 * stay in the bytes that are decoded, which nobody may write to afterwards: of a wide table they are nearly
 * all that there is. So large encodings are in shared memory, which threads pass to each other as it is.
 */
import { assert } from '../errors/index.js'
import { ByteReader, type BytesSource, ByteWriter, bytesWritten } from '../format/index.js'
import { changePartsMax, tablesMax } from '../limits.js'
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

const changeKinds = {
  createTable: 1,
  dropTable: 2,
  appendNodes: 3,
  appendRels: 4,
  recordLoad: 5,
  writes: 8,
  replaceTables: 9,
  several: 10,
} as const satisfies Record<CatalogChange['kind'], number>

/** Kinds of changes that append, with the progress of their load behind them. */
const recordedKinds = { appendNodes: 6, appendRels: 7 } as const

/** Bytes of a part of a change with its length. */
const partBytesMin = 4 + 1

const fromMemory = (what: string): BytesSource => ({ file: 'memory', what })

/** Encodings from so many bytes on are in shared memory. */
const sharedBytesMin = 1 << 16

/** What `write` writes, in a buffer that holds nothing else: threads are passed whole buffers. */
function encoded(write: (writer: ByteWriter) => void): Uint8Array {
  const length = bytesWritten(write)
  const buffer = length < sharedBytesMin ? new ArrayBuffer(length) : new SharedArrayBuffer(length)
  const bytes = new Uint8Array(buffer)
  const writer = new ByteWriter(bytes)
  write(writer)
  assert(writer.length === length, `${writer.length} of ${length} bytes are encoded`)
  return bytes
}

/** Writes the bytes of `catalog`. */
export function writeCatalog(writer: ByteWriter, catalog: Catalog): void {
  writer.u64(catalog.version).u32(catalog.nextTableId).u32(catalog.tables.length)
  for (const table of catalog.tables) writeTable(writer, table)
}

/** The bytes of `catalog`. */
export function encodeCatalog(catalog: Catalog): Uint8Array {
  return encoded((writer) => writeCatalog(writer, catalog))
}

/**
 * The catalog in `bytes`, which it keeps. `source` is named by errors.
 * @throws MillraceError `MILLRACE_CORRUPT` when the bytes are no valid catalog
 */
export function decodeCatalog(bytes: Uint8Array, source = fromMemory('the catalog')): Catalog {
  const reader = new ByteReader(bytes, source)
  const version = reader.u64()
  const nextTableId = reader.u32()
  const tables = readTables(reader)
  reader.end()
  const catalog = { version, nextTableId, tables }
  const problem = checkTables(catalog)
  if (problem !== null) throw reader.corrupt(problem)
  return catalog
}

function kindOf(change: CatalogChange): number {
  const appends = change.kind === 'appendNodes' || change.kind === 'appendRels'
  return appends && change.progress !== undefined ? recordedKinds[change.kind] : changeKinds[change.kind]
}

/** The bytes of `change`. */
export function encodeChange(change: CatalogChange): Uint8Array {
  return encoded((writer) => writeChange(writer, change))
}

function writeChange(writer: ByteWriter, change: CatalogChange): void {
  const progress = 'progress' in change ? change.progress : undefined
  writer.u8(kindOf(change))
  switch (change.kind) {
    case 'createTable':
      writeTable(writer, change.table)
      break
    case 'dropTable':
    case 'recordLoad':
      writer.u32(change.tableId)
      break
    case 'appendNodes':
      writer.u32(change.tableId)
      writeRowGroups(writer, change.groups)
      writeKeyIndex(writer, change.keys)
      break
    case 'appendRels':
      writer.u32(change.tableId)
      writeRelRun(writer, change.run)
      break
    case 'writes':
      writer.bytes(change.bytes)
      break
    case 'replaceTables':
      writer.u32(change.tables.length)
      for (const table of change.tables) writeTable(writer, table)
      break
    case 'several':
      writer.u32(change.changes.length)
      for (const part of change.changes) {
        writer.u32(bytesWritten((measuring) => writeChange(measuring, part)))
        writeChange(writer, part)
      }
  }
  if (progress !== undefined) writeProgress(writer, progress)
}

/**
 * `change` as it is to be kept where `bytes` is its encoding: in the memory that other threads keep it in, if
 * that can be shared.
 */
export function inSharedBytes(change: CatalogChange, bytes: Uint8Array): CatalogChange {
  return bytes.buffer instanceof SharedArrayBuffer ? decodeChange(bytes) : change
}

function readTables(reader: ByteReader): Table[] {
  const count = reader.count(tablesMax, tableBytesMin, 'tables')
  const tables: Table[] = []
  for (let index = 0; index < count; index++) tables.push(readTable(reader))
  return tables
}

function readParts(reader: ByteReader, source: BytesSource): CatalogChange[] {
  const count = reader.count(changePartsMax, partBytesMin, 'parts of a change')
  const changes: CatalogChange[] = []
  for (let index = 0; index < count; index++) {
    const part = new ByteReader(reader.bytes(reader.u32()), source)
    const kind = part.u8()
    if (kind === changeKinds.several) throw part.corrupt('a change of several parts is a part of another')
    changes.push(readChange(part, kind, source))
    part.end()
  }
  return changes
}

function readAppendNodes(reader: ByteReader): Extract<CatalogChange, { kind: 'appendNodes' }> {
  const tableId = reader.u32()
  const groups = readRowGroups(reader)
  return { kind: 'appendNodes', tableId, groups, keys: readKeyIndex(reader) }
}

function readAppendRels(reader: ByteReader): Extract<CatalogChange, { kind: 'appendRels' }> {
  return { kind: 'appendRels', tableId: reader.u32(), run: readRelRun(reader) }
}

function readChange(reader: ByteReader, kind: number, source: BytesSource): CatalogChange {
  switch (kind) {
    case changeKinds.createTable:
      return { kind: 'createTable', table: readTable(reader) }
    case changeKinds.dropTable:
      return { kind: 'dropTable', tableId: reader.u32() }
    case changeKinds.appendNodes:
      return readAppendNodes(reader)
    case changeKinds.appendRels:
      return readAppendRels(reader)
    case changeKinds.recordLoad:
      return { kind: 'recordLoad', tableId: reader.u32(), progress: readProgress(reader) }
    case recordedKinds.appendNodes:
      return { ...readAppendNodes(reader), progress: readProgress(reader) }
    case recordedKinds.appendRels:
      return { ...readAppendRels(reader), progress: readProgress(reader) }
    case changeKinds.writes:
      return { kind: 'writes', bytes: reader.bytes(reader.remaining).slice() }
    case changeKinds.replaceTables:
      return { kind: 'replaceTables', tables: readTables(reader) }
    case changeKinds.several:
      return { kind: 'several', changes: readParts(reader, source) }
    default:
      throw reader.corrupt(`a change of the unknown kind ${kind}`)
  }
}

/**
 * The change in `bytes`, which it keeps. `source` is named by errors.
 * @throws MillraceError `MILLRACE_CORRUPT` when the bytes are no valid change
 */
export function decodeChange(bytes: Uint8Array, source = fromMemory('a change')): CatalogChange {
  const reader = new ByteReader(bytes, source)
  const change = readChange(reader, reader.u8(), source)
  reader.end()
  return change
}
