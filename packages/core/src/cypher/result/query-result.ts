/**
 * The rows of a query, asked for once, in one of four ways: iteration, `toArray`, `toArrow`, `batches`. When
 * the query runs and what it holds is the business of its run (`query-run.ts`).
 *
 * - Iterators refer to the result that they came from: while one can be asked, the query is not let go.
 */
import type { Table } from 'apache-arrow'
import type { RefusedRows } from '../external.js'
import type { ResultColumn } from '../plan/plan.js'
import type { QueryRun } from './query-run.js'
import type { ResultBatch } from './result-batch.js'
import { type Row, rowMaker } from './row-maker.js'
import { valueReader } from './values.js'

export class QueryResult implements AsyncIterable<Row> {
  /** Names and types, in order. */
  readonly columns: readonly ResultColumn[]
  protected readonly run: QueryRun

  constructor(columns: readonly ResultColumn[], run: QueryRun) {
    this.columns = columns
    this.run = run
    run.heldBy(this)
  }

  /**
   * Records that LOAD FROM has left out, where the statement says `IGNORE_ERRORS`: one entry for each reading
   * that left out any, when it has ended. All of them are counted, the first described.
   */
  get refused(): readonly RefusedRows[] {
    return this.run.refused
  }

  /**
   * Columns of up to some thousand rows at a time, as the engine holds them.
   * @throws MillraceError `MILLRACE_ARGUMENT` when rows were asked for before, in whichever way
   */
  batches(): AsyncIterable<ResultBatch> & AsyncIterator<ResultBatch> {
    return this.#referringTo(this.run.batches())
  }

  /** Its frame refers to this result as long as it can be resumed. */
  async *#referringTo(batches: AsyncIterable<ResultBatch>): AsyncGenerator<ResultBatch> {
    yield* batches
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    // `yield*` would await each of them twice.
    for await (const batch of this.run.batches()) for (const row of this.#rowsOf(batch)) yield row
  }

  *#rowsOf(batch: ResultBatch): Generator<Row> {
    const names = this.columns.map(({ name }) => name)
    const readers = batch.columns.map((vector, index) => {
      const { name, type } = this.columns[index]!
      return valueReader(vector, type, name, this.run.int64)
    })
    const rowAt = rowMaker(names, readers)
    for (let at = 0; at < batch.rows; at++) yield rowAt(at)
  }

  /** All rows. */
  async toArray(): Promise<Row[]> {
    const rows: Row[] = []
    for await (const batch of this.run.batches()) for (const row of this.#rowsOf(batch)) rows.push(row)
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
    for await (const batch of this.run.batches()) builder.append(batch)
    return builder.finish()
  }

  /** Ends the query, finished or not. Safe to call again. */
  async close(): Promise<void> {
    await this.run.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
