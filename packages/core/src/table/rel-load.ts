/**
 * The receiving half of a relationship load, on the writer thread: takes encoded batches in file order,
 * spools their chunks by the node they come from, and at the end builds the forward side and, from it, the
 * backward side of one run, unit by unit (`csr-unit.ts`): other threads may build them, or `finish` does.
 *
 * ```
 * batches ─► forward spool ─► units ─► forward groups, with properties
 *                               └────► backward spool: (to, from, forward position) ─► units ─► backward groups
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
import type { BuiltUnit } from './build-unit.js'
import { RelSpool } from './csr-build.js'
import { startsBytes } from './csr-groups.js'
import { type CsrSide, type CsrUnit, heapBytesFor, rowGroupRowsFor } from './csr-unit.js'
import type { EncodedRelBatch, RelPartitioning } from './encode-rel-batch.js'
import type { LoadOptions } from './node-load.js'
import { PageLedger } from './page-ledger.js'
import { packedBytesMax } from './rel-chunk.js'
import { RelSide } from './rel-side.js'
import { pendingBytes } from './row-group-writer.js'
import { SpoolBlocks, spoolBytesMin } from './spool-blocks.js'
import { createWorkingMemory, type WorkingMemory } from './working-memory.js'

/** What a relationship load needs of the store: pages, and how many nodes there are. */
export type RelStore = PageStore & { readonly catalog: Catalog }

export interface RelLoadOptions extends LoadOptions {
  /**
   * Bytes of memory for building a unit: decides how the sides are cut into units and row groups. The same
   * file comes of the same number. Default: a part of the budget.
   */
  readonly unitBytes?: number
}

/** Shares of what the budget has left when the load begins, besides what does not depend on it. */
const spoolShare = 0.85
const loadShare = 0.08
const splitShare = 0.05

/** The part of the spools' blocks that the forward side leaves to the backward side. */
const backwardBlocksShare = 1 / 16

/** The part of the load's budget that is for building a unit, where nobody says how much. */
const unitShare = 1 / 8

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

/**
 * What a side of a load is made of, for whoever builds its units. A plain value: it can be posted to a
 * thread.
 */
export interface CsrSidePlan {
  readonly side: CsrSide
  readonly units: readonly CsrUnit[]
}

/** What decides how much memory a load of relationships takes, whatever their number. */
export interface RelLoadSize {
  readonly fromNodes: number
  readonly toNodes: number
  /** Of the properties. */
  readonly types: readonly LogicalType[]
  /** Bytes of memory for building a unit. */
  readonly unitBytes: number
}

/** Bytes besides those that are shared out between spools and the loading of units. */
function fixedBytesOf({ fromNodes, toNodes, types, unitBytes }: RelLoadSize): number {
  // For the row group that a side builds here.
  const pendingOf = (types: readonly LogicalType[]) =>
    pendingBytes(types, rowGroupRowsFor(types, unitBytes), heapBytesFor(types, unitBytes))
  return (
    startsBytes(Math.max(fromNodes, toNodes)) +
    packedBytesMax(0, 1, 0, partitioningFor(toNodes).partitions) +
    Math.max(pendingOf(types), pendingOf(['INT64'])) +
    slackBytes
  )
}

function spoolPartitions({ fromNodes, toNodes }: RelLoadSize): number {
  return Math.max(partitioningFor(fromNodes).partitions, partitioningFor(toNodes).partitions)
}

/** Bytes to be shared out with which spools do not write their blocks a few at a time. */
function shareableBytesMin(size: RelLoadSize): number {
  return Math.ceil(spoolBytesMin(spoolPartitions(size)) / spoolShare)
}

/** Bytes that a load takes to go on as fast as its relationships come. */
export function relLoadBytesMin(size: RelLoadSize): number {
  return fixedBytesOf(size) + shareableBytesMin(size)
}

