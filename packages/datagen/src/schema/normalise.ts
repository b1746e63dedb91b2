/**
 * From what a schema file says to the model: shorthands written out, names chosen, types resolved. Only the
 * structure is known to be right here; what a name refers to is checked in `check-references.ts`.
 */
import { schemaError } from '../errors/index.js'
import { tableColumnsMax, tablesMax } from '../limits.js'
import { customTypes } from './custom-types.js'
import { parseMoment } from './durations.js'
import { generatorOptions, parseDistribution, type Raw } from './generator-options.js'
import type {
  CheckConstraint,
  Column,
  ForeignKey,
  Index,
  Schema,
  Sequence,
  Table,
  UniqueConstraint,
} from './model.js'
import { checkName, indexColumn, Names } from './names.js'
import { parseSqlType, type SqlType, typesExpected } from './sql-type.js'
import { joinPath } from './structure.js'

/** What generated times end at unless the schema says otherwise: data must not change with the calendar. */
const referenceTimeDefault = '2026-01-01T00:00:00Z'

/** @param raw a value that fits the JSON Schema */
export function normalise(raw: Raw): Schema {
  const types = customTypes((raw.custom_types ?? {}) as Raw)
  const typeByName = new Map(types.map(({ name, type }) => [name, type]))
  const tables = Object.entries(raw.tables as Record<string, Raw>)
  if (tables.length > tablesMax) {
    throw schemaError('tables', `there are ${tables.length}`, `at most ${tablesMax} tables`)
  }
  const relations = new Names(tables.map(([name]) => name))
  // A table is a type of its own, too.
  for (const { name } of types) {
    if (Object.hasOwn(raw.tables as object, name))
      throw schemaError(joinPath('custom_types', name), `${name} is the name of a table`, 'another name')
  }
  const sequences = Object.entries((raw.sequences ?? {}) as Record<string, Raw>).map(([name, value]) =>
    sequenceOf(relations.take(name, joinPath('sequences', name)), value),
  )
  const given = typeof raw.database === 'string' ? { name: raw.database } : raw.database
  const database = (given ?? {}) as Record<string, string>
  const reference = (raw.reference_time ?? referenceTimeDefault) as string
  const nowMicros = parseMoment(reference, 0)
  if (nowMicros === undefined) {
    throw schemaError(
      'reference_time',
      `it is ${JSON.stringify(reference)}`,
      'a moment such as 2026-01-01T00:00:00Z',
    )
  }
  return {
    name: checkName(database.name ?? 'data', 'database.name'),
    encoding: database.encoding ?? 'UTF8',
    locale: (raw.locale as string | undefined) ?? localeOf(database.locale),
    nowMicros,
    extensions: (raw.extensions ?? []) as string[],
    types,
    sequences,
    tables: tables.map(([name, table]) => tableOf(name, table, typeByName, relations)),
  }
}

/** `de_DE.utf8` names the data's language as well. C and POSIX name none. */
function localeOf(locale: string | undefined): string {
  const name = (locale ?? 'en').replace(/[.@].*$/, '')
  return /^(?:C|POSIX|en_US|)$/i.test(name) ? 'en' : name
}

function sequenceOf(name: string, raw: Raw): Sequence {
  const {
    start,
    increment,
    min_value: min,
    max_value: max,
    cache,
    cycle,
  } = raw as Record<string, number | null>
  const path = joinPath('sequences', name)
  if (increment === 0) throw schemaError(path, 'the increment is 0', 'another increment')
  const step = increment ?? 1
  // A sequence that counts down begins with its largest value, -1 unless it says otherwise.
  const first = start ?? (step < 0 ? (max ?? -1) : (min ?? 1))
  const [low, high] = [
    min ?? (step < 0 ? Number.NEGATIVE_INFINITY : 1),
    max ?? (step < 0 ? -1 : Number.POSITIVE_INFINITY),
  ]
  if (low >= high)
    throw schemaError(path, `min_value ${low} is not below max_value ${high}`, 'min_value < max_value')
  if (first < low || first > high) {
    throw schemaError(joinPath(path, 'start'), `it is ${first}`, `a number from ${low} to ${high}`)
  }
  return {
    name,
    start: first,
    increment: step,
    ...(typeof min === 'number' && { min }),
    ...(typeof max === 'number' && { max }),
    cache: cache ?? 1,
    cycle: Boolean(cycle),
  }
}

