/**
 * A rel chunk: some relationships of one partition, in file order, column by column, bit-packed. It lives in
 * slots and spools, never in the file.
 *
 * | bytes | type | holds                                                                              |
 * |-------|------|------------------------------------------------------------------------------------|
 * | 4     | u32  | bytes of the chunk, these included                                                 |
 * | 4     | u32  | partition                                                                          |
 * | 4     | u32  | rows, at least 1                                                                   |
 * | 4     | u32  | bytes of strings                                                                   |
 * | …     |      | packed columns (`assembly/rel-chunk.ts`): from, to, and each property              |
 * | 0 … 7 | 0    | up to a multiple of 8: shared memories are copied by words only when all is aligned |
 *
 * Invariants
 * - Chunks are small (`chunkRowsMax` rows, about `chunkHeapBytesMax` of strings a column, or one row), so
 *   that any chunk fits in memory.
 * - A chunk says how long it is, so that chunks can lie one behind the other without a directory.
 */
import type { ColumnBuffer } from '../column/index.js'
import { assert } from '../errors/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import type { SpoolCursor } from './spool-cursor.js'
import type { WorkingMemory } from './working-memory.js'

/** Rows of a chunk; this and the next are the kernels' constants of the same names. */
const chunkRowsMax = 4096

/** Bytes of a column's strings in a chunk of more than one row. */
const chunkHeapBytesMax = 1 << 18

const headerBytes = 16
const columnHeaderBytes = 12

/** What kernels are told of a column. */
const descriptionBytes = 16

/** Chunks are a multiple of it long. */
const chunkAlign = 8

/** What kernels may read or write behind a region, and what aligning one may take. */
const slackBytes = 128

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

/** Bytes that a chunk of so many rows takes at most, strings apart. */
function chunkBytesMax(rows: number, columns: number): number {
  const octets = Math.ceil(rows / 8)
  return headerBytes + (columns + 2) * (columnHeaderBytes + octets * 65 + 4) + chunkAlign
}

/** Bytes of chunks of `rows` relationships at most, what each chunk takes by itself and strings apart. */
export function chunkBytesOf(rows: number, columns: number): number {
  return (columns + 2) * Math.ceil(rows / 8) * 65
}

/** Bytes that `rows` relationships with `heapBytes` bytes of strings take at most as chunks. */
export function packedBytesMax(rows: number, columns: number, heapBytes: number, partitions: number): number {
  // Two chunks that were cut because of their strings hold more than the most that one may.
  const cuts = Math.ceil(rows / chunkRowsMax) + Math.ceil((2 * heapBytes) / chunkHeapBytesMax)
  const chunks = partitions + cuts
  // Each chunk's columns end in an octet that is not full.
  return chunks * chunkBytesMax(8, columns) + chunkBytesOf(rows, columns) + heapBytes
}

/** Chunks of one partition, gathered in an arena one behind the other. */
export interface PackedRels {
  readonly address: number
  readonly bytes: number
}

/** Goes over chunks that lie one behind the other; its fields are those of the chunk it is at. */
export class ChunkWalk {
  partition = 0
  rows = 0
  heapBytes = 0
  /** From the start of the bytes walked over. */
  byteOffset = 0
  byteLength = 0
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Goes to the next chunk, to the first one at first. @returns false when there is none */
  next(): boolean {
    const view = this.#view
    const at = this.byteOffset + this.byteLength
    if (at >= view.byteLength) return false
    this.byteOffset = at
    this.byteLength = view.getUint32(at, true)
    this.partition = view.getUint32(at + 4, true)
    this.rows = view.getUint32(at + 8, true)
    this.heapBytes = view.getUint32(at + 12, true)
    checkHeader(this.byteLength, this.rows, view.byteLength - at)
    return true
  }
}

function checkHeader(bytes: number, rows: number, bytesLeft: number): void {
  const isGood = rows >= 1 && rows <= chunkRowsMax && bytes > headerBytes && bytes <= bytesLeft
  // A message is made for bad chunks only: there are hundreds of thousands of chunks.
  if (!isGood) assert(false, `a chunk of ${rows} rows has ${bytes} of ${bytesLeft} bytes`)
}

/**
 * Sorts `source` by partition, stably, and packs each partition's rows as chunks, partitions ascending.
 * @param bytesMax bytes that the chunks may take
 * @returns where they lie, in a region taken from the arena that is the caller's; null when they do not fit
 */
export function packRels(
  memory: WorkingMemory,
  source: RelRows,
  partitions: NodePartitions,
  bytesMax = Number.POSITIVE_INFINITY,
): PackedRels | null {
  const { arena, kernels } = memory
  const heapBytes = heapBytesOf(memory, source)
  const bound = packedBytesMax(source.rows, source.columns.length, heapBytes, partitions.partitions)
  const capacity = Math.min(bytesMax, bound)
  const address = arena.allocate(capacity + slackBytes)
  const mark = arena.mark()
  const scratch = arena.allocate(chunkRowsMax * 8 + slackBytes)
  const order = arena.allocate(source.rows * 4)
  const sizes = sortByPartition(memory, source, partitions, order)
  const columns = source.columns.map((column) => ({
    ...column,
    nulls: column.nullCount === 0 ? 0 : column.nulls,
  }))
  const described = describe(memory, { ...source, columns })
  const count = partitions.partitions
  const end = address + capacity
  const packedEnd =
    kernels.packChunks(described, columns.length + 2, order, sizes, count, scratch, address, end) >>> 0
  arena.release(mark)
  return packedEnd === 0 ? null : { address, bytes: packedEnd - address }
}

