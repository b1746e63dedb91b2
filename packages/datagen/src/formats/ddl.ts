/**
 * What stands around the data of a dump: types, sequences and tables before it, keys, constraints and indexes
 * after it, so that the order of rows and circles among tables do not matter. Statements are for PostgreSQL.
 */
import { sequenceOf, tablesInOrder } from '../plan/index.js'
import {
  type Column,
  indexColumn,
  quoteIdentifier as quoted,
  type Schema,
  type Sequence,
  type SqlType,
  type Table,
} from '../schema/index.js'

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
const list = (names: readonly string[]): string => names.map(quoted).join(', ')

/** What a dump is of. */
export interface DumpFacts {
  readonly schema: Schema
  readonly seed: number
  rowsOf(table: Table): number
}

/** Everything before the data. */
export function dumpHead(facts: DumpFacts): string {
  const { schema } = facts
  const tables = tablesInOrder(schema)
  // The sequence of an identity comes with its column.
  const serials = countedColumns(schema).filter(({ column }) => column.type.identity === undefined)
  return [
    `--\n-- ${oneLine(schema.name)}: made by millrace generate, seed ${facts.seed}\n--\n`,
    'SET statement_timeout = 0;\nSET lock_timeout = 0;\nSET idle_in_transaction_session_timeout = 0;',
    "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nSET check_function_bodies = false;",
    "SET xmloption = content;\nSET client_min_messages = warning;\nSET row_security = off;\nSET datestyle = 'ISO, YMD';",
    '',
    ...extensionsOf(schema).map((name) => `CREATE EXTENSION IF NOT EXISTS ${quoted(name)};`),
    ...schema.types.map(typeStatement),
    ...schema.sequences.map(sequenceStatement),
    ...serials.map(({ column }) => `CREATE SEQUENCE ${quoted(column.ownSequence!)} AS ${column.type.ddl};`),
    ...tables.map((table) => tableStatement(table)),
    ...serials.map(
      ({ table, column }) =>
        `ALTER SEQUENCE ${quoted(column.ownSequence!)} OWNED BY ${quoted(table.name)}.${quoted(column.name)};`,
    ),
    ...tables.flatMap(commentStatements),
    ...sequenceValues(facts),
    '\n',
  ].join('\n')
}

