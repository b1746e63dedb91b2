/** Which page runs a table reaches, and which a change adds and removes: what free space is derived from. */
import { type Extent, extentOf, type PageRun, type RunExtent } from '../format/index.js'
import { applyChange } from './change.js'
import { requireTableById } from './lookup.js'
import type { Catalog, CatalogChange, CsrGroup, KeyIndexManifest, RelRun, RowGroup, Table } from './model.js'
import { segmentFacts } from './row-group-codec.js'

/** A run and whose it is, for `inspect --check` and for errors. */
export interface TableRun {
  readonly run: PageRun
  readonly place: { readonly table: string; readonly column?: string; readonly what: string }
}

/** What of a table has pages. */
type TablePart =
  /** `column(i)` names the i-th segment. */
  | { readonly group: RowGroup; readonly what: string; readonly column: (index: number) => string }
  | { readonly run: PageRun; readonly what: string }

function* keyIndexParts(keys: KeyIndexManifest): Generator<TablePart> {
  for (const [index, { pages }] of keys.runs.entries()) yield { run: pages, what: `key index run ${index}` }
}

function* sideParts(
  groups: readonly CsrGroup[],
  what: string,
  column: (index: number) => string,
): Generator<TablePart> {
  for (const { groupIndex, starts, chunks } of groups) {
    const where = `${what} CSR group ${groupIndex}`
    yield { run: starts, what: `${where}, starts` }
    for (const [chunk, group] of chunks.entries()) yield { group, what: `${where}, chunk ${chunk}`, column }
  }
}

function* relRunParts(table: Table, run: RelRun, index: number): Generator<TablePart> {
  const property = (segment: number) =>
    segment === 0 ? '(neighbour)' : (table.columns[segment - 1]?.name ?? '?')
  const position = (segment: number) => (segment === 0 ? '(neighbour)' : '(position)')
  yield* sideParts(run.forward, `run ${index}, forward`, property)
  yield* sideParts(run.backward, `run ${index}, backward`, position)
}

function* rowGroupParts(table: Table, groups: readonly RowGroup[]): Generator<TablePart> {
  const column = (segment: number) => table.columns[segment]?.name ?? '?'
  for (const [index, group] of groups.entries()) yield { group, what: `row group ${index}`, column }
}

function* tableParts(table: Table): Generator<TablePart> {
  if (table.kind === 'node') {
    yield* rowGroupParts(table, table.groups)
    yield* keyIndexParts(table.keys)
  } else {
    for (const [index, run] of table.runs.entries()) yield* relRunParts(table, run, index)
  }
}

/** Every run of `table` that has pages, with its place. */
export function* tableRuns(table: Table): Generator<TableRun> {
  for (const part of tableParts(table)) {
    const { what } = part
    if ('run' in part) {
      if (part.run.contentBytes > 0) yield { run: part.run, place: { table: table.name, what } }
      continue
    }
    let index = 0
    for (const run of part.group.segments) {
      const column = part.column(index++)
      if (run.contentBytes > 0) yield { run, place: { table: table.name, column, what } }
    }
  }
}

function* partRuns(parts: Iterable<TablePart>): Generator<RunExtent> {
  for (const part of parts) {
    if ('run' in part) yield part.run
    else yield* segmentFacts(part.group.segments)
  }
}

/** The pages of `runs`; those of runs that lie one behind the other, as a load writes them, together. */
function* extentsOf(runs: Iterable<RunExtent>): Generator<Extent> {
  let first = 0
  let end = 0
  for (const run of runs) {
    if (run.contentBytes === 0) continue
    const extent = extentOf(run)
    if (extent.first !== end) {
      if (end > first) yield { first, pages: end - first }
      first = extent.first
    }
    end = extent.first + extent.pages
  }
  if (end > first) yield { first, pages: end - first }
}

/** The pages that `table` reaches. There are far fewer extents than runs. */
export function tableExtents(table: Table): Iterable<Extent> {
  return extentsOf(partRuns(tableParts(table)))
}

/** The pages that only the catalog before or only the catalog after a change reaches. */
export interface ChangedPages {
  readonly added: Extent[]
  readonly removed: Extent[]
}

/** The pages of `extents` that are not among `others`. Both are sorted by their pages. */
function without(extents: readonly Extent[], others: readonly Extent[]): Extent[] {
  const left: Extent[] = []
  let next = 0
  for (const { first, pages } of extents) {
    let at = first
    const end = first + pages
    while (next < others.length && others[next]!.first + others[next]!.pages <= at) next++
    for (let index = next; index < others.length && others[index]!.first < end; index++) {
      const other = others[index]!
      if (other.first > at) left.push({ first: at, pages: other.first - at })
      at = other.first + other.pages
    }
    if (at < end) left.push({ first: at, pages: end - at })
  }
  return left
}

/** What is reached after and was not before, and the other way round. */
function difference(before: Iterable<Extent>, after: Iterable<Extent>): ChangedPages {
  const [sortedBefore, sortedAfter] = [before, after].map((extents) =>
    [...extents].sort((left, right) => left.first - right.first),
  ) as [Extent[], Extent[]]
  return { added: without(sortedAfter, sortedBefore), removed: without(sortedBefore, sortedAfter) }
}

/** What `change` adds to and removes from `before`. Pages are never shared, and never written again. */
export function changedPages(before: Catalog, change: CatalogChange): ChangedPages {
  switch (change.kind) {
    case 'createTable':
      return { added: [...tableExtents(change.table)], removed: [] }
    case 'dropTable':
      return { added: [], removed: [...tableExtents(requireTableById(before, change.tableId))] }
    case 'appendRels': {
      const parts = relRunParts(requireTableById(before, change.tableId), change.run, 0)
      return { added: [...extentsOf(partRuns(parts))], removed: [] }
    }
    case 'appendNodes': {
      const table = requireTableById(before, change.tableId)
      const keysBefore = table.kind === 'node' ? extentsOf(partRuns(keyIndexParts(table.keys))) : []
      const keysAfter = extentsOf(partRuns(keyIndexParts(change.keys)))
      const { added, removed } = difference(keysBefore, keysAfter)
      const groups = extentsOf(partRuns(rowGroupParts(table, change.groups)))
      return { added: [...groups, ...added], removed }
    }
    case 'recordLoad':
    case 'writes':
      return { added: [], removed: [] }
    case 'replaceTables': {
      const tables = change.tables.map(({ id }) => requireTableById(before, id))
      const ofTables = (all: readonly Table[]) => extentsOf(partRuns(partsOf(all)))
      return difference(ofTables(tables), ofTables(change.tables))
    }
    case 'several':
      return changedBySeveral(before, change.changes)
  }
}

function* partsOf(tables: readonly Table[]): Generator<TablePart> {
  for (const table of tables) yield* tableParts(table)
}

/** Pages that one part adds and a later one removes are in both lists. */
function changedBySeveral(before: Catalog, changes: readonly CatalogChange[]): ChangedPages {
  const added: Extent[] = []
  const removed: Extent[] = []
  let catalog = before
  for (const change of changes) {
    const changed = changedPages(catalog, change)
    for (const extent of changed.added) added.push(extent)
    for (const extent of changed.removed) removed.push(extent)
    catalog = applyChange(catalog, change)
  }
  return { added, removed }
}
