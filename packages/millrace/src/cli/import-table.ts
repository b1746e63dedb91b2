/**
 * The table that an import makes when it is absent: named and typed after the file.
 *
 * - A node table takes every column of the file; `--key` names its primary key.
 * - A relationship table takes every column but its two endpoints, which are the columns named by
 *   `--from-column`/`--to-column`, else those called `from`/`to` (any case), else the first two, as the load
 *   has it.
 */
import { UsageError } from '../errors/index.js'
import type { Catalog, ColumnSchema, LogicalType, Table } from '../index.js'
import { createNodeTableText, createRelTableText, tableName } from './schema-text.js'

/** What the command line says about the table. */
export type TableRequest =
  | { readonly kind: 'node'; readonly table: string; readonly key: string }
  | {
      readonly kind: 'rel'
      readonly table: string
      readonly from: string
      readonly to: string
      readonly fromColumn?: string
      readonly toColumn?: string
    }

/** What is known of the first file. */
export interface SniffedFile {
  readonly header: boolean
  readonly columns: readonly ColumnSchema[]
}

/**
 * The columns of the file that a table is made of. `listed` is the column list of the import: names that the
 * header has pick columns, any others name the columns by position.
 */
export function namedColumns(
  { header, columns }: SniffedFile,
  listed: readonly string[] | undefined,
): readonly ColumnSchema[] {
  if (listed === undefined) return columns
  const found = listed.map((name) => columns.find((column) => column.name === name))
  if (header && found.every((column) => column !== undefined)) return found
  return listed.map((name, index) => ({ name, type: columns[index]?.type ?? 'STRING' }))
}

/** The `CREATE … TABLE` statement for a file with `columns`. `types` override what was sniffed. */
export function createTableStatement(
  request: TableRequest,
  columns: readonly ColumnSchema[],
  types: ReadonlyMap<string, LogicalType> = new Map(),
): string {
  if (columns.length === 0) {
    throw new UsageError(
      'the file is empty: it has no columns to make a table of',
      'Give a file with a header, or name the columns with --columns.',
    )
  }
  const typed = applyTypes(columns, types)
  if (request.kind === 'node') {
    requireColumn(typed, request.key, '--key')
    return createNodeTableText(request.table, typed, request.key)
  }
  const endpoints = endpointColumns(request, typed)
  const properties = typed.filter(({ name }) => !endpoints.includes(name))
  return createRelTableText(request.table, request, properties)
}

/** @throws UsageError when `table`, which is there already, is not the one that the command line describes */
export function checkRequest(request: TableRequest, catalog: Catalog, table: Table): void {
  const is = describeTable(catalog, table)
  const asked =
    request.kind === 'node'
      ? `a node table with the key ${request.key}`
      : `a relationship table from ${request.from} to ${request.to}`
  if (is === asked) return
  throw new UsageError(
    `${table.name} is there already, and it is ${is}, not ${asked}`,
    'Leave --key, --from and --to out to load into it, or name another table.',
  )
}

function describeTable(catalog: Catalog, table: Table): string {
  if (table.kind === 'node') return `a node table with the key ${table.columns[table.keyColumn]!.name}`
  const [from, to] = [table.fromTableId, table.toTableId].map((id) => tableName(catalog, id))
  return `a relationship table from ${from} to ${to}`
}

function applyTypes(
  columns: readonly ColumnSchema[],
  types: ReadonlyMap<string, LogicalType>,
): readonly ColumnSchema[] {
  for (const name of types.keys()) requireColumn(columns, name, '--type')
  return columns.map(({ name, type }) => ({ name, type: types.get(name) ?? type }))
}

function endpointColumns(
  request: TableRequest & { kind: 'rel' },
  columns: readonly ColumnSchema[],
): [string, string] {
  if (request.fromColumn !== undefined) requireColumn(columns, request.fromColumn, '--from-column')
  if (request.toColumn !== undefined) requireColumn(columns, request.toColumn, '--to-column')
  const from = request.fromColumn ?? named(columns, 'from')
  const to = request.toColumn ?? named(columns, 'to')
  if (from !== undefined && to !== undefined) return [from, to]
  const isOutOfPlace =
    (from !== undefined && from !== columns[0]?.name) || (to !== undefined && to !== columns[1]?.name)
  if (request.fromColumn !== undefined || request.toColumn !== undefined || isOutOfPlace) {
    if (from === undefined) requireColumn(columns, 'from', '--from-column')
    else requireColumn(columns, 'to', '--to-column')
  }
  const [first, second] = columns
  if (first === undefined || second === undefined) {
    throw new UsageError(
      'the file has fewer than two columns, so it cannot hold relationships',
      'A relationship needs the key of its source and of its destination.',
    )
  }
  return [first.name, second.name]
}

function named(columns: readonly ColumnSchema[], name: string): string | undefined {
  return columns.find((column) => column.name.toLowerCase() === name)?.name
}

function requireColumn(columns: readonly ColumnSchema[], name: string, option: string): void {
  if (columns.some((column) => column.name === name)) return
  const names = columns.map((column) => column.name).join(', ')
  throw new UsageError(`${option}: the file has no column ${name}`, `Its columns are: ${names}.`)
}