function tableOf(name: string, raw: Raw, types: ReadonlyMap<string, SqlType>, relations: Names): Table {
  const path = joinPath('tables', name)
  checkName(name, path)
  const columnsPath = joinPath(path, 'columns')
  const listed: [string, Raw, string][] = Array.isArray(raw.columns)
    ? raw.columns.map((column: Raw, index) => [
        String(column.name),
        column,
        joinPath(columnsPath, String(index)),
      ])
    : Object.entries(raw.columns as Record<string, Raw>).map(([key, column]) => [
        key,
        column,
        joinPath(columnsPath, key),
      ])
  if (listed.length > tableColumnsMax) {
    throw schemaError(columnsPath, `there are ${listed.length}`, `at most ${tableColumnsMax} columns`)
  }
  const primaryKey = primaryKeyOf(raw, listed, path)
  const seen = new Names()
  const columns = listed.map(([columnName, column, at]) => {
    seen.take(columnName, at)
    return columnOf(columnName, column, { path: at, isKey: primaryKey.includes(columnName), types })
  })
  const constraints = new Names()
  const keyName = primaryKey.length > 0 ? { primaryKeyName: relations.make([name], 'pkey') } : {}
  const uniques = uniquesOf(name, raw, { listed, path, relations })
  const comment = (raw.comment ?? raw.description) as string | undefined
  return {
    name,
    path,
    ...(comment !== undefined && { comment }),
    columns: columns.map((column) =>
      column.type.serial === true
        ? { ...column, ownSequence: relations.make([name, column.name], 'seq') }
        : column,
    ),
    primaryKey,
    ...keyName,
    foreignKeys: foreignKeysOf(name, raw, listed, { path, names: constraints }),
    uniques,
    checks: checksOf(name, raw, path, constraints),
    indexes: indexesOf(name, raw, path, relations),
    scaled: raw.scaled !== false,
    ...(raw.row_count !== undefined && { rowCount: raw.row_count as number }),
  }
}

function primaryKeyOf(raw: Raw, columns: readonly [string, Raw, string][], path: string): string[] {
  const marked = columns.filter(([, column]) => column.primary_key === true).map(([name]) => name)
  const given = raw.primary_key === undefined ? undefined : ([raw.primary_key].flat() as string[])
  if (given !== undefined && marked.length > 0 && marked.some((name) => !given.includes(name))) {
    const problem = `primary_key is ${given.join(', ')}, but ${marked.join(', ')} are marked`
    throw schemaError(joinPath(path, 'primary_key'), problem, 'one of the two')
  }
  return given ?? marked
}

interface ColumnContext {
  readonly path: string
  readonly isKey: boolean
  readonly types: ReadonlyMap<string, SqlType>
}

function columnOf(name: string, raw: Raw, { path, isKey, types }: ColumnContext): Column {
  const type = parseSqlType(raw.type as string, types)
  if (type === undefined) {
    throw schemaError(joinPath(path, 'type'), `it is ${JSON.stringify(raw.type)}`, typesExpected)
  }
  if (isKey && raw.nullable === true) {
    throw schemaError(joinPath(path, 'nullable'), 'a column of the primary key is nullable', 'false')
  }
  const comment = (raw.comment ?? raw.description) as string | undefined
  const fallback = raw.default === undefined ? undefined : defaultSql(raw.default, type)
  return {
    name,
    path,
    type,
    nullable: !isKey && type.serial !== true && raw.nullable !== false,
    ...(fallback !== undefined && { default: fallback }),
    ...(comment !== undefined && { comment }),
    ...(raw.sequence !== undefined && { sequence: raw.sequence as string }),
    options: generatorOptions(raw, path),
  }
}

/** A default is SQL; a bare word for a text or an enum is taken for the value that it is. */
function defaultSql(value: unknown, type: SqlType): string {
  if (value === null) return 'NULL'
  if (typeof value !== 'string') return String(value)
  const keyword = /^(?:null|true|false|current_\w+|localtime\w*|session_user|user)$/i
  const isWord = /^[\p{L}_][\p{L}\p{N}_ -]*$/u.test(value) && !keyword.test(value)
  if (value === '' || (isWord && ['text', 'enum'].includes(type.kind))) return `'${value}'`
  return value
}

type Listed = readonly [string, Raw, string][]

