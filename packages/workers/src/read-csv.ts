/** `readCsv`: the parser alone. What does the work is loaded when somebody asks for rows. */
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { MillraceError } from '@millrace/core'
import type { ImportSource } from './import/index.js'
import { threadInputBytes, threadsMax } from './limits.js'
import type {
  ArrowTable,
  CsvBatch,
  CsvColumnInfo,
  CsvReadResult,
  CsvRow,
  OpenedCsv,
  ReadOptions,
} from './read/index.js'
import { ParsePool } from './threads/index.js'

const loadReading = () => import('./read/index.js')

/** Bytes of the files; infinite where they cannot be told without opening the source. */
function bytesOf(source: ImportSource): number {
  if (typeof source !== 'string' && !Array.isArray(source)) return Number.POSITIVE_INFINITY
  const sizeOf = (path: string) => {
    const stats = statSync(path)
    return stats.isFile() ? stats.size : Number.POSITIVE_INFINITY
  }
  try {
    return [source].flat().reduce((bytes, path) => bytes + sizeOf(path), 0)
  } catch {
    // A glob, or what is refused when it is opened.
    return Number.POSITIVE_INFINITY
  }
}

/**
 * A thread for each processor, unless files are too small to be worth the start of so many. Types that are
 * guessed are quick ones; others may be slow.
 */
function usualThreads(source: ImportSource, { blockSize, types }: ReadOptions): number {
  const most = Math.min(availableParallelism(), threadsMax)
  if (blockSize !== undefined || types !== undefined) return most
  return Math.max(1, Math.min(most, Math.ceil(bytesOf(source) / threadInputBytes)))
}

/** CSV that is read once, in batches of columns. */
export class CsvReader implements AsyncIterable<CsvBatch> {
  readonly #source: ImportSource
  readonly #options: ReadOptions
  readonly #stopping = new AbortController()
  #opened: Promise<OpenedCsv> | undefined
  #isTaken = false
  #result: CsvReadResult | undefined

  constructor(source: ImportSource, options: ReadOptions) {
    this.#source = source
    this.#options = options
  }

  /** What was read; undefined until all of it was. */
  get result(): CsvReadResult | undefined {
    return this.#result
  }

  /**
   * Names and types of the columns that batches have. Opens the source, and looks at its beginning; whoever
   * does not iterate afterwards closes the reader.
   * @throws MillraceError as the iteration does
   */
  async columns(): Promise<readonly CsvColumnInfo[]> {
    return (await this.#open()).columns.map(({ name, type }) => ({ name, type }))
  }

  /**
   * The batches, in file order, once. They own their memory, unless `reuse` is on. Ending early (`break`)
   * closes everything.
   * @throws MillraceError when the source cannot be read, or at the first record that is refused (unless
   *   `ignoreErrors`), with its place, behind the rows before it; the signal's reason when it was aborted
   */
  [Symbol.asyncIterator](): AsyncGenerator<CsvBatch> {
    return this.#batches(this.#options.reuse === true)
  }

  async *#batches(reuse: boolean): AsyncGenerator<CsvBatch> {
    if (this.#isTaken) {
      throw new MillraceError('MILLRACE_ARGUMENT', {
        what: 'rows of a CSV reader',
        value: 'asking again',
        expected: 'asking once: call readCsv again',
      })
    }
    this.#isTaken = true
    const { signal, int64 = 'number' } = this.#options
    const onAbort = () => this.#stopping.abort(signal?.reason)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort)
    try {
      const opened = await this.#open()
      const onEnd = (result: CsvReadResult) => {
        this.#result = result
      }
      const { readBatches } = await loadReading()
      yield* readBatches(opened, { int64, reuse, signal: this.#stopping.signal, onEnd })
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** The rows as objects, one after the other: convenient, and many times slower than batches. */
  async *rows(): AsyncGenerator<CsvRow> {
    // `yield*` would await each of them twice.
    for await (const batch of this) for (const row of batch.rows()) yield row
  }

  /** All of it as one Arrow table, in memory. */
  async toArrow(): Promise<ArrowTable> {
    const columns = await this.columns()
    const batches: CsvBatch[] = []
    for await (const batch of this.#batches(false)) batches.push(batch)
    return (await loadReading()).arrowOf(columns, batches, this.#options.int64 ?? 'number')
  }

  /** Closes a source that `columns` has opened and nobody iterates. An iteration closes it by itself. */
  async close(): Promise<void> {
    if (this.#isTaken) return
    this.#isTaken = true
    const opened = await this.#opened?.catch(() => undefined)
    if (opened !== undefined) await (await loadReading()).closeCsv(opened)
  }

  #open(): Promise<OpenedCsv> {
    this.#opened ??= this.#openFirst()
    return this.#opened
  }

  async #openFirst(): Promise<OpenedCsv> {
    this.#stopping.signal.throwIfAborted()
    const { threads = usualThreads(this.#source, this.#options) } = this.#options
    // Another number is refused by what is loaded below.
    const isNumber = Number.isInteger(threads) && threads >= 1 && threads <= threadsMax
    // Before anything else: what reads and guesses is loaded while the workers load.
    const pool = isNumber ? ParsePool.forReading(threads) : null
    const { openCsv } = await loadReading()
    return await openCsv(this.#source, this.#options, pool, this.#stopping.signal)
  }
}

/**
 * Reads CSV as batches of columns, without a database: parsed in parallel, in bounded memory, in file order.
 *
 * ```ts
 * for await (const batch of readCsv('flights.csv', { columns: ['from', 'to'] })) use(batch.columns)
 * ```
 *
 * @param source a path, a glob, a list of them, or a Node `Readable`
 * @returns a reader that is iterated once: by batches, by `rows()`, or wholly by `toArrow()`. Nothing is read
 *   before that.
 */
export function readCsv(source: ImportSource, options: ReadOptions = {}): CsvReader {
  return new CsvReader(source, options)
}
