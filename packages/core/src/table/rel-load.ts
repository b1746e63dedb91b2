/**
 * The receiving half of a relationship load, on the writer thread: takes encoded batches in file order,
 * spools their chunks by the node they come from, and at the end builds the forward side and, from it, the
 * backward side of one run.
 *
 * ```
 * batches ─► forward spool ─► sort ─► forward groups, with properties
 *                               └──► backward spool: (to, from, forward position) ─► sort ─► backward groups
 * ```
 *
 * Invariants
 * - The result depends on the rows and their order alone; the relationships of a node stay in the order of
 *   the file.
 * - Memory is bounded by the budget's share, whatever the number of relationships and however they are spread
 *   over nodes.
 * - Nothing is visible before the change that `finish` returns is committed; `abort` gives everything back,
 *   at any time until then.
 */
import type { Catalog, CatalogChange, CsrGroup, RelTable } from '../catalog/index.js'
import { assert } from '../errors/index.js'
import type { PageStore } from '../index/index.js'
import { csrGroupNodes } from '../limits.js'
import { Arena, type MemoryBudget } from '../memory/index.js'
import type { LogicalType } from '../types/index.js'
import { buildCsr, RelSpool } from './csr-build.js'
import { type ChunkListener, CsrWriter, chunkRowsFor, startsBytes } from './csr-writer.js'
import type { EncodedRelBatch, RelPartitioning } from './encode-rel-batch.js'
import type { LoadOptions } from './node-load.js'
import { PageLedger } from './page-ledger.js'
import { packedBytesMax, packRels } from './rel-chunk.js'
import { SpoolBlocks } from './spool-blocks.js'
import { createWorkingMemory, type WorkingMemory } from './working-memory.js'

/** What a relationship load needs of the store: pages, and how many nodes there are. */
export type RelStore = PageStore & { readonly catalog: Catalog }

/** Shares of what the budget has left when the load begins, besides what does not depend on it. */
const spoolShare = 0.7
const writerShare = 0.12
const loadShare = 0.1
const splitShare = 0.05

/** The part of the spools' blocks that the forward side leaves to the backward side. */
const backwardBlocksShare = 1 / 16

/** Memories grow in steps, encodings have headers. */
const slackBytes = 1 << 18

/** Partitions of a load with at least as many nodes. */
const partitionsMin = 512

const arenaBytesMax = 2 ** 31

/**
 * How the nodes of an endpoint are cut into partitions: by their number alone. A partition is a power of two
 * wide and lies within one CSR group.
 */
export function partitioningFor(nodeCount: number): RelPartitioning {
  let fromNodesPerPartition = csrGroupNodes
  while (fromNodesPerPartition > 1 && nodeCount / fromNodesPerPartition < partitionsMin) {
    fromNodesPerPartition /= 2
  }
  return { fromNodesPerPartition, partitions: Math.max(1, Math.ceil(nodeCount / fromNodesPerPartition)) }
}

export class RelLoad {
  /** What `encodeRelBatch` needs to know. */
  readonly partitioning: RelPartitioning
  readonly #store: RelStore
  readonly #table: RelTable
  readonly #budget: MemoryBudget
  readonly #shareableBytes: number
  readonly #ledger: PageLedger
  readonly #fromNodes: number
  readonly #toNodes: number
  /** What both spools hold in memory. */
  readonly #blocks: SpoolBlocks
  #forward: RelSpool | null
  #backward: RelSpool | null = null
  #memory: WorkingMemory | null = null
  #writer: CsrWriter | null = null
  #rows = 0

