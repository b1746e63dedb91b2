/** Values of result columns as JavaScript values. */
import { MillraceError } from '../../errors/index.js'
import { isBytesType, isListType, itemTypeOf, type LogicalType } from '../../types/index.js'
import { bytesOfBinary, textOfValue, uint64Bias } from '../../values/index.js'
import { type Lane, lanesOfList, smallest } from '../expression/constants.js'
import { isNumeric, type ValueType } from '../expression/types.js'
import { type StringVector, textAt, textOf, type Vector } from '../vectors/vector.js'
import type { EntityVector, ResultVector } from './result-batch.js'

/** How INT64 values are given: as numbers (an error beyond 2^53) or all as bigints. */
export type Int64Mode = 'number' | 'bigint'

/** Gives the value of a row. Made for each vector; calls are in any order. */
export type ValueReader = (row: number) => unknown

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
  const { values } = vector
  if (vector.kind === 'number' && isNumeric(type) && (type !== 'INT64' || int64 === 'number')) {
    return (row) => values[row]
  }
  return (row) => laneValue(values[row]!, type, name, int64)
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
  if (codes === null) return (row) => textOf(bytes, offsets[row]!, offsets[row + 1]!)
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
  const readers = tables.map(({ properties }) =>
    properties.map((property) => ({
      name: property.name,
      read: valueReader(property.vector as Vector, property.type, `${name}.${property.name}`, int64),
    })),
  )
  return (row) => {
    const table = tableOf[row]!
    const entry = rowOf[row]!
    const entity: Entity = Object.create(null)
    entity._id = tables[table]!.offsets[entry]!
    entity._label = tables[table]!.label
    for (const { name: property, read } of readers[table]!) entity[property] = read(entry)
    return entity
  }
}
