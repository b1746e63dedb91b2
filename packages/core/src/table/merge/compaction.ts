/**
 * What a checkpoint does for tables beyond making segments of small writes: many small row groups and runs
 * become few, and deleted rows stop taking room.
 *
 * - Neighbours that are small are made one, as soon as what follows a part is at least half as large: so each
 *   row is written again O(log n) times, however many small loads there are, and O(log n) small parts are
 *   left behind the large ones. What a load wrote in large parts is never touched.
 * - A row group most of whose nodes are deleted is written again without their values. The rows stay: node
 *   offsets are what relationships are made of. A run that has lost most of its relationships is written
 *   again without them.
 */
import {
  type Catalog,
  factsOf,
  type RelRun,
  type RowGroup,
  requireTable,
  segmentFacts,
} from '../../catalog/index.js'
import {
  compactedRowsMax,
  rowGroupRowsMax,
  smallGroupBytes,
  smallGroupRows,
  smallPartsMax,
  smallRunRows,
} from '../../limits.js'

/**
 * How much of it is done: nothing; as much as does not hold up others for long (`compactedRowsMax` rows); or
 * all there is to do.
 */
export type Compaction = 'none' | 'some' | 'all'

/** Parts `first` … `end` − 1, at least two, which become one. */
export interface Stretch {
  readonly first: number
  readonly end: number
  readonly rows: number
}

interface Part {
  readonly rows: number
  readonly isSmall: boolean
}

/** A part is made one with what follows it when it has at most this many times its rows. */
const followedTimesMax = 2

/** The stretches of neighbouring small parts that are to be made one, of at most `rowsMax` rows each. */
function stretchesOf(parts: readonly Part[], rowsMax: number): Stretch[] {
  const open: (Stretch & { readonly isSmall: boolean })[] = []
  for (const [index, part] of parts.entries()) {
    let { rows } = part
    let first = index
    for (let before = open.at(-1); part.isSmall && before?.isSmall; before = open.at(-1)) {
      if (before.rows > followedTimesMax * rows || before.rows + rows > rowsMax) break
      rows += before.rows
      first = before.first
      open.pop()
    }
    open.push({ first, end: index + 1, rows, isSmall: part.isSmall })
  }
  return open.filter(({ first, end }) => end - first > 1)
}

/** Row groups that are to be made one. */
export function groupStretches(groups: readonly RowGroup[]): Stretch[] {
  const parts = groups.map((group) => ({ rows: group.rows, isSmall: isSmallGroup(group) }))
  return stretchesOf(parts, rowGroupRowsMax)
}

function isSmallGroup({ rows, segments }: RowGroup): boolean {
  if (rows >= smallGroupRows) return false
  let bytes = 0
  for (const { contentBytes } of segmentFacts(segments)) bytes += contentBytes
  return bytes < smallGroupBytes
}

/** Runs that are to be made one. */
export function runStretches(runs: readonly RelRun[]): Stretch[] {
  const parts = runs.map(({ rows }) => ({ rows, isSmall: rows < smallRunRows }))
  return stretchesOf(parts, Number.POSITIVE_INFINITY)
}

/**
 * True when so many small parts of a table could be made few that a checkpoint should not wait any longer.
 */
export function hasManySmallParts(catalog: Catalog, tableName: string): boolean {
  const table = requireTable(catalog, tableName)
  const stretches = table.kind === 'node' ? groupStretches(table.groups) : runStretches(table.runs)
  return stretches.reduce((sum, { first, end }) => sum + end - first - 1, 0) >= smallPartsMax
}

/** True when `deleted` of `rows` rows are reason enough to write the others again. */
export function areMostlyDeleted(deleted: number, rows: number): boolean {
  return 2 * deleted > rows
}

/**
 * True when most rows of a group are deleted and their values still take room: a column has fewer nulls than
 * `deleted`, by a quarter, so that a group that loses its nodes one by one is written again a few times only.
 */
export function holdsDeletedValues(group: RowGroup, deleted: number): boolean {
  if (!areMostlyDeleted(deleted, group.rows)) return false
  for (const { nullCount } of segmentFacts(group.segments)) if (4 * nullCount < 3 * deleted) return true
  return false
}

/** Relationships of a run that were deleted when it was written. */
export function deletedRels({ forward }: RelRun): number {
  let deleted = 0
  for (const { chunks } of forward)
    for (const { segments } of chunks) deleted += factsOf(segments, 0)!.nullCount
  return deleted
}

/** The rows that a checkpoint may still write again. */
export class Allowance {
  #rows: number

  constructor(compaction: Compaction) {
    const rows = { none: 0, some: compactedRowsMax, all: Number.POSITIVE_INFINITY }
    this.#rows = rows[compaction]
  }

  /** True, and `rows` fewer, when so many are allowed. */
  take(rows: number): boolean {
    if (rows > this.#rows) return false
    this.#rows -= rows
    return true
  }
}
