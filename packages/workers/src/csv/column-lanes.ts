/**
 * The lanes of one column: parses scanned records into them, and finishes what the kernel leaves open.
 *
 * Invariants
 * - After `parse` the null bytes of the new rows are `cell.value`, `cell.null` or `cell.bad`; a null in a
 *   column that may not have one counts as bad too.
 * - After `keep` they are 0 and 1 only, and `nullCount` covers all rows kept so far.
 * - Nothing is allocated per cell, but for a DOUBLE that the kernel cannot round (it becomes a string for
 *   `Number`).
 */
import { type Arena, type ColumnBuffer, laneBytes } from '@millrace/core/internal'
import type { ParseColumn } from './csv-error.js'
import { parseDoubleText } from './double-text.js'
import { cell, controlBlock, kernelSlackBytes } from './kernel-layout.js'
import { type CsvKernels, type FieldKernel, fieldKernelOf } from './kernels.js'
import type { RecordScanner } from './record-scanner.js'
import { trimPadding } from './reference-values.js'

/** Bytes that a row takes in the lanes of one column. */
export const laneRowBytes = laneBytes + 1

const nullsAlign = 16

export class ColumnLanes {
  readonly column: ParseColumn
  readonly #kernels: CsvKernels
  readonly #kernel: FieldKernel
  readonly #memory: WebAssembly.Memory
  readonly #scanner: RecordScanner
  readonly #fieldBytes: number
  readonly #strideBytes: number
  readonly #quote: number
  readonly #values: number
  readonly #nulls: number
  #nullCount = 0
  #newNulls = 0
  #escaped = 0
  /** Whether the last `parse` met a cell that is an error. */
  anyBad = false

  constructor(
    arena: Arena,
    kernels: CsvKernels,
    scanner: RecordScanner,
    column: ParseColumn,
    layout: { readonly fieldCount: number; readonly quote: number; readonly rowsMax: number },
  ) {
    this.column = column
    this.#kernels = kernels
    this.#kernel = fieldKernelOf(kernels, column.type)
    this.#memory = arena.memory
    this.#scanner = scanner
    this.#fieldBytes = column.csvIndex * 4
    this.#strideBytes = layout.fieldCount * 4
    this.#quote = layout.quote
    this.#values = arena.allocate(layout.rowsMax * laneBytes)
    this.#nulls = arena.allocate(layout.rowsMax + kernelSlackBytes, nullsAlign)
  }

  /** Forgets all rows. */
  clear(): void {
    this.#nullCount = 0
  }

  /** The column as it stands. */
  buffer(rows: number): ColumnBuffer {
    return {
      type: this.column.type,
      rows,
      values: this.#values,
      nulls: this.#nulls,
      nullCount: this.#nullCount,
    }
  }

  /** Parses the scanner's first `records` records into the rows from `row` on. */
  parse(row: number, records: number): void {
    const { control, index, starts } = this.#scanner
    const ends = index + this.#fieldBytes
    const isFirst = this.#fieldBytes === 0
    this.#kernel(
      control,
      isFirst ? starts : ends - 4,
      isFirst ? 4 : this.#strideBytes,
      isFirst ? 0 : 1,
      ends,
      this.#strideBytes,
      records,
      this.#values + row * laneBytes,
      this.#nulls + row,
    )
    const view = new DataView(this.#memory.buffer, control)
    this.#newNulls = view.getUint32(controlBlock.nullCount, true)
    this.#escaped = view.getUint32(controlBlock.escapedCount, true)
    this.anyBad = view.getUint32(controlBlock.badCount, true) > 0
    if (view.getUint32(controlBlock.inexactCount, true) > 0) this.#roundRest(row, records)
    if (!this.column.nullable && this.#newNulls > 0) this.anyBad = true
  }

  /** First byte and end of the cell of the scanner's record `record`, as addresses, quotes included. */
  cellRange(record: number): { start: number; end: number } {
    const { index, starts } = this.#scanner
    const view = new DataView(this.#memory.buffer)
    const ends = index + record * this.#strideBytes + this.#fieldBytes
    const start =
      this.#fieldBytes === 0 ? view.getUint32(starts + record * 4, true) : view.getUint32(ends - 4, true) + 1
    return { start, end: view.getUint32(ends, true) }
  }

  /** The cell's first byte and end without the quotes around it. */
  textRange(record: number): { start: number; end: number } {
    const { start, end } = this.cellRange(record)
    const quoted = start < end && new Uint8Array(this.#memory.buffer)[start] === this.#quote
    return quoted ? { start: start + 1, end: end - 1 } : { start, end }
  }

  /** Rounds the doubles that the kernel left over. */
  #roundRest(row: number, records: number): void {
    const nulls = new Uint8Array(this.#memory.buffer, this.#nulls + row, records)
    const lanes = new DataView(this.#memory.buffer, this.#values + row * laneBytes)
    const bytes = Buffer.from(this.#memory.buffer)
    for (
      let record = nulls.indexOf(cell.inexact);
      record !== -1;
      record = nulls.indexOf(cell.inexact, record + 1)
    ) {
      const { start, end } = this.textRange(record)
      const value = parseDoubleText(trimPadding(bytes.toString('latin1', start, end)))
      nulls[record] = value === undefined ? cell.bad : cell.value
      if (value === undefined) this.anyBad = true
      else lanes.setFloat64(record * laneBytes, value, true)
    }
  }

  /**
   * What is wrong with the cell in row `row`: `cell.bad`, `cell.null` where none may be, or `cell.value` for
   * nothing.
   */
  faultAt(row: number): number {
    const state = new Uint8Array(this.#memory.buffer)[this.#nulls + row]!
    return state === cell.bad || (state === cell.null && !this.column.nullable) ? state : cell.value
  }

  /** Sets the bytes of `drops` whose rows have a fault here. */
  markFaults(row: number, drops: Uint8Array): void {
    if (!this.anyBad) return
    const nulls = new Uint8Array(this.#memory.buffer, this.#nulls + row, drops.length)
    const lowest = this.column.nullable ? cell.bad : cell.null
    for (let record = 0; record < drops.length; record++) {
      if (nulls[record]! >= lowest) drops[record] = 1
    }
  }

  /**
   * Takes the rows just parsed. `drops` is the address of a byte a row, not 0 for those to leave out, or 0 to
   * keep all; `kept` is how many stay.
   */
  keep(row: number, records: number, drops: number, kept: number): void {
    const values = this.#values + row * laneBytes
    if (drops === 0) this.#nullCount += this.#newNulls
    else this.#nullCount += this.#kernels.dropRows(drops, records, values, this.#nulls + row)
    if (this.#escaped > 0) this.#kernels.unescapeStrings(this.#scanner.control, kept, values)
  }
}
