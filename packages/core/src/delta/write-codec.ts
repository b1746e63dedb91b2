/**
 * Writes as bytes: what a log record holds of a transaction of small writes.
 *
 * | write        | kind u8 · table id u32, then:                                                     |
 * |--------------|-----------------------------------------------------------------------------------|
 * | 1 createNode | offset u64 · values                                                               |
 * | 2 createRel  | position u64 · from u64 · to u64 · values                                         |
 * | 3 setNode    | offset u64 · column u32 · value                                                   |
 * | 4 setRel     | position u64 · column u32 · value                                                 |
 * | 5 deleteNode | offset u64                                                                        |
 * | 6 deleteRel  | position u64                                                                      |
 * | values       | count u32 · value, one for each column                                            |
 * | value        | kind u8: 1 null, 2 integer (i64), 3 double (f64), 4 false, 5 true,                |
 * |              | 6 string (length in bytes u32 · UTF-8)                                            |
 *
 * Decoding checks every length; whether the writes fit the tables is checked by `Delta.problemOf`.
 */
import { ByteReader, type BytesSource, type ByteWriter } from '../format/index.js'
import { columnsMax } from '../limits.js'
import type { Value } from './value.js'
import type { Write } from './write.js'

const writeKinds = {
  createNode: 1,
  createRel: 2,
  setNode: 3,
  setRel: 4,
  deleteNode: 5,
  deleteRel: 6,
} as const satisfies Record<Write['kind'], number>

const valueKinds = { null: 1, int: 2, double: 3, false: 4, true: 5, string: 6 } as const

const valueBytesMin = 1

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function writeValue(writer: ByteWriter, value: Value): void {
  if (value === null) writer.u8(valueKinds.null)
  else if (typeof value === 'bigint') writer.u8(valueKinds.int).i64(value)
  else if (typeof value === 'number') writer.u8(valueKinds.double).f64(value)
  else if (typeof value === 'boolean') writer.u8(value ? valueKinds.true : valueKinds.false)
  else {
    const bytes = Buffer.from(value)
    writer.u8(valueKinds.string).u32(bytes.length).bytes(bytes)
  }
}

function readValue(reader: ByteReader): Value {
  const kind = reader.u8()
  switch (kind) {
    case valueKinds.null:
      return null
    case valueKinds.int:
      return reader.i64()
    case valueKinds.double:
      return reader.f64()
    case valueKinds.false:
      return false
    case valueKinds.true:
      return true
    case valueKinds.string:
      return readText(reader)
    default:
      throw reader.corrupt(`a value of the unknown kind ${kind}`)
  }
}

function readText(reader: ByteReader): string {
  const bytes = reader.bytes(reader.u32())
  try {
    return textDecoder.decode(bytes)
  } catch {
    throw reader.corrupt('a string is not valid UTF-8')
  }
}

function writeValues(writer: ByteWriter, values: readonly Value[]): void {
  writer.u32(values.length)
  for (const value of values) writeValue(writer, value)
}

function readValues(reader: ByteReader): Value[] {
  const count = reader.count(columnsMax, valueBytesMin, 'values')
  const values: Value[] = []
  for (let index = 0; index < count; index++) values.push(readValue(reader))
  return values
}

/** Appends `write` to `writer`. */
export function encodeWrite(writer: ByteWriter, write: Write): void {
  writer.u8(writeKinds[write.kind]).u32(write.tableId)
  switch (write.kind) {
    case 'createNode':
      writer.u64(write.offset)
      writeValues(writer, write.values)
      return
    case 'createRel':
      writer.u64(write.position).u64(write.from).u64(write.to)
      writeValues(writer, write.values)
      return
    case 'setNode':
      writer.u64(write.offset).u32(write.column)
      writeValue(writer, write.value)
      return
    case 'setRel':
      writer.u64(write.position).u32(write.column)
      writeValue(writer, write.value)
      return
    case 'deleteNode':
      writer.u64(write.offset)
      return
    case 'deleteRel':
      writer.u64(write.position)
  }
}

function readWrite(reader: ByteReader): Write {
  const kind = reader.u8()
  const tableId = reader.u32()
  const row = reader.u64()
  switch (kind) {
    case writeKinds.createNode:
      return { kind: 'createNode', tableId, offset: row, values: readValues(reader) }
    case writeKinds.createRel: {
      const from = reader.u64()
      return { kind: 'createRel', tableId, position: row, from, to: reader.u64(), values: readValues(reader) }
    }
    case writeKinds.setNode:
      return { kind: 'setNode', tableId, offset: row, column: reader.u32(), value: readValue(reader) }
    case writeKinds.setRel:
      return { kind: 'setRel', tableId, position: row, column: reader.u32(), value: readValue(reader) }
    case writeKinds.deleteNode:
      return { kind: 'deleteNode', tableId, offset: row }
    case writeKinds.deleteRel:
      return { kind: 'deleteRel', tableId, position: row }
    default:
      throw reader.corrupt(`a write of the unknown kind ${kind}`)
  }
}

/**
 * The writes in `bytes`, one after the other. `source` is named by errors.
 * @throws MillraceError `MILLRACE_CORRUPT` when the bytes are no writes
 */
export function* decodeWrites(
  bytes: Uint8Array,
  source: BytesSource = { file: 'memory', what: 'writes' },
): Generator<Write> {
  const reader = new ByteReader(bytes, source)
  while (reader.remaining > 0) yield readWrite(reader)
}
