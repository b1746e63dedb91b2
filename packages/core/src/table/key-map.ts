/**
 * A hash map of all keys of a small node table, in the arena: so that resolving keys reads no page.
 *
 * ```
 * | lanes: 8 bytes a row | slots: u64 × 2^k, at most half of them used | heap: the bytes of string keys |
 * ```
 *
 * Invariants
 * - Row r of the lanes is node offset r.
 * - The regions stay in the arena as long as the map is used: it is made before anything that is released
 *   earlier.
 */
import type { NodeTable } from '../catalog/index.js'
import { type ColumnBuffer, hashLanes } from '../column/index.js'
import { isMillraceError } from '../errors/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { StoredNodeReader } from './node-reader.js'
import type { SegmentSource } from './segment-source.js'
import { resolvesByArithmetic } from './sorted-keys.js'

export interface KeyMap {
  readonly strings: boolean
  readonly slots: number
  readonly mask: number
  readonly lanes: number
}

/** Rows up to which a map is thought of: row + 1 must fit 32 bits, and the mask a positive number. */
const mapRowsMax = 2 ** 29

/** Bytes of a map of so many keys, the bytes of strings apart. */
function mapBytes(rowCount: number): number {
  return rowCount * 8 + slotCountFor(rowCount) * 8
}

function slotCountFor(rowCount: number): number {
  return 2 ** Math.ceil(Math.log2(rowCount * 2))
}

/**
 * Bytes that a map of `table`'s keys takes at least: to know beforehand whether one is possible. 0 when the
 * keys need none, because they are found by arithmetic.
 */
export function keyMapBytesMin(table: NodeTable): number {
  return table.rowCount === 0 || resolvesByArithmetic(table) ? 0 : mapBytes(table.rowCount)
}

/**
 * Builds the map in `source`'s arena, or returns null when it takes more than `bytesMax` bytes or the budget
 * refuses.
 */
export function buildKeyMap(
  source: SegmentSource,
  reader: StoredNodeReader,
  bytesMax: number,
): KeyMap | null {
  const { table, rowCount } = reader
  if (rowCount === 0 || rowCount > mapRowsMax) return null
  const slotCount = slotCountFor(rowCount)
  const strings = physicalTypeOf(table.columns[table.keyColumn]!.type) === 'string'
  const bytes = mapBytes(rowCount)
  if (bytes > bytesMax) return null
  const { arena } = source.memory
  const mark = arena.mark()
  try {
    const heapBytes = strings ? stringKeyBytes(source, reader) : 0
    if (bytes + heapBytes > bytesMax) return null
    const lanes = arena.allocate(rowCount * 8)
    const slots = arena.allocate(slotCount * 8)
    let heap = arena.allocate(heapBytes)
    arena.bytes.fill(0, slots, slots + slotCount * 8)
    const map = { strings, slots, mask: slotCount - 1, lanes }
    for (let group = 0; group < reader.groupCount; group++) {
      heap += addGroup(source, reader, group, map, heap)
    }
    return map
  } catch (error) {
    arena.release(mark)
    if (isMillraceError(error, 'MILLRACE_MEMORY_BUDGET')) return null
    throw error
  }
}

/** The decoded keys of a group, in the arena. */
function keyLanes(source: SegmentSource, reader: StoredNodeReader, group: number): ColumnBuffer {
  const { table } = reader
  const segment = table.groups[group]!.segments.at(table.keyColumn)!
  return source.lanes(segment, { table: table.name, column: table.columns[table.keyColumn]!.name })
}

function stringKeyBytes(source: SegmentSource, reader: StoredNodeReader): number {
  const { arena, kernels } = source.memory
  let bytes = 0
  for (let group = 0; group < reader.groupCount; group++) {
    const mark = arena.mark()
    const keys = keyLanes(source, reader, group)
    bytes += kernels.sumStringBytes(keys.values, keys.rows)
    arena.release(mark)
  }
  return bytes
}

/** Adds a group's keys; returns the bytes of its strings, copied to `heap`. */
function addGroup(
  source: SegmentSource,
  reader: StoredNodeReader,
  group: number,
  map: KeyMap,
  heap: number,
): number {
  const { arena, kernels, columnKernels } = source.memory
  const mark = arena.mark()
  const keys = keyLanes(source, reader, group)
  const first = reader.groupStart(group)
  const lanes = map.lanes + first * 8
  let heapBytes = 0
  if (map.strings) {
    const order = arena.allocate(keys.rows * 4)
    kernels.identityOrder(order, keys.rows, 0)
    heapBytes = kernels.copyOrderedStrings(keys.values, order, keys.rows, lanes, heap, 0)
  } else {
    arena.bytes.copyWithin(lanes, keys.values, keys.values + keys.rows * 8)
  }
  const hashes = arena.allocate(keys.rows * 8)
  hashLanes(columnKernels, keys, hashes)
  // Deleted nodes have no key.
  const nulls = keys.nullCount === 0 ? 0 : keys.nulls
  kernels.mapAdd(map.slots, map.mask, hashes, nulls, keys.rows, first)
  arena.release(mark)
  return heapBytes
}
