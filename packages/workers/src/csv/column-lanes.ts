/**
 * The lanes of one column: parses scanned records into them, and finishes what the kernel leaves open.
 *
 * Invariants
 * - After `parse` the null bytes of the new rows are `cell.value`, `cell.null` or `cell.bad`; a null in a
 *   column that may not have one counts as bad too.
 * - After `keep` they are 0 and 1 only, and `nullCount` covers all rows kept so far.
 * - Nothing is allocated per cell, but for those that the kernel leaves open: a DOUBLE or FLOAT that it
 *   cannot round, a DECIMAL that is not plain digits, and all values of INTERVAL, BLOB, JSON, DECIMAL beyond
 *   18 digits and lists. They become strings, one after the other; columns of other types do not notice.
 */
import {
  type Arena,
  bytesOfLane,
  type ColumnBuffer,
  decimalShape,
  isJson,
  laneBytes,
  type StoredValue,
  valueOfText,
} from '@millrace/core/base'
import type { ParseColumn } from './csv-error.js'
import type { Dialect } from './dialect.js'
import { cell, controlBlock, kernelSlackBytes } from './kernel-layout.js'
import { type CsvKernels, type FieldKernel, fieldKernelOf } from './kernels.js'
import type { PlainTexts } from './plain-texts.js'
import type { RecordScanner } from './record-scanner.js'
import { fieldText, isPadding } from './reference-scan.js'
import { mayHoldEscapes, trimPadding } from './reference-values.js'
import { type CellIndex, type RewrittenCells, rewritingOf } from './rewritten-cells.js'
import { fixedBytesOf, heapBytesOf, isHeapType, type ValueHeap } from './value-heap.js'

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
  /** For the values of heap types; null where no column has one. */
  readonly heap: ValueHeap | null
  readonly texts: PlainTexts
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
  readonly #heap: ValueHeap | null
  readonly #texts: PlainTexts
  /** Where the bytes of rows go, for a type of fixed length. */
  readonly #places: number
  readonly #fixedBytes: number
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
    this.#heap = layout.heap
    this.#texts = layout.texts
    this.#fixedBytes = fixedBytesOf(column.type)
    this.#places = arena.allocate(layout.rowsMax * this.#fixedBytes)
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
    this.#setParameters(row)
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
    if (view.getUint32(controlBlock.inexactCount, true) > 0) this.#readRest(cells, row, records)
    if (this.column.type === 'JSON') this.#checkJson(cells, row, records)
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

  /** Tells the kernel what else it needs to know of the type. */
  #setParameters(row: number): void {
    const shape = decimalShape(this.column.type)
    if (shape === null && this.#fixedBytes === 0) return
    const view = new DataView(this.#memory.buffer, this.#scanner.control)
    view.setUint32(controlBlock.precision, shape?.precision ?? 0, true)
    view.setUint32(controlBlock.scale, shape?.scale ?? 0, true)
    view.setUint32(controlBlock.heap, this.#places + row * this.#fixedBytes, true)
  }

  /** Reads the cells that the kernel left over. */
  #readRest(cells: CellIndex, row: number, records: number): void {
    const nulls = new Uint8Array(this.#memory.buffer, this.#nulls + row, records)
    const words = new DataView(this.#memory.buffer)
    for (
      let record = nulls.indexOf(cell.inexact);
      record !== -1;
      record = nulls.indexOf(cell.inexact, record + 1)
    ) {
      const { start, end } = rangeOf(words, cells, record)
      const value = valueOfText(this.column.type, this.#bareText(start, end), this.#dialect)
      const isKept = value !== undefined && this.#store(row + record, value)
      nulls[record] = isKept ? cell.value : cell.bad
      if (!isKept) this.anyBad = true
    }
  }

  /** The text of a cell, quotes and padding apart, and escapes where the type's values may need them. */
  #bareText(start: number, end: number): string {
    if (mayHoldEscapes(this.column.type)) return trimPadding(this.#plainText(start, end))
    const text = this.#textOf(start, end)
    return trimPadding(Buffer.from(this.#memory.buffer, text.start, text.end - text.start).toString('latin1'))
  }

  /** Whether no quote opens the text that begins at `textStart` in the cell at `start`. */
  #isUnquoted(start: number, textStart: number): boolean {
    return textStart === start || new Uint8Array(this.#memory.buffer)[textStart - 1] !== this.#dialect.quote
  }

  /** The text of a cell without quotes and escapes. */
  #plainText(start: number, end: number): string {
    const { quote, escape: escapeByte } = this.#dialect
    const { buffer } = this.#memory
    if (escapeByte !== quote) {
      const { text } = fieldText(new Uint8Array(buffer), { start, end }, this.#dialect)
      return Buffer.from(text).toString('utf8')
    }
    const inner = this.#textOf(start, end)
    const text = Buffer.from(buffer, inner.start, inner.end - inner.start).toString('utf8')
    const isQuoted = !this.#isUnquoted(start, inner.start)
    const mark = String.fromCharCode(quote)
    return isQuoted ? text.replaceAll(mark + mark, mark) : text
  }

  /** Writes the lane of `row`; false when there is no place for the value. */
  #store(row: number, value: StoredValue): boolean {
    const lane = this.#values + row * laneBytes
    const view = new DataView(this.#memory.buffer)
    if (typeof value === 'bigint') view.setBigInt64(lane, value, true)
    else if (typeof value === 'number') view.setFloat64(lane, value, true)
    else {
      const stored = bytesOfLane(this.column.type, value)
      const address =
        this.#fixedBytes > 0 ? this.#places + row * this.#fixedBytes : this.#heap!.take(stored.length)
      if (address < 0) return false
      new Uint8Array(this.#memory.buffer).set(stored, address)
      view.setUint32(lane, address, true)
      view.setUint32(lane + 4, stored.length, true)
    }
    return true
  }

  /** Marks the texts that are no JSON. The lanes refer to the input as those of STRING do. */
  #checkJson(cells: CellIndex, row: number, records: number): void {
    const nulls = new Uint8Array(this.#memory.buffer, this.#nulls + row, records)
    const words = new DataView(this.#memory.buffer)
    for (let record = 0; record < records; record++) {
      if (nulls[record] !== cell.value) continue
      const { start, end } = rangeOf(words, cells, record)
      const text = this.#textOf(start, end)
      if (text.start === text.end && this.#isUnquoted(start, text.start)) {
        // `emptyAsNull` is for STRING: no JSON text is empty.
        nulls[record] = cell.null
        words.setBigUint64(this.#values + (row + record) * laneBytes, 0n, true)
        this.#newNulls++
        continue
      }
      if (isJson(this.#plainText(start, end))) continue
      nulls[record] = cell.bad
      this.anyBad = true
    }
  }

  /** Bytes that the value of the scanner's record `record` takes of the heap, at most. */
  heapBytes(record: number): number {
    const { type } = this.column
    if (!isHeapType(type)) return 0
    const { start, end } = this.cellRange(record)
    return heapBytesOf(type, end - start)
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
    else {
      this.#nullCount += this.#kernels.dropRows(drops, records, values, this.#nulls + row)
      if (this.#fixedBytes > 0 && kept < records) this.#closePlaces(row, kept)
    }
    if (this.#escaped > 0) this.#texts.resolve(values, kept, this.#scanner.end - this.#scanner.recordStart(0))
  }

  /**
   * Brings the bytes of `kept` rows, between which some were left out, to the places of those rows: the next
   * records are written behind them.
   */
  #closePlaces(row: number, kept: number): void {
    const view = new DataView(this.#memory.buffer)
    const bytes = new Uint8Array(this.#memory.buffer)
    for (let at = row; at < row + kept; at++) {
      if (bytes[this.#nulls + at] === cell.null) continue
      const lane = this.#values + at * laneBytes
      const from = view.getUint32(lane, true)
      const to = this.#places + at * this.#fixedBytes
      bytes.copyWithin(to, from, from + this.#fixedBytes)
      view.setUint32(lane, to, true)
    }
  }
}

/** First byte and end of a cell, quotes included. */
function rangeOf(words: DataView, cells: CellIndex, record: number): { start: number; end: number } {
  return {
    start: words.getUint32(cells.starts + record * cells.startStride, true) + cells.startBias,
    end: words.getUint32(cells.ends + record * cells.endStride, true),
  }
}
