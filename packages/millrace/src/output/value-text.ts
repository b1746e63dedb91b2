/**
 * Values of a result as text. A value is what a row holds: null, number, bigint, string, boolean, Date, list
 * or node.
 */
import type { ResultColumn } from '../index.js'

/**
 * Exact text of a value that is not null: INT64 to the last digit, DATE as `2001-01-31`, TIMESTAMP in ISO
 * 8601 and UTC, lists and nodes as JSON.
 */
export function valueText(value: unknown, type: ResultColumn['type']): string {
  if (typeof value === 'string') return value
  if (value instanceof Date) return dateText(value, type)
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
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, type)).join(',')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([name, item]) => `${JSON.stringify(name)}:${jsonText(item, type)}`,
  )
  return `{${entries.join(',')}}`
}

function dateText(value: Date, type: ResultColumn['type']): string {
  if (Number.isNaN(value.getTime())) return 'beyond the range of dates'
  const text = value.toISOString()
  return type === 'DATE' ? text.slice(0, text.indexOf('T')) : text
}