  constructor(store: RelStore, table: RelTable, options: LoadOptions) {
    this.#store = store
    this.#table = table
    this.#budget = options.budget
    this.#ledger = new PageLedger(store)
    this.#fromNodes = nodeCountOf(store.catalog, table.fromTableId)
    this.#toNodes = nodeCountOf(store.catalog, table.toTableId)
    const toPartitions = partitioningFor(this.#toNodes).partitions
    const fixedBytes =
      startsBytes(Math.max(this.#fromNodes, this.#toNodes)) +
      packedBytesMax(0, 1, 0, toPartitions) +
      slackBytes
    this.#shareableBytes = Math.max(0, options.budget.availableBytes - fixedBytes)
    this.partitioning = partitioningFor(this.#fromNodes)
    const partitions = Math.max(this.partitioning.partitions, toPartitions)
    this.#blocks = new SpoolBlocks(this.#budget, this.#shareableBytes * spoolShare, partitions)
    const blocksLeft = Math.ceil(this.#blocks.count * backwardBlocksShare)
    this.#forward = this.#openSpool(this.#fromNodes, blocksLeft)
  }

  /** Relationships taken so far. */
  get rows(): number {
    return this.#rows
  }

  /**
   * Takes the next batch in file order. `bytes` is the target it was encoded into; it is the caller's again
   * afterwards.
   * @throws MillraceError as the file system does when the temporary file cannot be written
   */
  append(batch: EncodedRelBatch, bytes: Uint8Array): void {
    const forward = this.#forward
    assert(forward !== null, 'a load takes batches until it is finished')
    forward.append(bytes.subarray(0, batch.bytes))
    this.#rows += batch.rows
  }

  /** Builds both sides and returns the change to commit. */
  finish(): CatalogChange {
    const types = this.#table.columns.map((column) => column.type)
    assert(this.#forward !== null, 'a load is finished once')
    this.#memory = createWorkingMemory(new Arena(this.#budget, arenaBytesMax))
    this.#backward = this.#openSpool(this.#toNodes, 0)
    const forward = this.#build(this.#forward, types, this.#fromNodes, this.#emitBackward(this.#backward))
    this.#forward.close()
    this.#forward = null
    const backward = this.#build(this.#backward, ['INT64'], this.#toNodes, null)
    this.#closeMemory()
    return { kind: 'appendRels', tableId: this.#table.id, run: { rows: this.#rows, forward, backward } }
  }

  /** Gives back pages, memory and temporary files. */
  abort(): void {
    this.#closeMemory()
    this.#ledger.freeAll()
  }

  #openSpool(nodeCount: number, blocksLeft: number): RelSpool {
    const { fromNodesPerPartition: nodesPerPartition, partitions } = partitioningFor(nodeCount)
    return new RelSpool(
      this.#store,
      this.#blocks,
      { firstNode: 0, nodesPerPartition, partitions },
      blocksLeft,
    )
  }

  /**
   * What makes backward rows of the forward row groups: to, from, and the position as their only property.
   */
  #emitBackward(backward: RelSpool): ChunkListener {
    return (rows, bound, neighbours, firstPosition) => {
      const memory = this.#memory!
      const { arena, kernels } = memory
      const mark = arena.mark()
      const positions = arena.allocate(rows * 8)
      const nulls = arena.allocate(rows)
      kernels.fillSequence(positions, rows, firstPosition)
      arena.bytes.fill(0, nulls, nulls + rows)
      const column = { type: 'INT64', rows, values: positions, nulls, nullCount: 0 } as const
      const rels = { rows, from: neighbours, to: bound, columns: [column] }
      const packed = packRels(memory, rels, backward.partitions)
      assert(packed !== null, 'chunks are as large as they need to be')
      backward.append(new Uint8Array(arena.memory.buffer, packed.address, packed.bytes))
      arena.release(mark)
    }
  }

  #build(
    rels: RelSpool,
    types: readonly LogicalType[],
    nodeCount: number,
    listener: ChunkListener | null,
  ): CsrGroup[] {
    const memory = this.#memory!
    const mark = memory.arena.mark()
    const budget = this.#budget
    const chunkRowsMax = chunkRowsFor(types, this.#shareableBytes * writerShare)
    const writer = new CsrWriter(memory, this.#ledger, { budget, types, nodeCount, chunkRowsMax, listener })
    this.#writer = writer
    const loadBytesMax = Math.floor(this.#shareableBytes * loadShare)
    const splitBytesMax = Math.floor(this.#shareableBytes * splitShare)
    const options = { store: this.#store, budget, types, nodeCount, loadBytesMax, splitBytesMax }
    buildCsr(memory, rels, writer, options)
    const groups = writer.finish()
    writer.close()
    this.#writer = null
    memory.arena.release(mark)
    return groups
  }

  #closeMemory(): void {
    this.#forward?.close()
    this.#backward?.close()
    this.#blocks.close()
    this.#writer?.close()
    if (this.#memory !== null) this.#budget.release(this.#memory.arena.sizeBytes)
    this.#forward = null
    this.#backward = null
    this.#writer = null
    this.#memory = null
  }
}

function nodeCountOf(catalog: Catalog, tableId: number): number {
  const table = catalog.tables.find(({ id }) => id === tableId)
  assert(table !== undefined && table.kind === 'node', `table ${tableId} is a node table`)
  return table.rowCount
}
