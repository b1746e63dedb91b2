import {
  type Arena,
  type ColumnBuffer,
  laneOfBytes,
  physicalTypeOf,
  textOfValue,
} from '@millrace/core/internal'

/** The key in `row` as a message shows it. Errors only: it makes strings. */
export function keyText(arena: Arena, column: ColumnBuffer, row: number): string {
  const view = new DataView(arena.memory.buffer)
  const at = column.values + row * 8
  if (physicalTypeOf(column.type) !== 'string') return textOfValue(column.type, view.getBigInt64(at, true))
  const address = view.getUint32(at, true)
  const bytes = new Uint8Array(arena.memory.buffer)
  const lane = laneOfBytes(column.type, bytes, address, address + view.getUint32(at + 4, true))
  return textOfValue(column.type, lane)
}
