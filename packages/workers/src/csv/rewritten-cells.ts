/**
 * Cells of odd dialects, brought into the form that the field kernels read: trimmed, numbers with a point and
 * no separators, dates and times as ISO 8601. The kernels then read them here instead of in the input, which
 * stays as it is for errors to quote.
 *
 * Invariants
 * - A cell's text in the new form has the same value, or, when it has none, is one that no kernel takes.
 * - What is null stays null: null strings are compared before anything is changed.
 * - Nothing is allocated per cell.
 *
 * Thread: any one; the regions are the parser's.
 */
import {
  type Arena,
  decimalShape,
  integerRanges,
  type LogicalType,
  physicalTypeOf,
} from '@millrace/core/base'
import { rewrittenCellBytesMax } from '../limits.js'
import type { Dialect } from './dialect.js'
import { kernelSlackBytes } from './kernel-layout.js'
import { isPadding } from './reference-scan.js'
import { formatOf, isoBytesMax, TemporalReader } from './temporal-format.js'

/** Cells that are rewritten before a kernel reads them. */
const cellsMax = 2048
/** Bytes for their texts. */
const textBytesMax = 64 * 1024

const [point, plus, minus, zero, exponentMark] = [0x2e, 0x2b, 0x2d, 0x30, 0x65]
/** Is no value of any type. */
const notAValue = 0x3f
const groupDigits = 3

/** What has to be done to the cells of a column. */
type Rewriting = 'trim' | 'number' | TemporalReader

/** Whether separators of numbers count in values of `type`; in the items of lists they do not. */
export function isWrittenAsNumber(type: LogicalType): boolean {
  return physicalTypeOf(type) === 'double' || integerRanges[type] !== undefined || decimalShape(type) !== null
}

/** How cells of `type` must be rewritten; null: the kernels read them as they are. */
export function rewritingOf(type: LogicalType, dialect: Dialect): Rewriting | null {
  const { decimalSeparator, thousandsSeparator, dateFormat, timestampFormat, trim } = dialect
  if (isWrittenAsNumber(type) && (decimalSeparator !== point || thousandsSeparator !== -1)) return 'number'
  if (type === 'DATE' && formatOf('dateFormat', dateFormat) !== '') {
    return new TemporalReader('dateFormat', dateFormat)
  }
  if (type === 'TIMESTAMP' && formatOf('timestampFormat', timestampFormat) !== '') {
    return new TemporalReader('timestampFormat', timestampFormat)
  }
  return trim ? 'trim' : null
}

/** Where the cells of a column stand in the index of a scan; see `assembly/cell.ts`. */
export interface CellIndex {
  readonly starts: number
  readonly startStride: number
  readonly startBias: number
  readonly ends: number
  readonly endStride: number
}

export class RewrittenCells {
  /** Addresses of the first byte of each cell, and behind its last: u32, one behind the other. */
  readonly starts: number
  readonly ends: number
  readonly #memory: WebAssembly.Memory
  readonly #text: number
  readonly #dialect: Dialect
  #textEnd = 0

  constructor(arena: Arena, dialect: Dialect) {
    this.#memory = arena.memory
    this.#dialect = dialect
    this.starts = arena.allocate(cellsMax * 4)
    this.ends = arena.allocate(cellsMax * 4)
    // Kernels read before a cell's first byte and behind its last one.
    this.#text = arena.allocate(textBytesMax + 2 * kernelSlackBytes) + kernelSlackBytes
  }

  /** Rewrites cells from number `from` on, at most `count`; returns how many there was room for. */
  rewrite(how: Rewriting, cells: CellIndex, from: number, count: number): number {
    const bytes = new Uint8Array(this.#memory.buffer)
    const words = new DataView(this.#memory.buffer)
    const wanted = Math.min(count, cellsMax)
    const { quote, trim } = this.#dialect
    const textLimit = this.#text + textBytesMax - rewrittenCellBytesMax - isoBytesMax
    this.#textEnd = this.#text
    let cell = 0
    for (; cell < wanted && this.#textEnd < textLimit; cell++) {
      const row = from + cell
      let start = words.getUint32(cells.starts + row * cells.startStride, true) + cells.startBias
      let end = words.getUint32(cells.ends + row * cells.endStride, true)
      if (trim) {
        while (start < end && isPadding(bytes[start])) start++
        while (end > start && isPadding(bytes[end - 1])) end--
      }
      if (how !== 'trim') {
        if (start < end && bytes[start] === quote) {
          start++
          end--
        }
        while (start < end && isPadding(bytes[start])) start++
        while (end > start && isPadding(bytes[end - 1])) end--
        const from = this.#textEnd
        this.#rewriteText(how, bytes, start, end)
        start = from
        end = this.#textEnd
      }
      words.setUint32(this.starts + cell * 4, start, true)
      words.setUint32(this.ends + cell * 4, end, true)
    }
    return cell
  }

  /** Appends the new form of the text in [start, end). */
  #rewriteText(how: 'number' | TemporalReader, bytes: Uint8Array, start: number, end: number): void {
    if (start === end || this.#isNullString(bytes, start, end)) return
    const out = this.#textEnd
    if (end - start <= rewrittenCellBytesMax) {
      this.#textEnd =
        how === 'number' ? this.#plainNumber(bytes, start, end) : out + how.rewrite(bytes, start, end, out)
      if (this.#textEnd > out) return
    }
    bytes[out] = notAValue
    this.#textEnd = out + 1
  }

  #isNullString(bytes: Uint8Array, start: number, end: number): boolean {
    const { nullStrings } = this.#dialect
    for (let i = 0; i < nullStrings.length; i++) {
      const text = nullStrings[i]!
      if (text.length !== end - start) continue
      let same = 0
      while (same < text.length && bytes[start + same] === text[same]) same++
      if (same === text.length) return true
    }
    return false
  }

  /**
   * Writes a number without separators, and with a point; returns where it ends, or where it began when its
   * separators are not where they may be. Whether the rest is a number the kernels say.
   */
  #plainNumber(bytes: Uint8Array, start: number, end: number): number {
    const { decimalSeparator, thousandsSeparator, quote } = this.#dialect
    const begin = this.#textEnd
    let out = begin
    let digits = 0
    let grouped = false
    let isWhole = true
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!
      if (isWhole && byte - zero >= 0 && byte - zero <= 9) digits++
      else if (isWhole && byte === thousandsSeparator) {
        if (grouped ? digits !== groupDigits : digits < 1 || digits > groupDigits) return begin
        grouped = true
        digits = 0
        continue
      } else if (byte !== plus && byte !== minus) {
        if (grouped && isWhole && digits !== groupDigits) return begin
        if (byte === decimalSeparator && isWhole) {
          bytes[out++] = point
          isWhole = false
          continue
        }
        if (byte === point || byte === thousandsSeparator || byte === decimalSeparator) return begin
        // The kernels would take quotes away a second time.
        if (byte === quote) return begin
        if ((byte | 0x20) === exponentMark) isWhole = false
      }
      bytes[out++] = byte
    }
    return grouped && isWhole && digits !== groupDigits ? begin : out
  }
}
