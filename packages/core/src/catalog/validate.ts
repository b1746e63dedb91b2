/**
 * What must hold for tables and for what is appended to them. Each check returns a sentence that says what is
 * wrong, or null: the caller knows whether that is a damaged file or a wrong call.
 */
import { csrGroupNodes, rowGroupRowsMax } from '../limits.js'
import { type ColumnSchema, keyTypes, type LogicalType } from '../types/index.js'
import type {
  Catalog,
  CsrGroup,
  KeyIndexManifest,
  NodeTable,
  RelRun,
  RelTable,
  RowGroup,
  Table,
} from './model.js'
import { factsOf, segmentFacts } from './row-group-codec.js'
import type { SegmentFacts } from './segment-codec.js'
import { checkLoads } from './table-loads.js'

type Problem = string | null

/** The first problem that `check` finds among `items`. */
function firstProblem<T>(items: readonly T[], check: (item: T, index: number) => Problem): Problem {
  for (let index = 0; index < items.length; index++) {
    const problem = check(items[index]!, index)
    if (problem !== null) return problem
  }
  return null
}

function rowsOf(items: readonly { readonly rows: number }[]): number {
  return items.reduce((sum, item) => sum + item.rows, 0)
}

function checkSegment(segment: SegmentFacts, rows: number, type: LogicalType): Problem {
  if (segment.rows !== rows) return `a segment has ${segment.rows} rows, its row group ${rows}`
  if (segment.type !== type) return `a segment has the type ${segment.type}, its column ${type}`
  if (segment.nullCount > rows) return `a segment of ${rows} rows has ${segment.nullCount} nulls`
  return null
}

function checkRowGroup(group: RowGroup, types: readonly LogicalType[]): Problem {
  if (group.rows < 1 || group.rows > rowGroupRowsMax) return `a row group has ${group.rows} rows`
  if (group.segments.length !== types.length) {
    return `a row group has ${group.segments.length} segments for ${types.length} columns`
  }
  let index = 0
  for (const segment of segmentFacts(group.segments)) {
    const problem = checkSegment(segment, group.rows, types[index++]!)
    if (problem !== null) return problem
  }
  return null
}

function typesOf(columns: readonly ColumnSchema[]): LogicalType[] {
  return columns.map((column) => column.type)
}

/** Row groups that may be appended to `table`: none of their nodes is deleted. */
export function checkNodeGroups(table: NodeTable, groups: readonly RowGroup[]): Problem {
  const types = typesOf(table.columns)
  return firstProblem(groups, (group) => {
    if (factsOf(group.segments, table.keyColumn)?.nullCount) return 'the key column has nulls'
    return checkRowGroup(group, types)
  })
}

/** The row groups of a table, some of whose nodes may have been deleted: their keys are null. */
function checkStoredGroups(table: NodeTable): Problem {
  const { groups, keyColumn, keys } = table
  const types = typesOf(table.columns)
  const sorted = keys.sortedGroups.find((index) => {
    const group = groups[index]
    return group !== undefined && factsOf(group.segments, keyColumn)?.nullCount
  })
  if (sorted !== undefined) return `the sorted row group ${sorted} has deleted nodes`
  return firstProblem(groups, (group) => checkRowGroup(group, types))
}

/** A key index over `groups` row groups that hold `rows` rows. */
export function checkKeyIndex(keys: KeyIndexManifest, groups: number, rows: number): Problem {
  const outside = keys.sortedGroups.find((group) => group >= groups)
  if (outside !== undefined) return `the key index names row group ${outside} of ${groups}`
  const entries = keys.runs.reduce((sum, run) => sum + run.entries, 0)
  if (entries > rows) return `the key index has ${entries} entries for ${rows} rows`
  return null
}

function checkCsrGroup(group: CsrGroup, types: readonly LogicalType[]): Problem {
  const { starts } = group
  if (
    starts.type !== 'INT64' ||
    starts.nullCount !== 0 ||
    starts.rows < 1 ||
    starts.rows > csrGroupNodes + 1
  ) {
    return `the starts of CSR group ${group.groupIndex} have ${starts.rows} rows of ${starts.type}`
  }
  const rows = rowsOf(group.chunks)
  if (rows !== group.rows) return `CSR group ${group.groupIndex} has ${group.rows} rows, its chunks ${rows}`
  return firstProblem(group.chunks, (chunk) => checkRowGroup(chunk, types))
}

