/** Values of result columns as JavaScript values. */
import { MillraceError } from '../../errors/index.js'
import { isBytesType, isListType, itemTypeOf, type LogicalType } from '../../types/index.js'
import { bytesOfBinary, integerOfHalves, textOfValue, uint64Bias } from '../../values/index.js'
import { type Lane, lanesOfList, smallest } from '../expression/constants.js'
import { isNumeric, type ValueType } from '../expression/types.js'
import { type StringVector, textAt, textOf, type Vector } from '../vectors/vector.js'
import type { EntityVector, ResultVector } from './result-batch.js'
import { rowMaker, type ValueReader } from './row-maker.js'

/** How INT64 values are given: as numbers (an error beyond 2^53) or all as bigints. */
export type Int64Mode = 'number' | 'bigint'

const millisecondsPerDay = 86_400_000

/** A node or relationship: `_id` and `_label` before its properties. */
export interface Entity {
  [property: string]: unknown
}

/** Reads `vector` of a column called `name`; `type` is ANY where the plan could not say. */
export function valueReader(
  vector: ResultVector,
  type: ValueType,
  name: string,
  int64: Int64Mode,
): ValueReader {
  if (vector.kind === 'entity') return entityReader(vector, name, int64)
  const reader = nonNullReader(vector, type === 'ANY' || type === 'NULL' ? vector.type : type, name, int64)
  const { nulls } = vector
  return nulls === null ? reader : (row) => (nulls[row] === 1 ? null : reader(row))
}

function nonNullReader(
  vector: Exclude<ResultVector, EntityVector>,
  type: ValueType,
  name: string,
  int64: Int64Mode,
): ValueReader {
  if (vector.kind === 'string') {
    return isBytesType(vector.type)
      ? (row) => laneValue(textAt(vector, row), vector.type, name, int64)
      : stringReader(vector)
  }
  if (vector.kind === 'list') {
    const { values, itemType } = vector
    return (row) =>
      values[row]!.map((value) => itemValue(value as Lane | null, itemType ?? 'ANY', name, int64))
  }
  if (vector.kind === 'bigint') return bigintReader(vector.values, type, name, int64)
  const { values } = vector
  if (isNumeric(type) && (type !== 'INT64' || int64 === 'number')) return (row) => values[row]
  if (type === 'BOOL') return (row) => values[row] === 1
  if (type === 'DATE') return (row) => new Date(values[row]! * millisecondsPerDay)
  return (row) => laneValue(values[row]!, type, name, int64)
}

/** Integers and timestamps are read by halves where doubles hold them. */
function bigintReader(values: BigInt64Array, type: ValueType, name: string, int64: Int64Mode): ValueReader {
  const slowly = (row: number) => laneValue(values[row]!, type, name, int64)
  const isTimestamp = type === 'TIMESTAMP'
  if (!isTimestamp && (type !== 'INT64' || int64 === 'bigint')) return slowly
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  return (row) => {
    const number = integerOfHalves(halves, row)
    if (!Number.isSafeInteger(number)) return slowly(row)
    return isTimestamp ? new Date(millisecondsOf(number)) : number
  }
}

function itemValue(lane: Lane | null, type: ValueType, name: string, int64: Int64Mode): unknown {
  return lane === null ? null : laneValue(lane, type, name, int64)
}

/** A lane of type `type` as users see it. */
function laneValue(lane: Lane, type: ValueType, name: string, int64: Int64Mode): unknown {
  if (typeof lane === 'string') return textValue(lane, type, name, int64)
  if (type.startsWith('DECIMAL(')) return textOfValue(type as LogicalType, lane)
  switch (type) {
    case 'TIME':
      return textOfValue(type, lane)
    case 'UINT64': {
      const value = BigInt(lane) + uint64Bias
      return laneValue(int64 === 'bigint' ? value : smallest(value), 'INT64', name, int64)
    }
    case 'BOOL':
      return lane === 1
    case 'DATE':
      return new Date(Number(lane) * millisecondsPerDay)
    case 'TIMESTAMP':
      return new Date(millisecondsOf(lane))
    case 'INT64':
      if (int64 === 'bigint') return BigInt(lane)
      break
    default:
      break
  }
  if (typeof lane !== 'bigint') return lane
  const number = Number(lane)
  if (Number.isSafeInteger(number)) return number
  if (type !== 'INT64' && int64 === 'bigint') return lane
  throw new MillraceError('MILLRACE_INT64_RANGE', { column: name, value: lane })
}

/** The millisecond since 1970 in which a number of microseconds lies: the earlier one, also before 1970. */
function millisecondsOf(micros: number | bigint): number {
  if (typeof micros === 'number') return Math.floor(micros / 1000)
  const milliseconds = micros / 1000n
  return Number(milliseconds * 1000n > micros ? milliseconds - 1n : milliseconds)
}

/** A lane of text or bytes as users see it. */
function textValue(lane: string, type: ValueType, name: string, int64: Int64Mode): unknown {
  if (isListType(type)) {
    const itemType = itemTypeOf(type)
    return lanesOfList(itemType, lane).map((item) => itemValue(item, itemType, name, int64))
  }
  if (type === 'BLOB') return bytesOfBinary(lane)
  return type === 'UUID' || type === 'INTERVAL' || type.startsWith('DECIMAL(')
    ? textOfValue(type as LogicalType, lane)
    : lane
}

/** Strings of a dictionary are made once. */
const decoded = new WeakMap<Uint32Array, (string | undefined)[]>()

function stringReader({ codes, offsets, bytes }: StringVector): ValueReader {
  if (codes === null) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return (row) => text.toString('utf8', offsets[row]!, offsets[row + 1]!)
  }
  let texts = decoded.get(offsets)
  if (texts === undefined) {
    texts = []
    decoded.set(offsets, texts)
  }
  const known = texts
  return (row) => {
    const entry = codes[row]!
    let text = known[entry]
    if (text === undefined) {
      text = textOf(bytes, offsets[entry]!, offsets[entry + 1]!)
      known[entry] = text
    }
    return text
  }
}

function entityReader(vector: EntityVector, name: string, int64: Int64Mode): ValueReader {
  const { tables, tableOf, rowOf } = vector
  const makers = tables.map(({ properties, offsets, label }) => {
    const names = properties.map((property) => property.name)
    const readers = properties.map((property) =>
      valueReader(property.vector as Vector, property.type, `${name}.${property.name}`, int64),
    )
    const id: ValueReader = (entry) => offsets[entry]
    return rowMaker(['_id', '_label', ...names], [id, () => label, ...readers])
  })
  return (row) => makers[tableOf[row]!]!(rowOf[row]!)
}
