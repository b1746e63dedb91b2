/**
 * Row groups of a load without some of their rows: decoded, gathered and encoded again, a column at a time.
 * On the writer thread, when a load has found keys that are there already.
 */
import { type NodeTable, PackedSegments, type RowGroup } from '../catalog/index.js'
import type { SegmentDescriptor } from '../column/index.js'
import type { RowMarks } from './row-marks.js'
import type { SegmentSource } from './segment-source.js'
import type { SegmentWriter } from './segment-writer.js'

/** Writes `order` with the rows of firstRow … firstRow + rows − 1 that are not marked, from 0. */
function writeOrder(source: SegmentSource, marks: RowMarks, firstRow: number, rows: number, order: number) {
  const kept = new Uint32Array(source.memory.arena.memory.buffer, order, rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    if (!marks.has(firstRow + row)) kept[count++] = row
  }
}

/**
 * `group`, whose first row is row `firstRow` of the load, without its marked rows, of which there are some
 * but not all.
 */
export function groupWithoutMarked(
  source: SegmentSource,
  writer: SegmentWriter,
  table: NodeTable,
  group: RowGroup,
  marks: RowMarks,
  firstRow: number,
): RowGroup {
  const { arena, kernels } = source.memory
  const rows = group.rows - (marks.before(firstRow + group.rows) - marks.before(firstRow))
  const mark = arena.mark()
  const order = arena.allocate(group.rows * 4)
  writeOrder(source, marks, firstRow, group.rows, order)
  const values = arena.allocate(rows * 8)
  const nulls = arena.allocate(rows + 64)
  const segments: SegmentDescriptor[] = []
  for (const [index, segment] of [...group.segments].entries()) {
    const columnMark = arena.mark()
    const lanes = source.lanes(segment, { table: table.name, column: table.columns[index]!.name })
    kernels.gatherLanes(lanes.values, order, rows, values)
    let nullCount = 0
    if (lanes.nullCount === 0) arena.bytes.fill(0, nulls, nulls + rows)
    else nullCount = kernels.gatherBytes(lanes.nulls, order, rows, nulls)
    segments.push(writer.write({ type: lanes.type, rows, values, nulls, nullCount }))
    arena.release(columnMark)
  }
  arena.release(mark)
  return { rows, segments: PackedSegments.of(segments) }
}
