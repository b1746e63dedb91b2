/**
 * Every type as text and back: the specification of what a file may say, and how a value is shown.
 *
 * - A stored value is what a lane holds: a bigint for int lanes (BOOL 0 or 1, UINT64 less 2^63), a number for
 *   DOUBLE and FLOAT, a string for string lanes (see `bytes-text.ts`).
 * - The text of a stored value is read back as the same value.
 */
import { decimalShape, isListType, itemTypeOf, type LogicalType, type NamedType } from '../types/index.js'
import { type BlobFormat, storedOfBlob, textOfBlob } from './blob.js'
import { formatClock, formatDate, formatTimestamp } from './calendar.js'
import { storedOfUnscaled, textOfUnscaled, unscaledOfStored, unscaledOfText } from './decimal.js'
import { intervalOfStored, intervalOfText, storedOfInterval, textOfInterval } from './interval.js'
import { decodeList, encodeList, type ListItem } from './list.js'
import { quotedItem, readListText } from './list-text.js'
import {
  doubleOfText,
  floatOfText,
  integerOfText,
  integerRanges,
  textOfFloat,
  uint64Bias,
} from './numbers.js'
import { storedOfUuid, textOfUuid } from './uuid.js'
import { daysOfText, microsOfText, timeOfText, truthOfText } from './written-time.js'

/** A value as a lane holds it. */
export type StoredValue = bigint | number | string

/** How the texts of some types are written. All parsers take their formats from here. */
export interface TextFormats {
  /** Whether DOUBLE and FLOAT take `inf`, `infinity` and `nan`. */
  readonly nonFinite: boolean
  readonly blobFormat: BlobFormat
}

export const defaultFormats: TextFormats = { nonFinite: false, blobFormat: 'hex' }

/** What is written of values that are shown: everything that a value can be. */
export const shownFormats: TextFormats = { nonFinite: true, blobFormat: 'hex' }

type TextReader = (text: string, formats: TextFormats) => StoredValue | undefined

function integer(type: NamedType): TextReader {
  const range = integerRanges[type]!
  return (text) => integerOfText(text, range)
}

const readers: Readonly<Record<NamedType, TextReader>> = {
  INT8: integer('INT8'),
  INT16: integer('INT16'),
  INT32: integer('INT32'),
  INT64: integer('INT64'),
  UINT8: integer('UINT8'),
  UINT16: integer('UINT16'),
  UINT32: integer('UINT32'),
  UINT64: (text) => {
    const value = integerOfText(text, integerRanges.UINT64!)
    return value === undefined ? undefined : value - uint64Bias
  },
  DOUBLE: (text, { nonFinite }) => doubleOfText(text, nonFinite),
  FLOAT: (text, { nonFinite }) => floatOfText(text, nonFinite),
  BOOL: truthOfText,
  DATE: daysOfText,
  TIME: timeOfText,
  TIMESTAMP: microsOfText,
  INTERVAL: (text) => {
    const interval = intervalOfText(text)
    return interval === undefined ? undefined : storedOfInterval(interval)
  },
  UUID: storedOfUuid,
  BLOB: (text, { blobFormat }) => storedOfBlob(text, blobFormat),
  JSON: (text) => (isJson(text) ? text : undefined),
  STRING: (text) => text,
}

/** Whether `text` is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The value of `type` that `text`, without anything around it, writes; undefined when it writes none. */
export function valueOfText(type: LogicalType, text: string, formats: TextFormats): StoredValue | undefined {
  if (isListType(type)) return listOfText(itemTypeOf(type), text, formats)
  const shape = decimalShape(type)
  if (shape === null) return readers[type as NamedType](text, formats)
  const unscaled = unscaledOfText(text, shape)
  return unscaled === undefined ? undefined : storedOfUnscaled(unscaled, shape)
}

/** A list in brackets: `[1, 2, NULL]`, `["a", b]`. An item that is left out is null, as an empty field is. */
function listOfText(itemType: LogicalType, text: string, formats: TextFormats): string | undefined {
  const items = readListText(text)
  if (items === undefined) return undefined
  const values: ListItem[] = []
  for (const item of items) {
    const isNull = !item.quoted && /^(?:null)?$/i.test(item.text)
    const value = isNull ? null : valueOfText(itemType, item.text, formats)
    if (value === undefined) return undefined
    values.push(value)
  }
  return encodeList(itemType, values)
}

/** How a value of `type` is written. */
export function textOfValue(type: LogicalType, value: StoredValue): string {
  if (isListType(type)) return textOfList(itemTypeOf(type), value as string)
  const shape = decimalShape(type)
  if (shape !== null) return textOfUnscaled(unscaledOfStored(value), shape.scale)
  switch (type as NamedType) {
    case 'UINT64':
      return String(BigInt(value) + uint64Bias)
    case 'BOOL':
      return Number(value) === 1 ? 'True' : 'False'
    case 'FLOAT':
      return textOfFloat(Number(value))
    case 'DOUBLE':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'DATE':
      return formatDate(Number(value))
    case 'TIME':
      return formatClock(Number(value))
    case 'TIMESTAMP':
      return formatTimestamp(value as number | bigint)
    case 'INTERVAL':
      return textOfInterval(intervalOfStored(value as string))
    case 'UUID':
      return textOfUuid(value as string)
    case 'BLOB':
      return textOfBlob(value as string)
    default:
      return String(value)
  }
}

function textOfList(itemType: LogicalType, stored: string): string {
  const items = decodeList(itemType, stored).map((item) =>
    item === null ? 'NULL' : textOfItem(itemType, item),
  )
  return `[${items.join(',')}]`
}

/** How an item of a list is written: texts that could be taken for something else stand in quotes. */
export function textOfItem(itemType: LogicalType, item: StoredValue): string {
  const text = textOfValue(itemType, item)
  return itemType === 'STRING' || itemType === 'JSON' ? quotedItem(text) : text
}
