/**
 * Makes segments of what was written to a node table.
 *
 * - Groups with changed values, keys or deleted nodes get new segments for the columns concerned; all others
 *   keep theirs.
 * - New nodes become row groups at the end. Groups there that are at most twice as large as what follows them
 *   are taken in, so that repeated merges do not pile up small groups (as index runs are: `hashed-keys.ts`).
 * - Neighbouring small groups become one, and rows of deleted nodes let go of their values (`compaction.ts`).
 * - Everything is read through the overlay: what the merge writes is what queries see.
 */
import { factsOf, type NodeTable, type RowGroup } from '../../catalog/index.js'
import type { Vector } from '../../column/index.js'
import { NodeDelta } from '../../delta/index.js'
import { rowGroupRowsMax } from '../../limits.js'
import { physicalTypeOf } from '../../types/index.js'
import { gatherVectors } from '../gather-vectors.js'
import { StoredNodeReader } from '../node-reader.js'
import { NodeOverlay } from '../overlay/node-overlay.js'
import { type Allowance, groupStretches, holdsDeletedValues } from './compaction.js'
import { GroupRoom, isTooLarge } from './cut-rows.js'
import type { MergeContext } from './merge-context.js'
import { MergedKeys } from './merge-keys.js'

/** A group, or run, at the end is taken in when it has at most this many times the rows that follow it. */
export const foldedTimesMax = 2

/** Where rows of a group come from: consecutive rows of a group of the overlay. */
interface Piece {
  readonly group: number
  readonly firstRow: number
  readonly rows: number
}

/** A group of the table as it will be. */
interface Made {
  readonly group: RowGroup
  readonly pieces: readonly Piece[]
  /** It holds exactly the rows of one group that was there. */
  readonly isWhole: boolean
}

/** The table with its delta in segments. Null: it stays as it is. */
export function mergeNodes(
  context: MergeContext,
  table: NodeTable,
  delta: NodeDelta | undefined,
  allowance: Allowance,
): NodeTable | null {
  const written = delta ?? new NodeDelta(table, table.rowCount)
  const overlay = new NodeOverlay(new StoredNodeReader(table, context.source), written)
  const tail = firstFolded(table, written.created)
  const stretches = groupStretches(table.groups.slice(0, tail))
  const made: Made[] = []
  for (let group = 0; group < tail; group++) {
    const stretch = stretches.find(({ first }) => first === group)
    if (stretch === undefined || !allowance.take(stretch.rows)) {
      made.push(...rewritten(context, overlay, table, group, allowance))
      continue
    }
    for (const pieces of piecesOf(context, overlay, table, group, stretch.end)) {
      made.push({ group: newGroup(context, overlay, table, pieces), pieces, isWhole: false })
    }
    group = stretch.end - 1
  }
  if (delta === undefined && made.every((one, group) => one.group === table.groups[group])) return null
  for (const pieces of piecesOf(context, overlay, table, tail, overlay.groupCount)) {
    made.push({ group: newGroup(context, overlay, table, pieces), pieces, isWhole: false })
  }
  const keys = mergeKeys(context, table, overlay, made, allowance)
  return { ...table, rowCount: overlay.rowCount, groups: made.map(({ group }) => group), keys }
}

/** True when compaction would leave a table with fewer row groups, or with less in them. */
export function canBeCompacted(table: NodeTable): boolean {
  const { groups, keyColumn } = table
  if (groupStretches(groups).length > 0) return true
  return groups.some((group) => holdsDeletedValues(group, factsOf(group.segments, keyColumn)!.nullCount))
}

/** The first group of those that are taken in together with `created` new rows. */
function firstFolded({ groups }: NodeTable, created: number): number {
  let first = groups.length
  if (created === 0) return first
  let rows = created
  for (; first > 0; first--) {
    const before = groups[first - 1]!.rows
    if (before > foldedTimesMax * rows || rows + before > rowGroupRowsMax) break
    rows += before
  }
  return first
}

/**
 * A group with new segments where its values have changed; several groups where its strings have grown too
 * long for one.
 */
function rewritten(
  context: MergeContext,
  overlay: NodeOverlay,
  table: NodeTable,
  group: number,
  allowance: Allowance,
): Made[] {
  const before = table.groups[group]!
  const letsGo = holdsDeletedValues(before, overlay.deletedCount(group)) && allowance.take(before.rows)
  const changed = table.columns.flatMap((_, column) => {
    const isMarked = column === table.keyColumn && overlay.hasDeletions(group)
    return letsGo || isMarked || overlay.isPatched(group, column) ? [column] : []
  })
  const whole: Piece[] = [{ group, firstRow: 0, rows: before.rows }]
  if (changed.length === 0) return [{ group: before, pieces: whole, isWhole: true }]
  const columns = changed.map((column) => overlay.column(group, column))
  if (isTooLarge(columns, context.heapBytesMax)) {
    return piecesOf(context, overlay, table, group, group + 1).map((pieces) => {
      return { group: newGroup(context, overlay, table, pieces), pieces, isWhole: false }
    })
  }
  const segments = [...before.segments]
  for (const column of changed) segments[column] = context.write(columnOf(overlay, table, group, column))
  return [{ group: { ...before, segments }, pieces: whole, isWhole: true }]
}

