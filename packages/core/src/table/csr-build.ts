/**
 * Builds a unit of a relationship run within bounds, whatever its size: partition by partition, each sorted
 * by its bound node with a stable counting sort, so that relationships of one node stay in the order in which
 * they were appended.
 *
 * Invariants
 * - The order of the result depends on the order of appending alone, not on the budget.
 * - At most `loadBytesMax` bytes of relationships are in memory at once. A partition that is larger is
 *   partitioned again, by sub-ranges of its nodes; a single node's relationships need no sort and are
 *   streamed, a chunk at a time.
 */
import { assert } from '../errors/index.js'
import type { PageStore } from '../index/index.js'
import type { MemoryBudget } from '../memory/index.js'
import type { LogicalType } from '../types/index.js'
import { ChunkWalk, type NodePartitions, packRels, readAll, readAllBytes, readChunk } from './rel-chunk.js'
import type { RowGroupWriter } from './row-group-writer.js'
import { Spool } from './spool.js'
import { SpoolBlocks } from './spool-blocks.js'
import type { WorkingMemory } from './working-memory.js'

/** Sub-ranges that a partition is cut into when it does not fit. */
const subPartitions = 64

/** Chunks in a spool, partitioned by the node that binds them. */
export class RelSpool {
  readonly partitions: NodePartitions
  readonly spool: Spool
  readonly #rows: number[]
  readonly #heapBytes: number[]

  /** @param blocksLeft blocks that it leaves to others */
  constructor(store: PageStore, blocks: SpoolBlocks, partitions: NodePartitions, blocksLeft = 0) {
    this.partitions = partitions
    this.#rows = new Array<number>(partitions.partitions).fill(0)
    this.#heapBytes = new Array<number>(partitions.partitions).fill(0)
    const { fileSystem, path } = store
    this.spool = new Spool({ fileSystem, path, partitions: partitions.partitions, blocks, blocksLeft })
  }

  /** Appends the chunks that lie one behind the other in `bytes`. */
  append(bytes: Uint8Array): void {
    const chunk = new ChunkWalk(bytes)
    while (chunk.next()) {
      const { partition, byteOffset } = chunk
      if (partition >= this.#rows.length) assert(false, `partition ${partition} of ${this.#rows.length}`)
      this.#rows[partition]! += chunk.rows
      this.#heapBytes[partition]! += chunk.heapBytes
      this.spool.append(partition, bytes, byteOffset, byteOffset + chunk.byteLength)
    }
  }

  rowsOf(partition: number): number {
    return this.#rows[partition]!
  }

  /** Bytes of strings of a partition. */
  heapBytesOf(partition: number): number {
    return this.#heapBytes[partition]!
  }

  close(): void {
    this.spool.close()
  }
}

export interface CsrBuildOptions {
  readonly store: PageStore
  readonly budget: MemoryBudget
  readonly types: readonly LogicalType[]
  /** Nodes there are; the last partition may reach beyond. */
  readonly nodeCount: number
  /** Bytes of the arena for the relationships being sorted. */
  readonly loadBytesMax: number
  /** Bytes of blocks for partitioning a partition again; nested ones take half as much each. */
  readonly splitBytesMax: number
}

/**
 * Hands the relationships of partitions `first` … `end` − 1 of `rels` to `writer`, sorted by bound node.
 * Drops what it has read.
 */
export function buildPartitions(
  memory: WorkingMemory,
  rels: RelSpool,
  first: number,
  end: number,
  writer: RowGroupWriter,
  options: CsrBuildOptions,
): void {
  const { firstNode, nodesPerPartition } = rels.partitions
  for (let partition = first; partition < end; partition++) {
    if (rels.rowsOf(partition) === 0) continue
    const firstOfPartition = firstNode + partition * nodesPerPartition
    const nodes = Math.min(nodesPerPartition, options.nodeCount - firstOfPartition)
    buildPartition(memory, rels, partition, { first: firstOfPartition, nodes }, writer, options)
    rels.spool.drop(partition)
  }
}

interface NodeRange {
  readonly first: number
  readonly nodes: number
}

function buildPartition(
  memory: WorkingMemory,
  rels: RelSpool,
  partition: number,
  range: NodeRange,
  writer: RowGroupWriter,
  options: CsrBuildOptions,
): void {
  const rows = rels.rowsOf(partition)
  const bytes = readAllBytes(rows, rels.spool.bytesOf(partition), options.types.length)
  if (bytes + rows * 4 + range.nodes * 8 <= options.loadBytesMax) {
    sortPartition(memory, rels, partition, range, writer, options.types)
  } else if (range.nodes === 1) {
    streamNode(memory, rels, partition, writer, options.types)
  } else {
    splitPartition(memory, rels, partition, range, writer, options)
  }
}

function sortPartition(
  memory: WorkingMemory,
  rels: RelSpool,
  partition: number,
  range: NodeRange,
  writer: RowGroupWriter,
  types: readonly LogicalType[],
): void {
  const { arena, kernels } = memory
  const mark = arena.mark()
  const rows = rels.rowsOf(partition)
  const source = readAll(memory, rels.spool.read(partition), rows, types)
  const order = arena.allocate(rows * 4)
  const counts = arena.allocate(range.nodes * 8)
  const places = counts + range.nodes * 4
  kernels.orderByNode(source.from, rows, range.first, 1, range.nodes, counts, places, order)
  writer.add(source, order, rows)
  arena.release(mark)
}

function streamNode(
  memory: WorkingMemory,
  rels: RelSpool,
  partition: number,
  writer: RowGroupWriter,
  types: readonly LogicalType[],
): void {
  const { arena, kernels } = memory
  const cursor = rels.spool.read(partition)
  while (cursor.remaining > 0) {
    const mark = arena.mark()
    const chunk = readChunk(memory, cursor, types)
    const order = arena.allocate(chunk.rows * 4)
    kernels.identityOrder(order, chunk.rows, 0)
    writer.add(chunk, order, chunk.rows)
    arena.release(mark)
  }
}

function splitPartition(
  memory: WorkingMemory,
  rels: RelSpool,
  partition: number,
  range: NodeRange,
  writer: RowGroupWriter,
  options: CsrBuildOptions,
): void {
  const { arena } = memory
  const nodesPerPartition = Math.ceil(range.nodes / subPartitions)
  const partitions = Math.ceil(range.nodes / nodesPerPartition)
  const blocks = new SpoolBlocks(options.budget, options.splitBytesMax, partitions)
  const ranges = { firstNode: range.first, nodesPerPartition, partitions }
  const parts = new RelSpool(options.store, blocks, ranges)
  try {
    const cursor = rels.spool.read(partition)
    while (cursor.remaining > 0) {
      options.store.reader.check()
      const mark = arena.mark()
      const packed = packRels(memory, readChunk(memory, cursor, options.types), ranges)
      assert(packed !== null, 'chunks are as large as they need to be')
      parts.append(new Uint8Array(arena.memory.buffer, packed.address, packed.bytes))
      arena.release(mark)
    }
    rels.spool.drop(partition)
    const nodeCount = range.first + range.nodes
    const nested = { ...options, nodeCount, splitBytesMax: options.splitBytesMax / 2 }
    buildPartitions(memory, parts, 0, partitions, writer, nested)
  } finally {
    parts.close()
    blocks.close()
  }
}
