/**
 * A rel chunk: some relationships of one partition, in file order, column by column. It lives in slots and
 * spools, never in the file.
 *
 * | bytes                     | type      | holds                                                              |
 * |---------------------------|-----------|--------------------------------------------------------------------|
 * | 4                         | u32       | rows r, at least 1                                                 |
 * | 4                         | u32       | heap bytes h, without padding                                      |
 * | 8 r                       | i64 × r   | node offsets the relationships come from                           |
 * | 8 r                       | i64 × r   | node offsets they go to                                            |
 * | 8 r, for each property    | lanes     | as in a column buffer; addresses of strings count from the heap    |
 * | r, for each property      | u8 × r    | 1 where the value is null; zero-padded to a multiple of 8          |
 * | h                         | bytes     | the strings; zero-padded to a multiple of 8                        |
 *
 * Invariants
 * - Chunks are small (`chunkRowsMax` rows, about `chunkHeapBytesMax` of strings a column, or one row), so
 *   that any chunk fits in memory.
 */
import type { ColumnBuffer } from '../column/index.js'
import { assert } from '../errors/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import type { SpoolCursor } from './spool.js'
import type { WorkingMemory } from './working-memory.js'

/** Rows of a chunk. */
const chunkRowsMax = 4096

/** Bytes of a column's strings in a chunk of more than one row. */
const chunkHeapBytesMax = 1 << 18

const headerBytes = 8

/** Relationships in an arena: endpoints as i64 lanes, properties as column buffers. */
export interface RelRows {
  readonly rows: number
  readonly from: number
  readonly to: number
  readonly columns: readonly ColumnBuffer[]
}

/**
 * How relationships are partitioned by one of their endpoints: partition p holds nodes firstNode + p ×
 * nodesPerPartition ….
 */
export interface NodePartitions {
  readonly firstNode: number
  readonly nodesPerPartition: number
  readonly partitions: number
}

function padded(bytes: number): number {
  return (bytes + 7) & ~7
}

/** Where the parts of a chunk begin. */
export function chunkGeometry(rows: number, columns: number, heapBytes: number) {
  const lanes = headerBytes + 16 * rows
  const nulls = lanes + 8 * rows * columns
  const heap = nulls + padded(rows) * columns
  return {
    from: headerBytes,
    to: headerBytes + 8 * rows,
    lanes,
    nulls,
    heap,
    bytes: heap + padded(heapBytes),
  }
}

/**
 * Sorts `source` by partition, stably, and hands on each partition's rows as chunks. The bytes given to
 * `emit` are valid during the call.
 * @returns false as soon as `emit` does
 */
export function partitionRels(
  memory: WorkingMemory,
  source: RelRows,
  partitions: NodePartitions,
  emit: (partition: number, rows: number, chunk: Uint8Array) => boolean,
): boolean {
  const { arena, kernels } = memory
  const mark = arena.mark()
  try {
    const order = arena.allocate(source.rows * 4)
    const counts = arena.allocate(partitions.partitions * 4)
    const places = arena.allocate(partitions.partitions * 4)
    const outside = kernels.orderByNode(
      source.from,
      source.rows,
      partitions.firstNode,
      partitions.nodesPerPartition,
      partitions.partitions,
      counts,
      places,
      order,
    )
    assert(outside === 0, `nodes of relationships lie in ${partitions.partitions} partitions`)
    const sizes = new Uint32Array(arena.memory.buffer, counts, partitions.partitions).slice()
    let at = order
    for (const [partition, size] of sizes.entries()) {
      const end = at + size * 4
      while (at < end) {
        const rows = chunkRows(memory, source, at, (end - at) / 4)
        if (!emitChunk(memory, source, at, rows, (chunk) => emit(partition, rows, chunk))) return false
        at += rows * 4
      }
    }
    return true
  } finally {
    arena.release(mark)
  }
}

/** How many of the next `rows` rows in `order` make a chunk. */
function chunkRows(memory: WorkingMemory, source: RelRows, order: number, rows: number): number {
  let fitting = Math.min(rows, chunkRowsMax)
  for (const column of source.columns) {
    if (physicalTypeOf(column.type) !== 'string') continue
    fitting = memory.kernels.stringsThatFit(column.values, order, fitting, chunkHeapBytesMax)
  }
  return Math.max(1, fitting)
}

