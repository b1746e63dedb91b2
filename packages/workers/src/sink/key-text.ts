import type { Arena, ColumnBuffer } from '@millrace/core/internal'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const dayMs = 86_400_000

/** The key in `row` as a message shows it. Errors only: it makes strings. */
export function keyText(arena: Arena, column: ColumnBuffer, row: number): string {
  const view = new DataView(arena.memory.buffer)
  const at = column.values + row * 8
  if (column.type === 'STRING') {
    const address = view.getUint32(at, true)
    const bytes = new Uint8Array(arena.memory.buffer, address, view.getUint32(at + 4, true))
    return decoder.decode(bytes.slice())
  }
  const value = view.getBigInt64(at, true)
  if (column.type === 'DATE') return new Date(Number(value) * dayMs).toISOString().slice(0, 10)
  if (column.type === 'TIMESTAMP') return new Date(Number(value / 1000n)).toISOString()
  return String(value)
}
