/**
 * Writes the row groups of one unit on the writer thread, from relationships sorted by their bound node that
 * come in pieces: for units that are too large to be sorted at once (`build-unit.ts` does the others).
 *
 * Invariants
 * - Bound nodes never descend, from call to call either.
 * - A row group ends when `rowGroupRows` rows or `heapBytesMax` bytes of a string column are together; a
 *   longer string makes a row group of its own.
 * - Strings are copied: what was given may be released after each call.
 * - The writer's regions lie at the bottom of the arena, so that others can be taken and released above them.
 */
import { PackedSegments } from '../catalog/index.js'
import { type ColumnBuffer, encodeScratchBytes, type SegmentDescriptor } from '../column/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import type { CsrGroups } from './csr-groups.js'
import type { RelRows } from './rel-chunk.js'
import type { SegmentWriter } from './segment-writer.js'
import type { WorkingMemory } from './working-memory.js'

/** Called with every row group: bound nodes, neighbours, and the first row's position in the run. */
export type RowGroupListener = (
  rows: number,
  bound: number,
  neighbours: number,
  firstPosition: number,
) => void

/**
 * Bytes for building row groups of `rows` rows: what is pending, and its encoding with a copy of that outside
 * the arena, or what is handed to the other side.
 */
export function pendingBytes(types: readonly LogicalType[], rows: number, heapBytesMax: number): number {
  const strings = types.filter((type) => physicalTypeOf(type) === 'string').length
  const pending = rows * (17 + 9 * types.length) + strings * heapBytesMax
  const emitted = rows * (8 + 4 + 25)
  const encoded = 9 * rows + (strings > 0 ? heapBytesMax : 0)
  return pending + Math.max(emitted, encodeScratchBytes(rows) + 2 * encoded)
}

export interface RowGroupWriterOptions {
  /** Properties of the relationships. */
  readonly types: readonly LogicalType[]
  readonly rowGroupRows: number
  readonly heapBytesMax: number
  /** Position in the run of the first relationship. */
  readonly firstPosition: number
  readonly listener: RowGroupListener | null
}

interface PendingColumn {
  readonly type: LogicalType
  readonly values: number
  readonly nulls: number
  readonly heap: number
  heapBytes: number
  nullCount: number
}

export class RowGroupWriter {
  readonly #memory: WorkingMemory
  readonly #segments: SegmentWriter
  readonly #groups: CsrGroups
  readonly #options: RowGroupWriterOptions
  readonly #bound: number
  readonly #neighbours: number
  readonly #noNulls: number
  readonly #columns: PendingColumn[]
  #pending = 0
  #position: number

  constructor(
    memory: WorkingMemory,
    segments: SegmentWriter,
    groups: CsrGroups,
    options: RowGroupWriterOptions,
  ) {
    const { arena } = memory
    const { types, rowGroupRows, heapBytesMax, firstPosition } = options
    this.#memory = memory
    this.#segments = segments
    this.#groups = groups
    this.#options = options
    this.#position = firstPosition
    this.#bound = arena.allocate(rowGroupRows * 8)
    this.#neighbours = arena.allocate(rowGroupRows * 8)
    this.#columns = types.map((type) => ({
      type,
      values: arena.allocate(rowGroupRows * 8),
      nulls: arena.allocate(rowGroupRows + 64),
      heap: physicalTypeOf(type) === 'string' ? arena.allocate(heapBytesMax) : 0,
      heapBytes: 0,
      nullCount: 0,
    }))
    this.#noNulls = arena.allocate(rowGroupRows + 64)
    arena.bytes.fill(0, this.#noNulls, this.#noNulls + rowGroupRows)
  }

  /** Adds `rows` relationships: those at `order` (u32 each) of `source`, whose `from` are the bound nodes. */
  add(source: RelRows, order: number, rows: number): void {
    const { kernels } = this.#memory
    const { rowGroupRows, heapBytesMax } = this.#options
    let at = 0
    while (at < rows) {
      const place = order + at * 4
      let fitting = Math.min(rows - at, rowGroupRows - this.#pending)
      for (const [index, column] of source.columns.entries()) {
        if (physicalTypeOf(column.type) !== 'string') continue
        const room = heapBytesMax - this.#columns[index]!.heapBytes
        fitting = kernels.stringsThatFit(column.values, place, fitting, room)
      }
      if (fitting > 0) {
        this.#take(source, place, fitting)
      } else {
        // The next row's strings do not fit behind the others, or not even alone.
        if (this.#pending === 0) {
          this.#takeLong(source, place)
          fitting = 1
        }
        this.#flushPending()
      }
      at += fitting
      if (this.#pending === rowGroupRows) this.#flushPending()
    }
  }

  /** Writes what is left. */
  finish(): void {
    this.#flushPending()
  }

  /** Copies rows behind the pending ones. */
  #take(source: RelRows, place: number, rows: number): void {
    const { kernels } = this.#memory
    const at = this.#pending
    kernels.gatherLanes(source.from, place, rows, this.#bound + at * 8)
    kernels.gatherLanes(source.to, place, rows, this.#neighbours + at * 8)
    for (const [index, column] of source.columns.entries()) {
      const pending = this.#columns[index]!
      const values = pending.values + at * 8
      if (column.nullCount === 0)
        this.#memory.arena.bytes.fill(0, pending.nulls + at, pending.nulls + at + rows)
      else pending.nullCount += kernels.gatherBytes(column.nulls, place, rows, pending.nulls + at)
      if (physicalTypeOf(column.type) === 'string') {
        const heap = pending.heap + pending.heapBytes
        pending.heapBytes += kernels.copyOrderedStrings(column.values, place, rows, values, heap, 0)
      } else {
        kernels.gatherLanes(column.values, place, rows, values)
      }
    }
    this.#pending += rows
  }

  /** Makes one row pending whose strings stay where they are: it is flushed before they go. */
  #takeLong(source: RelRows, place: number): void {
    const { kernels } = this.#memory
    kernels.gatherLanes(source.from, place, 1, this.#bound)
    kernels.gatherLanes(source.to, place, 1, this.#neighbours)
    for (const [index, column] of source.columns.entries()) {
      const pending = this.#columns[index]!
      kernels.gatherLanes(column.values, place, 1, pending.values)
      pending.nullCount = kernels.gatherBytes(column.nulls, place, 1, pending.nulls)
    }
    this.#pending = 1
  }

  /** Writes the pending rows as a row group. */
  #flushPending(): void {
    const rows = this.#pending
    if (rows === 0) return
    this.#groups.countRows(this.#bound, rows)
    const segments = [this.#write('INT64', rows, this.#neighbours, 0, 0)]
    for (const column of this.#columns) {
      const { type, values, nulls, nullCount } = column
      segments.push(this.#write(type, rows, values, nulls, nullCount))
      column.heapBytes = 0
      column.nullCount = 0
    }
    this.#groups.addRowGroup({ rows, segments: PackedSegments.of(segments) })
    this.#options.listener?.(rows, this.#bound, this.#neighbours, this.#position)
    this.#position += rows
    this.#pending = 0
  }

  #write(
    type: LogicalType,
    rows: number,
    values: number,
    nulls: number,
    nullCount: number,
  ): SegmentDescriptor {
    const column: ColumnBuffer = {
      type,
      rows,
      values,
      nulls: nullCount === 0 ? this.#noNulls : nulls,
      nullCount,
    }
    return this.#segments.write(column)
  }
}
