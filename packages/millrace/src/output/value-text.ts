/**
 * Values of a result as text. A value is what a row holds: null, number, bigint, string, boolean, Date,
 * bytes, list or node.
 */
import { textOfBlob, textOfFloat } from '@millrace/core'
import type { ResultColumn } from '../index.js'

/**
 * Exact text of a value that is not null: INT64 to the last digit, DATE as `2001-01-31`, TIMESTAMP in ISO
 * 8601 and UTC, a BLOB as `\\xDEADBEEF`, lists and nodes as JSON. All but nodes and DATEs beyond the range of
 * JavaScript can be imported again.
 */
export function valueText(value: unknown, type: ResultColumn['type']): string {
  if (typeof value === 'string') return value
  if (value instanceof Date) return dateText(value, type)
  if (value instanceof Uint8Array) return blobText(value)
  if (type === 'FLOAT' && typeof value === 'number') return textOfFloat(value)
  if (typeof value === 'object') return jsonText(value, type)
  if (Object.is(value, -0)) return '-0'
  return String(value)
}

/**
 * A value as a JSON text. INT64 beyond 2^53 keeps its digits; NaN and infinities, which JSON lacks, become
 * null.
 */
export function jsonText(value: unknown, type: ResultColumn['type']): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return JSON.stringify(dateText(value, type))
  if (value instanceof Uint8Array) return JSON.stringify(blobText(value))
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, itemTypeOf(type))).join(',')}]`
  if (type === 'FLOAT' && Number.isFinite(value)) return textOfFloat(value as number)
  if (typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([name, item]) => `${JSON.stringify(name)}:${jsonText(item, type)}`,
  )
  return `{${entries.join(',')}}`
}

/** The type of a list's items. */
function itemTypeOf(type: ResultColumn['type']): ResultColumn['type'] {
  return type.endsWith('[]') ? (type.slice(0, -2) as ResultColumn['type']) : type
}

function blobText(bytes: Uint8Array): string {
  return textOfBlob(Buffer.from(bytes).toString('latin1'))
}

function dateText(value: Date, type: ResultColumn['type']): string {
  if (Number.isNaN(value.getTime())) return 'beyond the range of dates'
  const text = value.toISOString()
  return type === 'DATE' ? text.slice(0, text.indexOf('T')) : text
}