function uniquesOf(
  table: string,
  raw: Raw,
  { listed, path, relations }: { listed: Listed; path: string; relations: Names },
): UniqueConstraint[] {
  const ofColumns = listed
    .filter(([, column]) => column.unique === true)
    .map(([name, , at]) => ({ name: relations.make([table, name], 'key'), path: at, columns: [name] }))
  const given = ((raw.unique_constraints ?? []) as (string[] | Raw)[]).map((constraint, index) => {
    const at = joinPath(joinPath(path, 'unique_constraints'), String(index))
    const columns = (Array.isArray(constraint) ? constraint : [constraint.columns].flat()) as string[]
    const name = Array.isArray(constraint) ? undefined : (constraint.name as string | undefined)
    return {
      name: name === undefined ? relations.make([table, ...columns], 'key') : relations.take(name, at),
      path: at,
      columns,
    }
  })
  return [...ofColumns, ...given]
}

function foreignKeysOf(
  table: string,
  raw: Raw,
  listed: Listed,
  { path, names }: { path: string; names: Names },
): ForeignKey[] {
  const given = ((raw.foreign_keys ?? []) as Raw[]).map((key, index) => {
    const at = joinPath(joinPath(path, 'foreign_keys'), String(index))
    const columns = (key.columns ?? (key.column === undefined ? [] : [key.column])) as string[]
    if (columns.length === 0) throw schemaError(at, 'columns is missing', 'a property columns')
    const referenced = (key.referenced_columns ??
      (key.referenced_column === undefined ? [] : [key.referenced_column])) as string[]
    return foreignKeyOf(table, { ...key, columns, referenced }, at, names)
  })
  const inline = listed.flatMap(([name, column, at]) => {
    if (column.references === undefined) return []
    const raw =
      typeof column.references === 'string' ? shortReference(column.references) : (column.references as Raw)
    const referenced = raw.column === undefined ? [] : [raw.column as string]
    const key = { ...raw, columns: [name], referenced_table: raw.table, referenced }
    return [foreignKeyOf(table, key, joinPath(at, 'references'), names)]
  })
  return [...given, ...inline]
}

/** `users`, `users(id)` or `users.id`. */
function shortReference(text: string): Raw {
  const match = /^([^.()]+)(?:\(([^()]+)\)|\.([^.()]+))?$/.exec(text.trim())
  const column = match?.[2] ?? match?.[3]
  return { table: (match?.[1] ?? text).trim(), ...(column !== undefined && { column: column.trim() }) }
}

function foreignKeyOf(
  table: string,
  key: Raw & { readonly columns: readonly string[]; readonly referenced: readonly string[] },
  path: string,
  names: Names,
): ForeignKey {
  const name = key.name as string | undefined
  const action = (value: unknown) => (value as string | undefined)?.toUpperCase()
  return {
    name: name === undefined ? names.make([table, ...key.columns], 'fkey') : names.take(name, path),
    path,
    columns: key.columns,
    table: key.referenced_table as string,
    referenced: key.referenced,
    ...(key.on_delete !== undefined && { onDelete: action(key.on_delete)! }),
    ...(key.on_update !== undefined && { onUpdate: action(key.on_update)! }),
    ...(key.distribution !== undefined && {
      distribution: parseDistribution(key.distribution, joinPath(path, 'distribution')),
    }),
  }
}

function checksOf(table: string, raw: Raw, path: string, names: Names): CheckConstraint[] {
  return ((raw.check_constraints ?? []) as (string | Raw)[]).map((check, index) => {
    const at = joinPath(joinPath(path, 'check_constraints'), String(index))
    const expression = typeof check === 'string' ? check : (check.expression as string)
    const name = typeof check === 'string' ? undefined : (check.name as string | undefined)
    return {
      name: name === undefined ? names.make([table], 'check') : names.take(name, at),
      path: at,
      expression,
    }
  })
}

function indexesOf(table: string, raw: Raw, path: string, relations: Names): Index[] {
  return ((raw.indexes ?? []) as (string[] | Raw)[]).map((index, at) => {
    const entry: Raw = Array.isArray(index) ? { columns: index } : index
    const columns = [entry.columns].flat() as string[]
    const method = (entry.type ?? entry.method) as string | undefined
    const place = joinPath(joinPath(path, 'indexes'), String(at))
    return {
      name:
        entry.name === undefined
          ? relations.make(
              [table, ...columns.map((column) => indexColumn(column).replace(/\(.*/s, ''))],
              'idx',
            )
          : relations.take(entry.name as string, place),
      columns,
      unique: entry.unique === true,
      ...(method !== undefined && { method }),
      ...(entry.where !== undefined && { where: entry.where as string }),
    }
  })
}
