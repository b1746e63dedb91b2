/**
 * The catalog: what tables there are and, for each, the manifest of its data.
 *
 * Invariants
 * - A catalog is a value. A change makes a new one that shares what did not change; a reader that holds one
 *   has a snapshot.
 * - A manifest is a value too: two manifests can share segments.
 * - Node offsets are dense, in file order: the first row of a table is 0, and group i begins where group i −
 *   1 ended.
 * - A deleted node keeps its row, so that its offset is never another node's: its key is null, and no other
 *   key is. A deleted relationship keeps its place in its run: its neighbour is null on both sides.
 * - Rows are never moved or renumbered by a load. Nodes never are; relationships may be when small writes
 *   become segments.
 */
import type { SegmentDescriptor } from '../column/index.js'
import type { PageRun } from '../format/index.js'
import type { ColumnSchema } from '../types/index.js'
import type { LoadProgress, TableLoads } from './table-loads.js'

/** Descriptors in their order. What is asked for by its number is the same object every time. */
export interface SegmentList extends Iterable<SegmentDescriptor> {
  readonly length: number
  at(index: number): SegmentDescriptor | undefined
}

/** A horizontal slice of a table: one segment per column, at most `rowGroupRowsMax` rows. */
export interface RowGroup {
  readonly rows: number
  /** One per column of the table, in the table's order. */
  readonly segments: SegmentList
}

/**
 * One immutable run of the on-disk hash index of a key: `entries` pairs of hash and node offset in hash
 * order. Page p of `bucketPages` holds the entries whose hash falls into the p-th of `bucketPages` equal
 * ranges of the hash space.
 */
export interface KeyIndexRun {
  readonly entries: number
  readonly bucketPages: number
  readonly pages: PageRun
}

/**
 * How the keys of a node table are found.
 * `sortedGroups` are indexes of row groups whose key segment is strictly increasing, without nulls, and whose
 * [min, max] overlaps no other sorted group: they are searched through their statistics. The keys of all
 * other groups are in `runs`; so may be entries of nodes that were deleted since, whose keys are null now,
 * and of keys that nodes had before they got another one. A hashed key may lie between the keys of a sorted
 * group, but is never equal to one.
 */
export interface KeyIndexManifest {
  readonly sortedGroups: readonly number[]
  readonly runs: readonly KeyIndexRun[]
  /** Smallest and largest hashed key of an int key, or null when none is hashed or the key is a string. */
  readonly hashedRange: { readonly min: bigint; readonly max: bigint } | null
}

export interface NodeTable {
  readonly kind: 'node'
  readonly id: number
  readonly name: string
  readonly columns: readonly ColumnSchema[]
  readonly keyColumn: number
  readonly rowCount: number
  readonly groups: readonly RowGroup[]
  readonly keys: KeyIndexManifest
  /** Absent: no load was recorded. */
  readonly loads?: TableLoads
}

/**
 * The relationships of one run whose bound node lies in one CSR group (`csrGroupNodes` consecutive node
 * offsets). Sorted by bound node; among those of one node, in the order of the file.
 */
export interface CsrGroup {
  /** Bound nodes groupIndex × csrGroupNodes … (groupIndex + 1) × csrGroupNodes − 1. */
  readonly groupIndex: number
  readonly rows: number
  /**
   * An INT64 segment of `csrGroupNodes` + 1 lanes, or fewer when the run was made with fewer nodes: lane i is
   * the index, within this group, of the first relationship of the i-th node; the last lane is `rows`. Nodes
   * behind the last lane have none.
   */
  readonly starts: SegmentDescriptor
  /**
   * The relationships in that order, cut into row groups.
   * Forward: segment 0 is the neighbour's node offset (INT64), then one segment per property.
   * Backward: segment 0 is the neighbour's node offset, segment 1 the position of the relationship in the
   * run's forward order (INT64).
   */
  readonly chunks: readonly RowGroup[]
}

/**
 * What one load added to a relationship table. `forward` is bound by the source, `backward` by the
 * destination.
 */
export interface RelRun {
  readonly rows: number
  /** Ascending by `groupIndex`; groups without relationships are absent. */
  readonly forward: readonly CsrGroup[]
  readonly backward: readonly CsrGroup[]
}

export interface RelTable {
  readonly kind: 'rel'
  readonly id: number
  readonly name: string
  readonly columns: readonly ColumnSchema[]
  readonly fromTableId: number
  readonly toTableId: number
  readonly rowCount: number
  readonly runs: readonly RelRun[]
  /** Absent: no load was recorded. */
  readonly loads?: TableLoads
}

export type Table = NodeTable | RelTable

export interface Catalog {
  /** Grows by one with every committed change. */
  readonly version: number
  readonly nextTableId: number
  /** Ascending by id. */
  readonly tables: readonly Table[]
}

/** One committed change, as the log carries it and as every thread applies it to its own catalog. */
export type CatalogChange =
  | { readonly kind: 'createTable'; readonly table: Table }
  | { readonly kind: 'dropTable'; readonly tableId: number }
  | {
      readonly kind: 'appendNodes'
      readonly tableId: number
      readonly groups: readonly RowGroup[]
      /** The whole new index manifest, replacing the old one. */
      readonly keys: KeyIndexManifest
      /** Of a load that is recorded. */
      readonly progress?: LoadProgress
    }
  | {
      readonly kind: 'appendRels'
      readonly tableId: number
      readonly run: RelRun
      /** Of a load that is recorded. */
      readonly progress?: LoadProgress
    }
  /** What is known of a load, where no rows come with it. */
  | { readonly kind: 'recordLoad'; readonly tableId: number; readonly progress: LoadProgress }
  /** Small writes, encoded (`delta/write-codec.ts`): they change the delta, and no segment. */
  | { readonly kind: 'writes'; readonly bytes: Uint8Array }
  /** Tables whose segments hold now what their delta held before. */
  | { readonly kind: 'replaceTables'; readonly tables: readonly Table[] }
  /** Changes that are made together, in this order. None of them is of this kind itself. */
  | { readonly kind: 'several'; readonly changes: readonly CatalogChange[] }
