/**
 * Finds rows of a load again: the store knows only their numbers. A file is read again, unpacked again if
 * need be, and its batches are parsed again; of a stream it was kept where each row began. Runs on the
 * caller's thread.
 */
import { Arena, assert, MemoryBudget } from '@millrace/core/base'
import {
  BlockParser,
  type CsvError,
  columnsInOrder,
  type ErrorContent,
  heapBytesFor,
  isSameOrder,
  RefusedLog,
  RowPlaceCursor,
} from '../csv/index.js'
import type { ParseJob } from '../threads/index.js'
import type { OpenInput } from './input.js'
import type { KeptPlaces, KeptPlacesReader } from './kept-places.js'
import type { Ledger, LedgerEntry } from './ledger.js'
import { TextAgain } from './text-again.js'

/** Rows of a batch that were found. */
export interface FoundRows {
  /** Where the batch, or what is at hand of it, begins: the places of the rows count from there. */
  readonly before: { readonly file: string; readonly records: number; readonly lines: number }
  /**
   * What was said of them, in full, as long as that was asked for; `byteOffset` counts from the file's start.
   */
  readonly errors: readonly CsvError[]
  /** All of them, if they are to be written down: valid until the next rows are asked for. */
  readonly log: RefusedLog
  /** The bytes of one that the log describes apart. */
  readonly recordOf: (error: CsvError) => Uint8Array
}

/** What is asked of rows. */
export interface RowsWanted {
  /** Their numbers, which ascend. */
  readonly rows: Iterable<number>
  /** What is said of the one of this index. */
  readonly describe: (index: number) => ErrorContent
  /** Rows that are described in full. */
  readonly describedMax: number
}

/** Bytes of rows that are written down at a time. */
const logBytes = 256 * 1024

/** What is known of a load. */
export interface RowFinderParts {
  readonly ledger: Ledger
  readonly job: ParseJob
  /** Of a stream. */
  readonly places: KeptPlaces | null
  readonly signal: AbortSignal
}

/** What is asked of the rows of one batch. */
interface Asked {
  readonly rows: Uint32Array
  readonly describe: (index: number) => ErrorContent
}

/** Finds rows in ascending order, each once. */
export class RowFinder {
  readonly #parts: RowFinderParts
  readonly #kept: KeptPlacesReader | null
  readonly #log = new RefusedLog(Buffer.allocUnsafe(logBytes))
  /** For the bytes of a batch. */
  #buffer = new Uint8Array(0)
  /** For files whose columns stand in this order. */
  #parser: BlockParser | null = null
  #order: Uint32Array | null = null
  /** The file that is unpacked again, or decoded. */
  #text: { readonly of: OpenInput; readonly again: TextAgain } | null = null

  constructor(parts: RowFinderParts) {
    this.#parts = parts
    this.#kept = parts.places?.reader() ?? null
  }

  /**
   * Finds rows of the stretch. Lets the event loop turn between batches.
   * @throws MillraceError `MILLRACE_SOURCE_CHANGED` when a file is not what it was; the signal's reason
   */
  async *find({ rows, describe, describedMax }: RowsWanted): AsyncGenerator<FoundRows> {
    let found = 0
    try {
      for (const [entry, numbers] of this.#byBatch(rows)) {
        await new Promise((resolve) => setImmediate(resolve))
        this.#parts.signal.throwIfAborted()
        const before = found
        const asked = {
          rows: numbers,
          describe: (index: number) => describe(before + index),
        }
        const describedLeft = () => Math.max(0, describedMax - found)
        const parts =
          entry.places === null
            ? this.#findIn(entry, await this.#textOf(entry), asked, describedLeft)
            : this.#findAmongKept(entry, asked, describedLeft)
        for (const [part, count] of parts) {
          found += count
          yield part
        }
      }
    } finally {
      this.#text?.again.close()
    }
  }

