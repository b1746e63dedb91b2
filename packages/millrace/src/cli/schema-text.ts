/** Tables as the statements that create them. */
import type { Catalog, ColumnSchema, Table } from '../index.js'

/** Words that begin something else than a column where a column's name may stand. */
const leadingWords = /^(?:primary|from|to|(?:many|one)_(?:many|one))$/i

/** A name as it can stand in any statement: in backticks unless it is plain. */
export function quoteName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !leadingWords.test(name) ? name : `\`${name.replaceAll('`', '``')}\``
}

/** `CREATE NODE TABLE …` */
export function createNodeTableText(name: string, columns: readonly ColumnSchema[], key: string): string {
  const definitions = [...columns.map(columnText), `PRIMARY KEY(${quoteName(key)})`]
  return `CREATE NODE TABLE ${quoteName(name)}(${definitions.join(', ')})`
}

/** `CREATE REL TABLE …` */
export function createRelTableText(
  name: string,
  { from, to }: { from: string; to: string },
  columns: readonly ColumnSchema[],
): string {
  const definitions = [`FROM ${quoteName(from)} TO ${quoteName(to)}`, ...columns.map(columnText)]
  return `CREATE REL TABLE ${quoteName(name)}(${definitions.join(', ')})`
}

/** The statement that would create `table`. */
export function tableText(catalog: Catalog, table: Table): string {
  if (table.kind === 'node') {
    return createNodeTableText(table.name, table.columns, table.columns[table.keyColumn]!.name)
  }
  const endpoints = { from: tableName(catalog, table.fromTableId), to: tableName(catalog, table.toTableId) }
  return createRelTableText(table.name, endpoints, table.columns)
}

/** The name of the table with `id`. */
export function tableName(catalog: Catalog, id: number): string {
  return catalog.tables.find((table) => table.id === id)?.name ?? `table ${id}`
}

function columnText({ name, type }: ColumnSchema): string {
  return `${quoteName(name)} ${type}`
}
