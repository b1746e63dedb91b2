/**
 * Parses blocks of a CSV file into column buffers: scan a window, parse it column by column, report what is
 * wrong.
 *
 * The input lies in one region of the arena. Position 0 is the block's first byte; the bytes before the block
 * that the caller gives (the lead) stand at negative positions; behind the block come the bytes that its last
 * record needs.
 *
 *     input − leadBytes    input                input + blockBytes        input + length
 *     ├─ lead ─────────────┼─ block ────────────┼─ look-ahead ────────────┤
 *
 * Invariants
 * - A record belongs to the block in which its first byte lies; blank lines and comments are consumed like
 *   records. So `end` of one block is `start` of the next, whatever the cuts.
 * - All regions are taken once, from the arena; no object or string is made per row or cell, but for errors.
 * - Rows are valid until the next `parse`, and as long as the caller leaves the input alone: strings point
 *   into it, or to where those with escapes became plain (`plain-texts.ts`).
 * - Errors are found in record order; in a record: its length, its quotes, its fields' number, UTF-8, then
 *   its cells from left to right.
 *
 * Thread: any one; the parser owns its regions of the arena and the kernels over them.
 */
import { isUtf8 } from 'node:buffer'
import { type Arena, assert, type ColumnBuffer } from '@millrace/core/base'
import { lanesBytesMax, leadBytesMax, rowBytesMax, scanWindowBytesMax } from '../limits.js'
import { BlockErrors } from './block-errors.js'
import { ColumnLanes, laneRowBytes } from './column-lanes.js'
import type { CsvError, ParseColumn } from './csv-error.js'
import { checkDialect, type Dialect } from './dialect.js'
import type { ErrorKinds } from './error-kinds.js'
import { kernelSlackBytes, scan } from './kernel-layout.js'
import { type CsvKernels, loadCsvKernels } from './kernels.js'
import { findLineEnd } from './physical-lines.js'
import { PlainTexts } from './plain-texts.js'
import { RecordScanner, type ScanBounds } from './record-scanner.js'
import { guessRecordStart } from './record-start.js'
import { RewrittenCells, rewritingOf } from './rewritten-cells.js'
import { RowPlaceLog } from './row-places.js'
import { isHeapType, ValueHeap } from './value-heap.js'

/** What stays the same for all blocks of an import. */
export interface BlockParserOptions {
  readonly dialect: Dialect
  readonly columns: readonly ParseColumn[]
  /** Fields of every record; null: one more than the highest `csvIndex`. */
  readonly fieldCount: number | null
  /**
   * Rows that one `parse` returns at most. The parser may lower it, to keep its lanes bounded: see its
   * `rowsMax`.
   */
  readonly rowsMax: number
  /** Bytes of a record, without its line end. */
  readonly maxRowBytes: number
  /** Leave bad records out and go on, instead of stopping at the first. */
  readonly ignoreErrors: boolean
  /** Errors that are kept; the others are only counted. */
  readonly errorsKeptMax: number
  /** End a parse with the last error that is kept, so that none is only counted. Default false. */
  readonly keepsAllErrors?: boolean
  /** Note where rows begin (`row-places.ts`). Default false. */
  readonly notesPlaces?: boolean
  /** Bytes of the input region: block and look-ahead. */
  readonly inputBytesMax: number
  /** Bytes of the region for texts that had escapes (`plain-texts.ts`). Default 0: they stay in the input. */
  readonly textBytes?: number
  /** Compiled kernels, from another thread. */
  readonly kernelsModule?: WebAssembly.Module
}

/** One block, or the rest of one. All positions are relative to the block's first byte. */
export interface ParseRequest {
  /** Bytes that are in the input. */
  readonly length: number
  /** Records that begin at or behind it belong to the next block. */
  readonly blockBytes: number
  /** Where a record is known to begin; null: find the first one, by speculation. */
  readonly start: number | null
  /** Whether the file ends with the bytes that are there. */
  readonly atEnd: boolean
  readonly rowsMax: number
  /**
   * Bytes of the file before the block that stand before the input, 0 … `leadBytesMax`. One is enough to
   * speculate; 0 says that the data begins with the block.
   */
  readonly leadBytes?: number
  /**
   * `start` is in the middle of a line that is given up: skip to its end first (see `ParsedBlock.midLine`).
   */
  readonly midLine?: boolean
}

