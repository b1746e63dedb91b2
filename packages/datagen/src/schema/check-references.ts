/**
 * The second check of a schema: all that its names refer to. References that leave columns out get them here.
 */
import { schemaError } from '../errors/index.js'
import type { Column, Condition, ForeignKey, GeneratorOptions, Schema, Table } from './model.js'
import { indexColumn, sequenceOfDefault } from './names.js'
import type { SqlType } from './sql-type.js'
import { joinPath, nearest } from './structure.js'

/**
 * The schema with every foreign key's columns named.
 * @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` for a name that refers to nothing, or to the wrong thing
 */
export function checkReferences(schema: Schema): Schema {
  const tables = new Map(schema.tables.map((table) => [table.name, table]))
  const sequences = schema.sequences.map(({ name }) => name)
  const owned = schema.tables.flatMap(({ columns }) =>
    columns.flatMap(({ ownSequence }) => ownSequence ?? []),
  )
  return {
    ...schema,
    tables: schema.tables.map((table) => {
      const known = table.columns.map(({ name }) => name)
      const check = (names: readonly string[], path: string) => {
        for (const name of names) if (!known.includes(name)) throw noSuch('column', name, known, path)
      }
      check(table.primaryKey, joinPath(table.path, 'primary_key'))
      for (const { columns, path } of table.uniques) check(columns, path)
      for (const [at, { columns, unique }] of table.indexes.entries()) {
        const path = joinPath(joinPath(table.path, 'indexes'), String(at))
        const bare = columns.map(indexColumn)
        const expression = bare.find((name) => !known.includes(name) && isExpression(name))
        if (unique && expression !== undefined)
          throw schemaError(
            path,
            `${expression} cannot be kept unique`,
            'columns, or an index that is not unique',
          )
        check(
          bare.filter((name) => known.includes(name) || !isExpression(name)),
          path,
        )
      }
      for (const column of table.columns) {
        checkOptions(column.options, column, known, table)
        checkSequence(column, sequences, owned)
      }
      return { ...table, foreignKeys: table.foreignKeys.map((key) => checkForeignKey(key, table, tables)) }
    }),
  }
}

/** What a column counts with must be there, and be counted in numbers. */
function checkSequence(
  { sequence, default: fallback, path, type }: Column,
  sequences: readonly string[],
  owned: readonly string[],
): void {
  if (sequence !== undefined) {
    const place = joinPath(path, 'sequence')
    if (!sequences.includes(sequence)) throw noSuch('sequence', sequence, sequences, place)
    if (type.kind !== 'integer') throw schemaError(place, `the column is ${type.ddl}`, 'a column of integers')
  }
  const named = sequenceOfDefault(fallback)
  // One of another schema may be there already.
  if (named !== undefined && !named.includes('.') && ![...sequences, ...owned].includes(named))
    throw noSuch('sequence', named, sequences, joinPath(path, 'default'))
}

/** What an index may be of besides columns: `lower(email)`. */
const isExpression = (text: string): boolean => /\(.*\)/s.test(text)

function noSuch(what: string, name: string, known: readonly string[], path: string) {
  const near = nearest(name, known)
  const list = known.length > 50 ? `${known.slice(0, 50).join(', ')}, …` : known.join(', ')
  const expected = known.length === 0 ? `a ${what} of the schema, which has none` : `one of ${list}`
  const isOnly = near === undefined || known.length === 1
  return schemaError(
    path,
    `there is no ${what} ${name}`,
    isOnly ? expected : `${near}, or another ${expected}`,
  )
}

function checkOptions(
  options: GeneratorOptions,
  column: Column,
  known: readonly string[],
  table: Table,
): void {
  const refer = (name: string, path: string) => {
    if (!known.includes(name)) throw noSuch('column', name, known, path)
    if (name === column.name)
      throw schemaError(path, `${name} refers to itself`, 'another column of the table')
  }
  if (options.after !== undefined) refer(options.after.column, joinPath(column.path, 'after'))
  for (const rule of options.rules ?? []) {
    for (const { column: name } of rule.when as Condition[]) refer(name, joinPath(column.path, 'rules'))
    checkOptions(rule.options, column, known, table)
  }
  if (options.copy !== undefined) {
    const path = joinPath(column.path, 'copy')
    const { foreignKey } = options.copy
    const key = table.foreignKeys.find(
      ({ name, columns }) => name === foreignKey || columns[0] === foreignKey,
    )
    if (key === undefined) {
      const keys = table.foreignKeys.map(({ columns }) => columns[0] as string)
      throw noSuch('foreign key', foreignKey, keys, joinPath(path, 'foreign_key'))
    }
  }
}

/** Where a property of a foreign key stands; one that stands on its column is all in one place. */
function placeIn({ path }: ForeignKey, property: string): string {
  return path.endsWith('.references') ? path : joinPath(path, property)
}

/** Kinds of values that a foreign key may join. */
function joins(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'enum' || to.kind === 'enum') return from.ddl === to.ddl
  return placesOf(from) === undefined
    ? from.kind === to.kind
    : (placesOf(to) ?? Number.NaN) <= placesOf(from)!
}

/** Decimal places that numbers of the type may have; undefined for what is no number. */
function placesOf({ kind, scale }: SqlType): number | undefined {
  if (kind === 'integer') return 0
  return kind === 'decimal' || kind === 'double' ? (scale ?? Number.POSITIVE_INFINITY) : undefined
}

function checkForeignKey(key: ForeignKey, table: Table, tables: ReadonlyMap<string, Table>): ForeignKey {
  const parent = tables.get(key.table)
  if (parent === undefined)
    throw noSuch('table', key.table, [...tables.keys()], placeIn(key, 'referenced_table'))
  const referenced = key.referenced.length > 0 ? key.referenced : parent.primaryKey
  if (referenced.length === 0) {
    throw schemaError(
      key.path,
      `the table ${parent.name} has no primary key`,
      'referenced_columns with a unique constraint',
    )
  }
  if (referenced.length !== key.columns.length) {
    const problem = `${key.columns.length} columns refer to ${referenced.length}`
    throw schemaError(key.path, problem, 'as many columns as referenced columns')
  }
  const find = (of: Table, name: string, property: string) => {
    const found = of.columns.find((column) => column.name === name)
    if (found === undefined) {
      throw noSuch(
        'column',
        name,
        of.columns.map((column) => column.name),
        placeIn(key, property),
      )
    }
    return found
  }
  for (const [at, name] of key.columns.entries()) {
    const from = find(table, name, 'columns')
    const to = find(parent, referenced[at] as string, 'referenced_columns')
    if (!joins(from.type, to.type)) {
      const problem = `${name} is ${from.type.ddl}, ${parent.name}.${to.name} is ${to.type.ddl}`
      throw schemaError(key.path, problem, 'columns of the same type')
    }
  }
  const same = (columns: readonly string[]) =>
    columns.length === referenced.length && columns.every((name) => referenced.includes(name))
  if (!same(parent.primaryKey) && !parent.uniques.some(({ columns }) => same(columns))) {
    const problem = `${parent.name}(${referenced.join(', ')}) is neither the primary key nor unique`
    throw schemaError(placeIn(key, 'referenced_columns'), problem, 'columns with a unique constraint')
  }
  return { ...key, referenced }
}
