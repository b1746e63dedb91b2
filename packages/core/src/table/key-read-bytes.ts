/**
 * What reading the keys of a node table takes. Strings may be compressed, to how much of their size is not in
 * the catalog but in the first bytes of each segment.
 */
import type { NodeTable } from '../catalog/index.js'
import { heapBytesBeside, stringHeadBytes } from '../column/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { SegmentSource } from './segment-source.js'

/** Times of the content, where nothing is known of it: strings that are compressed are so to a half, say. */
const readTimesUsual = 2

/** Bytes of the lanes of a row, and of what else is decoded. */
const rowBytes = 21

/** Bytes for reading and decoding the largest key segment, as far as the catalog tells. */
export function keyReadBytesUsual({ groups, keyColumn }: NodeTable): number {
  return groups.reduce((most, { rows, segments }) => {
    return Math.max(most, segments.at(keyColumn)!.contentBytes * readTimesUsual + rows * rowBytes)
  }, 0)
}

/**
 * Bytes for reading and decoding the largest key segment, from the beginnings of all of them.
 * @throws MillraceError `MILLRACE_CORRUPT` when the first page of a key segment is damaged
 */
export function keyReadBytes({ reader }: Pick<SegmentSource, 'reader'>, table: NodeTable): number {
  const { groups, keyColumn } = table
  const { name, type } = table.columns[keyColumn]!
  if (physicalTypeOf(type) !== 'string') return keyReadBytesUsual(table)
  const place = { table: table.name, column: name }
  return groups.reduce((most, { rows, segments }) => {
    const segment = segments.at(keyColumn)!
    const { contentBytes, encoding } = segment
    const headBytes = stringHeadBytes(segment)
    let bytes = contentBytes * readTimesUsual
    if (encoding === 'plain' && contentBytes >= headBytes) {
      const head = new Uint8Array(headBytes)
      reader.readPastPool(segment, place, 0, head, false)
      bytes = contentBytes + heapBytesBeside(head)
    }
    return Math.max(most, bytes + rows * rowBytes)
  }, 0)
}
