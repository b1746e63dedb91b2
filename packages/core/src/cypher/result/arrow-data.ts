/** Columns of results as Arrow data, by their types. */
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  IntervalMonthDayNano,
  List,
  makeData,
  TimeMicrosecond,
  TimestampMicrosecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow'
import { decimalShape, isListType, itemTypeOf, type LogicalType } from '../../types/index.js'
import { intervalOfStored, uint64Bias, unscaledOfStored, uuidLaneBytes } from '../../values/index.js'
import { type Lane, lanesOfList } from '../expression/constants.js'
import { evaluationError } from '../expression/evaluation-error.js'
import type { ValueType } from '../expression/types.js'
import { vectorOfLanes } from '../vectors/lanes.js'
import { type StringVector, type Vector, valueAt } from '../vectors/vector.js'
import type { ResultVector } from './result-batch.js'
import { valueReader } from './values.js'

const decimalBits = 128

/** The Arrow type of a column; what Arrow has no type for is text. */
export function arrowType(type: ValueType): DataType {
  const shape = decimalShape(type)
  if (shape !== null) return new Decimal(shape.scale, shape.precision, decimalBits)
  if (isListType(type)) return new List(new Field('item', arrowType(itemTypeOf(type)), true))
  const simple = simpleTypes[type as keyof typeof simpleTypes]
  return simple === undefined ? new Utf8() : simple()
}

const simpleTypes = {
  INT64: () => new Int64(),
  INT32: () => new Int32(),
  INT16: () => new Int16(),
  INT8: () => new Int8(),
  UINT64: () => new Uint64(),
  UINT32: () => new Uint32(),
  UINT16: () => new Uint16(),
  UINT8: () => new Uint8(),
  DOUBLE: () => new Float64(),
  FLOAT: () => new Float32(),
  BOOL: () => new Bool(),
  DATE: () => new DateDay(),
  TIME: () => new TimeMicrosecond(),
  TIMESTAMP: () => new TimestampMicrosecond(),
  INTERVAL: () => new IntervalMonthDayNano(),
  UUID: () => new FixedSizeBinary(uuidLaneBytes),
  BLOB: () => new Binary(),
} as const

interface Common {
  readonly length: number
  readonly nullCount: number
  readonly nullBitmap?: Uint8Array
}

/** Arrow data of a column called `name`. */
export function columnData(vector: ResultVector, type: ValueType, name: string): unknown {
  const { rows } = vector
  const { nullBitmap, nullCount } = validity(vector.nulls, rows)
  const common = { length: rows, nullCount, ...(nullBitmap === undefined ? {} : { nullBitmap }) }
  if (vector.kind === 'entity' || vector.kind === 'list')
    return textData(jsonTexts(vector, type, name), common)
  if (vector.kind === 'string') return bytesData(vector, type, common)
  return numberData(vector, type, common)
}

/** Lanes of integers by the arrays that Arrow has them in. */
const arrays = {
  INT32: Int32Array,
  DATE: Int32Array,
  INT16: Int16Array,
  INT8: Int8Array,
  UINT32: Uint32Array,
  UINT16: Uint16Array,
  UINT8: Uint8Array,
  FLOAT: Float32Array,
} as const

function numberData(vector: Exclude<Vector, StringVector>, type: ValueType, common: Common): unknown {
  const { rows, nulls } = vector
  // The lane of a null is unspecified: it may be NaN, which is no integer.
  const lane = (row: number): number | bigint => (nulls?.[row] === 1 ? 0 : vector.values[row]!)
  const shape = decimalShape(type)
  if (shape !== null) return decimalData(rows, (row) => BigInt(lane(row)), type, common)
  if (type === 'DOUBLE' && vector.kind === 'number') {
    return makeData({ ...common, type: new Float64(), data: vector.values.slice(0, rows) })
  }
  if (type === 'BOOL') {
    return makeData({ ...common, type: new Bool(), data: bits(rows, (row) => lane(row) === 1) })
  }
  const array = arrays[type as keyof typeof arrays]
  if (array !== undefined) {
    const data = new array(rows)
    for (let row = 0; row < rows; row++) data[row] = Number(lane(row))
    return makeData({ ...common, type: arrowType(type) as Int32, data: data as Int32Array })
  }
  const data =
    type === 'UINT64'
      ? BigUint64Array.from(
          { length: rows },
          (_, row) => BigInt(lane(row)) + (nulls?.[row] === 1 ? 0n : uint64Bias),
        )
      : BigInt64Array.from({ length: rows }, (_, row) => BigInt(lane(row)))
  const isWide = type === 'TIME' || type === 'TIMESTAMP' || type === 'UINT64'
  return makeData({
    ...common,
    type: (isWide ? arrowType(type) : new Int64()) as Int64,
    data: data as BigInt64Array,
  })
}

