/** Which page runs a table reaches, and which a change adds and removes: what free space is derived from. */
import type { PageRun, RunExtent } from '../format/index.js'
import { applyChange } from './change.js'
import { requireTableById } from './lookup.js'
import type { Catalog, CatalogChange, CsrGroup, KeyIndexManifest, RelRun, RowGroup, Table } from './model.js'

/** A run and whose it is, for `inspect --check` and for errors. */
export interface TableRun {
  readonly run: PageRun
  readonly place: { readonly table: string; readonly column?: string; readonly what: string }
}

/** `column(i)` names the i-th segment. Runs without pages are left out. */
function* groupRuns(
  table: string,
  group: RowGroup,
  what: string,
  column: (index: number) => string,
): Generator<TableRun> {
  let index = 0
  for (const segment of group.segments) {
    const place = { table, column: column(index++), what }
    if (segment.contentBytes > 0) yield { run: segment, place }
  }
}

function* keyIndexRuns(table: string, keys: KeyIndexManifest): Generator<TableRun> {
  for (const [index, { pages }] of keys.runs.entries()) {
    if (pages.contentBytes > 0) yield { run: pages, place: { table, what: `key index run ${index}` } }
  }
}

function* sideRuns(
  table: string,
  groups: readonly CsrGroup[],
  what: string,
  column: (index: number) => string,
): Generator<TableRun> {
  for (const { groupIndex, starts, chunks } of groups) {
    const where = `${what} CSR group ${groupIndex}`
    if (starts.contentBytes > 0) yield { run: starts, place: { table, what: `${where}, starts` } }
    for (const [chunk, group] of chunks.entries()) {
      yield* groupRuns(table, group, `${where}, chunk ${chunk}`, column)
    }
  }
}

function* relRunRuns(table: Table, run: RelRun, index: number): Generator<TableRun> {
  const property = (segment: number) =>
    segment === 0 ? '(neighbour)' : (table.columns[segment - 1]?.name ?? '?')
  const position = (segment: number) => (segment === 0 ? '(neighbour)' : '(position)')
  yield* sideRuns(table.name, run.forward, `run ${index}, forward`, property)
  yield* sideRuns(table.name, run.backward, `run ${index}, backward`, position)
}

function* rowGroupRuns(table: Table, groups: readonly RowGroup[]): Generator<TableRun> {
  const name = (segment: number) => table.columns[segment]?.name ?? '?'
  for (const [index, group] of groups.entries())
    yield* groupRuns(table.name, group, `row group ${index}`, name)
}

/** Every run of `table` that has pages, with its place. */
export function* tableRuns(table: Table): Generator<TableRun> {
  if (table.kind === 'node') {
    yield* rowGroupRuns(table, table.groups)
    yield* keyIndexRuns(table.name, table.keys)
  } else {
    for (const [index, run] of table.runs.entries()) yield* relRunRuns(table, run, index)
  }
}

/** The runs that only the catalog before or only the catalog after a change reaches. */
export interface ChangedRuns {
  readonly added: RunExtent[]
  readonly removed: RunExtent[]
}

function runsOf(tableRunsFound: Iterable<TableRun>): RunExtent[] {
  return Array.from(tableRunsFound, ({ run: { firstPage, contentBytes } }) => ({ firstPage, contentBytes }))
}

/** Runs of `after` that are not among those of `before`, and the other way round. */
function difference(before: readonly RunExtent[], after: readonly RunExtent[]): ChangedRuns {
  const pagesBefore = new Set(before.map((run) => run.firstPage))
  const pagesAfter = new Set(after.map((run) => run.firstPage))
  return {
    added: after.filter((run) => !pagesBefore.has(run.firstPage)),
    removed: before.filter((run) => !pagesAfter.has(run.firstPage)),
  }
}

/**
 * What `change` adds to and removes from `before`. A run is known by its first page: pages are never shared.
 */
export function changedRuns(before: Catalog, change: CatalogChange): ChangedRuns {
  switch (change.kind) {
    case 'createTable':
      return { added: runsOf(tableRuns(change.table)), removed: [] }
    case 'dropTable':
      return { added: [], removed: runsOf(tableRuns(requireTableById(before, change.tableId))) }
    case 'appendRels':
      return {
        added: runsOf(relRunRuns(requireTableById(before, change.tableId), change.run, 0)),
        removed: [],
      }
    case 'appendNodes': {
      const table = requireTableById(before, change.tableId)
      const indexBefore = table.kind === 'node' ? runsOf(keyIndexRuns(table.name, table.keys)) : []
      const { added, removed } = difference(indexBefore, runsOf(keyIndexRuns(table.name, change.keys)))
      return { added: [...runsOf(rowGroupRuns(table, change.groups)), ...added], removed }
    }
    case 'recordLoad':
    case 'writes':
      return { added: [], removed: [] }
    case 'replaceTables': {
      const runsBefore = change.tables.flatMap(({ id }) => runsOf(tableRuns(requireTableById(before, id))))
      return difference(
        runsBefore,
        change.tables.flatMap((table) => runsOf(tableRuns(table))),
      )
    }
    case 'several':
      return changedBySeveral(before, change.changes)
  }
}

/** Runs that one part adds and a later one removes are in both lists. */
function changedBySeveral(before: Catalog, changes: readonly CatalogChange[]): ChangedRuns {
  const added: RunExtent[] = []
  const removed: RunExtent[] = []
  let catalog = before
  for (const change of changes) {
    const changed = changedRuns(catalog, change)
    for (const run of changed.added) added.push(run)
    for (const run of changed.removed) removed.push(run)
    catalog = applyChange(catalog, change)
  }
  return { added, removed }
}
