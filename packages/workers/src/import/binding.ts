/** Which column of the file becomes which column of the table. Pure. */
import type { MillraceError } from '@millrace/core/base'
import type { Catalog, ColumnSchema, NodeTable, RelTable, Table } from '@millrace/core/internal'
import type { ParseColumn } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import { namesByHeader, namesByPosition } from './column-list.js'
import { ColumnNames, calledColumns, columnNamesOf, missingColumn } from './column-names.js'
import type { ResolvedOptions } from './options.js'

/** The result: what is parsed, and where it goes. */
export interface ColumnBinding {
  /**
   * In the order the encoder wants them: relationships have the endpoints' keys first, then the table's
   * columns.
   */
  readonly columns: readonly ParseColumn[]
  /** Table columns that no file column fills: NULL in every row. Indexes into the table's columns. */
  readonly absent: readonly number[]
  /** Fields of every record. */
  readonly fieldCount: number
  /** Names of file columns that go nowhere. */
  readonly ignored: readonly string[]
}

/** What is known of the file before it is parsed. */
export interface FileShape {
  readonly file: string
  /** The header's names, or null without a header. */
  readonly header: readonly string[] | null
  /** Fields of the first record (of the header, when there is one). */
  readonly fieldCount: number
}

/** The names to go by: the header's, or those of a column list; null to go by position. */
function namesOf(table: Table, shape: FileShape, options: ResolvedOptions): readonly string[] | null {
  const { columns: listed } = options
  if (shape.header === null) return listed === null ? null : namesByPosition(table, listed, options)
  if (listed === null) return calledColumns(shape.header, ColumnNames.of(table))
  return namesByHeader(table, listed, shape.header, shape.file, options)
}

/**
 * What the list calls each of the table's columns; null where it does not have it. Without a list: what the
 * table calls them.
 */
function wantedNames(table: Table, listed: readonly string[] | null): (string | null)[] {
  if (listed === null) return columnNamesOf(table)
  const own = ColumnNames.of(table)
  const wanted: (string | null)[] = table.columns.map(() => null)
  for (const name of listed) {
    const index = own.find(name)
    if (index !== -1 && wanted[index] !== table.columns[index]!.name) wanted[index] = name
  }
  return wanted
}

function keyTypeOf(catalog: Catalog, tableId: number): ColumnSchema {
  const table = catalog.tables.find((candidate) => candidate.id === tableId) as NodeTable
  return table.columns[table.keyColumn] as ColumnSchema
}

function pickNode(table: NodeTable, names: ColumnNames | null, listed: readonly string[] | null): number[] {
  if (names === null) return table.columns.map((_, index) => index)
  return wantedNames(table, listed).map((name, index) => {
    if (name !== null) return names.require(name)
    return index === table.keyColumn ? names.require(table.columns[index]!.name) : -1
  })
}

/** @throws MillraceError `MILLRACE_MISSING_COLUMN`, also where the first two columns cannot be the ends */
function pickEndpoints(
  table: RelTable,
  found: readonly string[] | null,
  names: ColumnNames | null,
  { fromColumn, toColumn }: ResolvedOptions,
): readonly [number, number] {
  if (found === null || names === null) return [0, 1]
  if (fromColumn !== null && toColumn !== null) {
    return [names.require(fromColumn), names.require(toColumn)]
  }
  const from = fromColumn === null ? names.find('from') : names.require(fromColumn)
  const to = toColumn === null ? names.find('to') : names.require(toColumn)
  if (from !== -1 && to !== -1) return [from, to]
  const own = ColumnNames.of(table)
  // One that is a column of the table, or the other end, is not this end: its values may be keys all the
  // same.
  const isTaken = found.slice(0, 2).some((name) => own.has(name)) || from > 0 || (to !== -1 && to !== 1)
  if (fromColumn !== null || toColumn !== null || isTaken) names.require(from === -1 ? 'from' : 'to')
  return [0, 1]
}

function pickRel(
  table: RelTable,
  names: ColumnNames | null,
  listed: readonly string[] | null,
  endpoints: readonly [number, number],
): number[] {
  if (names !== null) {
    return wantedNames(table, listed).map((name) => (name === null ? -1 : names.require(name)))
  }
  let next = 0
  return table.columns.map(() => {
    while (endpoints.includes(next)) next++
    return next++
  })
}

/** How many columns a file without a header has: those of the list, else those that the table takes. */
export function columnsByPosition(table: Table, options: ResolvedOptions): number {
  if (options.columns !== null) return namesByPosition(table, options.columns, options).length
  return table.columns.length + (table.kind === 'rel' ? 2 : 0)
}

/** The error that records have no field for `column`. */
function missingField({ file, header, fieldCount }: FileShape, column: string): MillraceError {
  if (header !== null) return missingColumn(file, column, header)
  const found = fieldCount === 1 ? '1 field' : `${fieldCount} fields`
  return workersError('MILLRACE_MISSING_COLUMN', { file, column, where: 'its first record has', found })
}

/**
 * Binds the file's columns to those of `table`.
 * @throws MillraceError `MILLRACE_MISSING_COLUMN`, `MILLRACE_CSV_HEADER`
 */
export function bindColumns(
  catalog: Catalog,
  table: Table,
  shape: FileShape,
  options: ResolvedOptions,
): ColumnBinding {
  const listed = options.columns
  const found = namesOf(table, shape, options)
  const names = found === null ? null : new ColumnNames(shape.file, found, shape.header !== null)
  const label = (index: number) => found?.[index] ?? `column${index}`
  const endpoints = table.kind === 'rel' ? pickEndpoints(table, found, names, options) : null
  const picked =
    table.kind === 'node'
      ? pickNode(table, names, listed)
      : pickRel(table, names, listed, endpoints as readonly [number, number])
  const columns: ParseColumn[] = []
  if (table.kind === 'rel' && endpoints !== null) {
    const ends = [table.fromTableId, table.toTableId].map((id) => keyTypeOf(catalog, id))
    for (const [side, csvIndex] of endpoints.entries()) {
      columns.push({
        csvIndex,
        name: label(csvIndex),
        type: (ends[side] as ColumnSchema).type,
        nullable: false,
      })
    }
  }
  const absent: number[] = []
  for (const [index, { name, type }] of table.columns.entries()) {
    const csvIndex = picked[index] as number
    const isKey = table.kind === 'node' && index === table.keyColumn
    if (csvIndex === -1) absent.push(index)
    else columns.push({ csvIndex, name, type, nullable: !isKey })
  }
  const last = columns.reduce((max, column) => Math.max(max, column.csvIndex), 0)
  if (last >= shape.fieldCount) {
    const missing = columns.find((column) => column.csvIndex >= shape.fieldCount) as ParseColumn
    throw missingField(shape, missing.name)
  }
  const used = new Set(columns.map((column) => column.csvIndex))
  const ignored = Array.from({ length: shape.fieldCount }, (_, index) => index)
    .filter((index) => !used.has(index))
    .map(label)
  return { columns, absent, fieldCount: shape.fieldCount, ignored }
}
