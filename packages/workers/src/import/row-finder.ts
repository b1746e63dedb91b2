/**
 * Finds rows of a load again: the store knows only their numbers. A file is read again, unpacked again if
 * need be, and its batches are parsed again; of a stream it was kept where each row began. Runs on the
 * caller's thread.
 */
import { Arena, assert, MemoryBudget } from '@millrace/core/base'
import {
  BlockParser,
  columnsInOrder,
  heapBytesFor,
  isSameOrder,
  locateRows,
  type RowStart,
  readRowPlaces,
} from '../csv/index.js'
import type { ParseJob } from '../threads/index.js'
import type { OpenInput } from './input.js'
import type { KeptPlaces, KeptPlacesReader } from './kept-places.js'
import type { Ledger, LedgerEntry } from './ledger.js'
import type { ImportError } from './result.js'
import { TextAgain } from './text-again.js'

/** A row of the load. */
export interface FoundRow {
  readonly place: Pick<ImportError, 'file' | 'row' | 'line' | 'byteOffset'>
  /** The bytes of its record, with the line end; null where they are gone. */
  readonly record: Uint8Array | null
}

/** What is known of a load. */
export interface RowFinderParts {
  readonly ledger: Ledger
  readonly job: ParseJob
  /** Of a stream. */
  readonly places: KeptPlaces | null
  readonly signal: AbortSignal
}

/** Finds rows in ascending order, each once. */
export class RowFinder {
  readonly #parts: RowFinderParts
  readonly #kept: KeptPlacesReader | null
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
   * Finds rows of the stretch, by their numbers, which ascend. Lets the event loop turn between batches.
   * @throws MillraceError `MILLRACE_SOURCE_CHANGED` when a file is not what it was; the signal's reason
   */
  async *find(rows: Iterable<number>): AsyncGenerator<FoundRow> {
    try {
      for (const [entry, numbers] of this.#byBatch(rows)) {
        await new Promise((resolve) => setImmediate(resolve))
        this.#parts.signal.throwIfAborted()
        yield* await this.#findIn(entry, numbers)
      }
    } finally {
      this.#text?.again.close()
    }
  }

  /** Batches with the numbers, within them, of the rows that they have. */
  *#byBatch(rows: Iterable<number>): Generator<[LedgerEntry, number[]]> {
    let entry: LedgerEntry | undefined
    let numbers: number[] = []
    for (const row of rows) {
      if (entry === undefined || row >= entry.firstRow + entry.rows) {
        if (entry !== undefined) yield [entry, numbers]
        entry = this.#parts.ledger.find(row)
        assert(entry !== undefined, `row ${row} came with a batch`)
        numbers = []
      }
      numbers.push(row - entry.firstRow)
    }
    if (entry !== undefined) yield [entry, numbers]
  }

  async #findIn(entry: LedgerEntry, rows: readonly number[]): Promise<FoundRow[]> {
    if (entry.places !== null) return this.#foundAmongKept(entry, rows)
    const text = await this.#textOf(entry)
    const { length } = text
    const { rowsMax } = this.#parts.job
    const { order } = entry.source
    if (this.#parser === null || !isSameOrder(this.#order, order)) {
      this.#order = order
      this.#parser = this.#makeParser()
    }
    this.#parser.inputView(0, length).set(text)
    const { midLine } = entry
    const request = { length, blockBytes: length, start: 0, atEnd: true, rowsMax, midLine }
    return locateRows(this.#parser, request, rows).map(({ recordBytes, ...place }) => ({
      place: inFile(entry, place),
      record: text.subarray(place.byteOffset, place.byteOffset + recordBytes),
    }))
  }

  #foundAmongKept(entry: LedgerEntry, rows: readonly number[]): FoundRow[] {
    const found: FoundRow[] = []
    let row = 0
    for (const place of readRowPlaces(this.#kept!.read(entry.places!))) {
      if (row === rows[found.length]) found.push({ place: inFile(entry, place), record: null })
      row += 1
    }
    return found
  }

  /** All bytes of a batch. */
  async #textOf({ source, start, end }: LedgerEntry): Promise<Uint8Array> {
    const { input } = source
    if (input.bytes.kind === 'file') {
      const bytes = new Uint8Array(end - start)
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

/** A place in a batch as it is in the file. */
function inFile(entry: LedgerEntry, { record, line, byteOffset }: RowStart): FoundRow['place'] {
  return {
    file: entry.source.input.name,
    row: entry.recordsBefore + record + 1,
    line: entry.linesBefore + line + 1,
    byteOffset: entry.start + byteOffset,
  }
}
