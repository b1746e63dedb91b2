/** Finding tables in a catalog. */
import { MillraceError } from '../errors/index.js'
import type { Catalog, Table } from './model.js'

/** The table called `name`, or undefined. */
export function findTable(catalog: Catalog, name: string): Table | undefined {
  return catalog.tables.find((table) => table.name === name)
}

function noTable(catalog: Catalog, table: string): MillraceError {
  const tables = catalog.tables.map((existing) => existing.name).join(', ')
  return new MillraceError('MILLRACE_NO_TABLE', { table, tables: tables || 'none' })
}

/**
 * The table called `name`.
 * @throws MillraceError `MILLRACE_NO_TABLE` with the names there are
 */
export function requireTable(catalog: Catalog, name: string): Table {
  const table = findTable(catalog, name)
  if (table === undefined) throw noTable(catalog, name)
  return table
}

/**
 * The table with the id `id`.
 * @throws MillraceError `MILLRACE_NO_TABLE`
 */
export function requireTableById(catalog: Catalog, id: number): Table {
  const table = catalog.tables.find((candidate) => candidate.id === id)
  if (table === undefined) throw noTable(catalog, `with id ${id}`)
  return table
}
