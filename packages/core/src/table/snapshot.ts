/**
 * What a reader holds: a catalog, the delta above it, and the way to the data. A committed change makes a new
 * snapshot over the same cache. A snapshot that is held never changes. Runs on any thread; each thread has
 * its own.
 */
import type { PageReader } from '../buffer/index.js'
import type { Catalog, CatalogChange, NodeTable, RelTable, Table } from '../catalog/index.js'
import {
  applyToState,
  type Delta,
  type GraphState,
  type NodeDelta,
  type RelDelta,
  stateOf,
} from '../delta/index.js'
import { Arena, type MemoryBudget } from '../memory/index.js'
import type { GraphReader } from './graph-reader.js'
import { type NodeReader, StoredNodeReader } from './node-reader.js'
import { NodeOverlay } from './overlay/node-overlay.js'
import { RelOverlay } from './overlay/rel-overlay.js'
import { nodeCountsOf } from './rel-checks.js'
import { type PlacedRelReader, StoredRelReader } from './rel-reader.js'
import { SegmentSource } from './segment-source.js'
import { createWorkingMemory } from './working-memory.js'

export interface SnapshotOptions {
  readonly budget: MemoryBudget
  /** Bytes of decoded vectors to keep. */
  readonly cacheBytes: number
  /** Kernels that another thread has compiled. */
  readonly module?: WebAssembly.Module
}

/** Bytes that decoding one segment may need in the arena: a row group of long strings is the largest. */
const decodingBytesMax = 1 << 30

/** A reader of a table with the delta that it shows. */
interface Overlaid {
  readonly delta: NodeDelta | RelDelta
  readonly reader: NodeOverlay | RelOverlay
}

/** What readers of one catalog share with those of the next, where tables stayed as they were. */
interface Readers {
  readonly stored: Map<Table, StoredNodeReader | StoredRelReader>
  readonly overlaid: Map<Table, Overlaid>
}

export class Snapshot implements GraphReader, GraphState {
  readonly catalog: Catalog
  readonly delta: Delta
  readonly source: SegmentSource
  readonly #readers: Readers = { stored: new Map(), overlaid: new Map() }

  constructor(
    state: Catalog | GraphState,
    reader: PageReader,
    options: SnapshotOptions | SegmentSource,
    readers?: Readers,
  ) {
    const { catalog, delta } = 'delta' in state ? state : stateOf(state)
    this.catalog = catalog
    this.delta = delta
    this.source = options instanceof SegmentSource ? options : openSource(reader, options)
    if (readers === undefined) return
    for (const table of catalog.tables) {
      const stored = readers.stored.get(table)
      if (stored !== undefined) this.#readers.stored.set(table, stored)
      const overlaid = readers.overlaid.get(table)
      if (overlaid !== undefined) this.#readers.overlaid.set(table, overlaid)
    }
  }

  /** A node table as it is now: its segments with what was written since. */
  nodes(table: NodeTable): NodeReader {
    const stored = this.storedNodes(table)
    const delta = this.delta.nodes(table.id)
    if (delta === undefined) return stored
    const known = this.#readers.overlaid.get(table)
    if (known?.delta === delta) return known.reader as NodeOverlay
    const reader = new NodeOverlay(stored, delta)
    this.#readers.overlaid.set(table, { delta, reader })
    return reader
  }

  /** A relationship table as it is now. */
  rels(table: RelTable): PlacedRelReader {
    const stored = this.storedRels(table)
    const delta = this.delta.rels(table.id)
    if (delta === undefined) return stored
    const known = this.#readers.overlaid.get(table)
    if (known?.delta === delta) return known.reader as RelOverlay
    const reader = new RelOverlay(stored, delta)
    this.#readers.overlaid.set(table, { delta, reader })
    return reader
  }

  /** The segments of a node table, without the delta. */
  storedNodes(table: NodeTable): StoredNodeReader {
    const known = this.#readers.stored.get(table)
    if (known instanceof StoredNodeReader) return known
    const reader = new StoredNodeReader(table, this.source)
    this.#readers.stored.set(table, reader)
    return reader
  }

  /** The segments of a relationship table, without the delta. */
  storedRels(table: RelTable): StoredRelReader {
    const known = this.#readers.stored.get(table)
    if (known instanceof StoredRelReader) return known
    const reader = new StoredRelReader(table, this.source, nodeCountsOf(this.catalog, table))
    this.#readers.stored.set(table, reader)
    return reader
  }

  /**
   * Spares the caller what is written from now on, until the returned function is called: whoever reads over
   * several turns of the event loop holds the snapshot. Without it, small writes may become visible in it.
   */
  hold(): () => void {
    return this.delta.hold()
  }

  /**
   * The snapshot after a committed change, over the same cache and memory. This one must not be used any
   * more, unless it is held.
   */
  advance(change: CatalogChange): Snapshot {
    return new Snapshot(applyToState(this, change), this.source.reader, this.source, this.#readers)
  }

  /** A snapshot of another catalog of the same database that shares the cache and the memory. */
  withCatalog(catalog: Catalog): Snapshot {
    return new Snapshot(catalog, this.source.reader, this.source)
  }

  /** Gives up the cache and the memory, of all snapshots that share them. */
  close(): void {
    this.source.close()
  }
}

function openSource(reader: PageReader, options: SnapshotOptions): SegmentSource {
  const arena = new Arena(options.budget, decodingBytesMax)
  return new SegmentSource(
    reader,
    createWorkingMemory(arena, options.module),
    options.budget,
    options.cacheBytes,
  )
}