  /** Batches with the numbers, within them, of the rows that they have: valid until the next is asked for. */
  *#byBatch(rows: Iterable<number>): Generator<[LedgerEntry, Uint32Array]> {
    let entry: LedgerEntry | undefined
    let numbers = new Uint32Array(0)
    let count = 0
    for (const row of rows) {
      if (entry === undefined || row >= entry.firstRow + entry.rows) {
        if (entry !== undefined) yield [entry, numbers.subarray(0, count)]
        entry = this.#parts.ledger.find(row)
        assert(entry !== undefined, `row ${row} came with a batch`)
        if (numbers.length < entry.rows) numbers = new Uint32Array(entry.rows)
        count = 0
      }
      numbers[count++] = row - entry.firstRow
    }
    if (entry !== undefined) yield [entry, numbers.subarray(0, count)]
  }

  /** Parses the bytes of a batch again, as often as the log is full. */
  *#findIn(
    entry: LedgerEntry,
    text: Uint8Array,
    { rows, describe }: Asked,
    describedLeft: () => number,
  ): Generator<[FoundRows, number]> {
    const { length } = text
    const parser = this.#parserFor(entry)
    parser.inputView(0, length).set(text)
    let [start, midLine] = [0, entry.midLine]
    let [records, lines] = [entry.recordsBefore, entry.linesBefore]
    for (let [found, passed] = [0, 0]; found < rows.length; ) {
      const first = found
      const parsed = parser.parse({
        ...{ length, blockBytes: length, start, atEnd: true, midLine },
        rowsMax: this.#parts.job.rowsMax,
        errorsKeptMax: describedLeft(),
        refused: this.#log,
        refuse: {
          rows: rows.subarray(first),
          firstRow: passed,
          describe: (index) => describe(first + index),
          alone: true,
        },
      })
      assert(parsed.end > start, 'rows are found where they were')
      const inFile = (error: CsvError) => ({ ...error, byteOffset: entry.start + error.byteOffset })
      const recordOf = ({ byteOffset, recordBytes }: CsvError) =>
        text.subarray(byteOffset, byteOffset + recordBytes!)
      const before = { file: entry.source.input.name, records, lines }
      yield [{ before, errors: parsed.errors.map(inFile), log: this.#log, recordOf }, parsed.errorCount]
      found += parsed.errorCount
      passed += parsed.rows
      records += parsed.records
      lines += parsed.lines
      start = parsed.end
      midLine = parsed.midLine
    }
  }

  /** The bytes of these records are gone. */
  *#findAmongKept(
    entry: LedgerEntry,
    { rows, describe }: Asked,
    describedLeft: () => number,
  ): Generator<[FoundRows, number]> {
    const log = this.#log
    const nothing = new Uint8Array(0)
    const before = { file: entry.source.input.name, records: entry.recordsBefore, lines: entry.linesBefore }
    let errors: CsvError[] = []
    let [found, told] = [0, 0]
    const part = (): [FoundRows, number] => [{ before, errors, log, recordOf: () => nothing }, found - told]
    log.clear()
    const place = new RowPlaceCursor(this.#kept!.read(entry.places!))
    for (let row = 0; found < rows.length && place.next(); row++) {
      if (row !== rows[found]) continue
      const content = describe(found)
      const { record, line, byteOffset } = place
      while (!log.add(content, record, line, byteOffset, 0, nothing, 0)) {
        yield part()
        told = found
        errors = []
        log.clear()
      }
      if (found - told < describedLeft()) {
        errors.push({ ...content, row: record, line, byteOffset: entry.start + byteOffset, recordBytes: 0 })
      }
      found += 1
    }
    yield part()
  }

  /** All bytes of a batch, until the next is asked for. */
  async #textOf({ source, start, end }: LedgerEntry): Promise<Uint8Array> {
    const { input } = source
    if (input.bytes.kind === 'file') {
      const length = end - start
      if (this.#buffer.length < length) this.#buffer = new Uint8Array(length)
      const bytes = this.#buffer.subarray(0, length)
      input.read(bytes, start)
      input.check()
      return bytes
    }
    if (this.#text?.of !== source) {
      this.#text?.again.close()
      const bytes = input.readAgain()
      assert(bytes !== null, 'of a stream it was kept where rows began')
      this.#text = { of: source, again: new TextAgain(bytes, this.#parts.signal) }
    }
    return await this.#text.again.read(start, end)
  }

  #parserFor({ source }: LedgerEntry): BlockParser {
    if (this.#parser === null || !isSameOrder(this.#order, source.order)) {
      this.#order = source.order
      this.#parser = this.#makeParser()
    }
    return this.#parser
  }

  /** A parser with room for the largest batch. */
  #makeParser(): BlockParser {
    const { job, ledger } = this.#parts
    const inputBytesMax = ledger.entries.reduce((most, { start, end }) => Math.max(most, end - start), 0)
    const heap = heapBytesFor(job.columns.map(({ type }) => type))
    const rowBytes = 9 * job.columns.length + heap.ofRow
    const bytesMax = inputBytesMax + job.maxRowBytes + job.rowsMax * rowBytes + heap.shared + (8 << 20)
    return new BlockParser(new Arena(new MemoryBudget(bytesMax), bytesMax), {
      dialect: job.dialect,
      columns: columnsInOrder(job.columns, this.#order),
      fieldCount: job.fieldCount,
      rowsMax: job.rowsMax,
      maxRowBytes: job.maxRowBytes,
      ignoreErrors: job.ignoreErrors,
      errorsKeptMax: 0,
      inputBytesMax,
    })
  }
}
