/**
 * The encoding half of a relationship load: sorts the rows of a batch by partition of the node they come
 * from, and leaves each partition's rows in the target as chunks (`rel-chunk.ts`). Runs in a parse worker;
 * the receiving half is `rel-load.ts`.
 */
import type { ColumnBuffer } from '../column/index.js'
import { packedBytesMax, packRels } from './rel-chunk.js'
import type { BatchEncoderContext } from './working-memory.js'

/** How a load cuts the nodes its relationships come from into contiguous ranges. */
export interface RelPartitioning {
  readonly fromNodesPerPartition: number
  readonly partitions: number
}

/** Partitions of all but the smallest and the largest node tables, at most. */
const partitionsUsual = 1024

/**
 * What `encodeRelBatch` left in the target; goes to `RelLoad.append` with it. A plain value: it can be posted
 * to a thread. What chunks there are they say themselves.
 */
export interface EncodedRelBatch {
  readonly rows: number
  /** Bytes of the target in use. */
  readonly bytes: number
}

/**
 * Bytes of a target that `rows` relationships with so many properties fit into, their strings apart.
 * @param nodes nodes at most at either end, if that is known
 */
export function relBatchBytesMax(rows: number, properties: number, nodes = Number.POSITIVE_INFINITY): number {
  return packedBytesMax(rows, properties, 0, partitionsUsual) - endpointBytesSaved(rows, nodes)
}

/** Bytes that packed endpoints of `rows` relationships take less than lanes would, at least. */
function endpointBytesSaved(rows: number, nodes: number): number {
  const bits = Math.min(64, Math.ceil(Math.log2(nodes + 1)))
  return Math.floor((2 * Math.max(0, rows - partitionsUsual * 8) * (64 - bits)) / 8)
}

/**
 * Encodes `rows` relationships into `target`.
 * @param from address of the node offsets they come from, i64 each, none negative
 * @param to address of the node offsets they go to
 * @returns null when they do not fit: try again with fewer rows
 */
export function encodeRelBatch(
  context: BatchEncoderContext,
  from: number,
  to: number,
  columns: readonly ColumnBuffer[],
  rows: number,
  partitioning: RelPartitioning,
  target: Uint8Array,
): EncodedRelBatch | null {
  const { arena } = context
  const mark = arena.mark()
  try {
    const partitions = {
      firstNode: 0,
      nodesPerPartition: partitioning.fromNodesPerPartition,
      partitions: partitioning.partitions,
    }
    const packed = packRels(context, { rows, from, to, columns }, partitions, target.length)
    if (packed === null) return null
    target.set(new Uint8Array(arena.memory.buffer, packed.address, packed.bytes))
    return { rows, bytes: packed.bytes }
  } finally {
    arena.release(mark)
  }
}
