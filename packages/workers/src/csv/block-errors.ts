/**
 * Collects the errors of one parse, in record order: counts all, keeps the first few in full, and writes all
 * down where there is a log for them.
 *
 * Lines are counted only for errors that are kept or written down, each from the one before; the input must
 * not have been changed (strings unescaped) between `from` and the last error of the window.
 */
import { isUtf8 } from 'node:buffer'
import type { Arena } from '@millrace/core/internal'
import type { ColumnLanes } from './column-lanes.js'
import {
  boundedText,
  type CsvError,
  columnOfField,
  type ErrorContent,
  encodingError,
  nullError,
  type OpenQuote,
  type ParseColumn,
  quoteError,
  raggedError,
  rowTooLongError,
  tooLongTextBytes,
  typeError,
  unclosedQuoteError,
} from './csv-error.js'
import type { Dialect } from './dialect.js'
import { addKind, type ErrorKinds } from './error-kinds.js'
import { cell, scan } from './kernel-layout.js'
import type { CsvKernels } from './kernels.js'
import { findLineEnd } from './physical-lines.js'
import type { RecordScanner } from './record-scanner.js'
import { isPadding } from './reference-scan.js'
import type { RefusedLog } from './refused-log.js'

export interface BlockErrorsOptions {
  readonly dialect: Dialect
  readonly input: number
  readonly fieldCount: number
  readonly maxRowBytes: number
}

/** The kinds of what stops a scan. */
const kindsOfScan = new Map<number, CsvError['kind']>([
  [scan.badQuote, 'quote'],
  [scan.ragged, 'ragged'],
  [scan.rowTooLong, 'rowTooLong'],
  [scan.unclosedQuote, 'unclosedQuote'],
])

export class BlockErrors {
  kept: CsvError[] = []
  count = 0
  kinds: ErrorKinds = {}
  readonly #arena: Arena
  readonly #kernels: CsvKernels
  readonly #scanner: RecordScanner
  readonly #lanes: readonly ColumnLanes[]
  /** From left to right in the file. */
  readonly #lanesInFileOrder: readonly ColumnLanes[]
  readonly #columns: readonly ParseColumn[]
  readonly #options: BlockErrorsOptions
  #errorsKeptMax = 0
  #log: RefusedLog | null = null
  /** The arena, as it is since `from`. */
  #bytes = new Uint8Array(0)
  #words = new DataView(new ArrayBuffer(0))
  #records = 0
  /** An address in the current window, and the line ends before it since the parse's start. */
  #lineCursor = 0
  #linesBefore = 0

  constructor(
    arena: Arena,
    kernels: CsvKernels,
    scanner: RecordScanner,
    lanes: readonly ColumnLanes[],
    options: BlockErrorsOptions,
  ) {
    this.#arena = arena
    this.#kernels = kernels
    this.#scanner = scanner
    this.#lanes = lanes
    this.#lanesInFileOrder = [...lanes].sort((a, b) => a.column.csvIndex - b.column.csvIndex)
    this.#columns = this.#lanes.map((each) => each.column)
    this.#options = options
  }

  /** A parse begins, of whose errors so many are kept, and all written to `log`, if there is one. */
  begin(errorsKeptMax: number, log: RefusedLog | null): void {
    this.#errorsKeptMax = errorsKeptMax
    this.#log = log
    log?.clear()
    this.kept = []
    this.count = 0
    this.kinds = {}
  }

  /**
   * The next errors are in records from address `position` on, before which there are `records` and `lines`.
   */
  from(position: number, records: number, lines: number): void {
    this.#lineCursor = position
    this.#records = records
    this.#linesBefore = lines
    const { buffer } = this.#arena.memory
    if (this.#bytes.buffer === buffer) return
    this.#bytes = new Uint8Array(buffer)
    this.#words = new DataView(buffer)
  }

  /** Physical line ends before `address`, since the parse's start. Addresses must not decrease. */
  lineOf(address: number): number {
    this.#linesBefore += this.#kernels.countLineEnds(this.#lineCursor, address)
    this.#lineCursor = address
    return this.#linesBefore
  }

  /**
   * Address of the line end behind the scanner's record `record`: of its first field that no delimiter ends,
   * or behind a delimiter that ends the line, with the padding behind that.
   */
  #recordEnd(record: number): number {
    const { fieldCount, dialect } = this.#options
    const view = this.#words
    const entries = this.#scanner.index + record * fieldCount * 4
    const last = view.getUint32(entries + (fieldCount - 1) * 4, true)
    if (view.getUint8(last) !== dialect.delimiter && !dialect.nullPadding) return last
    for (let field = 0; dialect.nullPadding && field < fieldCount; field++) {
      const end = view.getUint32(entries + field * 4, true)
      if (view.getUint8(end) !== dialect.delimiter) return end
    }
    let end = last + 1
    while (dialect.trim && isPadding(view.getUint8(end))) end++
    return end
  }

  #isUtf8(start: number, end: number): boolean {
    return isUtf8(this.#bytes.subarray(start, end))
  }

