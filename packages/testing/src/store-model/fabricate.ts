/**
 * Tables and row groups for tests of the store, made without column codecs: to the store a segment is bytes
 * with a descriptor. The bytes follow from a seed, so that whoever reads them back can tell whether they are
 * right.
 */
import {
  type KeyIndexManifest,
  type NodeTable,
  type PageRun,
  pageBytes,
  planTable,
  type RowGroup,
  runPagesOf,
  type SegmentDescriptor,
  type Store,
  sealRun,
} from '@millrace/core/internal'
import { randomBytes } from '../simulated/random.js'

/** Content of one fabricated segment. */
export interface FabricatedColumn {
  readonly seed: number
  readonly contentBytes: number
}

/** A node table with an INT64 key and one STRING column, as `CREATE NODE TABLE` would make it. */
export function fabricateNodeTable(store: Store, name: string): NodeTable {
  const columns = [
    { name: 'id', type: 'INT64' as const },
    { name: 'text', type: 'STRING' as const },
  ]
  return planTable(store.catalog, { kind: 'node', name, columns, keyColumn: 0 }) as NodeTable
}

/** Allocates, writes and describes a run of fabricated content. */
export function fabricateRun(store: Store, { seed, contentBytes }: FabricatedColumn): PageRun {
  const pages = runPagesOf(contentBytes)
  const region = new Uint8Array(new SharedArrayBuffer(pages * pageBytes))
  region.set(randomBytes(contentBytes, seed))
  const checksums = sealRun(region, contentBytes)
  const firstPage = store.allocate(pages)
  store.writePages(firstPage, region)
  return { firstPage, contentBytes, checksums }
}

/**
 * A row group of 10 rows for a table made by `fabricateNodeTable`, written to the store and not committed.
 */
export function fabricateGroup(store: Store, columns: readonly FabricatedColumn[]): RowGroup {
  const rows = 10
  const segments = columns.map((column, index): SegmentDescriptor => {
    const shared = { ...fabricateRun(store, column), rows, nullCount: 0 }
    return index === 0
      ? {
          ...shared,
          type: 'INT64',
          encoding: 'bitPacked',
          strictlyIncreasing: true,
          stats: { kind: 'int', min: 1n, max: 10n },
        }
      : { ...shared, type: 'STRING', encoding: 'plain', strictlyIncreasing: false, stats: { kind: 'none' } }
  })
  return { rows, segments }
}

/** A key index with one run of fabricated content; it replaces whatever the table had. */
export function fabricateKeyIndex(
  store: Store,
  entries: number,
  content: FabricatedColumn,
): KeyIndexManifest {
  const pages = fabricateRun(store, content)
  const bucketPages = pages.checksums.length
  return { sortedGroups: [], runs: [{ entries, bucketPages, pages }], hashedRange: { min: 1n, max: 10n } }
}
