/** Which column of the file becomes which column of the table. Pure. */
import type { Catalog, ColumnSchema, NodeTable, RelTable, Table } from '@millrace/core/internal'
import type { ParseColumn } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import { ColumnNames, shownNames } from './column-names.js'
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
function namesOf(shape: FileShape, listed: readonly string[] | null): readonly string[] | null {
  if (listed === null) return shape.header
  if (shape.header === null) return listed
  const header = new ColumnNames(shape.file, shape.header)
  // A list of names that the header has picks columns; any other list names the columns by position.
  return listed.every((name) => header.has(name)) ? shape.header : listed
}

function keyTypeOf(catalog: Catalog, tableId: number): ColumnSchema {
  const table = catalog.tables.find((candidate) => candidate.id === tableId) as NodeTable
  return table.columns[table.keyColumn] as ColumnSchema
}

function pickNode(table: NodeTable, names: ColumnNames | null, listed: ReadonlySet<string> | null) {
  return table.columns.map((column, index) => {
    const isKey = index === table.keyColumn
    if (names === null) return index
    if (listed !== null && !listed.has(column.name) && !isKey) return -1
    return names.require(column.name)
  })
}

function pickEndpoints(names: ColumnNames | null, options: ResolvedOptions): readonly [number, number] {
  const { fromColumn, toColumn } = options
  if (names === null) return [0, 1]
  if (fromColumn !== null && toColumn !== null) {
    return [names.require(fromColumn), names.require(toColumn)]
  }
  const from = fromColumn === null ? names.find('from') : names.require(fromColumn)
  const to = toColumn === null ? names.find('to') : names.require(toColumn)
  if (from !== -1 && to !== -1) return [from, to]
  if (fromColumn !== null || toColumn !== null) {
    names.require(fromColumn === null ? 'from' : 'to')
  }
  return [0, 1]
}

function pickRel(
  table: RelTable,
  names: ColumnNames | null,
  listed: ReadonlySet<string> | null,
  endpoints: readonly [number, number],
): number[] {
  let next = 0
  return table.columns.map((column) => {
    if (names !== null) {
      if (listed !== null && !listed.has(column.name)) return -1
      return names.require(column.name)
    }
    while (endpoints.includes(next)) next++
    return next++
  })
}

/** How many columns a file has that is matched by position: an endpoint's key each, and the table's. */
export function columnsByPosition(table: Table): number {
  return table.columns.length + (table.kind === 'rel' ? 2 : 0)
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
  const found = namesOf(shape, listed)
  const names = found === null ? null : new ColumnNames(shape.file, found)
  const label = (index: number) => found?.[index] ?? `column ${index + 1}`
  const endpoints = table.kind === 'rel' ? pickEndpoints(names, options) : null
  const wanted = listed === null ? null : new Set(listed)
  const picked =
    table.kind === 'node'
      ? pickNode(table, names, wanted)
      : pickRel(table, names, wanted, endpoints as readonly [number, number])
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
    throw workersError('MILLRACE_MISSING_COLUMN', {
      file: shape.file,
      column: missing.name,
      found: shape.header === null ? `${shape.fieldCount} columns without names` : shownNames(shape.header),
    })
  }
  const used = new Set(columns.map((column) => column.csvIndex))
  const ignored = Array.from({ length: shape.fieldCount }, (_, index) => index)
    .filter((index) => !used.has(index))
    .map(label)
  return { columns, absent, fieldCount: shape.fieldCount, ignored }
}