  /** Sets the bytes of `drops` whose records are not UTF-8. */
  markBadEncoding(drops: Uint8Array): void {
    for (let record = 0; record < drops.length; record++) {
      if (!this.#isUtf8(this.#scanner.recordStart(record), this.#recordEnd(record))) drops[record] = 1
    }
  }

  /**
   * Adds the error of a record that was read: its encoding or its first bad cell. `row` is its place in the
   * lanes.
   * @returns false when there is no room to write it down: it is not added
   */
  addRecord(record: number, row: number, checkEncoding: boolean): boolean {
    if (!this.#isWanted) return this.#count(this.#kindOf(record, row, checkEncoding))
    const content = (checkEncoding ? this.#encodingFault(record) : undefined) ?? this.#cellFault(record, row)
    return this.addRefused(record, content)
  }

  /** Adds the error of a record that was read. @returns as `addRecord` */
  addRefused(record: number, content: ErrorContent): boolean {
    if (!this.#isWanted) return this.#count(content.kind)
    const start = this.#scanner.recordStart(record)
    return this.#add(content, this.#records + record, start, this.#recordEnd(record))
  }

  /** Whether more of an error is wanted than its kind. */
  get #isWanted(): boolean {
    return this.#log !== null || this.kept.length < this.#errorsKeptMax
  }

  #count(kind: CsvError['kind']): true {
    this.count++
    addKind(this.kinds, kind)
    return true
  }

  /** What kind of error `addRecord` would describe. */
  #kindOf(record: number, row: number, checkEncoding: boolean): CsvError['kind'] {
    const isText = !checkEncoding || this.#isUtf8(this.#scanner.recordStart(record), this.#recordEnd(record))
    if (!isText) return 'encoding'
    const guilty = this.#lanesInFileOrder.find((lanes) => lanes.faultAt(row) !== cell.value)!
    return guilty.faultAt(row) === cell.null ? 'nullKey' : 'type'
  }

  #encodingFault(record: number): ErrorContent | undefined {
    const start = this.#scanner.recordStart(record)
    const end = this.#recordEnd(record)
    if (this.#isUtf8(start, end)) return undefined
    const guilty = this.#lanesInFileOrder.find((lanes) => {
      const range = lanes.cellRange(record)
      return !this.#isUtf8(range.start, range.end)
    })
    return encodingError(guilty?.column, this.#text(start, end))
  }

  #cellFault(record: number, row: number): ErrorContent {
    const guilty = this.#lanesInFileOrder.find((lanes) => lanes.faultAt(row) !== cell.value)!
    const range = guilty.textRange(record)
    const text = this.#text(range.start, range.end)
    const isNull = guilty.faultAt(row) === cell.null
    return isNull ? nullError(guilty.column, text) : typeError(guilty.column, text, this.#options.dialect)
  }

  /** Adds the error of the record at which the scan ended with `outcome`. @returns as `addRecord` */
  addUnreadable(outcome: number, dataEnd: number): boolean {
    if (!this.#isWanted) return this.#count(kindsOfScan.get(outcome)!)
    const { badStart, badEnd, badFields, badField } = this.#scanner
    const column = columnOfField(this.#columns, badField)
    const bytes = this.#bytes
    const { fieldCount, maxRowBytes } = this.#options
    let content: ErrorContent
    let recordEnd: number | null = badEnd
    if (outcome === scan.ragged) {
      content = raggedError(badFields, fieldCount, boundedText(bytes, badStart, badEnd))
    } else if (outcome === scan.badQuote) {
      const lineEnds = this.#kernels.countLineEnds(badStart, badEnd)
      content = quoteError(badField, column, boundedText(bytes, badStart, badEnd), lineEnds)
    } else {
      const { end } = findLineEnd(bytes, badStart, dataEnd, true)
      recordEnd = null
      const tooLong = outcome === scan.rowTooLong
      const text = boundedText(bytes, badStart, end, tooLong ? tooLongTextBytes(maxRowBytes) : undefined)
      const openQuote = this.#openQuote()
      content =
        tooLong || openQuote === undefined
          ? rowTooLongError(maxRowBytes, openQuote, text)
          : unclosedQuoteError(openQuote, column, text)
    }
    return this.#add(content, this.#records, badStart, recordEnd)
  }

  /** The quote in which the scanner's record without an end is, if it is in one. */
  #openQuote(): OpenQuote | undefined {
    const { badStart, badField, openQuote } = this.#scanner
    if (openQuote === 0) return undefined
    const line = this.lineOf(badStart) + this.#kernels.countLineEnds(badStart, openQuote)
    return { field: badField + 1, line, byteOffset: openQuote - this.#options.input }
  }

  #add(content: ErrorContent, row: number, start: number, end: number | null): boolean {
    const line = this.lineOf(start)
    const byteOffset = start - this.#options.input
    const recordBytes = end === null ? null : end - start
    const log = this.#log
    if (log !== null && !log.add(content, row, line, byteOffset, recordBytes, this.#bytes, start))
      return false
    if (this.kept.length < this.#errorsKeptMax) {
      this.kept.push({ ...content, row, line, byteOffset, recordBytes })
    }
    return this.#count(content.kind)
  }

  #text(start: number, end: number): string {
    return boundedText(this.#bytes, start, end)
  }
}
