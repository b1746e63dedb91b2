/**
 * Where each row of a parse begins, in a byte or two a row: for inputs that cannot be read again, when it has
 * turned out that a row should not be there.
 *
 * ```
 * a row:  | distance × 2 + more | with more = 1: records | line ends |     each since the row before
 * ```
 *
 * All are LEB128 numbers; the distance is in bytes. `more` is 0 where the row is the next record, on the next
 * line. Before the first row there is one at byte 0 that is record −1, on line −1.
 *
 * Thread: that of the parser whose rows are noted; whoever has the bytes may read them.
 */
import type { CsvKernels } from './kernels.js'
import type { RecordScanner } from './record-scanner.js'

/** Bytes that a row takes at most: three numbers of 32 bits. */
const rowBytesMax = 15

/** Where a row's record begins, relative to where the parse began. */
export interface RowStart {
  /** Records before it, good and bad. */
  readonly record: number
  /** Physical line ends before it. */
  readonly line: number
  /** Position of its first byte. */
  readonly byteOffset: number
}

/** What stands before the records of a scan. */
export interface ScanPlace {
  /** Address of the scan's first byte. */
  readonly from: number
  /** Records and line ends of the parse before it. */
  readonly records: number
  readonly lines: number
}

/** Notes the rows of a parse. */
export class RowPlaceLog {
  readonly #scanner: RecordScanner
  readonly #kernels: CsvKernels
  #bytes = new Uint8Array(1 << 12)
  #used = 0
  #start = 0
  #record = -1
  #line = -1

  constructor(scanner: RecordScanner, kernels: CsvKernels) {
    this.#scanner = scanner
    this.#kernels = kernels
  }

  /** A parse begins at address `start`. */
  begin(start: number): void {
    this.#used = 0
    this.#start = start
    this.#record = -1
    this.#line = -1
  }

  /**
   * Notes the first `count` records of the scanner's, but for those with a 1 in `drops`. Before any text is
   * unescaped: that changes the input.
   */
  note({ from, records, lines }: ScanPlace, count: number, drops: Uint8Array | null): void {
    this.#makeRoom(count * rowBytesMax)
    const starts = this.#scanner.recordStarts()
    const isPlain = this.#isPlain(starts)
    let at = from
    let line = lines
    for (let record = 0; record < count; record++) {
      if (drops !== null && drops[record] === 1) continue
      const start = starts[record]!
      if (isPlain) line = lines + record
      else {
        line += this.#kernels.countLineEnds(at, start)
        at = start
      }
      this.#add(start, records + record, line)
    }
  }

  /** The rows noted so far. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#used)
  }

  /** Every record begins on the line behind the one before: each ends a line at least, and none ends more. */
  #isPlain(starts: Uint32Array): boolean {
    const { records, lines, end } = this.#scanner
    return lines - this.#kernels.countLineEnds(starts[records - 1]!, end) === records - 1
  }

  #add(start: number, record: number, line: number): void {
    const isNext = record === this.#record + 1 && line === this.#line + 1
    this.#push((start - this.#start) * 2 + (isNext ? 0 : 1))
    if (!isNext) {
      this.#push(record - this.#record)
      this.#push(line - this.#line)
    }
    this.#start = start
    this.#record = record
    this.#line = line
  }

  #push(number: number): void {
    let left = number
    while (left > 127) {
      this.#bytes[this.#used++] = (left & 127) | 128
      left >>>= 7
    }
    this.#bytes[this.#used++] = left
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.#used + bytes))
    larger.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = larger
  }
}

/** Goes through the rows that were noted: where each begins, relative to where their parse began. */
export class RowPlaceCursor implements RowStart {
  record = -1
  line = -1
  byteOffset = 0
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Goes to the next row; false when there is none. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false
    const first = this.#take()
    const isNext = first % 2 === 0
    this.byteOffset += Math.floor(first / 2)
    this.record += isNext ? 1 : this.#take()
    this.line += isNext ? 1 : this.#take()
    return true
  }

  #take(): number {
    let number = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++]!
      number += (byte & 127) * scale
      if (byte < 128) return number
    }
  }
}
