/**
 * What a reader holds: a catalog and the way to its data. A snapshot never changes; a newer catalog makes a
 * new one over the same cache. Runs on any thread; each thread has its own.
 */
import type { PageReader } from '../buffer/index.js'
import type { Catalog, NodeTable, RelTable, Table } from '../catalog/index.js'
import { Arena, type MemoryBudget } from '../memory/index.js'
import { type NodeReader, StoredNodeReader } from './node-reader.js'
import { type RelReader, StoredRelReader } from './rel-reader.js'
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

export class Snapshot {
  readonly catalog: Catalog
  readonly source: SegmentSource
  readonly #readers = new Map<Table, StoredNodeReader | StoredRelReader>()

  constructor(catalog: Catalog, reader: PageReader, options: SnapshotOptions | SegmentSource) {
    this.catalog = catalog
    this.source = options instanceof SegmentSource ? options : openSource(reader, options)
  }

  nodes(table: NodeTable): NodeReader & StoredNodeReader {
    const known = this.#readers.get(table)
    if (known instanceof StoredNodeReader) return known
    const reader = new StoredNodeReader(table, this.source)
    this.#readers.set(table, reader)
    return reader
  }

  rels(table: RelTable): RelReader & StoredRelReader {
    const known = this.#readers.get(table)
    if (known instanceof StoredRelReader) return known
    // A table can be read without the tables it joins; then nothing is known of them.
    const count = (id: number) =>
      this.catalog.tables.find((each) => each.id === id)?.rowCount ?? Number.POSITIVE_INFINITY
    const ends = { from: count(table.fromTableId), to: count(table.toTableId) }
    const reader = new StoredRelReader(table, this.source, ends)
    this.#readers.set(table, reader)
    return reader
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
