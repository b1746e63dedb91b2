/**
 * Columns that count the rows: serial types, columns of a sequence, integer keys of which nothing else is
 * said.
 */
import { schemaError } from '../errors/index.js'
import { type Column, type Schema, sequenceOfDefault } from '../schema/index.js'
import type { ColumnContext, Generator } from './generator.js'
import { counter } from './number-generators.js'

/** The sequence that fills a column: named by it, or by its default. */
export function sequenceOf(column: Column, schema: Schema): Schema['sequences'][number] | undefined {
  const named = column.sequence ?? sequenceOfDefault(column.default)
  return schema.sequences.find(({ name }) => name === named)
}

/** The counter of a column that counts; undefined for any other. */
export function counterOf(column: Column, context: ColumnContext, schema: Schema): Generator | undefined {
  const { type, options } = context
  // A check constraint may bound what the schema itself says nothing of.
  const decides = Object.keys(column.options).some(
    (name) => name !== 'nullFraction' && name !== 'start' && name !== 'increment',
  )
  const sequence = sequenceOf(column, schema)
  if (sequence !== undefined && !decides && type.kind === 'integer') {
    const last = sequence.start + sequence.increment * (context.rows - 1)
    const beyond =
      (sequence.max !== undefined && last > sequence.max) ||
      (sequence.min !== undefined && last < sequence.min)
    if (beyond && context.rows > 0) {
      throw schemaError(
        column.path,
        `${context.rows} rows count up to ${last}, beyond the sequence ${sequence.name}`,
        'fewer rows, or another max_value',
      )
    }
    return counter(context, sequence)
  }
  if (type.kind !== 'integer' || decides) return undefined
  const start = typeof options.start === 'number' ? options.start : 1
  if (type.serial === true) return counter(context, { start, increment: options.increment })
  return undefined
}

/** An integer that is the whole primary key, and of which nothing is said, counts too. */
export function isCountedKey(column: Column, primaryKey: readonly string[]): boolean {
  const says = Object.keys(column.options).some((name) => name !== 'start' && name !== 'increment')
  const isCounted = column.sequence !== undefined || /^nextval\(/i.test(column.default ?? '')
  return (
    column.type.kind === 'integer' &&
    !isCounted &&
    primaryKey.length === 1 &&
    primaryKey[0] === column.name &&
    !says
  )
}
