/**
 * Writes one side of a relationship run: takes relationships sorted by their bound node and cuts them into
 * CSR groups and, within these, into row groups.
 *
 * Invariants
 * - Bound nodes never descend, from call to call either.
 * - A row group never straddles two CSR groups. It ends when `chunkRowsMax` rows or `heapBytesMax` bytes of a
 *   string column are together; a longer string makes a row group of its own.
 * - Strings are copied: what was given may be released after each call.
 * - The writer's regions lie at the bottom of the arena, so that others can be taken and released above them.
 */
import type { CsrGroup, RowGroup } from '../catalog/index.js'
import { type ColumnBuffer, encodeScratchBytes, type SegmentDescriptor } from '../column/index.js'
import { assert } from '../errors/index.js'
import { runPagesOf } from '../format/index.js'
import { csrGroupNodes, pageBytes, rowGroupRowsMax } from '../limits.js'
import type { MemoryBudget } from '../memory/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import type { PageLedger } from './page-ledger.js'
import type { RelRows } from './rel-chunk.js'
import { encodedBytesMax, encodeSegment } from './segment-writing.js'
import type { WorkingMemory } from './working-memory.js'

/** Fewer rows than this never make a row group for want of memory. */
const chunkRowsMin = 1024

/** Bytes of strings for each row of a row group, on average, before it ends early. */
const heapBytesPerRow = 32

/**
 * Called with every row group of the forward side: bound nodes, neighbours, and the first row's position in
 * the run.
 */
export type ChunkListener = (rows: number, bound: number, neighbours: number, firstPosition: number) => void

/** Rows of a row group that can be built in `bytesMax` bytes besides `startsBytes`. */
export function chunkRowsFor(types: readonly LogicalType[], bytesMax: number): number {
  let rows = rowGroupRowsMax
  while (rows > chunkRowsMin && chunkBytes(types, rows) > bytesMax) rows /= 2
  return rows
}

/**
 * Bytes for building row groups of `rows` rows: what is pending, its encoding and a copy of that outside the
 * arena.
 */
function chunkBytes(types: readonly LogicalType[], rows: number): number {
  const strings = types.filter((type) => physicalTypeOf(type) === 'string').length
  const heapBytes = rows * heapBytesPerRow
  const pending = rows * (17 + 9 * types.length) + strings * heapBytes
  // Positions, order and chunks of the backward side.
  const emitted = rows * (9 + 4 + 25)
  const encoded = 9 * rows + (strings > 0 ? heapBytes : 0)
  return pending + Math.max(emitted, encodeScratchBytes(rows) + 2 * encoded)
}

/**
 * Bytes for the starts of a CSR group, their encoding and its copy, in a run that `nodeCount` nodes can bind.
 */
export function startsBytes(nodeCount: number): number {
  const lanes = Math.min(csrGroupNodes, nodeCount) + 1
  return lanes * 9 + encodeScratchBytes(lanes) + 2 * 9 * lanes
}

export interface CsrWriterOptions {
  readonly budget: MemoryBudget
  /** Properties of the relationships. */
  readonly types: readonly LogicalType[]
  /** Nodes that relationships can be bound by. */
  readonly nodeCount: number
  readonly chunkRowsMax: number
  readonly listener: ChunkListener | null
}

interface PendingColumn {
  readonly type: LogicalType
  readonly values: number
  readonly nulls: number
  readonly heap: number
  heapBytes: number
  nullCount: number
}

export class CsrWriter {
  readonly #groups: CsrGroup[] = []
  readonly #memory: WorkingMemory
  readonly #ledger: PageLedger
  readonly #budget: MemoryBudget
  readonly #nodeCount: number
  readonly #chunkRowsMax: number
  readonly #heapBytesMax: number
  readonly #listener: ChunkListener | null
  readonly #bound: number
  readonly #neighbours: number
  readonly #noNulls: number
  readonly #columns: PendingColumn[]
  readonly #starts: number
  #target = new Uint8Array(0)
  #pending = 0
  #group = -1
  #groupRows = 0
  #chunks: RowGroup[] = []
  /** Relationships before the pending ones. */
  #position = 0

