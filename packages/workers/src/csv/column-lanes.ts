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
import type { Dialect } from './dialect.js'
import { parseDoubleText } from './double-text.js'
import { cell, controlBlock, kernelSlackBytes } from './kernel-layout.js'
import { type CsvKernels, type FieldKernel, fieldKernelOf } from './kernels.js'
import type { RecordScanner } from './record-scanner.js'
import { isPadding } from './reference-scan.js'
import { trimPadding } from './reference-values.js'
import { type CellIndex, type RewrittenCells, rewritingOf } from './rewritten-cells.js'

/** Bytes that a row takes in the lanes of one column. */
export const laneRowBytes = laneBytes + 1

const nullsAlign = 16

/** What the columns of a parser share. */
export interface LanesLayout {
  readonly fieldCount: number
  readonly dialect: Dialect
  readonly rowsMax: number
  /** Needed where a column's cells are rewritten. */
  readonly rewritten: RewrittenCells | null
}

export class ColumnLanes {
  readonly column: ParseColumn
  readonly #kernels: CsvKernels
  readonly #kernel: FieldKernel
  readonly #memory: WebAssembly.Memory
  readonly #scanner: RecordScanner
  readonly #fieldBytes: number
  readonly #strideBytes: number
  readonly #dialect: Dialect
  readonly #rewriting: ReturnType<typeof rewritingOf>
  readonly #rewritten: RewrittenCells | null
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
    layout: LanesLayout,
  ) {
    this.column = column
    this.#kernels = kernels
    this.#kernel = fieldKernelOf(kernels, column.type)
    this.#memory = arena.memory
    this.#scanner = scanner
    this.#fieldBytes = column.csvIndex * 4
    this.#strideBytes = layout.fieldCount * 4
    this.#dialect = layout.dialect
    this.#rewriting = rewritingOf(column.type, layout.dialect)
    this.#rewritten = layout.rewritten
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
    this.#newNulls = 0
    this.#escaped = 0
    this.anyBad = false
    const cells = this.#cells()
    if (this.#rewriting === null) this.#parseCells(cells, row, records)
    else this.#parseRewritten(this.#rewriting, this.#rewritten!, cells, row, records)
    if (!this.column.nullable && this.#newNulls > 0) this.anyBad = true
  }

  /** Where the column's cells stand in the index. */
  #cells(): CellIndex {
    const { index, starts } = this.#scanner
    const ends = index + this.#fieldBytes
    const isFirst = this.#fieldBytes === 0
    return {
      starts: isFirst ? starts : ends - 4,
      startStride: isFirst ? 4 : this.#strideBytes,
      startBias: isFirst ? 0 : 1,
      ends,
      endStride: this.#strideBytes,
    }
  }

  #parseRewritten(
    how: NonNullable<ReturnType<typeof rewritingOf>>,
    rewritten: RewrittenCells,
    cells: CellIndex,
    row: number,
    records: number,
  ): void {
    const { starts, ends } = rewritten
    const plain = { starts, startStride: 4, startBias: 0, ends, endStride: 4 }
    for (let done = 0; done < records; ) {
      const count = rewritten.rewrite(how, cells, done, records - done)
      this.#parseCells(plain, row + done, count)
      done += count
    }
  }

  #parseCells(cells: CellIndex, row: number, records: number): void {
    const { control } = this.#scanner
    this.#kernel(
      control,
      cells.starts,
      cells.startStride,
      cells.startBias,
      cells.ends,
      cells.endStride,
      records,
      this.#values + row * laneBytes,
      this.#nulls + row,
    )
    const view = new DataView(this.#memory.buffer, control)
    this.#newNulls += view.getUint32(controlBlock.nullCount, true)
    this.#escaped += view.getUint32(controlBlock.escapedCount, true)
    this.anyBad ||= view.getUint32(controlBlock.badCount, true) > 0
    if (view.getUint32(controlBlock.inexactCount, true) > 0) this.#roundRest(cells, row, records)
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
    return this.#textOf(start, end)
  }

  /** [start, end) without the quotes around it, and what is around them where the dialect trims. */
  #textOf(start: number, end: number): { start: number; end: number } {
    const bytes = new Uint8Array(this.#memory.buffer)
    let [from, to] = [start, end]
    if (this.#dialect.trim) {
      while (from < to && isPadding(bytes[from])) from++
      while (to > from && isPadding(bytes[to - 1])) to--
    }
    const quoted = from < to && bytes[from] === this.#dialect.quote
    return quoted ? { start: from + 1, end: to - 1 } : { start: from, end: to }
  }

  /** Rounds the doubles that the kernel left over. */
  #roundRest(cells: CellIndex, row: number, records: number): void {
    const nulls = new Uint8Array(this.#memory.buffer, this.#nulls + row, records)
    const lanes = new DataView(this.#memory.buffer, this.#values + row * laneBytes)
    const words = new DataView(this.#memory.buffer)
    const bytes = Buffer.from(this.#memory.buffer)
    for (
      let record = nulls.indexOf(cell.inexact);
      record !== -1;
      record = nulls.indexOf(cell.inexact, record + 1)
    ) {
      const { start, end } = this.#textOf(
        words.getUint32(cells.starts + record * cells.startStride, true) + cells.startBias,
        words.getUint32(cells.ends + record * cells.endStride, true),
      )
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