function checkSide(groups: readonly CsrGroup[], rows: number, types: readonly LogicalType[]): Problem {
  const found = rowsOf(groups)
  if (found !== rows) return `a run of ${rows} relationships has ${found} in its CSR groups`
  return firstProblem(groups, (group, index) => {
    if (index > 0 && group.groupIndex <= groups[index - 1]!.groupIndex)
      return 'CSR groups are not in ascending order'
    return checkCsrGroup(group, types)
  })
}

/** Relationships of a side that are deleted: their neighbour is null. */
function deletedIn(groups: readonly CsrGroup[]): number {
  let deleted = 0
  for (const { chunks } of groups)
    for (const { segments } of chunks) deleted += factsOf(segments, 0)!.nullCount
  return deleted
}

/** A run of `table`, some of whose relationships may have been deleted. */
function checkStoredRun(table: RelTable, run: RelRun): Problem {
  const problem =
    checkSide(run.forward, run.rows, ['INT64', ...typesOf(table.columns)]) ??
    checkSide(run.backward, run.rows, ['INT64', 'INT64'])
  if (problem !== null) return problem
  const forward = deletedIn(run.forward)
  const backward = deletedIn(run.backward)
  return forward === backward
    ? null
    : `a run has ${forward} relationships deleted forward, ${backward} backward`
}

/** A run that may be appended to `table`: none of its relationships is deleted. */
export function checkRelRun(table: RelTable, run: RelRun): Problem {
  return (
    checkStoredRun(table, run) ?? (deletedIn(run.forward) > 0 ? 'a new run has deleted relationships' : null)
  )
}

function checkNodeTable(table: NodeTable): Problem {
  const key = table.columns[table.keyColumn]
  if (key === undefined)
    return `the key of table ${table.name} is column ${table.keyColumn} of ${table.columns.length}`
  if (!keyTypes.includes(key.type))
    return `the key ${key.name} of table ${table.name} has the type ${key.type}`
  if (rowsOf(table.groups) !== table.rowCount)
    return `the row groups of ${table.name} do not have ${table.rowCount} rows`
  return checkKeyIndex(table.keys, table.groups.length, table.rowCount) ?? checkStoredGroups(table)
}

function checkRelTable(table: RelTable, catalog: Catalog): Problem {
  for (const id of [table.fromTableId, table.toTableId]) {
    if (catalog.tables.find((candidate) => candidate.id === id)?.kind !== 'node') {
      return `table ${table.name} joins ${id}, which is no node table`
    }
  }
  if (rowsOf(table.runs) !== table.rowCount)
    return `the runs of ${table.name} do not have ${table.rowCount} rows`
  return firstProblem(table.runs, (run) => checkStoredRun(table, run))
}

/** One table of `catalog`. */
export function checkTable(table: Table, catalog: Catalog): Problem {
  if (table.name === '') return `table ${table.id} has an empty name`
  if (new Set(table.columns.map((column) => column.name)).size !== table.columns.length) {
    return `table ${table.name} has two columns of one name`
  }
  const loads = table.loads === undefined ? null : checkLoads(table.loads)
  return loads ?? (table.kind === 'node' ? checkNodeTable(table) : checkRelTable(table, catalog))
}

/** All tables of `catalog`, and that their names and ids are their own. */
export function checkTables(catalog: Catalog): Problem {
  const { tables } = catalog
  if (new Set(tables.map((table) => table.name)).size !== tables.length) return 'two tables have one name'
  return firstProblem(tables, (table, index) => {
    if (table.id >= catalog.nextTableId)
      return `table ${table.name} has the id ${table.id}, the next is ${catalog.nextTableId}`
    if (index > 0 && table.id <= tables[index - 1]!.id) return 'tables are not in ascending order of id'
    return checkTable(table, catalog)
  })
}