/** Everything behind the data. */
export function dumpTail({ schema }: DumpFacts): string {
  const tables = tablesInOrder(schema)
  return [
    '',
    // Until here an identity takes the values that the data has.
    ...countedColumns(schema).flatMap(({ table, column }) =>
      column.type.identity === 'ALWAYS'
        ? [
            `ALTER TABLE ONLY ${quoted(table.name)}\n    ALTER COLUMN ${quoted(column.name)} SET GENERATED ALWAYS;`,
          ]
        : [],
    ),
    ...tables.flatMap((table) => [
      ...(table.primaryKey.length === 0
        ? []
        : [addConstraint(table, table.primaryKeyName!, `PRIMARY KEY (${list(table.primaryKey)})`)]),
      ...table.uniques.map(({ name, columns }) => addConstraint(table, name, `UNIQUE (${list(columns)})`)),
      ...table.checks.map(({ name, expression }) => addConstraint(table, name, `CHECK (${expression})`)),
    ]),
    ...tables.flatMap((table) => table.indexes.map((index) => indexStatement(table, index))),
    ...tables.flatMap((table) =>
      table.foreignKeys.map((key) =>
        addConstraint(
          table,
          key.name,
          `FOREIGN KEY (${list(key.columns)}) REFERENCES ${quoted(key.table)} (${list(key.referenced)})` +
            `${key.onUpdate === undefined ? '' : ` ON UPDATE ${key.onUpdate}`}` +
            `${key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`}`,
        ),
      ),
    ),
    '\n-- The end\n',
  ].join('\n')
}

function oneLine(value: string): string {
  return value.replace(/[\r\n]+/g, ' ')
}

/** Extensions that the schema names, and those whose functions its defaults call. */
function extensionsOf(schema: Schema): string[] {
  const defaults = schema.tables.flatMap(({ columns }) => columns.map((column) => column.default ?? ''))
  const called = defaults.some((value) => /\buuid_generate_v\w+\(/.test(value)) ? ['uuid-ossp'] : []
  const declared = [
    ...schema.types.map(({ type }) => type),
    ...schema.tables.flatMap(({ columns }) => columns.map(({ type }) => type)),
  ]
  const types = declared.some(isMadeOfCitext) ? ['citext'] : []
  return [...new Set([...schema.extensions, ...called, ...types])]
}

function isMadeOfCitext({ ddl, base, element, fields }: SqlType): boolean {
  return (
    [ddl, base].includes('citext') ||
    (element !== undefined && isMadeOfCitext(element)) ||
    (fields ?? []).some(({ type }) => isMadeOfCitext(type))
  )
}

function typeStatement({ name, kind, type }: Schema['types'][number]): string {
  if (kind === 'enum') return `CREATE TYPE ${quoted(name)} AS ENUM (${type.values!.map(text).join(', ')});`
  if (kind === 'composite') {
    return `CREATE TYPE ${quoted(name)} AS (${type.fields!.map((field) => `${quoted(field.name)} ${field.type.ddl}`).join(', ')});`
  }
  const check = type.check === undefined ? '' : ` CHECK (${type.check})`
  return `CREATE DOMAIN ${quoted(name)} AS ${type.base}${check};`
}

function sequenceStatement({ name, start, increment, min, max, cache, cycle }: Sequence): string {
  const bounds = `${min === undefined ? '' : ` MINVALUE ${min}`}${max === undefined ? '' : ` MAXVALUE ${max}`}`
  const more = `${cache === 1 ? '' : ` CACHE ${cache}`}${cycle ? ' CYCLE' : ''}`
  return `CREATE SEQUENCE ${quoted(name)} INCREMENT BY ${increment}${bounds} START WITH ${start}${more};`
}

/** Columns with a sequence of their own. */
function countedColumns(schema: Schema): { readonly table: Table; readonly column: Column }[] {
  return schema.tables.flatMap((table) =>
    table.columns.flatMap((column) => (column.ownSequence === undefined ? [] : [{ table, column }])),
  )
}

function tableStatement(table: Table): string {
  const columns = table.columns.map((column) => {
    return `    ${quoted(column.name)} ${column.type.ddl}${fallbackOf(column)}${column.nullable ? '' : ' NOT NULL'}`
  })
  return `\nCREATE TABLE ${quoted(table.name)} (\n${columns.join(',\n')}\n);`
}

/** What a column is where a row says nothing of it, behind its type. */
function fallbackOf(column: Column): string {
  if (column.type.identity !== undefined)
    return ` GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME ${quoted(column.ownSequence!)})`
  const sequence = column.ownSequence ?? column.sequence
  const counted = sequence === undefined ? undefined : `nextval(${text(quoted(sequence))}::regclass)`
  const fallback = column.default ?? counted
  return fallback === undefined ? '' : ` DEFAULT ${fallback}`
}

function commentStatements(table: Table): string[] {
  const onColumns = table.columns.flatMap(({ name, comment }) =>
    comment === undefined
      ? []
      : [`COMMENT ON COLUMN ${quoted(table.name)}.${quoted(name)} IS ${text(comment)};`],
  )
  const onTable =
    table.comment === undefined ? [] : [`COMMENT ON TABLE ${quoted(table.name)} IS ${text(table.comment)};`]
  return [...onTable, ...onColumns]
}

/** Sequences go on where the data ends. */
function sequenceValues(facts: DumpFacts): string[] {
  const { schema } = facts
  const statement = (name: string, last: number) =>
    `SELECT pg_catalog.setval(${text(quoted(name))}, ${last}, true);`
  const serial = countedColumns(schema).flatMap(({ table, column }) => {
    const rows = facts.rowsOf(table)
    const start = typeof column.options.start === 'number' ? column.options.start : 1
    const last = start + (column.options.increment ?? 1) * (rows - 1)
    return rows === 0 || last < 1 ? [] : [statement(column.ownSequence!, last)]
  })
  const named = schema.sequences.flatMap((sequence) => {
    const counts = schema.tables.flatMap((table) =>
      table.columns.some((column) => sequenceOf(column, schema) === sequence) ? [facts.rowsOf(table)] : [],
    )
    const rows = Math.max(0, ...counts)
    return rows === 0 ? [] : [statement(sequence.name, sequence.start + sequence.increment * (rows - 1))]
  })
  return [...serial, ...named]
}

function addConstraint(table: Table, name: string, definition: string): string {
  return `ALTER TABLE ONLY ${quoted(table.name)}\n    ADD CONSTRAINT ${quoted(name)} ${definition};`
}

function indexStatement(table: Table, index: Table['indexes'][number]): string {
  const { name, columns, unique, method, where } = index
  const parts = columns.map((column) => {
    const bare = indexColumn(column)
    const isColumn = table.columns.some(({ name }) => name === bare)
    return `${isColumn ? quoted(bare) : `(${bare})`}${column.slice(bare.length)}`
  })
  const using = method === undefined ? '' : ` USING ${method}`
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoted(name)} ON ${quoted(table.name)}${using} (${parts.join(', ')})${where === undefined ? '' : ` WHERE ${where}`};`
}
