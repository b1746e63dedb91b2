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
import type { TableKernels } from './kernels.js'
import type { SpoolCursor } from './spool-cursor.js'
import type { WorkingMemory } from './working-memory.js'

/** Rows of a chunk. */
const chunkRowsMax = 4096

/** Bytes of a column's strings in a chunk of more than one row. */
const chunkHeapBytesMax = 1 << 18

const headerBytes = 16
const columnHeaderBytes = 12

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
  const { arena } = memory
  const heapBytes = heapBytesOf(memory, source)
  const bound = packedBytesMax(source.rows, source.columns.length, heapBytes, partitions.partitions)
  const capacity = Math.min(bytesMax, bound)
  const address = arena.allocate(capacity + slackBytes)
  const mark = arena.mark()
  const scratch = arena.allocate(chunkRowsMax * 8 + slackBytes)
  const order = arena.allocate(source.rows * 4)
  const sizes = sortByPartition(memory, source, partitions, order)
  const end = address + capacity
  const packer = packerOf(memory, source, scratch)
  let out = address
  let at = order
  for (let partition = 0; partition < sizes.length; partition++) {
    const partitionEnd = at + sizes[partition]! * 4
    while (at < partitionEnd && out !== -1) {
      const rows = chunkRows(packer, at, (partitionEnd - at) / 4)
      out = packChunk(packer, at, rows, partition, out, end)
      at += rows * 4
    }
    if (out === -1) break
  }
  arena.release(mark)
  return out === -1 ? null : { address, bytes: out - address }
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

/** Writes the order to `order` and returns the rows of each partition. */
function sortByPartition(
  memory: WorkingMemory,
  source: RelRows,
  partitions: NodePartitions,
  order: number,
): Uint32Array {
  const { arena, kernels } = memory
  const count = partitions.partitions
  const counts = arena.allocate(count * 4)
  const places = arena.allocate(count * 4)
  const { firstNode, nodesPerPartition } = partitions
  const { from, rows } = source
  const outside = kernels.orderByNode(from, rows, firstNode, nodesPerPartition, count, counts, places, order)
  assert(outside === 0, `nodes of relationships lie in ${count} partitions`)
  return new Uint32Array(arena.memory.buffer, counts, count)
}

/** What packing a chunk needs, the same for all chunks of a batch. */
interface Packer {
  readonly kernels: TableKernels
  readonly source: RelRows
  readonly strings: readonly ColumnBuffer[]
  readonly packs: readonly TableKernels['packColumn'][]
  readonly scratch: number
  /** Of the memory, which does not grow meanwhile. */
  readonly view: DataView
}

function packerOf({ kernels, arena }: WorkingMemory, source: RelRows, scratch: number): Packer {
  return {
    kernels,
    source,
    strings: source.columns.filter(isString),
    packs: source.columns.map((column) => (isString(column) ? kernels.packStrings : kernels.packColumn)),
    scratch,
    view: new DataView(arena.memory.buffer),
  }
}

/** How many of the next `rows` rows in `order` make a chunk. */
function chunkRows({ kernels, strings }: Packer, order: number, rows: number): number {
  let fitting = Math.min(rows, chunkRowsMax)
  for (const column of strings)
    fitting = kernels.stringsThatFit(column.values, order, fitting, chunkHeapBytesMax)
  return Math.max(1, fitting)
}

/** Packs a chunk at `out`. @returns its end, or −1 when it might not end before `end` */
function packChunk(
  packer: Packer,
  order: number,
  rows: number,
  partition: number,
  out: number,
  end: number,
): number {
  const { kernels, source, strings, packs, scratch, view } = packer
  let heapBytes = 0
  for (const column of strings) heapBytes += kernels.orderedStringBytes(column.values, order, rows)
  if (out + chunkBytesMax(rows, packs.length) + heapBytes > end) return -1
  let at = out + headerBytes
  at = kernels.packColumn(source.from, 0, order, rows, scratch, at)
  at = kernels.packColumn(source.to, 0, order, rows, scratch, at)
  for (let index = 0; index < packs.length; index++) {
    const column = source.columns[index]!
    at = packs[index]!(column.values, column.nullCount === 0 ? 0 : column.nulls, order, rows, scratch, at)
  }
  const bytes = aligned(at - out)
  view.setUint32(out, bytes, true)
  view.setUint32(out + 4, partition, true)
  view.setUint32(out + 8, rows, true)
  view.setUint32(out + 12, heapBytes, true)
  return out + bytes
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / chunkAlign) * chunkAlign
}

/** Regions that chunks are unpacked into. */
interface Lanes {
  readonly from: number
  readonly to: number
  readonly columns: readonly LaneColumn[]
}

interface LaneColumn {
  readonly type: LogicalType
  readonly values: number
  readonly nulls: number
  readonly unpack: TableKernels['unpackColumn']
}

function allocateLanes(memory: WorkingMemory, rows: number, types: readonly LogicalType[]): Lanes {
  const { arena, kernels } = memory
  const lanes = () => arena.allocate(rows * 8 + slackBytes)
  const from = lanes()
  const to = lanes()
  const columns = types.map((type): LaneColumn => {
    const unpack = physicalTypeOf(type) === 'string' ? kernels.unpackStrings : kernels.unpackColumn
    return { type, values: lanes(), nulls: arena.allocate(rows + slackBytes), unpack }
  })
  return { from, to, columns }
}

/** Unpacks the columns of the chunk at `address` into rows `row` … of `lanes`. */
function unpackChunk(
  memory: WorkingMemory,
  address: number,
  bytes: number,
  rows: number,
  lanes: Lanes,
  row: number,
): void {
  const { kernels } = memory
  const end = address + bytes
  let at = kernels.unpackColumn(address + headerBytes, end, rows, lanes.from + row * 8, 0)
  if (at !== 0) at = kernels.unpackColumn(at, end, rows, lanes.to + row * 8, 0)
  for (const { values, nulls, unpack } of lanes.columns) {
    if (at !== 0) at = unpack(at, end, rows, values + row * 8, nulls + row)
  }
  const isWhole = at !== 0 && aligned(at - address) === bytes
  if (!isWhole) assert(false, `the columns of a chunk of ${rows} rows fill its ${bytes} bytes`)
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
  cursor.read(new Uint8Array(arena.memory.buffer, address + headerBytes, bytes - headerBytes))
  const lanes = allocateLanes(memory, rows, types)
  unpackChunk(memory, address, bytes, rows, lanes, 0)
  return relRowsOf(memory, lanes, rows)
}

/** Bytes of the arena that `readAll` takes for chunks of `rows` rows and `bytes` bytes together. */
export function readAllBytes(rows: number, bytes: number, columns: number): number {
  return rows * (16 + 9 * columns) + bytes + slackBytes * (2 * columns + 3)
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
  const lanes = allocateLanes(memory, rows, types)
  const chunks = new Uint8Array(arena.memory.buffer, address, bytes)
  cursor.read(chunks)
  let row = 0
  const chunk = new ChunkWalk(chunks)
  while (chunk.next()) {
    if (row + chunk.rows > rows) assert(false, `no more than ${rows} spooled relationships`)
    unpackChunk(memory, address + chunk.byteOffset, chunk.byteLength, chunk.rows, lanes, row)
    row += chunk.rows
  }
  assert(row === rows, `${row} of ${rows} spooled relationships`)
  return relRowsOf(memory, lanes, rows)
}
