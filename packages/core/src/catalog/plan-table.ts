import { MillraceError } from '../errors/index.js'
import { columnsMax, nameBytesMax, tablesMax } from '../limits.js'
import { type ColumnSchema, keyTypes, type TableSchema } from '../types/index.js'
import type { Catalog, NodeTable, Table } from './model.js'

function refuse(what: string, hint: string): never {
  throw new MillraceError('MILLRACE_SCHEMA', { what, hint })
}

function checkName(kind: string, name: string): void {
  if (name === '') refuse(`A ${kind} has an empty name`, 'Give it a name')
  // Written as UTF-8 it would become another name, and two such names the same one.
  if (/\p{Surrogate}/u.test(name)) {
    refuse(`The name of a ${kind} holds half of a surrogate pair`, 'Use well-formed Unicode')
  }
  const bytes = Buffer.byteLength(name)
  if (bytes > nameBytesMax) refuse(`The name of a ${kind} has ${bytes} bytes`, `Use at most ${nameBytesMax}`)
}

function checkColumns(table: string, columns: readonly ColumnSchema[]): void {
  if (columns.length > columnsMax) {
    refuse(`The table ${table} has ${columns.length} columns`, `Use at most ${columnsMax}`)
  }
  const seen = new Set<string>()
  for (const { name } of columns) {
    checkName('column', name)
    if (seen.has(name)) refuse(`The table ${table} has two columns named ${name}`, 'Rename one of them')
    seen.add(name)
  }
}

function requireNodeTable(catalog: Catalog, name: string, forTable: string): NodeTable {
  const table = catalog.tables.find((candidate) => candidate.name === name)
  if (table?.kind !== 'node') {
    refuse(
      `The relationship table ${forTable} joins ${name}, which is ${table === undefined ? 'no table' : 'not a node table'}`,
      'Create the node table first',
    )
  }
  return table
}

/**
 * The empty table that `schema` declares, with the next free id.
 * @throws MillraceError `MILLRACE_TABLE_EXISTS`, or `MILLRACE_SCHEMA` with what is wrong
 */
export function planTable(catalog: Catalog, schema: TableSchema): Table {
  checkName('table', schema.name)
  checkColumns(schema.name, schema.columns)
  if (catalog.tables.some((table) => table.name === schema.name)) {
    throw new MillraceError('MILLRACE_TABLE_EXISTS', { table: schema.name })
  }
  if (catalog.tables.length >= tablesMax) refuse(`The database has ${tablesMax} tables`, 'Drop one first')
  const shared = { id: catalog.nextTableId, name: schema.name, columns: schema.columns, rowCount: 0 }
  if (schema.kind === 'rel') {
    const from = requireNodeTable(catalog, schema.fromTable, schema.name)
    const to = requireNodeTable(catalog, schema.toTable, schema.name)
    return { ...shared, kind: 'rel', fromTableId: from.id, toTableId: to.id, runs: [] }
  }
  const key = schema.columns[schema.keyColumn]
  if (key === undefined) refuse(`The node table ${schema.name} has no primary key`, 'Add PRIMARY KEY(column)')
  if (!keyTypes.includes(key.type)) {
    refuse(
      `The column ${key.name} of type ${key.type} cannot be a primary key`,
      `Use one of ${keyTypes.join(', ')}`,
    )
  }
  return {
    ...shared,
    kind: 'node',
    keyColumn: schema.keyColumn,
    groups: [],
    keys: { sortedGroups: [], runs: [], hashedRange: null },
  }
}