/** What a `parse` found. */
export interface ParsedBlock {
  readonly rows: number
  /** One for each of the parser's columns, in their order. */
  readonly columns: ColumnBuffer[]
  /**
   * Where its first record begins: the request's `start`, or the guess. Behind the block when none begins in
   * it.
   */
  readonly start: number
  /** Behind the last line consumed. */
  readonly end: number
  /** Where the record of the last row begins; `start` when there is no row. */
  readonly lastRowStart: number
  /** Where the rows begin, if that is noted (`readRowPlaces`). */
  readonly places: Uint8Array | null
  /** Physical line ends in [start, end). */
  readonly lines: number
  /** Records consumed: rows and skipped ones. */
  readonly records: number
  readonly skipped: number
  readonly errors: CsvError[]
  readonly errorCount: number
  /** Of `errorCount`, by kind. */
  readonly errorKinds: ErrorKinds
  /**
   * Nothing of the block is left: go on with the next one, at `end`. Also true when an error stopped the
   * parse.
   */
  readonly done: boolean
  /**
   * The record at `end` begins in the block, but its end is not in the input: append what follows in the file
   * (up to `maxRowBytes` + 2 bytes from `end` on are enough) and parse again with `start` = `end`.
   */
  readonly needsMore: boolean
  /** `end` is in the middle of a line too long to be read: go on from there with `midLine` set. */
  readonly midLine: boolean
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
/** Bytes before the input: the lead, and what kernels may read before that. */
const frontBytes = leadBytesMax + kernelSlackBytes
/** Bytes behind the input: a step of the scan that begins at the input's end. */
const backBytes = 2 * kernelSlackBytes

export class BlockParser {
  /** Address of the block's first byte; the caller fills the input from here, and the lead before it. */
  readonly input: number
  readonly inputBytesMax: number
  /** Rows that one `parse` returns at most. */
  readonly rowsMax: number
  readonly #arena: Arena
  readonly #kernels: CsvKernels
  readonly #options: BlockParserOptions
  readonly #scanner: RecordScanner
  #scanMs = 0
  readonly #lanes: ColumnLanes[]
  /** For values that are not bytes of the input; null where there are none. */
  readonly #heap: ValueHeap | null
  readonly #texts: PlainTexts
  readonly #errors: BlockErrors
  readonly #places: RowPlaceLog | null
  readonly #drops: number
  readonly #fieldCount: number
  readonly #bounds: ScanBounds = { blockEnd: 0, dataEnd: 0, atEnd: false, lineFeedAdded: false }
  #rows = 0
  #records = 0
  #skipped = 0
  #lines = 0
  /** Address behind the last line consumed. */
  #position = 0
  /** Address of the last row's record. */
  #lastRowStart = 0
  #stopped = false
  #midLine = false
  /** The heap has no room for the next record: the rest is another batch. */
  #heapFull = false

