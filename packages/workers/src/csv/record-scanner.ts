/**
 * Finds records: runs the quick scan, and the exact one where that meets what it cannot read, a window of
 * input at a time.
 *
 * Invariants
 * - A scan begins at the start of a record and yields whole records of `fieldCount` fields only.
 * - Both scans yield the same for the same bytes; the exact one alone stops at bad records.
 * - The fields below hold the outcome of the last scan, as absolute addresses; nothing is allocated by a
 *   scan.
 *
 * Thread: any; owns the index regions it was given.
 */
import type { Arena } from '@millrace/core/internal'
import { scanWindowBytesMax } from '../limits.js'
import type { Dialect } from './dialect.js'
import {
  controlBlock,
  controlBlockBytes,
  dialectFlag,
  noByte,
  powersOfTenCount,
  quickScan,
  scan,
} from './kernel-layout.js'
import type { CsvKernels } from './kernels.js'
import { powersOfFive, powersOfFiveBytes } from './powers-of-five.js'

/** What the scanner needs to know of the records. */
export interface ScannerOptions {
  readonly dialect: Dialect
  readonly fieldCount: number
  readonly blankLinesAreRows: boolean
  readonly maxRowBytes: number
  readonly rowsMax: number
}

/** A scan's bounds, as absolute addresses. */
export interface ScanBounds {
  /** Records that begin at or behind it are not wanted. */
  blockEnd: number
  /** Where the bytes that are there end. */
  dataEnd: number
  atEnd: boolean
  /** A line feed was put at `dataEnd`, because the file's last line has none. */
  lineFeedAdded: boolean
}

const windowBytesMin = 4096
/** Room that the quick scan wants behind the last entry: it writes in groups. */
const indexSlackEntries = 128

function flagsOf({ trim, nullPadding, quotedNulls, emptyAsNull }: Dialect): number {
  return (
    (trim ? dialectFlag.trim : 0) |
    (nullPadding ? dialectFlag.nullPadding : 0) |
    (quotedNulls ? dialectFlag.quotedNulls : 0) |
    (emptyAsNull ? 0 : dialectFlag.emptyIsText)
  )
}

export class RecordScanner {
  readonly control: number
  readonly index: number
  readonly starts: number
  /** Good records found. */
  records = 0
  /** Address behind the last line consumed. */
  end = 0
  /** Physical line ends between the scan's start and `end`. */
  lines = 0
  /** A value of `scan`: `windowEnd` and `full` when all is well. */
  outcome: number = scan.windowEnd
  badStart = 0
  badEnd = 0
  badNext = 0
  badFields = 0
  badField = 0
  /** Of a record without an end: the address of the quote that is open there; 0: none is. */
  openQuote = 0
  readonly #kernels: CsvKernels
  readonly #memory: WebAssembly.Memory
  /** Of the memory, until it grows. */
  #view = new DataView(new ArrayBuffer(0))
  readonly #maxRowBytes: number
  #bytesPerRecord = 64
  /** Before this address the quick scan has met an anomaly: it is not tried again at every bad record. */
  #exactUntil = 0

  constructor(arena: Arena, kernels: CsvKernels, options: ScannerOptions) {
    const { dialect, fieldCount } = options
    this.#kernels = kernels
    this.#memory = arena.memory
    this.#maxRowBytes = options.maxRowBytes
    const indexEntriesMax = scanWindowBytesMax + fieldCount + indexSlackEntries
    const startsMax = Math.min(scanWindowBytesMax, options.rowsMax)
    this.control = arena.allocate(controlBlockBytes)
    this.index = arena.allocate(indexEntriesMax * 4)
    this.starts = arena.allocate(startsMax * 4)
    const fives = arena.allocate(powersOfFiveBytes)
    const nullStrings = this.#writeNullStrings(arena, dialect.nullStrings)
    const word = (byte: number) => (byte === -1 ? noByte : byte)
    const view = new DataView(arena.memory.buffer, this.control, controlBlockBytes)
    const set = (offset: number, value: number) => view.setUint32(offset, value, true)
    set(controlBlock.delimiter, dialect.delimiter)
    set(controlBlock.quote, word(dialect.quote))
    set(controlBlock.escape, word(dialect.escape))
    set(controlBlock.comment, word(dialect.comment))
    set(controlBlock.fieldCount, fieldCount)
    set(controlBlock.blankLinesAreRows, options.blankLinesAreRows ? 1 : 0)
    set(controlBlock.maxRowBytes, options.maxRowBytes)
    set(controlBlock.nullStrings, nullStrings)
    set(controlBlock.index, this.index)
    set(controlBlock.starts, this.starts)
    set(controlBlock.powersOfFive, fives)
    set(controlBlock.flags, flagsOf(dialect))
    new BigUint64Array(arena.memory.buffer, fives, powersOfFiveBytes / 8).set(powersOfFive())
    set(controlBlock.indexEntriesMax, indexEntriesMax)
    set(controlBlock.startsMax, startsMax)
    for (let power = 0; power < powersOfTenCount; power++) {
      view.setFloat64(controlBlock.powersOfTen + power * 8, Number(`1e${power}`), true)
    }
  }

