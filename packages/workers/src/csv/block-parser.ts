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
import { type Arena, assert } from '@millrace/core/base'
import { lanesBytesMax, leadBytesMax, rowBytesMax, scanWindowBytesMax } from '../limits.js'
import { BlockErrors } from './block-errors.js'
import { ColumnLanes, laneRowBytes } from './column-lanes.js'
import type { ParseColumn } from './csv-error.js'
import { checkDialect } from './dialect.js'
import { kernelSlackBytes, scan } from './kernel-layout.js'
import { type CsvKernels, loadCsvKernels } from './kernels.js'
import type { BlockParserOptions, ParsedBlock, ParseRequest, RowsToRefuse } from './parse-request.js'
import { findLineEnd } from './physical-lines.js'
import { PlainTexts } from './plain-texts.js'
import { RecordScanner, type ScanBounds } from './record-scanner.js'
import { guessRecordStart } from './record-start.js'
import { RewrittenCells, rewritingOf } from './rewritten-cells.js'
import { RowPlaceLog } from './row-places.js'
import { isHeapType, ValueHeap } from './value-heap.js'

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
  /** So has the log of refused records. */
  #logFull = false
  #refuse: RowsToRefuse | null = null
  /** Of these rows, the first that has not come yet. */
  #nextRefused = 0

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
    while (!this.#stopped && !this.#midLine && !this.#isFull && this.#rows < rowsMax && !needsMore) {
      if (this.#position >= blockEnd || this.#position >= dataEnd) break
      const scanningAt = performance.now()
      this.#scanner.scan(this.#position, this.#bounds, rowsMax - this.#rows)
      if (this.#heap !== null) this.#fitHeap(this.#heap)
      this.#scanMs += performance.now() - scanningAt
      if (this.#heapFull && this.#scanner.records === 0) break
      const { outcome } = this.#scanner
      this.#takeRecords()
      needsMore = outcome === scan.needsMore && !this.#isFull
      if (!this.#stopped && !this.#isFull && outcome >= scan.badQuote) this.#takeBadRecord(outcome)
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

  /** What comes next is for another parse. */
  get #isFull(): boolean {
    return this.#heapFull || this.#logFull
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
    this.#errors.begin(request.errorsKeptMax ?? this.#options.errorsKeptMax, request.refused ?? null)
    this.#refuse = request.refuse ?? null
    this.#nextRefused = 0
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
    this.#logFull = false
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
    if (!anyBad && !this.#refusesAny(row, records)) {
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
    this.#errors.from(this.#position, this.#records, this.#lines)
    if (!encodingGood) this.#errors.markBadEncoding(drops)
    for (const lanes of this.#lanes) lanes.markFaults(row, drops)
    const { parsedTo, bad } = this.#addErrors(records, drops, encodingGood)
    const kept = parsedTo - (this.#stopped ? 0 : bad)
    // Counted before texts are unescaped, which changes the input.
    const isAll = parsedTo === records
    const endsAt = isAll ? end : this.#scanner.recordStart(parsedTo)
    const linesConsumed = isAll ? lines : this.#errors.lineOf(endsAt) - this.#lines
    this.#notePlaces(parsedTo, drops)
    for (const lanes of this.#lanes) lanes.keep(row, parsedTo, this.#drops, kept)
    this.#rows += kept
    if (kept > 0) this.#lastRowStart = this.#scanner.recordStart(drops.subarray(0, parsedTo).lastIndexOf(0))
    if (!this.#stopped) this.#skipped += bad
    this.#consume(parsedTo, endsAt, linesConsumed)
  }

  /**
   * Reports the records that are marked in `drops`, and the rows that are refused.
   * @returns records to take: those before the one that stops the parse, or that there is no room to report;
   * how many were marked, that one included
   */
  #addErrors(records: number, drops: Uint8Array, encodingGood: boolean): { parsedTo: number; bad: number } {
    const row = this.#rows
    const isAlone = this.#refuse?.alone === true
    let bad = 0
    for (let record = 0; record < records; record++) {
      const isBad = drops[record] === 1
      if (!isBad && !this.#isRefused(row + record - bad)) continue
      if (isBad) {
        this.#logFull = !isAlone && !this.#errors.addRecord(record, row + record, !encodingGood)
      } else {
        this.#logFull = !this.#errors.addRefused(record, this.#refuse!.describe(this.#nextRefused))
      }
      if (this.#logFull) return { parsedTo: record, bad }
      if (!isBad) this.#nextRefused += 1
      else bad += 1
      this.#stopped = isBad && !this.#options.ignoreErrors
      if (this.#stopped) return { parsedTo: record, bad }
    }
    return { parsedTo: records, bad }
  }

  #isRefused(row: number): boolean {
    return this.#refuse !== null && this.#refuse.rows[this.#nextRefused] === this.#refuse.firstRow + row
  }

  /** Whether one of so many rows from `row` on is refused. */
  #refusesAny(row: number, rows: number): boolean {
    const refuse = this.#refuse
    return refuse !== null && refuse.rows[this.#nextRefused]! < refuse.firstRow + row + rows
  }

  #notePlaces(records: number, drops: Uint8Array | null): void {
    this.#places?.note({ from: this.#position, records: this.#records, lines: this.#lines }, records, drops)
  }

  /** Reports the record at which the scan ended, and steps over it or stops before it. */
  #takeBadRecord(outcome: number): void {
    const { badStart, badNext } = this.#scanner
    this.#errors.from(this.#position, this.#records, this.#lines)
    if (this.#refuse?.alone !== true) {
      this.#logFull = !this.#errors.addUnreadable(outcome, this.#bounds.dataEnd)
      if (this.#logFull) return
    }
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
