/** Changes of the catalog: pure functions from one catalog to the next. */
import { MillraceError } from '../errors/index.js'
import { tablesMax } from '../limits.js'
import { requireTableById } from './lookup.js'
import type { Catalog, CatalogChange, NodeTable, RelTable, Table } from './model.js'
import { checkProgress, type LoadProgress, loadsAfter } from './table-loads.js'
import { checkKeyIndex, checkNodeGroups, checkRelRun, checkTable } from './validate.js'

/** The catalog of a new database. */
export const emptyCatalog: Catalog = { version: 0, nextTableId: 1, tables: [] }

function refuse(what: string): never {
  throw new MillraceError('MILLRACE_SCHEMA', { what, hint: 'This change does not fit the catalog' })
}

function refuseProblem(problem: string | null): void {
  if (problem !== null) refuse(problem)
}

function createTable(catalog: Catalog, table: Table): Catalog {
  if (catalog.tables.some((existing) => existing.name === table.name)) {
    throw new MillraceError('MILLRACE_TABLE_EXISTS', { table: table.name })
  }
  if (catalog.tables.length >= tablesMax) refuse(`There are ${tablesMax} tables already`)
  if (table.id !== catalog.nextTableId)
    refuse(`The id of a new table is ${catalog.nextTableId}, not ${table.id}`)
  if (table.rowCount !== 0) refuse(`A new table has no rows, not ${table.rowCount}`)
  refuseProblem(checkTable(table, catalog))
  const { version, nextTableId, tables } = catalog
  return { version: version + 1, nextTableId: nextTableId + 1, tables: [...tables, table] }
}

function dropTable(catalog: Catalog, tableId: number): Catalog {
  const table = requireTableById(catalog, tableId)
  const joining = catalog.tables.find(
    (other) => other.kind === 'rel' && (other.fromTableId === tableId || other.toTableId === tableId),
  )
  if (joining !== undefined) {
    throw new MillraceError('MILLRACE_TABLE_IN_USE', { table: table.name, by: joining.name })
  }
  const tables = catalog.tables.filter((other) => other.id !== tableId)
  return { ...catalog, version: catalog.version + 1, tables }
}

function replaceTable(catalog: Catalog, changed: Table): Catalog {
  const tables = catalog.tables.map((table) => (table.id === changed.id ? changed : table))
  return { ...catalog, version: catalog.version + 1, tables }
}

function requireKind<Kind extends Table['kind']>(
  catalog: Catalog,
  id: number,
  kind: Kind,
): Table & { kind: Kind } {
  const table = requireTableById(catalog, id)
  if (table.kind !== kind) refuse(`Table ${table.name} is a ${table.kind} table, not a ${kind} table`)
  return table as Table & { kind: Kind }
}

/** The table as it remembers its loads after `progress`. */
function recordLoad(table: Table, progress: LoadProgress | undefined): Table {
  if (progress === undefined) return table
  refuseProblem(checkProgress(progress))
  const { loads, ...without } = table
  const after = loadsAfter(loads, progress)
  return after === undefined ? without : { ...without, loads: after }
}

function appendNodes(catalog: Catalog, change: CatalogChange & { kind: 'appendNodes' }): Catalog {
  const table: NodeTable = requireKind(catalog, change.tableId, 'node')
  refuseProblem(checkNodeGroups(table, change.groups))
  const groups = [...table.groups, ...change.groups]
  const rowCount = change.groups.reduce((sum, group) => sum + group.rows, table.rowCount)
  refuseProblem(checkKeyIndex(change.keys, groups.length, rowCount))
  return replaceTable(catalog, recordLoad({ ...table, groups, rowCount, keys: change.keys }, change.progress))
}

function appendRels(catalog: Catalog, change: CatalogChange & { kind: 'appendRels' }): Catalog {
  const table: RelTable = requireKind(catalog, change.tableId, 'rel')
  refuseProblem(checkRelRun(table, change.run))
  const runs = [...table.runs, change.run]
  const rowCount = table.rowCount + change.run.rows
  return replaceTable(catalog, recordLoad({ ...table, runs, rowCount }, change.progress))
}

function sameColumns(left: Table, right: Table): boolean {
  const { columns } = left
  return (
    columns.length === right.columns.length &&
    columns.every(({ name, type }, index) => {
      const other = right.columns[index]!
      return name === other.name && type === other.type
    })
  )
}

function replaceTables(catalog: Catalog, replaced: readonly Table[]): Catalog {
  let next = catalog
  for (const table of replaced) {
    const before = requireKind(catalog, table.id, table.kind)
    if (before.name !== table.name || !sameColumns(before, table)) {
      refuse(`Table ${before.name} is replaced by ${table.name}, which is another table`)
    }
    if (table.kind === 'node' && table.rowCount < before.rowCount) {
      refuse(`Table ${table.name} has ${table.rowCount} node offsets, it had ${before.rowCount}`)
    }
    next = replaceTable(next, table)
    refuseProblem(checkTable(table, next))
  }
  return { ...next, version: catalog.version + 1 }
}

function makeSeveral(catalog: Catalog, changes: readonly CatalogChange[]): Catalog {
  let next = catalog
  for (const change of changes) {
    if (change.kind === 'several') refuse('A change of several parts is a part of another')
    next = applyChange(next, change)
  }
  return { ...next, version: catalog.version + 1 }
}

/**
 * The catalog after `change`. `catalog` stays as it is.
 * @throws MillraceError `MILLRACE_TABLE_EXISTS`, `MILLRACE_TABLE_IN_USE`, `MILLRACE_NO_TABLE`, or
 * `MILLRACE_SCHEMA` when the change does not fit the catalog
 */
export function applyChange(catalog: Catalog, change: CatalogChange): Catalog {
  switch (change.kind) {
    case 'createTable':
      return createTable(catalog, change.table)
    case 'dropTable':
      return dropTable(catalog, change.tableId)
    case 'appendNodes':
      return appendNodes(catalog, change)
    case 'appendRels':
      return appendRels(catalog, change)
    case 'recordLoad':
      return replaceTable(catalog, recordLoad(requireTableById(catalog, change.tableId), change.progress))
    case 'writes':
      return { ...catalog, version: catalog.version + 1 }
    case 'replaceTables':
      return replaceTables(catalog, change.tables)
    case 'several':
      return makeSeveral(catalog, change.changes)
  }
}