/** Unscaled values as 128 bits, little-endian. */
function decimalData(
  rows: number,
  unscaled: (row: number) => bigint,
  type: ValueType,
  common: Common,
): unknown {
  const words = new BigUint64Array(rows * 2)
  for (let row = 0; row < rows; row++) {
    const value = unscaled(row)
    words[row * 2] = BigInt.asUintN(64, value)
    words[row * 2 + 1] = BigInt.asUintN(64, value >> 64n)
  }
  return makeData({ ...common, type: arrowType(type) as Decimal, data: new Uint32Array(words.buffer) })
}

function bytesData(vector: StringVector, type: ValueType, common: Common): unknown {
  const { rows } = vector
  const laneAt = (row: number): string | null => valueAt(vector, row) as string | null
  if (decimalShape(type) !== null) {
    const unscaled = (row: number): bigint => {
      const lane = laneAt(row)
      return lane === null ? 0n : unscaledOfStored(lane)
    }
    return decimalData(rows, unscaled, type, common)
  }
  if (isListType(type)) return listData(rows, laneAt, itemTypeOf(type), common)
  switch (type) {
    case 'UUID': {
      const data = new Uint8Array(rows * uuidLaneBytes)
      for (let row = 0; row < rows; row++)
        data.set(Buffer.from(laneAt(row) ?? '', 'latin1'), row * uuidLaneBytes)
      return makeData({ ...common, type: new FixedSizeBinary(uuidLaneBytes), data })
    }
    case 'INTERVAL':
      return intervalData(rows, laneAt, common)
    case 'BLOB':
      return textData(vector, common, new Binary())
    default:
      return textData(vector, common)
  }
}

const nanosMax = 2n ** 63n

/** Months and days as i32, nanoseconds as i64. */
function intervalData(rows: number, laneAt: (row: number) => string | null, common: Common): unknown {
  const data = new Int32Array(rows * 4)
  const nanosecondsAt = new BigInt64Array(data.buffer)
  for (let row = 0; row < rows; row++) {
    const lane = laneAt(row)
    if (lane === null) continue
    const { months, days, micros } = intervalOfStored(lane)
    const nanos = micros * 1000n
    if (nanos >= nanosMax || nanos < -nanosMax) {
      throw evaluationError(`The INTERVAL of ${micros} microseconds is beyond Arrow`, 'Read it as rows.')
    }
    data[row * 4] = months
    data[row * 4 + 1] = days
    nanosecondsAt[row * 2 + 1] = nanos
  }
  return makeData({ ...common, type: new IntervalMonthDayNano(), data })
}

/** Lists with their items as a column of their own. */
function listData(
  rows: number,
  laneAt: (row: number) => string | null,
  itemType: LogicalType,
  common: Common,
): unknown {
  const items: (Lane | null)[] = []
  const valueOffsets = new Int32Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    const lane = laneAt(row)
    if (lane !== null) for (const item of lanesOfList(itemType, lane)) items.push(item)
    valueOffsets[row + 1] = items.length
  }
  const child = columnData(vectorOfLanes(itemType, items), itemType, 'item')
  const type = new List(new Field('item', arrowType(itemType), true))
  return makeData({ ...common, type, valueOffsets, child: child as never })
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
  type: DataType = new Utf8(),
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
  return makeData({ ...common, type: type as Utf8, valueOffsets: ends, data })
}

/** Nodes, relationships and lists of queries as JSON; integers beyond 2^53 as strings of digits. */
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
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}
