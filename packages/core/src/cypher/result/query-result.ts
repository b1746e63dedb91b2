/**
 * The rows of a query, asked for once, in one of four ways: iteration, `toArray`, `toArrow`, `batches`.
 *
 * - Nothing runs before the first row is asked for; the query goes on only as far as rows are asked for.
 * - It runs on the calling thread and lets other work of the event loop in about every 10 ms, also while it
 *   gives no rows.
 * - Ending early (break, `close`, a signal), an error, and reaching the end all release what the query holds,
 *   once. `close` and signals are heeded at the next turn.
 */
import type { Table } from 'apache-arrow'
import { MillraceError } from '../../errors/index.js'
import type { RefusedRows } from '../external.js'
import { turnMs } from '../operators/pace.js'
import type { ResultColumn } from '../plan/plan.js'
import type { ResultBatch } from './result-batch.js'
import { rowBatch } from './row-batch.js'
import { turn } from './turn.js'
import { type Int64Mode, valueReader } from './values.js'

/** A row by column name. It has no prototype: every column name is safe. */
export type Row = Record<string, unknown>

export type ResultStart = () => Iterable<ResultBatch> | Promise<Iterable<ResultBatch>>

export interface QueryResultOptions {
  readonly int64: Int64Mode
  /** End the query with their reason when one of them is aborted. */
  readonly signals?: readonly AbortSignal[]
  /** What has been left out of rows from outside. */
  readonly refused?: () => readonly RefusedRows[]
  /** Called once, when the query has ended in whichever way. */
  readonly onClose?: () => void
}

/**
 * When the event loop last turned for a query of this thread. Of all queries: many short ones, each asked for
 * when the one before has ended, would otherwise let nothing else in.
 */
let turnBegan = performance.now()

const noRows: ResultBatch = { rows: 0, columns: [] }

export class QueryResult implements AsyncIterable<Row> {
  /** Names and types, in order. */
  readonly columns: readonly ResultColumn[]
  readonly #start: ResultStart
  readonly #options: QueryResultOptions
  #state: 'waiting' | 'running' | 'closing' | 'closed' = 'waiting'
  #running: AsyncGenerator<ResultBatch> | undefined

  constructor(columns: readonly ResultColumn[], start: ResultStart, options: QueryResultOptions) {
    this.columns = columns
    this.#start = start
    this.#options = options
  }

  /**
   * Records that LOAD FROM has left out, where the statement says `IGNORE_ERRORS`: one entry for each reading
   * that left out any, when it has ended. All of them are counted, the first described.
   */
  get refused(): readonly RefusedRows[] {
    return this.#options.refused?.() ?? []
  }

  /** Columns of up to some thousand rows at a time, as the engine holds them. */
  batches(): AsyncIterable<ResultBatch> & AsyncIterator<ResultBatch> {
    if (this.#state !== 'waiting') {
      throw new MillraceError('MILLRACE_ARGUMENT', {
        what: 'rows of a result',
        value: 'asking again',
        expected: 'asking once: keep them with toArray(), or run the query again',
      })
    }
    this.#state = 'running'
    this.#running = this.#run()
    return this.#running
  }

  async *#run(): AsyncGenerator<ResultBatch> {
    try {
      this.#throwIfAborted()
      if (performance.now() - turnBegan > turnMs) await this.#turn(noRows)
      for (const batch of await this.#start()) {
        if (batch.rows === 0 || performance.now() - turnBegan > turnMs) await this.#turn(batch)
        if (this.#isClosing) return
        this.#throwIfAborted()
        if (batch.rows > 0) yield batch
        // Whoever asked for the batch may have taken its time.
        this.#throwIfAborted()
      }
    } finally {
      this.#ended()
    }
  }

  async #turn(batch: ResultBatch): Promise<void> {
    await turn(batch, this.#options.signals ?? [])
    turnBegan = performance.now()
  }

  get #isClosing(): boolean {
    return this.#state === 'closing'
  }

  #throwIfAborted(): void {
    for (const signal of this.#options.signals ?? []) signal.throwIfAborted()
  }

  #ended(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#options.onClose?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    for await (const batch of this.batches()) yield* this.#rowsOf(batch)
  }

  *#rowsOf(batch: ResultBatch): Generator<Row> {
    const names = this.columns.map(({ name }) => name)
    const readers = batch.columns.map((vector, index) => {
      const { name, type } = this.columns[index]!
      return valueReader(vector, type, name, this.#options.int64)
    })
    for (let at = 0; at < batch.rows; at++) {
      const row: Row = Object.create(null)
      for (let column = 0; column < readers.length; column++) row[names[column]!] = readers[column]!(at)
      yield row
    }
  }

  /** All rows. */
  async toArray(): Promise<Row[]> {
    const rows: Row[] = []
    for await (const batch of this.batches()) for (const row of this.#rowsOf(batch)) rows.push(row)
    return rows
  }

  /**
   * All rows as an Arrow table: INT64 as Int64, INT32 as Int32, DOUBLE as Float64, BOOL as Bool, STRING as
   * Utf8, DATE as DateDay, TIMESTAMP in microseconds; nodes, relationships and lists as JSON in Utf8. `int64`
   * plays no part.
   */
  async toArrow(): Promise<Table> {
    const { ArrowBuilder } = await import('./arrow.js')
    const builder = new ArrowBuilder(this.columns)
    for await (const batch of this.batches()) builder.append(batch)
    return builder.finish()
  }

  /** Ends the query, finished or not. Safe to call again. */
  async close(): Promise<void> {
    if (this.#state === 'running') this.#state = 'closing'
    await this.#running?.return(undefined)
    this.#ended()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * The result of a statement that is no query: it runs when rows are asked for, and gives the row that `run`
 * makes, if any. Columns are there once it has run.
 */
export function statementResult(run: () => Promise<Readonly<Row> | null>): QueryResult {
  const columns: ResultColumn[] = []
  const start = async (): Promise<Iterable<ResultBatch>> => {
    const row = await run()
    if (row === null) return []
    const { columns: named, batch } = rowBatch(row)
    columns.push(...named)
    return [batch]
  }
  return new QueryResult(columns, start, { int64: 'number' })
}
