/**
 * The keys of some nodes, for comparing them where hashes alone do not tell them apart.
 *
 * - Groups are read in their order, each once, into lanes of the reader's arena: a decoded vector for each
 *   of some hundred groups would be tens of megabytes of garbage before any of it is collected.
 * - Nothing else may lie in the arena's way: it may grow.
 */
import { physicalTypeOf } from '../types/index.js'
import type { StoredNodeReader } from './node-reader.js'

/**
 * Comparable with `===`; a string's bytes are its characters. Null: the node was deleted, and equals none.
 */
export type Key = string | bigint | null

/** The keys of the nodes at `offsets`, in that order. */
export function keysAt(reader: StoredNodeReader, offsets: Float64Array): Key[] {
  const order = Uint32Array.from(offsets, (_, index) => index).sort((a, b) => offsets[a]! - offsets[b]!)
  const keys = new Array<Key>(offsets.length)
  for (let first = 0; first < order.length; ) {
    const group = reader.groupOf(offsets[order[first]!]!)
    let end = first + 1
    while (end < order.length && offsets[order[end]!]! < reader.starts[group + 1]!) end++
    readGroup(reader, group, offsets, order.subarray(first, end), keys)
    first = end
  }
  return keys
}

/** Reads those keys that `wanted` names among `offsets`, all of one group. */
function readGroup(
  reader: StoredNodeReader,
  group: number,
  offsets: Float64Array,
  wanted: Uint32Array,
  keys: Key[],
): void {
  const { source, table } = reader
  const { name, type } = table.columns[table.keyColumn]!
  const segment = table.groups[group]!.segments.at(table.keyColumn)!
  const { arena } = source.memory
  const mark = arena.mark()
  const lanes = source.lanes(segment, { table: table.name, column: name })
  const view = new DataView(arena.memory.buffer)
  const isString = physicalTypeOf(type) === 'string'
  for (const index of wanted) {
    const row = offsets[index]! - reader.groupStart(group)
    const at = lanes.values + row * 8
    if (view.getUint8(lanes.nulls + row) === 1) keys[index] = null
    else if (isString) {
      const bytes = Buffer.from(arena.memory.buffer, view.getUint32(at, true), view.getUint32(at + 4, true))
      keys[index] = bytes.toString('latin1')
    } else keys[index] = view.getBigInt64(at, true)
  }
  arena.release(mark)
}