  constructor(memory: WorkingMemory, ledger: PageLedger, options: CsrWriterOptions) {
    const { arena } = memory
    const { types, nodeCount, chunkRowsMax, listener } = options
    this.#memory = memory
    this.#ledger = ledger
    this.#budget = options.budget
    this.#nodeCount = nodeCount
    this.#chunkRowsMax = chunkRowsMax
    this.#heapBytesMax = chunkRowsMax * heapBytesPerRow
    this.#listener = listener
    this.#bound = arena.allocate(chunkRowsMax * 8)
    this.#neighbours = arena.allocate(chunkRowsMax * 8)
    this.#columns = types.map((type) => ({
      type,
      values: arena.allocate(chunkRowsMax * 8),
      nulls: arena.allocate(chunkRowsMax + 64),
      heap: physicalTypeOf(type) === 'string' ? arena.allocate(this.#heapBytesMax) : 0,
      heapBytes: 0,
      nullCount: 0,
    }))
    const lanes = Math.min(csrGroupNodes, nodeCount) + 1
    this.#starts = arena.allocate(lanes * 8)
    const zeros = Math.max(chunkRowsMax, lanes) + 64
    this.#noNulls = arena.allocate(zeros)
    arena.bytes.fill(0, this.#noNulls, this.#noNulls + zeros)
  }

  /** Adds `rows` relationships: those at `order` (u32 each) of `source`, whose `from` are the bound nodes. */
  add(source: RelRows, order: number, rows: number): void {
    const { kernels } = this.#memory
    let at = 0
    while (at < rows) {
      const place = order + at * 4
      this.#enterGroup(this.#nodeAt(source, place))
      const wanted = Math.min(rows - at, this.#chunkRowsMax - this.#pending)
      const bound = this.#bound + this.#pending * 8
      kernels.gatherLanes(source.from, place, wanted, bound)
      let fitting = kernels.rowsBelow(bound, wanted, (this.#group + 1) * csrGroupNodes)
      for (const [index, column] of source.columns.entries()) {
        if (physicalTypeOf(column.type) !== 'string') continue
        const room = this.#heapBytesMax - this.#columns[index]!.heapBytes
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
      if (this.#pending === this.#chunkRowsMax) this.#flushPending()
    }
  }

  /** Writes what is left and returns the groups, ascending. */
  finish(): CsrGroup[] {
    this.#closeGroup()
    return this.#groups
  }

  /** The bound node of the row at `place` in an order. */
  #nodeAt(source: RelRows, place: number): number {
    const view = new DataView(this.#memory.arena.memory.buffer)
    return Number(view.getBigUint64(source.from + view.getUint32(place, true) * 8, true))
  }

  /** Nodes of the open group. */
  #groupNodes(): number {
    return Math.min(csrGroupNodes, this.#nodeCount - this.#group * csrGroupNodes)
  }

  #enterGroup(node: number): void {
    const group = Math.floor(node / csrGroupNodes)
    if (group === this.#group) return
    assert(node < this.#nodeCount, `node offset ${node} of ${this.#nodeCount}`)
    assert(group > this.#group, `CSR group ${group} after ${this.#group}`)
    this.#closeGroup()
    this.#group = group
    this.#memory.arena.bytes.fill(0, this.#starts, this.#starts + (this.#groupNodes() + 1) * 8)
  }

  /** Copies rows behind the pending ones; their bound nodes are there already. */
  #take(source: RelRows, place: number, rows: number): void {
    const { kernels } = this.#memory
    const at = this.#pending
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
    const { kernels } = this.#memory
    const firstNode = this.#group * csrGroupNodes
    kernels.countStarts(this.#bound, rows, firstNode, this.#starts)
    const segments = [this.#writeNumbers(this.#neighbours, rows)]
    for (const column of this.#columns) {
      const { type, values, nulls, nullCount } = column
      segments.push(this.#write({ type, rows, values, nulls, nullCount }))
      column.heapBytes = 0
      column.nullCount = 0
    }
    this.#chunks.push({ rows, segments })
    this.#listener?.(rows, this.#bound, this.#neighbours, this.#position)
    this.#position += rows
    this.#groupRows += rows
    this.#pending = 0
  }

  #closeGroup(): void {
    this.#flushPending()
    if (this.#groupRows > 0) {
      const lanes = this.#groupNodes() + 1
      this.#memory.kernels.sumStarts(this.#starts, lanes)
      const starts = this.#writeNumbers(this.#starts, lanes)
      this.#groups.push({ groupIndex: this.#group, rows: this.#groupRows, starts, chunks: this.#chunks })
    }
    this.#chunks = []
    this.#groupRows = 0
  }

  /** Writes i64 lanes without nulls. */
  #writeNumbers(values: number, rows: number): SegmentDescriptor {
    return this.#write({ type: 'INT64', rows, values, nulls: this.#noNulls, nullCount: 0 })
  }

  #write(column: ColumnBuffer): SegmentDescriptor {
    const bytes = runPagesOf(encodedBytesMax(this.#memory, column)) * pageBytes
    if (this.#target.length < bytes) {
      this.#budget.reserve(bytes - this.#target.length, 'an encoded segment')
      this.#target = new Uint8Array(bytes)
    }
    const encoded = encodeSegment(this.#memory, column, this.#target, 0, 0)
    assert(encoded !== null, `a segment of ${column.rows} rows fits ${bytes} bytes`)
    const firstPage = this.#ledger.write(this.#target.subarray(0, encoded.pages * pageBytes))
    return { ...encoded.descriptor, firstPage }
  }

  /** Gives back what the writer reserved outside the arena. */
  close(): void {
    this.#budget.release(this.#target.length)
    this.#target = new Uint8Array(0)
  }
}