/** Describes the columns for the kernels, in a region that is the caller's. */
function describe({ arena }: WorkingMemory, { from, to, columns }: Lanes): number {
  const address = arena.allocate((columns.length + 2) * descriptionBytes)
  const words = new Uint32Array(arena.memory.buffer, address, (columns.length + 2) * 4)
  words.set([from, 0, 0, 0, to, 0, 0, 0])
  for (const [index, column] of columns.entries()) {
    words.set([column.values, column.nulls, isString(column) ? 1 : 0, 0], (index + 2) * 4)
  }
  return address
}

function isString(column: { readonly type: LogicalType }): boolean {
  return physicalTypeOf(column.type) === 'string'
}

function heapBytesOf(memory: WorkingMemory, source: RelRows): number {
  let bytes = 0
  for (const column of source.columns) {
    if (isString(column)) bytes += memory.kernels.sumStringBytes(column.values, source.rows)
  }
  return bytes
}

/** Writes the order to `order` and returns the address of the rows of each partition, u32 each. */
function sortByPartition(
  memory: WorkingMemory,
  source: RelRows,
  partitions: NodePartitions,
  order: number,
): number {
  const { arena, kernels } = memory
  const count = partitions.partitions
  const counts = arena.allocate(count * 4)
  const places = arena.allocate(count * 4)
  const { firstNode, nodesPerPartition } = partitions
  const { from, rows } = source
  const outside = kernels.orderByNode(from, rows, firstNode, nodesPerPartition, count, counts, places, order)
  assert(outside === 0, `nodes of relationships lie in ${count} partitions`)
  return counts
}

/** Where relationships lie that are packed, or are unpacked to. */
interface Lanes {
  readonly from: number
  readonly to: number
  readonly columns: readonly LaneColumn[]
}

interface LaneColumn {
  readonly type: LogicalType
  readonly values: number
  /** Null bytes; 0: none is null. */
  readonly nulls: number
}

function allocateLanes(memory: WorkingMemory, rows: number, types: readonly LogicalType[]): Lanes {
  const { arena } = memory
  const lanes = () => arena.allocate(rows * 8 + slackBytes)
  const from = lanes()
  const to = lanes()
  const columns = types.map((type): LaneColumn => {
    return { type, values: lanes(), nulls: arena.allocate(rows + slackBytes) }
  })
  return { from, to, columns }
}

/** Unpacks the chunks in `bytes` bytes at `address` into new lanes for `rows` rows. */
function unpack(
  memory: WorkingMemory,
  address: number,
  bytes: number,
  rows: number,
  types: readonly LogicalType[],
): RelRows {
  const lanes = allocateLanes(memory, rows, types)
  const columns = describe(memory, lanes)
  const unpacked = memory.kernels.unpackChunks(columns, types.length + 2, address, bytes, rows)
  assert(unpacked === rows, `${bytes} bytes are chunks of ${rows} spooled relationships`)
  return relRowsOf(memory, lanes, rows)
}

function relRowsOf(memory: WorkingMemory, lanes: Lanes, rows: number): RelRows {
  const columns = lanes.columns.map(({ type, values, nulls }): ColumnBuffer => {
    return { type, rows, values, nulls, nullCount: memory.kernels.countOnes(nulls, rows) }
  })
  return { rows, from: lanes.from, to: lanes.to, columns }
}

/** Reads the next chunk into the arena; the region belongs to the caller. */
export function readChunk(
  memory: WorkingMemory,
  cursor: SpoolCursor,
  types: readonly LogicalType[],
): RelRows {
  const { arena } = memory
  const header = new Uint8Array(headerBytes)
  const bytesLeft = cursor.remaining
  cursor.read(header)
  const view = new DataView(header.buffer)
  const bytes = view.getUint32(0, true)
  const rows = view.getUint32(8, true)
  checkHeader(bytes, rows, bytesLeft)
  const address = arena.allocate(bytes + slackBytes)
  const chunk = new Uint8Array(arena.memory.buffer, address, bytes)
  chunk.set(header)
  cursor.read(chunk.subarray(headerBytes))
  return unpack(memory, address, bytes, rows, types)
}

/** Bytes of the arena that `readAll` takes for chunks of `rows` rows and `bytes` bytes together. */
export function readAllBytes(rows: number, bytes: number, columns: number): number {
  return rows * (16 + 9 * columns) + bytes + slackBytes * (2 * columns + 3) + (columns + 2) * descriptionBytes
}

/** Reads all chunks that are left into one set of columns in the arena; the region belongs to the caller. */
export function readAll(
  memory: WorkingMemory,
  cursor: SpoolCursor,
  rows: number,
  types: readonly LogicalType[],
): RelRows {
  const { arena } = memory
  const bytes = cursor.remaining
  const address = arena.allocate(bytes + slackBytes)
  cursor.read(new Uint8Array(arena.memory.buffer, address, bytes))
  return unpack(memory, address, bytes, rows, types)
}
