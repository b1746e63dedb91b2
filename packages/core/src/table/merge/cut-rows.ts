/**
 * Cuts rows into row groups by the bytes of their strings: a group that many long strings were written to
 * would not fit into the memory of those who decode it.
 */
import type { StringVector, Vector } from '../../column/index.js'
import { rowGroupRowsMax } from '../../limits.js'

function stringBytes({ codes, offsets }: StringVector, row: number): number {
  const entry = codes === null ? row : codes[row]!
  return offsets[entry + 1]! - offsets[entry]!
}

/**
 * Fills groups of at most `rowGroupRowsMax` rows and so many bytes of strings of each column.
 */
export class GroupRoom {
  readonly #heapBytesMax: number
  #rows = 0
  readonly #heapBytes: number[] = []

  constructor(heapBytesMax: number) {
    this.#heapBytesMax = heapBytesMax
  }

  get isEmpty(): boolean {
    return this.#rows === 0
  }

  /** Begins another group. */
  clear(): void {
    this.#rows = 0
    this.#heapBytes.fill(0)
  }

  /**
   * Takes rows `firstRow` … `end` − 1 of `columns`, or as many of them as fit: at least one, when the group
   * is empty. @returns how many
   */
  take(columns: readonly Vector[], firstRow: number, end: number): number {
    const limit = Math.min(end, firstRow + rowGroupRowsMax - this.#rows)
    let last = limit
    for (const [index, column] of columns.entries()) {
      if (column.kind === 'string') last = Math.min(last, this.#fitting(index, column, firstRow, last))
    }
    if (last === firstRow && this.#rows === 0) last = Math.min(limit, firstRow + 1)
    for (const [index, column] of columns.entries()) {
      if (column.kind !== 'string') continue
      let bytes = this.#heapBytes[index] ?? 0
      for (let row = firstRow; row < last; row++) bytes += stringBytes(column, row)
      this.#heapBytes[index] = bytes
    }
    this.#rows += last - firstRow
    return last - firstRow
  }

  /** The row behind the last one that fits, for one column. */
  #fitting(index: number, column: StringVector, firstRow: number, end: number): number {
    let bytes = this.#heapBytes[index] ?? 0
    for (let row = firstRow; row < end; row++) {
      bytes += stringBytes(column, row)
      if (bytes > this.#heapBytesMax) return row
    }
    return end
  }
}

/** True when rows must be cut: a column has too many bytes of strings for one group. */
export function isTooLarge(columns: readonly Vector[], heapBytesMax: number): boolean {
  return columns.some((column) => {
    if (column.kind !== 'string' || column.rows === 1) return false
    let bytes = 0
    for (let row = 0; row < column.rows; row++) bytes += stringBytes(column, row)
    return bytes > heapBytesMax
  })
}
