/**
 * What is known of a table's columns before their values are made: what the schema says, what check
 * constraints ask for, what names stand for; in this order where they differ.
 */
import type { Column, GeneratorOptions, SqlType, Table } from '../schema/index.js'
import { earlierColumn, optionsByName } from './by-name.js'
import { factsOfCheck } from './check-parser.js'
import { applyFact } from './fit-checks.js'
import { decides, type Options } from './fitting.js'
import type { DecidedKeys } from './foreign-keys.js'

export interface ColumnOptions {
  readonly byColumn: ReadonlyMap<string, GeneratorOptions>
  /** Check constraints that some rows may not fulfil. */
  readonly unknownChecks: readonly string[]
}

/**
 * @param nowMicros what `now()` in a constraint is taken for
 * @param keys the foreign keys of the table
 */
export function columnOptions(table: Table, nowMicros: number, keys: DecidedKeys['keys']): ColumnOptions {
  const names = table.columns.map(({ name }) => name)
  const referring = referredTo(keys)
  const options = new Map<string, Options>()
  for (const column of table.columns) {
    const own = column.options
    const guessed: GeneratorOptions =
      decides(own) || referring.has(column.name) ? {} : optionsByName(column.name, column.type)
    options.set(column.name, { ...guessed, ...own })
  }
  addEarlier(table, names, options)
  const unknownChecks = table.columns.flatMap(({ type }) => unknownChecksWithin(type))
  // What a column refers to is of the same domain, and fulfils it there.
  const domainChecks = table.columns.flatMap(({ name, type }) =>
    type.check === undefined || referring.get(name)?.type.ddl === type.ddl ? [] : [checkOf(type.check, name)],
  )
  const expressions = [...table.checks.map(({ expression }) => expression), ...domainChecks]
  const context = {
    options,
    nowMicros,
    referring,
    bounded: new Set<string>(),
    differ: neverEqual(table, keys),
  }
  const left = expressions.map((expression) => {
    const facts = factsOfCheck(expression, names)
    return { expression, facts: facts?.filter((fact) => !applyFact(fact, table.columns, context)) }
  })
  // What one column must come after may follow from what later constraints ask of others.
  for (const { expression, facts } of left) {
    const isFitted = facts?.every((fact) => applyFact(fact, table.columns, context))
    if (isFitted !== true) unknownChecks.push(expression)
  }
  return { byColumn: options, unknownChecks }
}

/** The columns of foreign keys, with the columns that they refer to. */
function referredTo(keys: DecidedKeys['keys']): Map<string, Column> {
  return new Map(
    keys.flatMap(({ key, parent }) =>
      key.columns.map((name, at) => {
        const referenced = parent.columns.find((column) => column.name === key.referenced[at]) as Column
        return [name, referenced] as const
      }),
    ),
  )
}

/**
 * Which columns never hold the same value: keys that are kept apart, and one to an earlier row, or to none.
 */
function neverEqual(table: Table, keys: DecidedKeys['keys']): (a: string, b: string) => boolean {
  const isNullable = (name: string) => table.columns.some((column) => column.name === name && column.nullable)
  const pairs = keys.flatMap(({ key, parent, kind, apartFrom }) => {
    const [column = '', ...more] = key.columns
    if (apartFrom !== undefined) return [[column, apartFrom.key.columns[0]]]
    const isEarlier = parent === table && kind === 'chosen' && more.length === 0 && isNullable(column)
    return isEarlier ? [[column, key.referenced[0]]] : []
  })
  return (a, b) => pairs.some((pair) => a !== b && pair.includes(a) && pair.includes(b))
}

/** A domain's check as the check of a column. */
function checkOf(check: string, column: string): string {
  return check.replaceAll(/\bVALUE\b/gi, `"${column.replaceAll('"', '""')}"`)
}

/** The options of an element or a field, whose domain may have a check. */
export function domainOptions(type: SqlType, own: GeneratorOptions, nowMicros: number): GeneratorOptions {
  if (type.check === undefined) return own
  const name = 'value'
  const options = new Map<string, Options>([[name, { ...own }]])
  const differ = () => false
  const context = { options, nowMicros, referring: new Map(), bounded: new Set<string>(), differ }
  for (const fact of factsOfCheck(checkOf(type.check, name), [name]) ?? [])
    applyFact(fact, [{ name, type, options: own }], context)
  return options.get(name)!
}

/** Checks of the domains that a type is made of, of which more is asked than can be told. */
function unknownChecksWithin(type: SqlType): string[] {
  const parts = [...(type.element ? [type.element] : []), ...(type.fields ?? []).map((field) => field.type)]
  return parts.flatMap((part) => [
    ...(part.check !== undefined && factsOfCheck(checkOf(part.check, 'value'), ['value']) === undefined
      ? [part.check]
      : []),
    ...unknownChecksWithin(part),
  ])
}

/** `updated_at` after `created_at`, unless the schema says otherwise. */
function addEarlier(table: Table, names: readonly string[], options: Map<string, Options>): void {
  for (const { name, type, options: own } of table.columns) {
    if (decides(own) || (type.kind !== 'timestamp' && type.kind !== 'date')) continue
    const earlier = table.columns.find((column) => column.name === earlierColumn(name, names))
    if (earlier === undefined || !['timestamp', 'date'].includes(earlier.type.kind)) continue
    options.set(name, { ...own, after: { column: earlier.name } })
  }
}
