/** Builds an Arrow table of result batches. Loaded only when somebody asks for Arrow. */
import {
  Bool,
  type DataType,
  DateDay,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import type { ValueType } from '../expression/types.js'
import type { ResultColumn } from '../plan/plan.js'
import type { NumberVector, StringVector } from '../vectors/vector.js'
import type { ResultBatch, ResultVector } from './result-batch.js'
import { valueReader } from './values.js'

function arrowType(type: ValueType): DataType {
  switch (type) {
    case 'INT64':
      return new Int64()
    case 'INT32':
      return new Int32()
    case 'DOUBLE':
      return new Float64()
    case 'BOOL':
      return new Bool()
    case 'DATE':
      return new DateDay()
    case 'TIMESTAMP':
      return new TimestampMicrosecond()
    default:
      return new Utf8()
  }
}

export class ArrowBuilder {
  readonly #columns: readonly ResultColumn[]
  readonly #batches: ResultBatch[] = []

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns
  }

  append(batch: ResultBatch): void {
    this.#batches.push(batch)
  }

  finish(): Table {
    const types = this.#columns.map(({ type }, index) => this.#typeOf(type, index))
    const fields = this.#columns.map(({ name }, index) => new Field(name, arrowType(types[index]!), true))
    const schema = new Schema(fields)
    const batches = this.#batches.map((batch) => {
      const children = batch.columns.map((vector, index) =>
        columnData(vector, types[index]!, this.#columns[index]!.name),
      )
      return new RecordBatch(
        schema,
        makeData({ type: new Struct(fields), length: batch.rows, nullCount: 0, children: children as never }),
      )
    })
    return new Table(schema, batches)
  }

  /** A column whose type a parameter decides has that of its vectors. */
  #typeOf(type: ValueType, index: number): ValueType {
    if (type !== 'ANY' && type !== 'NULL') return type
    const vector = this.#batches[0]?.columns[index]
    return vector === undefined || vector.kind === 'entity' ? 'STRING' : (vector.type as ValueType)
  }
}

function columnData(vector: ResultVector, type: ValueType, name: string): unknown {
  const { rows } = vector
  const { nullBitmap, nullCount } = validity(vector.nulls, rows)
  const common = { length: rows, nullCount, ...(nullBitmap === undefined ? {} : { nullBitmap }) }
  if (vector.kind === 'entity' || vector.kind === 'list')
    return textData(jsonTexts(vector, type, name), common)
  if (vector.kind === 'string') return textData(vector, common)
  if (vector.kind === 'bigint') {
    const arrow = type === 'TIMESTAMP' ? new TimestampMicrosecond() : new Int64()
    return makeData({ ...common, type: arrow as Int64, data: vector.values })
  }
  return numberData(vector, type, common)
}

interface Common {
  readonly length: number
  readonly nullCount: number
  readonly nullBitmap?: Uint8Array
}

function numberData(vector: NumberVector, type: ValueType, common: Common): unknown {
  const { rows, nulls } = vector
  // The lane of a null is unspecified: it may be NaN, which is no integer.
  const lane = (row: number): number => (nulls !== null && nulls[row] === 1 ? 0 : vector.values[row]!)
  switch (type) {
    case 'DOUBLE':
      return makeData({ ...common, type: new Float64(), data: vector.values.slice(0, rows) })
    case 'INT32':
      return makeData({
        ...common,
        type: new Int32(),
        data: Int32Array.from({ length: rows }, (_, row) => lane(row)),
      })
    case 'DATE':
      return makeData({
        ...common,
        type: new DateDay(),
        data: Int32Array.from({ length: rows }, (_, row) => lane(row)),
      })
    case 'BOOL':
      return makeData({ ...common, type: new Bool(), data: bits(rows, (row) => lane(row) === 1) })
    default: {
      const data = BigInt64Array.from({ length: rows }, (_, row) => BigInt(lane(row)))
      const arrow = type === 'TIMESTAMP' ? new TimestampMicrosecond() : new Int64()
      return makeData({ ...common, type: arrow as Int64, data })
    }
  }
}

/** Bit i of the result is `isSet(i)`, least significant bit first. */
function bits(rows: number, isSet: (row: number) => boolean): Uint8Array {
  const packed = new Uint8Array(Math.ceil(rows / 64) * 8)
  for (let row = 0; row < rows; row++) if (isSet(row)) packed[row >> 3]! |= 1 << (row & 7)
  return packed
}

function validity(nulls: Uint8Array | null, rows: number): { nullBitmap?: Uint8Array; nullCount: number } {
  if (nulls === null) return { nullCount: 0 }
  let nullCount = 0
  for (let row = 0; row < rows; row++) nullCount += nulls[row]!
  return { nullBitmap: bits(rows, (row) => nulls[row] === 0), nullCount }
}

function textData(
  { codes, offsets, bytes, rows, nulls }: Omit<StringVector, 'kind' | 'type'>,
  common: Common,
): unknown {
  const ends = new Int32Array(rows + 1)
  const entryOf = (row: number): number => (codes === null ? row : codes[row]!)
  for (let row = 0; row < rows; row++) {
    const length = nulls?.[row] === 1 ? 0 : offsets[entryOf(row) + 1]! - offsets[entryOf(row)]!
    ends[row + 1] = ends[row]! + length
  }
  const data = new Uint8Array(ends[rows]!)
  for (let row = 0; row < rows; row++) {
    const start = offsets[entryOf(row)]!
    const length = ends[row + 1]! - ends[row]!
    if (length > 0) data.set(bytes.subarray(start, start + length), ends[row])
  }
  return makeData({ ...common, type: new Utf8(), valueOffsets: ends, data })
}

/** Nodes, relationships and lists as JSON; integers beyond 2^53 as strings of digits. */
function jsonTexts(vector: ResultVector, type: ValueType, name: string): Omit<StringVector, 'kind' | 'type'> {
  const read = valueReader(vector, type, name, 'bigint')
  const encoder = new TextEncoder()
  const texts = Array.from({ length: vector.rows }, (_, row) =>
    encoder.encode(JSON.stringify(read(row), jsonValue) ?? ''),
  )
  const offsets = new Uint32Array(vector.rows + 1)
  texts.forEach((text, row) => {
    offsets[row + 1] = offsets[row]! + text.length
  })
  const bytes = new Uint8Array(offsets[vector.rows]!)
  texts.forEach((text, row) => {
    bytes.set(text, offsets[row])
  })
  return { rows: vector.rows, codes: null, offsets, bytes, nulls: vector.nulls }
}

function jsonValue(_: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}