export class RelLoad {
  /** What `encodeRelBatch` needs to know. */
  readonly partitioning: RelPartitioning
  readonly #store: RelStore
  readonly #table: RelTable
  readonly #budget: MemoryBudget
  readonly #unitBytes: number
  readonly #shareableBytes: number
  readonly #ledger: PageLedger
  readonly #fromNodes: number
  readonly #toNodes: number
  /** What both spools hold in memory. */
  readonly #blocks: SpoolBlocks
  readonly #forward: RelSpool
  readonly #sides: { forward: CsrGroup[] | null; backward: CsrGroup[] | null } = {
    forward: null,
    backward: null,
  }
  #backward: RelSpool | null = null
  #memory: WorkingMemory | null = null
  #side: RelSide | null = null
  #rows = 0

  constructor(store: RelStore, table: RelTable, options: RelLoadOptions) {
    const { budget } = options
    this.#store = store
    this.#table = table
    this.#budget = budget
    this.#ledger = new PageLedger(store)
    this.#fromNodes = nodeCountOf(store.catalog, table.fromTableId)
    this.#toNodes = nodeCountOf(store.catalog, table.toTableId)
    this.partitioning = partitioningFor(this.#fromNodes)
    this.#unitBytes = Math.floor(options.unitBytes ?? budget.bytesMax * unitShare)
    const size: RelLoadSize = {
      fromNodes: this.#fromNodes,
      toNodes: this.#toNodes,
      types: this.#types,
      unitBytes: this.#unitBytes,
    }
    // What is fixed are bounds: where memory is short it is rather they that are not reached.
    this.#shareableBytes = Math.max(shareableBytesMin(size), budget.availableBytes - fixedBytesOf(size))
    this.#blocks = new SpoolBlocks(budget, this.#shareableBytes * spoolShare, spoolPartitions(size))
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
    assert(this.#memory === null, 'a load takes batches until its sides are built')
    this.#forward.append(bytes.subarray(0, batch.bytes))
    this.#rows += batch.rows
  }

  /**
   * Goes on to the next side: the forward one, when all batches were taken; the backward one, when all units
   * of that were. Its units can be built anywhere and at the same time; `place` takes them, in order.
   * @returns null when both sides are built
   */
  beginSide(): CsrSidePlan | null {
    this.#finishSide()
    if (this.#sides.backward !== null) return null
    this.#memory ??= createWorkingMemory(new Arena(this.#budget, arenaBytesMax))
    if (this.#sides.forward === null) this.#backward = this.#openSpool(this.#toNodes, 0)
    this.#side = this.#openSide(this.#sides.forward === null ? 'forward' : 'backward')
    return { side: this.#side.side, units: this.#side.units }
  }

  /**
   * Takes unit `index` of the side, as `buildUnit` left it in `bytes`, which are the caller's again
   * afterwards.
   */
  place(index: number, built: BuiltUnit, bytes: Uint8Array): void {
    assert(this.#side !== null, 'units are placed into a side')
    this.#side.place(index, built, bytes)
  }

  /** Builds unit `index` of the side here, within the load's memory. */
  build(index: number): void {
    assert(this.#side !== null, 'units are built for a side')
    this.#side.build(index)
  }

  /** Builds what is not built yet and returns the change to commit. */
  finish(): CatalogChange {
    while (this.beginSide() !== null) this.#finishSide()
    const { forward, backward } = this.#sides
    assert(forward !== null && backward !== null, 'both sides are built')
    this.#closeMemory()
    return { kind: 'appendRels', tableId: this.#table.id, run: { rows: this.#rows, forward, backward } }
  }

  /** Gives back memory and temporary files, for who gives the pages back otherwise. */
  close(): void {
    this.#closeMemory()
  }

  /** Gives back pages, memory and temporary files. Nobody may be building units any more. */
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

  #openSide(direction: CsrSide['direction']): RelSide {
    const isForward = direction === 'forward'
    return new RelSide({
      store: this.#store,
      budget: this.#budget,
      ledger: this.#ledger,
      memory: this.#memory!,
      blocks: this.#blocks,
      rels: isForward ? this.#forward : this.#backward!,
      other: isForward ? this.#backward : null,
      direction,
      types: isForward ? this.#types : ['INT64'],
      nodeCount: isForward ? this.#fromNodes : this.#toNodes,
      unitBytes: this.#unitBytes,
      loadBytesMax: Math.floor(this.#shareableBytes * loadShare),
      splitBytesMax: Math.floor(this.#shareableBytes * splitShare),
    })
  }

  get #types(): LogicalType[] {
    return this.#table.columns.map((column) => column.type)
  }

  #finishSide(): void {
    if (this.#side === null) return
    this.#sides[this.#side.side.direction] = this.#side.finish()
    this.#side = null
  }

  #closeMemory(): void {
    this.#forward.close()
    this.#backward?.close()
    this.#side?.close()
    this.#blocks.close()
    if (this.#memory !== null) this.#budget.release(this.#memory.arena.sizeBytes)
    this.#backward = null
    this.#side = null
    this.#memory = null
  }
}

function nodeCountOf(catalog: Catalog, tableId: number): number {
  const table = catalog.tables.find(({ id }) => id === tableId)
  assert(table !== undefined && table.kind === 'node', `table ${tableId} is a node table`)
  return table.rowCount
}
