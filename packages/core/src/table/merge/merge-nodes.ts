/**
 * Makes segments of what was written to a node table.
 *
 * - Groups with changed values or deleted nodes get new segments for the columns concerned; all others keep
 *   theirs.
 * - New nodes become row groups at the end. Groups there that are at most twice as large as what follows them
 *   are taken in, so that repeated merges do not pile up small groups (as index runs are: `hashed-keys.ts`).
 * - Everything is read through the overlay: what the merge writes is what queries see.
 */
import type { NodeTable, RowGroup } from '../../catalog/index.js'
import type { Vector } from '../../column/index.js'
import type { NodeDelta } from '../../delta/index.js'
import { rowGroupRowsMax } from '../../limits.js'
import { gatherVectors } from '../gather-vectors.js'
import { StoredNodeReader } from '../node-reader.js'
import { NodeOverlay } from '../overlay/node-overlay.js'
import type { MergeContext } from './merge-context.js'
import { MergedKeys } from './merge-keys.js'

/** A group, or run, at the end is taken in when it has at most this many times the rows that follow it. */
export const foldedTimesMax = 2

/** Where rows of a new group come from: consecutive rows of a group of the overlay. */
interface Piece {
  readonly group: number
  readonly firstRow: number
  readonly rows: number
}

/** The table with its delta in segments. */
export function mergeNodes(context: MergeContext, table: NodeTable, delta: NodeDelta): NodeTable {
  const overlay = new NodeOverlay(new StoredNodeReader(table, context.source), delta)
  const tail = firstFolded(table, delta.created)
  const groups: RowGroup[] = []
  for (let group = 0; group < tail; group++) groups.push(rewritten(context, overlay, table, group))
  const pieces = piecesOf(overlay, tail)
  for (const parts of pieces) groups.push(newGroup(context, overlay, table, parts))
  const keys = mergeKeys(context, table, groups, tail, pieces)
  return { ...table, rowCount: overlay.rowCount, groups, keys }
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

/** A group with new segments where its values have changed. */
function rewritten(context: MergeContext, overlay: NodeOverlay, table: NodeTable, group: number): RowGroup {
  const before = table.groups[group]!
  const segments = before.segments.map((segment, column) => {
    const isKey = column === table.keyColumn
    const hasChanged = isKey ? overlay.hasDeletions(group) : overlay.isPatched(group, column)
    return hasChanged ? context.write(columnOf(overlay, table, group, column)) : segment
  })
  const isSame = segments.every((segment, column) => segment === before.segments[column])
  return isSame ? before : { ...before, segments }
}

/** A column as it is to be written: the keys of deleted nodes are null. */
function columnOf(overlay: NodeOverlay, table: NodeTable, group: number, column: number): Vector {
  const vector = overlay.column(group, column)
  return column === table.keyColumn ? { ...vector, nulls: overlay.deleted(group) } : vector
}

/** The new groups, each as the pieces that it is made of. */
function piecesOf(overlay: NodeOverlay, tail: number): Piece[][] {
  const made: Piece[][] = []
  let current: Piece[] = []
  let room = rowGroupRowsMax
  for (let group = tail; group < overlay.groupCount; group++) {
    const rows = overlay.groupRows(group)
    for (let firstRow = 0; firstRow < rows; ) {
      const taken = Math.min(room, rows - firstRow)
      current.push({ group, firstRow, rows: taken })
      firstRow += taken
      room -= taken
      if (room > 0) continue
      made.push(current)
      current = []
      room = rowGroupRowsMax
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
  groups: readonly RowGroup[],
  tail: number,
  made: readonly (readonly Piece[])[],
): NodeTable['keys'] {
  const keys = new MergedKeys(context, table, groups)
  const wasSorted = new Set(table.keys.sortedGroups)
  for (const group of table.keys.sortedGroups) if (group < tail) keys.keep(group)
  for (const [index, pieces] of made.entries()) {
    const group = tail + index
    const isHashed = (piece: Piece) => piece.group < table.groups.length && !wasSorted.has(piece.group)
    if (!pieces.some(isHashed) && keys.canBeSorted(group)) {
      keys.sort(group)
      continue
    }
    let firstRow = 0
    for (const piece of pieces) {
      if (!isHashed(piece)) keys.hash({ group, firstRow, rows: piece.rows })
      firstRow += piece.rows
    }
  }
  return keys.finish()
}
