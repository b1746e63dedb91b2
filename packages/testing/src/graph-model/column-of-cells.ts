/** Columns made from plain values, as a parser leaves them in memory. */
import { type Arena, type ColumnBuffer, type LogicalType, physicalTypeOf } from '@millrace/core/internal'

export type Cell = bigint | number | boolean | string | null

const laneBytes = 8

/** Puts `cells` into the arena, one lane each; strings behind them. */
export function columnOfCells(arena: Arena, type: LogicalType, cells: readonly Cell[]): ColumnBuffer {
  const rows = cells.length
  const values = arena.allocate(rows * laneBytes + 16)
  const nulls = arena.allocate(rows + 64)
  const texts = cells.map((cell) => (typeof cell === 'string' ? Buffer.from(cell) : null))
  let heapAt = arena.allocate(texts.reduce((sum, text) => sum + (text?.length ?? 0), 16))
  const view = new DataView(arena.memory.buffer)
  for (const [row, cell] of cells.entries()) {
    const at = values + row * laneBytes
    const text = texts[row]
    view.setUint8(nulls + row, cell === null ? 1 : 0)
    view.setBigUint64(at, 0n, true)
    if (text) {
      view.setUint32(at, heapAt, true)
      view.setUint32(at + 4, text.length, true)
      arena.bytes.set(text, heapAt)
      heapAt += text.length
    } else if (physicalTypeOf(type) === 'double') view.setFloat64(at, Number(cell ?? 0), true)
    else view.setBigInt64(at, BigInt(cell ?? 0), true)
  }
  return { type, rows, values, nulls, nullCount: cells.filter((cell) => cell === null).length }
}
