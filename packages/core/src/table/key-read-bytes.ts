/**
 * What reading the keys of a node table takes. Strings may be compressed, to how much of their size is not in
 * the catalog but in the first bytes of each segment.
 */
import type { NodeTable } from '../catalog/index.js'
import { heapBytesBeside, stringHeadBytes } from '../column/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { SegmentSource } from './segment-source.js'

/** Times of the content: strings that are compressed are so to a half, say. */
const readBytesUsual = 2

/** Bytes of the lanes of a row, and of what else is decoded. */
const rowBytes = 21

/**
 * Bytes for reading and decoding the largest key segment, where strings are `readBytes` times its content.
 */
export function keyReadBytesUsual({ groups, keyColumn }: NodeTable, readBytes = readBytesUsual): number {
  return groups.reduce((most, { rows, segments }) => {
    return Math.max(most, Math.ceil(segments[keyColumn]!.contentBytes * readBytes + rows * rowBytes))
  }, 0)
}

/**
 * Bytes for reading and decoding the largest key segment, from the beginnings of all of them.
 * @throws MillraceError `MILLRACE_CORRUPT` when the first page of a key segment is damaged
 */
export function keyReadBytes({ reader }: SegmentSource, table: NodeTable): number {
  const { groups, keyColumn } = table
  const { name, type } = table.columns[keyColumn]!
  let most = keyReadBytesUsual(table)
  if (physicalTypeOf(type) !== 'string') return most
  const place = { table: table.name, column: name }
  for (const { rows, segments } of groups) {
    const segment = segments[keyColumn]!
    const headBytes = stringHeadBytes(segment)
    if (segment.encoding !== 'plain' || segment.contentBytes < headBytes) continue
    const head = new Uint8Array(headBytes)
    reader.readPastPool(segment, place, 0, head, false)
    most = Math.max(most, segment.contentBytes + heapBytesBeside(head) + rows * rowBytes)
  }
  return most
}
