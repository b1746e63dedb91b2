/**
 * Refused records on their way to the file of rejects: lines of it but for what is known only to whoever has
 * the whole input, their places. No object is made per record.
 *
 * Entries stand one behind the other; numbers are little-endian:
 *
 * | byte | type  | holds                                                                                   |
 * |------|-------|-----------------------------------------------------------------------------------------|
 * | 0    | u32   | records before it, since the parse's start                                              |
 * | 4    | u32   | physical line ends before it, since the parse's start                                   |
 * | 8    | u32   | bytes that follow; 0: the record is described apart                                     |
 * | 12   | bytes | `column,kind,message,record` and a line feed                                            |
 *
 * Records without an end are described apart, because nobody knows here where their lines end and their
 * quotes open, and so are those that are long: as objects, of which there are few.
 *
 * Thread: that of the parser whose errors are written down; whoever has the bytes may read them.
 */
import { rejectsApartMax } from '../limits.js'
import type { CsvError, ErrorContent } from './csv-error.js'

const headerBytes = 12

/** Bytes that a UTF-16 unit takes in UTF-8, at most. */
const unitBytesMax = 3

/** Part of the memory that one entry may take. */
const entryShare = 1 / 4

const quote = 0x22
const lineFeed = 0x0a

function needsQuotes(text: string): boolean {
  return /[",\r\n]/.test(text)
}

/** A text as a field of CSV. */
export function csvField(text: string): string {
  return needsQuotes(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Whether bytes must stand in quotes to be a field of CSV. */
function needsQuotesIn(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === quote || byte === 0x2c || byte === lineFeed || byte === 0x0d) return true
  }
  return false
}

export class RefusedLog {
  #memory: Buffer
  #view: DataView
  #used = 0
  #apart: CsvError[] = []
  /** What was wrong with the last one, and the text of that. */
  #content: ErrorContent | null = null
  #head = ''

  /** @param memory of the entries, its own until it is given others; at least 64 KiB are wise */
  constructor(memory: Buffer) {
    this.#memory = memory
    this.#view = viewOf(memory)
  }

  /** Writes to other memory from now on. */
  moveTo(memory: Buffer): void {
    this.#memory = memory
    this.#view = viewOf(memory)
    this.clear()
  }

  clear(): void {
    this.#used = 0
    this.#apart = []
  }

  /** Bytes of the entries at the beginning of the memory. */
  get bytes(): number {
    return this.#used
  }

  /** The entries. Valid until the next `add` or `clear`. */
  get entries(): Uint8Array {
    return this.#memory.subarray(0, this.#used)
  }

  /** The records that are described apart, in their order. */
  get apart(): CsvError[] {
    return this.#apart
  }

  /**
   * Adds a record: what is wrong with it, where it stands, as errors say it, and its bytes, from `start` on
   * in `source`.
   * @returns false when there is no room for it
   */
  add(
    content: ErrorContent,
    row: number,
    line: number,
    byteOffset: number,
    recordBytes: number | null,
    source: Uint8Array,
    start: number,
  ): boolean {
    const head = this.#headOf(content)
    const bytesMax = headerBytes + head.length * unitBytesMax + (recordBytes ?? 0) * 2 + 3
    if (recordBytes === null || bytesMax > this.#memory.length * entryShare) {
      return this.#addApart({ ...content, row, line, byteOffset, recordBytes })
    }
    if (bytesMax > this.#memory.length - this.#used) return false
    const from = this.#used + headerBytes
    let at = from + this.#memory.write(head, from)
    at = this.#addRecord(source, start, start + recordBytes, at)
    this.#memory[at++] = lineFeed
    this.#close(row, line, at - from)
    return true
  }

  /** What stands before a record. Many may be wrong in the same way. */
  #headOf(content: ErrorContent): string {
    if (content !== this.#content) {
      const { kind, column, message } = content
      this.#content = content
      this.#head = `${csvField(column ?? '')},${kind},${csvField(message)},`
    }
    return this.#head
  }

  #addApart(error: CsvError): boolean {
    const isFull = this.#apart.length >= rejectsApartMax || headerBytes > this.#memory.length - this.#used
    if (isFull) return false
    this.#apart.push(error)
    this.#close(error.row, error.line, 0)
    return true
  }

  /** Bytes are quoted as bytes, so that what is no UTF-8 stays what it is. @returns where they end */
  #addRecord(source: Uint8Array, start: number, end: number, to: number): number {
    const memory = this.#memory
    let at = to
    if (!needsQuotesIn(source, start, end)) {
      for (let i = start; i < end; i++) memory[at++] = source[i]!
      return at
    }
    memory[at++] = quote
    for (let i = start; i < end; i++) {
      const byte = source[i]!
      memory[at++] = byte
      if (byte === quote) memory[at++] = quote
    }
    memory[at++] = quote
    return at
  }

  #close(row: number, line: number, bytes: number): void {
    this.#view.setUint32(this.#used, row, true)
    this.#view.setUint32(this.#used + 4, line, true)
    this.#view.setUint32(this.#used + 8, bytes, true)
    this.#used += headerBytes + bytes
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Goes through the entries of a log. */
export class RefusedCursor {
  /** Of the entry at hand. */
  row = 0
  line = 0
  readonly #entries: Uint8Array
  readonly #view: DataView
  #next = 0
  #from = 0

  constructor(entries: Uint8Array) {
    this.#entries = entries
    this.#view = viewOf(entries)
  }

  /** Goes to the next entry; false when there is none. */
  next(): boolean {
    if (this.#next >= this.#entries.length) return false
    this.row = this.#view.getUint32(this.#next, true)
    this.line = this.#view.getUint32(this.#next + 4, true)
    this.#from = this.#next + headerBytes
    this.#next = this.#from + this.#view.getUint32(this.#next + 8, true)
    return true
  }

  /** The record is described apart. */
  get isApart(): boolean {
    return this.bytes === 0
  }

  /** Bytes of `column,kind,message,record` and the line feed. */
  get bytes(): number {
    return this.#next - this.#from
  }

  /** Writes these bytes. */
  copyTo(target: Uint8Array, at: number): void {
    target.set(this.#entries.subarray(this.#from, this.#next), at)
  }
}