  #writeNullStrings(arena: Arena, strings: readonly Uint8Array[]): number {
    const table = arena.allocate(4 + strings.length * 8)
    const addresses = strings.map((text) => arena.allocate(text.length + 1, 1))
    const view = new DataView(arena.memory.buffer)
    view.setUint32(table, strings.length, true)
    for (const [i, text] of strings.entries()) {
      view.setUint32(table + 4 + i * 8, addresses[i]!, true)
      view.setUint32(table + 8 + i * 8, text.length, true)
      arena.bytes.set(text, addresses[i]!)
    }
    return table
  }

  #word(offset: number): number {
    return this.#words.getUint32(this.control + offset, true)
  }

  get #words(): DataView {
    const { buffer } = this.#memory
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer)
    return this.#view
  }

  /** Address of the first byte of record `record` of the last scan. */
  recordStart(record: number): number {
    return this.#words.getUint32(this.starts + record * 4, true)
  }

  /** Addresses of the first bytes of all records of the last scan. Invalid once the arena grows. */
  recordStarts(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.starts, this.records)
  }

  /** Must be called when the input has changed. */
  restart(): void {
    this.#exactUntil = 0
  }

  /** Scans a window that begins with the record at `from`, for at most `rowsMax` records. */
  scan(from: number, bounds: ScanBounds, rowsMax: number): void {
    const wanted = Math.ceil(rowsMax * this.#bytesPerRecord * 1.25)
    const window = Math.min(scanWindowBytesMax, Math.max(windowBytesMin, wanted))
    if (from < this.#exactUntil || !this.#scanQuick(from, window, bounds, rowsMax)) {
      this.#scanExact(from, window, bounds, rowsMax)
    }
    if (this.records > 0) this.#bytesPerRecord = (this.end - from) / this.records
  }

  /**
   * False when the exact scan must decide: an assumption fails, or no record ends in the bytes that are
   * there.
   */
  #scanQuick(from: number, windowBytes: number, bounds: ScanBounds, rowsMax: number): boolean {
    const { blockEnd, dataEnd, atEnd, lineFeedAdded } = bounds
    const scanEnd = dataEnd + (lineFeedAdded ? 1 : 0)
    const atEndWord = atEnd ? 1 : 0
    let to = from
    for (let bytes = windowBytes; ; bytes *= 2) {
      to = Math.min(from + bytes, scanEnd)
      const found = this.#kernels.scanQuick(this.control, from, to, blockEnd, rowsMax, dataEnd, atEndWord)
      if (found === quickScan.found) break
      if (found === quickScan.anomaly || to === scanEnd || bytes > this.#maxRowBytes) {
        this.#exactUntil = to
        return false
      }
    }
    this.records = this.#word(controlBlock.records)
    this.end = this.#word(controlBlock.end)
    this.outcome = scan.windowEnd
    const physicalLines = this.#word(controlBlock.physicalLines)
    const lineless = this.end === dataEnd && lineFeedAdded ? 1 : 0
    const linesBehind = physicalLines === 0 ? 0 : this.#kernels.countLineEnds(this.end, to)
    this.lines = physicalLines === 0 ? this.records - lineless : physicalLines - linesBehind
    return true
  }

  #scanExact(from: number, windowBytes: number, bounds: ScanBounds, rowsMax: number): void {
    const { blockEnd, dataEnd, atEnd } = bounds
    const stopAt = Math.min(from + windowBytes, blockEnd)
    this.outcome = this.#kernels.scanExact(this.control, from, stopAt, rowsMax, dataEnd, atEnd ? 1 : 0)
    this.records = this.#word(controlBlock.records)
    this.end = this.#word(controlBlock.end)
    this.lines = this.#kernels.countLineEnds(from, this.end)
    this.badStart = this.#word(controlBlock.badStart)
    this.badEnd = this.#word(controlBlock.badEnd)
    this.badNext = this.#word(controlBlock.badNext)
    this.badFields = this.#word(controlBlock.badFields)
    this.badField = this.#word(controlBlock.badField)
    this.openQuote = this.#word(controlBlock.openQuote)
  }
}
