/**
 * The encoding half of a node load: turns the parsed columns of a batch into pages as they will lie in the
 * file. Runs in a parse worker; the receiving half is `node-load.ts`.
 *
 * ```
 * target: | segment pages, sealed, one run behind the other | key hashes, 8 bytes a row, of the groups that
 * need them | … |
 *         0                                                 pages × pageBytes
 * ```
 *
 * Invariants
 * - Page numbers in descriptors are relative to the target's first page.
 * - A batch has one group per `rowGroupRowsMax` rows, in row order.
 * - A group has key hashes exactly when its keys are strings or not strictly increasing.
 */
import { type UnplacedRowGroup, unplacedRowGroup } from '../catalog/index.js'
import { type ColumnBuffer, hashLanes, type SegmentDescriptor } from '../column/index.js'
import { assert } from '../errors/index.js'
import { pageBytes, rowGroupRowsMax } from '../limits.js'
import { physicalTypeOf } from '../types/index.js'
import { encodeSegment, rowGroupCount, sliceColumn } from './segment-writing.js'
import type { BatchEncoderContext } from './working-memory.js'

/** One row group of a batch: its pages count from the batch's first. */
export interface EncodedNodeGroup extends UnplacedRowGroup {
  /** Where the hashes of its keys begin in the target (u64 per row), or null when they need none. */
  readonly keyHashes: { readonly byteOffset: number } | null
}

/**
 * What `encodeNodeBatch` left in the target; goes to `NodeLoad.append` with it. A plain value: it can be
 * posted to a thread.
 */
export interface EncodedNodeBatch {
  readonly rows: number
  /** Pages to be written, from the target's start. */
  readonly pages: number
  /** Bytes of the target in use, key hashes included. */
  readonly bytes: number
  readonly groups: readonly EncodedNodeGroup[]
}

/** True when a key segment can be searched without an index, as long as it overlaps no other. */
export function isSortedKey(descriptor: SegmentDescriptor): boolean {
  return (
    descriptor.stats.kind === 'int' &&
    descriptor.nullCount === 0 &&
    (descriptor.strictlyIncreasing || descriptor.rows === 1)
  )
}

/**
 * Encodes `rows` rows into `target` (page form; its length a multiple of a page).
 * @param keyColumn index of the primary key in `columns`; it holds no null
 * @returns null when they do not fit: try again with fewer rows
 */
export function encodeNodeBatch(
  context: BatchEncoderContext,
  columns: readonly ColumnBuffer[],
  keyColumn: number,
  rows: number,
  target: Uint8Array,
): EncodedNodeBatch | null {
  assert(columns[keyColumn]!.nullCount === 0, 'a primary key is never null')
  const groups: { rows: number; segments: SegmentDescriptor[] }[] = []
  let pages = 0
  for (let group = 0; group < rowGroupCount(rows); group++) {
    const start = group * rowGroupRowsMax
    const groupRows = Math.min(rowGroupRowsMax, rows - start)
    const segments: SegmentDescriptor[] = []
    for (const column of columns) {
      const slice = sliceColumn(context, column, start, groupRows)
      const encoded = encodeSegment(context, slice, target, pages * pageBytes, pages)
      if (encoded === null) return null
      segments.push(encoded.descriptor)
      pages += encoded.pages
    }
    groups.push({ rows: groupRows, segments })
  }
  return placeKeyHashes(context, columns[keyColumn]!, keyColumn, groups, pages, target)
}

/** Puts the hashes of the keys that need an index behind the pages. */
function placeKeyHashes(
  context: BatchEncoderContext,
  keys: ColumnBuffer,
  keyColumn: number,
  groups: readonly { rows: number; segments: SegmentDescriptor[] }[],
  pages: number,
  target: Uint8Array,
): EncodedNodeBatch | null {
  const { arena, columnKernels } = context
  const isString = physicalTypeOf(keys.type) === 'string'
  const placed: EncodedNodeGroup[] = []
  let at = pages * pageBytes
  let start = 0
  for (const { rows, segments } of groups) {
    const group = unplacedRowGroup(rows, segments)
    if (!isString && isSortedKey(segments[keyColumn]!)) {
      placed.push({ ...group, keyHashes: null })
    } else {
      const bytes = group.rows * 8
      if (at + bytes > target.length) return null
      const mark = arena.mark()
      const hashes = arena.allocate(bytes)
      hashLanes(columnKernels, sliceColumn(context, keys, start, group.rows), hashes)
      target.set(new Uint8Array(arena.memory.buffer, hashes, bytes), at)
      arena.release(mark)
      placed.push({ ...group, keyHashes: { byteOffset: at } })
      at += bytes
    }
    start += group.rows
  }
  return { rows: start, pages, bytes: at, groups: placed }
}
