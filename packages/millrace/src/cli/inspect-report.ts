/**
 * What a database file holds and where its bytes go: computed from the catalog alone, without reading a data
 * page, unless everything is to be checked.
 *
 * - Bytes are of whole pages, checksum pages included: what the file would be smaller by.
 * - A segment of one value has no pages; it counts as a segment of 0 bytes.
 */
import {
  type Catalog,
  type CsrGroup,
  checkContents,
  isMillraceError,
  MemoryBudget,
  MillraceError,
  type NodeTable,
  pageBytes,
  type RelTable,
  runPagesOf,
  type SegmentDescriptor,
  Snapshot,
  type Store,
  superblockPages,
  type Table,
  type TableProblem,
  tableRuns,
} from '@millrace/core/internal'
import { tableName } from './schema-text.js'

export interface ColumnReport {
  readonly name: string
  readonly type: string
  readonly nulls: number
  readonly bytes: number
  /** How many segments have which encoding. */
  readonly segments: Readonly<Record<string, number>>
}

export interface TableReport {
  readonly name: string
  readonly kind: 'node' | 'rel'
  /** Nodes: the name of the key column. */
  readonly key?: string
  readonly from?: string
  readonly to?: string
  /** Rows in the file that are not deleted; transactions in the log may add to them. */
  readonly rows: number
  /** Rows that are deleted and still have their place. */
  readonly deleted: number
  /** Nodes: row groups. Relationships: CSR groups of both directions. */
  readonly groups: number
  /** Relationships: loads that were not merged yet. */
  readonly runs?: number
  readonly bytes: number
  readonly columns: readonly ColumnReport[]
  readonly unfinishedLoad?: UnfinishedLoadReport
}

/** A load that kept its rows and is to be resumed. */
export interface UnfinishedLoadReport {
  /** Paths of files; the empty text for a stream. */
  readonly sources: readonly string[]
  /** The source it stands in, and where the next record begins: record and line from 1. */
  readonly source: string
  readonly byteOffset: number
  readonly row: number
  readonly line: number
  readonly rows: number
  readonly skipped: number
  readonly rejects?: string
}

export interface InspectReport {
  readonly file: string
  readonly fileBytes: number
  readonly pageBytes: number
  readonly pages: number
  readonly freePages: number
  readonly checkpoint: number
  readonly version: number
  /** Transactions that are in the log and not yet in the file. */
  readonly transactionsInLog: number
  /**
   * Bytes at the end of the log that are no whole transaction: what a crash may leave. The next open cuts
   * them.
   */
  readonly droppedLogBytes: number
  readonly tables: readonly TableReport[]
  /** With `--check`. */
  readonly check?: CheckReport
}

export interface CheckReport {
  readonly checkedPages: number
  readonly problems: readonly string[]
}

/** Describes `store`. */
export function describeStore(store: Store): InspectReport {
  const { catalog } = store
  return {
    file: store.path,
    fileBytes: store.file.size(),
    pageBytes,
    pages: store.pageCount,
    freePages: store.freePages,
    checkpoint: store.recovery.checkpointNumber,
    version: catalog.version,
    transactionsInLog: store.recovery.replayedTransactions,
    droppedLogBytes: store.recovery.droppedLogBytes,
    tables: catalog.tables.map((table) => ({
      ...(table.kind === 'node' ? describeNodes(table) : describeRels(table, catalog)),
      ...describeUnfinished(table),
    })),
  }
}

/** Bytes that decoding a row group may take while contents are checked, and of decoded ones to keep. */
const checkBytes = 256 * 2 ** 20
const checkCacheBytes = 32 * 2 ** 20

/** What is to be said of a superblock that opening found damaged. */
function superblockProblems(store: Store): string[] {
  const { damagedSuperblock } = store.recovery
  if (damagedSuperblock === null) return []
  const other = superblockPages - 1 - damagedSuperblock
  return [
    `[MILLRACE_CORRUPT]: ${store.path} is damaged: the superblock in page ${damagedSuperblock}. ` +
      `Nothing is lost: the one in page ${other} rules, and opening the database for writing repairs it.`,
  ]
}

/**
 * Reads every page that a table reaches and compares it with its checksum; then reads what lies in them:
 * values, keys and their index, both sides of relationships. Superblocks, catalog and log were checked by
 * opening.
 */