function emitChunk(
  memory: WorkingMemory,
  source: RelRows,
  order: number,
  rows: number,
  emit: (chunk: Uint8Array) => boolean,
): boolean {
  const { arena, kernels } = memory
  let heapBytes = 0
  for (const column of source.columns) {
    if (physicalTypeOf(column.type) === 'string') {
      heapBytes += kernels.orderedStringBytes(column.values, order, rows)
    }
  }
  const geometry = chunkGeometry(rows, source.columns.length, heapBytes)
  const mark = arena.mark()
  const chunk = arena.allocate(geometry.bytes)
  kernels.gatherLanes(source.from, order, rows, chunk + geometry.from)
  kernels.gatherLanes(source.to, order, rows, chunk + geometry.to)
  const heap = chunk + geometry.heap
  let heapAt = heap
  for (const [index, column] of source.columns.entries()) {
    const lanes = chunk + geometry.lanes + 8 * rows * index
    const nulls = chunk + geometry.nulls + padded(rows) * index
    kernels.gatherBytes(column.nulls, order, rows, nulls)
    arena.bytes.fill(0, nulls + rows, nulls + padded(rows))
    if (physicalTypeOf(column.type) === 'string') {
      heapAt += kernels.copyOrderedStrings(column.values, order, rows, lanes, heapAt, heap)
    } else {
      kernels.gatherLanes(column.values, order, rows, lanes)
    }
  }
  arena.bytes.fill(0, heapAt, chunk + geometry.bytes)
  const header = new Uint32Array(arena.memory.buffer, chunk, 2)
  header[0] = rows
  header[1] = heapBytes
  const kept = emit(new Uint8Array(arena.memory.buffer, chunk, geometry.bytes))
  arena.release(mark)
  return kept
}

/** Reads the header of the next chunk. */
function readHeader(cursor: SpoolCursor): { rows: number; heapBytes: number } {
  const header = new Uint32Array(2)
  cursor.read(new Uint8Array(header.buffer))
  const [rows, heapBytes] = header as unknown as [number, number]
  assert(rows >= 1 && rows <= chunkRowsMax, `${rows} rows of a chunk`)
  return { rows, heapBytes }
}

/** Reads the next chunk into the arena; the region belongs to the caller. */
export function readChunk(
  memory: WorkingMemory,
  cursor: SpoolCursor,
  types: readonly LogicalType[],
): RelRows {
  const { arena, kernels } = memory
  const { rows, heapBytes } = readHeader(cursor)
  const geometry = chunkGeometry(rows, types.length, heapBytes)
  const chunk = arena.allocate(geometry.bytes)
  cursor.read(new Uint8Array(arena.memory.buffer, chunk + headerBytes, geometry.bytes - headerBytes))
  const columns = types.map((type, index): ColumnBuffer => {
    const values = chunk + geometry.lanes + 8 * rows * index
    const nulls = chunk + geometry.nulls + padded(rows) * index
    if (physicalTypeOf(type) === 'string') kernels.rebaseStrings(values, rows, chunk + geometry.heap)
    return { type, rows, values, nulls, nullCount: kernels.countOnes(nulls, rows) }
  })
  return { rows, from: chunk + geometry.from, to: chunk + geometry.to, columns }
}

/** Bytes of the arena that `readAll` takes for chunks of `rows` rows and `bytes` bytes together. */
export function readAllBytes(rows: number, bytes: number, columns: number): number {
  return rows * (16 + 9 * columns) + bytes + 64 * (columns + 3)
}

/** Reads all chunks that are left into one set of columns in the arena; the region belongs to the caller. */
export function readAll(
  memory: WorkingMemory,
  cursor: SpoolCursor,
  rows: number,
  types: readonly LogicalType[],
): RelRows {
  const { arena, kernels } = memory
  const from = arena.allocate(rows * 8)
  const to = arena.allocate(rows * 8)
  const values = types.map(() => arena.allocate(rows * 8))
  const nulls = types.map(() => arena.allocate(rows + 64))
  let heap = arena.allocate(cursor.remaining)
  const { buffer } = arena.memory
  const read = (address: number, bytes: number) => cursor.read(new Uint8Array(buffer, address, bytes))
  let at = 0
  while (cursor.remaining > 0) {
    const chunk = readHeader(cursor)
    read(from + at * 8, chunk.rows * 8)
    read(to + at * 8, chunk.rows * 8)
    for (const lanes of values) read(lanes + at * 8, chunk.rows * 8)
    // The padding lands where the next chunk's bytes will.
    for (const bytes of nulls) read(bytes + at, padded(chunk.rows))
    read(heap, padded(chunk.heapBytes))
    for (const [index, type] of types.entries()) {
      if (physicalTypeOf(type) !== 'string') continue
      kernels.rebaseStrings(values[index]! + at * 8, chunk.rows, heap)
    }
    heap += padded(chunk.heapBytes)
    at += chunk.rows
  }
  assert(at === rows, `${at} of ${rows} spooled relationships`)
  const columns = types.map((type, index): ColumnBuffer => {
    const nullCount = kernels.countOnes(nulls[index]!, rows)
    return { type, rows, values: values[index]!, nulls: nulls[index]!, nullCount }
  })
  return { rows, from, to, columns }
}