  /**
   * Takes all regions from `arena`.
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET`, `MILLRACE_ARGUMENT` (dialect), `MILLRACE_INTERNAL` (other
   * options)
   */
  constructor(arena: Arena, options: BlockParserOptions) {
    const { columns, maxRowBytes, inputBytesMax } = options
    const fieldCount = options.fieldCount ?? 1 + Math.max(0, ...columns.map((column) => column.csvIndex))
    assert(
      fieldCount >= 1 && columns.every((column) => column.csvIndex < fieldCount),
      `columns within ${fieldCount} fields`,
    )
    assert(maxRowBytes >= 1 && maxRowBytes <= rowBytesMax, `maxRowBytes ${maxRowBytes} ≤ ${rowBytesMax}`)
    assert(inputBytesMax >= 1 && inputBytesMax < 2 ** 31, `inputBytesMax ${inputBytesMax} < 2 GiB`)
    assert(options.rowsMax >= 1, `rowsMax ${options.rowsMax} ≥ 1`)
    checkDialect(options.dialect)
    this.#arena = arena
    this.#options = options
    this.#fieldCount = fieldCount
    this.#kernels = loadCsvKernels(arena.memory, options.kernelsModule)
    this.inputBytesMax = inputBytesMax
    const rowBytes = Math.max(1, columns.length) * laneRowBytes
    this.rowsMax = Math.min(options.rowsMax, Math.max(1, Math.floor(lanesBytesMax / rowBytes)))
    this.input = arena.allocate(frontBytes + inputBytesMax + backBytes) + frontBytes
    this.#scanner = new RecordScanner(arena, this.#kernels, {
      dialect: options.dialect,
      fieldCount,
      blankLinesAreRows: blankLinesAreRows(fieldCount, columns),
      maxRowBytes,
      rowsMax: this.rowsMax,
    })
    this.#drops = arena.allocate(Math.min(scanWindowBytesMax, this.rowsMax))
    const { dialect } = options
    const anyRewritten = columns.some(({ type }) => rewritingOf(type, dialect) !== null)
    const rewritten = anyRewritten ? new RewrittenCells(arena, dialect) : null
    this.#heap = columns.some(({ type }) => isHeapType(type)) ? new ValueHeap(arena) : null
    this.#texts = new PlainTexts(arena, this.#kernels, this.#scanner.control, options.textBytes ?? 0)
    const shared = { rewritten, heap: this.#heap, texts: this.#texts }
    const layout = { fieldCount, dialect, rowsMax: this.rowsMax, ...shared }
    this.#lanes = columns.map(
      (column) => new ColumnLanes(arena, this.#kernels, this.#scanner, column, layout),
    )
    this.#errors = new BlockErrors(arena, this.#kernels, this.#scanner, this.#lanes, {
      dialect: options.dialect,
      input: this.input,
      fieldCount,
      maxRowBytes,
      errorsKeptMax: options.errorsKeptMax,
    })
    this.#places = options.notesPlaces ? new RowPlaceLog(this.#scanner, this.#kernels) : null
  }

  /**
   * The bytes from `from` (negative: the lead) to `to` of the input, to be filled. Invalid once the arena
   * grows.
   */
  inputView(from: number, to: number): Uint8Array {
    assert(-leadBytesMax <= from && from <= to && to <= this.inputBytesMax, `input view ${from} … ${to}`)
    return new Uint8Array(this.#arena.memory.buffer, this.input + from, to - from)
  }

  /** Milliseconds of all parses so far that went into finding records and fields. */
  get scanMs(): number {
    return this.#scanMs
  }

  /** Parses the records that begin in [start, blockBytes). */
  parse(request: ParseRequest): ParsedBlock {
    const start = this.#begin(request)
    const { blockEnd, dataEnd } = this.#bounds
    const rowsMax = Math.min(request.rowsMax, this.rowsMax)
    let needsMore = false
    if (request.midLine) this.#skipLine(this.#position)
    while (!this.#stopped && !this.#midLine && !this.#heapFull && this.#rows < rowsMax && !needsMore) {
      if (this.#position >= blockEnd || this.#position >= dataEnd) break
      const errorsLeft = this.#errorsLeft
      if (errorsLeft <= 0) break
      const scanningAt = performance.now()
      this.#scanner.scan(this.#position, this.#bounds, Math.min(rowsMax - this.#rows, errorsLeft))
      if (this.#heap !== null) this.#fitHeap(this.#heap)
      this.#scanMs += performance.now() - scanningAt
      if (this.#heapFull && this.#scanner.records === 0) break
      const { outcome } = this.#scanner
      this.#takeRecords()
      needsMore = outcome === scan.needsMore && !this.#heapFull
      if (!this.#stopped && !this.#heapFull && outcome >= scan.badQuote) this.#takeBadRecord(outcome)
    }
    const consumed = this.#position >= blockEnd || (this.#position >= dataEnd && request.atEnd)
    return {
      rows: this.#rows,
      columns: this.#lanes.map((lanes) => lanes.buffer(this.#rows)),
      start: start - this.input,
      end: this.#position - this.input,
      lastRowStart: (this.#rows === 0 ? start : this.#lastRowStart) - this.input,
      places: this.#places?.take() ?? null,
      lines: this.#lines,
      records: this.#records,
      skipped: this.#skipped,
      errors: this.#errors.kept,
      errorCount: this.#errors.count,
      errorKinds: this.#errors.kinds,
      done: this.#stopped || consumed,
      needsMore: !this.#stopped && !consumed && (needsMore || this.#midLine),
      midLine: this.#midLine,
    }
  }

  /**
   * Scans again when the values of the records found might not fit into the heap: for so many as do. A record
   * that is too long for an empty heap is taken alone, and found to be bad.
   */
  #fitHeap(heap: ValueHeap): void {
    let { left } = heap
    let fitting = 0
    for (; fitting < this.#scanner.records; fitting++) {
      for (const lanes of this.#lanes) left -= lanes.heapBytes(fitting)
      if (left < 0) break
    }
    if (fitting === this.#scanner.records) return
    this.#heapFull = true
    if (fitting === 0 && !heap.isEmpty) this.#scanner.records = 0
    else this.#scanner.scan(this.#position, this.#bounds, Math.max(1, fitting))
  }

  /** Errors that may still come, where all are kept. */
  get #errorsLeft(): number {
    const { keepsAllErrors, errorsKeptMax } = this.#options
    return keepsAllErrors ? errorsKeptMax - this.#errors.count : Number.POSITIVE_INFINITY
  }

  /** Resets the parser to the request; returns the address of its start. */
  #begin(request: ParseRequest): number {
    const { length, blockBytes, atEnd, leadBytes = 0 } = request
    assert(length <= this.inputBytesMax, `input of ${length} bytes ≤ ${this.inputBytesMax}`)
    assert(blockBytes <= length || atEnd, `block of ${blockBytes} bytes ≤ input of ${length}`)
    assert(leadBytes >= 0 && leadBytes <= leadBytesMax, `lead of ${leadBytes} bytes ≤ ${leadBytesMax}`)
    assert(request.start === null || request.start >= 0, `start ${request.start} ≥ 0`)
    const bounds = this.#bounds
    const bytes = new Uint8Array(this.#arena.memory.buffer)
    bounds.blockEnd = this.input + blockBytes
    bounds.dataEnd = this.input + length
    bounds.atEnd = atEnd
    // What was read there before must not be seen; the scan takes a line feed for the end of the last line.
    bytes.fill(0, bounds.dataEnd, bounds.dataEnd + kernelSlackBytes)
    const last = length === 0 ? lineFeed : bytes[bounds.dataEnd - 1]!
    bounds.lineFeedAdded = atEnd && last !== lineFeed && last !== carriageReturn
    if (bounds.lineFeedAdded) bytes[bounds.dataEnd] = lineFeed
    let start = this.input + Math.min(request.start ?? 0, length)
    if (request.start === null && leadBytes > 0) {
      start = guessRecordStart(bytes, this.input, bounds.dataEnd, this.#options.dialect)
    }
    for (const lanes of this.#lanes) lanes.clear()
    this.#errors.clear()
    this.#places?.begin(start)
    this.#scanner.restart()
    this.#rows = 0
    this.#records = 0
    this.#skipped = 0
    this.#lines = 0
    this.#position = start
    this.#stopped = false
    this.#midLine = false
    this.#heapFull = false
    this.#heap?.clear()
    this.#texts.clear()
    return start
  }

  /** Parses the records that the scanner has found, and leaves out the bad ones or stops before the first. */
  #takeRecords(): void {
    const { records, end, lines } = this.#scanner
    const row = this.#rows
    if (records === 0) {
      this.#consume(0, end, lines)
      return
    }
    const bytes = new Uint8Array(this.#arena.memory.buffer)
    const encodingGood = isUtf8(bytes.subarray(this.#position, end))
    let anyBad = !encodingGood
    for (const lanes of this.#lanes) {
      lanes.parse(row, records)
      anyBad ||= lanes.anyBad
    }
    if (!anyBad) {
      this.#notePlaces(records, null)
      for (const lanes of this.#lanes) lanes.keep(row, records, 0, records)
      this.#rows += records
      this.#lastRowStart = this.#scanner.recordStart(records - 1)
      this.#consume(records, end, lines)
      return
    }
    this.#takeGoodRecords(records, encodingGood)
  }

  #takeGoodRecords(records: number, encodingGood: boolean): void {
    const row = this.#rows
    const { end, lines } = this.#scanner
    const drops = new Uint8Array(this.#arena.memory.buffer, this.#drops, records).fill(0)
    if (!encodingGood) this.#errors.markBadEncoding(drops)
    for (const lanes of this.#lanes) lanes.markFaults(row, drops)
    const firstBad = drops.indexOf(1)
    const stop = firstBad !== -1 && !this.#options.ignoreErrors
    const parsedTo = stop ? firstBad : records
    this.#errors.from(this.#position, this.#records, this.#lines)
    let bad = 0
    for (let record = firstBad; record !== -1; record = drops.indexOf(1, record + 1)) {
      this.#errors.addRecord(record, row + record, !encodingGood)
      bad++
      if (stop) break
    }
    const kept = stop ? parsedTo : records - bad
    // Counted before texts are unescaped, which changes the input.
    const stopAt = stop ? this.#scanner.recordStart(firstBad) : end
    const linesConsumed = stop ? this.#errors.lineOf(stopAt) - this.#lines : lines
    this.#notePlaces(parsedTo, drops)
    for (const lanes of this.#lanes) lanes.keep(row, parsedTo, this.#drops, kept)
    this.#rows += kept
    if (kept > 0) this.#lastRowStart = this.#scanner.recordStart(drops.subarray(0, parsedTo).lastIndexOf(0))
    this.#stopped = stop
    if (!stop) this.#skipped += bad
    this.#consume(parsedTo, stopAt, linesConsumed)
  }

  #notePlaces(records: number, drops: Uint8Array | null): void {
    this.#places?.note({ from: this.#position, records: this.#records, lines: this.#lines }, records, drops)
  }

  /** Reports the record at which the scan ended, and steps over it or stops before it. */
  #takeBadRecord(outcome: number): void {
    const { badStart, badNext } = this.#scanner
    this.#errors.from(this.#position, this.#records, this.#lines)
    this.#errors.addUnreadable(outcome, this.#bounds.dataEnd)
    if (!this.#options.ignoreErrors) {
      this.#stopped = true
      return
    }
    this.#skipped++
    this.#records++
    // Where a record without an end should end nobody knows: its first line is given up, and the next one
    // tried.
    if (outcome === scan.rowTooLong || outcome === scan.unclosedQuote) this.#skipLine(badStart)
    else this.#consume(0, badNext, this.#kernels.countLineEnds(badStart, badNext))
  }

  #skipLine(from: number): void {
    const { dataEnd, atEnd } = this.#bounds
    const bytes = new Uint8Array(this.#arena.memory.buffer)
    const { next, complete } = findLineEnd(bytes, from, dataEnd, atEnd)
    this.#consume(0, next, this.#kernels.countLineEnds(from, next))
    this.#midLine = !complete
  }

  #consume(records: number, end: number, lines: number): void {
    this.#records += records
    this.#position = end
    this.#lines += lines
  }
}

/** Only in a file of one column that may be null is a blank line a record. */
export function blankLinesAreRows(fieldCount: number, columns: readonly ParseColumn[]): boolean {
  return fieldCount === 1 && columns.length > 0 && columns.every((column) => column.nullable)
}