export function checkStore(store: Store): CheckReport {
  const problems = superblockProblems(store)
  const damaged = new Set<number>()
  let checkedPages = superblockPages
  for (const table of store.catalog.tables) {
    for (const { run, place } of tableRuns(table)) {
      checkedPages += runPagesOf(run.contentBytes)
      try {
        store.reader.verify(run, place)
      } catch (error) {
        if (!isMillraceError(error)) throw error
        damaged.add(run.firstPage)
        problems.push(`[${error.code}]: ${error.message}`)
      }
    }
  }
  const options = { budget: new MemoryBudget(checkBytes), cacheBytes: checkCacheBytes }
  const snapshot = new Snapshot(store.catalog, store.reader, options)
  for (const table of store.catalog.tables) {
    for (const problem of checkContents(snapshot, table, damaged)) {
      const error = new MillraceError('MILLRACE_CORRUPT', {
        file: store.path,
        what: placeAndProblem(problem),
      })
      problems.push(`[${error.code}]: ${error.message}`)
    }
  }
  return { checkedPages, problems }
}

function placeAndProblem({ table, column, what }: TableProblem): string {
  return `table ${table}${column === undefined ? '' : `, column ${column}`}: ${what}`
}

function describeUnfinished({ loads }: Table): Pick<TableReport, 'unfinishedLoad'> {
  const load = loads?.unfinished
  if (load === null || load === undefined) return {}
  const { sources, position, rejects } = load
  return {
    unfinishedLoad: {
      sources: sources.map(({ path }) => path),
      source: sources[position.source]?.path ?? '',
      byteOffset: position.byteOffset,
      row: position.records + 1,
      line: position.lines + 1,
      rows: position.rows,
      skipped: position.skipped,
      ...(rejects !== null && { rejects: rejects.path }),
    },
  }
}

function describeNodes(table: NodeTable): TableReport {
  const columns = table.columns.map(({ name, type }, column) =>
    describeColumn(
      name,
      type,
      table.groups.map((group) => group.segments.at(column)!),
    ),
  )
  const indexBytes = sum(table.keys.runs.map(({ pages }) => bytesOf(pages.contentBytes)))
  const index = { name: '(key index)', type: '', nulls: 0, bytes: indexBytes, segments: {} }
  // The key of a deleted node is null, and no other key is.
  const deleted = sum(table.groups.map(({ segments }) => segments.at(table.keyColumn)!.nullCount))
  return {
    name: table.name,
    kind: 'node',
    key: table.columns[table.keyColumn]!.name,
    rows: table.rowCount - deleted,
    deleted,
    groups: table.groups.length,
    bytes: sum(columns.map(({ bytes }) => bytes)) + indexBytes,
    columns: indexBytes === 0 ? columns : [...columns, index],
  }
}

function describeRels(table: RelTable, catalog: Catalog): TableReport {
  const forward = table.runs.flatMap((run) => run.forward)
  const backward = table.runs.flatMap((run) => run.backward)
  const columns = [
    describeColumn('(forward offsets)', 'INT64', startsOf(forward)),
    describeColumn('(destination)', 'INT64', segmentsOf(forward, 0)),
    ...table.columns.map(({ name, type }, column) =>
      describeColumn(name, type, segmentsOf(forward, column + 1)),
    ),
    describeColumn('(backward offsets)', 'INT64', startsOf(backward)),
    describeColumn('(source)', 'INT64', segmentsOf(backward, 0)),
    describeColumn('(position)', 'INT64', segmentsOf(backward, 1)),
  ]
  // So is the neighbour of a deleted relationship.
  const deleted = sum(segmentsOf(forward, 0).map(({ nullCount }) => nullCount))
  return {
    name: table.name,
    kind: 'rel',
    from: tableName(catalog, table.fromTableId),
    to: tableName(catalog, table.toTableId),
    rows: table.rowCount - deleted,
    deleted,
    groups: forward.length + backward.length,
    runs: table.runs.length,
    bytes: sum(columns.map(({ bytes }) => bytes)),
    columns,
  }
}

function startsOf(groups: readonly CsrGroup[]): SegmentDescriptor[] {
  return groups.map(({ starts }) => starts)
}

function segmentsOf(groups: readonly CsrGroup[], segment: number): SegmentDescriptor[] {
  return groups.flatMap(({ chunks }) => chunks.map((chunk) => chunk.segments.at(segment)!))
}

function describeColumn(name: string, type: string, segments: readonly SegmentDescriptor[]): ColumnReport {
  const byEncoding: Record<string, number> = {}
  for (const { encoding } of segments) byEncoding[encoding] = (byEncoding[encoding] ?? 0) + 1
  return {
    name,
    type,
    nulls: sum(segments.map(({ nullCount }) => nullCount)),
    bytes: sum(segments.map(({ contentBytes }) => bytesOf(contentBytes))),
    segments: byEncoding,
  }
}

/** Bytes of the pages that content takes. */
function bytesOf(contentBytes: number): number {
  return runPagesOf(contentBytes) * pageBytes
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