/** A column as it is to be written: all that deleted nodes have is null, their keys above all. */
function columnOf(overlay: NodeOverlay, table: NodeTable, group: number, column: number): Vector {
  const vector = overlay.column(group, column)
  const deleted = overlay.deleted(group)
  if (column === table.keyColumn || vector.nulls === null) return { ...vector, nulls: deleted }
  if (deleted === null) return vector
  const { nulls } = vector
  return { ...vector, nulls: deleted.map((isDeleted, row) => isDeleted | nulls[row]!) }
}

/** Cuts the rows of groups `first` … `end` − 1 into new groups, each as the pieces that it is made of. */
function piecesOf(
  context: MergeContext,
  overlay: NodeOverlay,
  table: NodeTable,
  first: number,
  end: number,
): Piece[][] {
  const made: Piece[][] = []
  let current: Piece[] = []
  const room = new GroupRoom(context.heapBytesMax)
  // The others are not decoded for this: of a wide table they would not be kept until they are written.
  const strings = table.columns.flatMap(({ type }, column) =>
    physicalTypeOf(type) === 'string' ? [column] : [],
  )
  for (let group = first; group < end; group++) {
    const rows = overlay.groupRows(group)
    const columns = strings.map((column) => overlay.column(group, column))
    for (let firstRow = 0; firstRow < rows; ) {
      const taken = room.take(columns, firstRow, rows)
      if (taken > 0) current.push({ group, firstRow, rows: taken })
      firstRow += taken
      if (firstRow === rows) continue
      made.push(current)
      current = []
      room.clear()
    }
  }
  if (current.length > 0) made.push(current)
  return made
}

function newGroup(
  context: MergeContext,
  overlay: NodeOverlay,
  table: NodeTable,
  pieces: readonly Piece[],
): RowGroup {
  const count = pieces.reduce((sum, piece) => sum + piece.rows, 0)
  const picked = new Uint32Array(count)
  const rows = new Uint32Array(count)
  let at = 0
  for (const [source, piece] of pieces.entries()) {
    for (let row = 0; row < piece.rows; row++, at++) {
      picked[at] = source
      rows[at] = piece.firstRow + row
    }
  }
  const segments = table.columns.map(({ type }, column) => {
    const sources = pieces.map(({ group }) => columnOf(overlay, table, group, column))
    return context.write(gatherVectors(type, sources, picked, rows))
  })
  return { rows: count, segments }
}

function mergeKeys(
  context: MergeContext,
  table: NodeTable,
  overlay: NodeOverlay,
  made: readonly Made[],
  allowance: Allowance,
): NodeTable['keys'] {
  const keys = new MergedKeys(
    context,
    table,
    made.map(({ group }) => group),
  )
  const wasSorted = new Set(table.keys.sortedGroups)
  const isHashed = ({ group }: Piece) => group < table.groups.length && !wasSorted.has(group)
  const staysSorted = ({ pieces, isWhole }: Made) => {
    const { group } = pieces[0]!
    return isWhole && wasSorted.has(group) && overlay.rekeyedRows(group).length === 0
  }
  for (const [group, one] of made.entries()) if (staysSorted(one)) keys.keep(group)
  for (const [group, one] of made.entries()) {
    if (staysSorted(one)) continue
    if (!one.pieces.some(isHashed) && keys.canBeSorted(group)) {
      keys.sort(group)
      continue
    }
    let firstRow = 0
    for (const piece of one.pieces) {
      if (isHashed(piece)) hashRekeyed(keys, group, firstRow, piece, overlay)
      else keys.hash({ group, firstRow, rows: piece.rows })
      firstRow += piece.rows
    }
  }
  return keys.finish(allowance)
}

/** Hashes those keys of a piece that have changed, of a group whose others are hashed already. */
function hashRekeyed(
  keys: MergedKeys,
  group: number,
  firstRow: number,
  piece: Piece,
  overlay: NodeOverlay,
): void {
  const rows = overlay.rekeyedRows(piece.group).map((row) => row - piece.firstRow)
  const within = rows.filter((row) => row >= 0 && row < piece.rows)
  for (let first = 0; first < within.length; ) {
    let end = first + 1
    while (within[end] === within[end - 1]! + 1) end++
    keys.hash({ group, firstRow: firstRow + within[first]!, rows: end - first })
    first = end
  }
}
