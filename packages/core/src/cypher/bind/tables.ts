/** The tables that labels and types name. */
import type { Catalog, NodeTable, RelTable } from '../../catalog/index.js'
import type { Name } from '../syntax/ast.js'
import { bindingError, suggestion } from './binding-error.js'

export function nodeTables(catalog: Catalog): NodeTable[] {
  return catalog.tables.filter((table) => table.kind === 'node')
}

export function relTables(catalog: Catalog): RelTable[] {
  return catalog.tables.filter((table) => table.kind === 'rel')
}

/** @throws MillraceError `MILLRACE_BINDING` when no node table is called `label` */
export function requireNodeTable(catalog: Catalog, label: Name, text: string): NodeTable {
  const table = catalog.tables.find((candidate) => candidate.name === label.text)
  if (table?.kind === 'node') return table
  const names = nodeTables(catalog).map(({ name }) => name)
  const hint =
    table === undefined
      ? suggestion(label.text, names, 'node tables')
      : `${label.text} is a relationship table: write -[:${label.text}]->.`
  throw bindingError(text, label.place, `There is no node table ${label.text}`, hint)
}

/** @throws MillraceError `MILLRACE_BINDING` when no relationship table is called `type` */
export function requireRelTable(catalog: Catalog, type: Name, text: string): RelTable {
  const table = catalog.tables.find((candidate) => candidate.name === type.text)
  if (table?.kind === 'rel') return table
  const names = relTables(catalog).map(({ name }) => name)
  const hint =
    table === undefined
      ? suggestion(type.text, names, 'relationship tables')
      : `${type.text} is a node table: write (:${type.text}).`
  throw bindingError(text, type.place, `There is no relationship table ${type.text}`, hint)
}
