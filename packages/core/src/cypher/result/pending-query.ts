/**
 * What `query` gives: a result whose statement has not begun, to be asked for rows or awaited.
 *
 * - Awaiting begins the statement: one that writes, or is no query, runs to its end; one that reads runs as
 *   far as its first batch. So whatever is wrong with it is heard there, and nothing is collected.
 * - Awaiting gives a plain result, for the same rows of the same run: a thenable that resolved to itself
 *   would be awaited for ever. However often it is awaited and in whichever way rows are asked for, the
 *   statement runs once.
 */
import type { ResultColumn } from '../plan/plan.js'
import { QueryResult } from './query-result.js'
import { QueryRun, type QueryRunOptions, type ResultStart } from './query-run.js'
import type { ResultBatch } from './result-batch.js'
import { rowBatch } from './row-batch.js'
import type { Row } from './row-maker.js'

export class PendingQuery extends QueryResult implements Promise<QueryResult> {
  #begun: Promise<QueryResult> | undefined

  constructor(columns: readonly ResultColumn[], start: ResultStart, options: QueryRunOptions) {
    super(columns, new QueryRun(start, options))
  }

  get [Symbol.toStringTag](): string {
    return 'PendingQuery'
  }

  /** Begins the statement; what `await` calls. */
  // biome-ignore lint/suspicious/noThenProperty: whoever awaits a statement means it to run
  then<Kept = QueryResult, Mended = never>(
    onBegun?: ((result: QueryResult) => Kept | PromiseLike<Kept>) | null,
    onFailed?: ((reason: unknown) => Mended | PromiseLike<Mended>) | null,
  ): Promise<Kept | Mended> {
    this.#begun ??= this.run.begin().then(() => new QueryResult(this.columns, this.run))
    return this.#begun.then(onBegun, onFailed)
  }

  /** Begins the statement, as `then` does. */
  catch<Mended = never>(
    onFailed?: ((reason: unknown) => Mended | PromiseLike<Mended>) | null,
  ): Promise<QueryResult | Mended> {
    return this.then(undefined, onFailed)
  }

  /** Begins the statement, as `then` does. */
  finally(onSettled?: (() => void) | null): Promise<QueryResult> {
    return this.then().finally(onSettled)
  }
}

/**
 * A statement that is no query: it runs when it is awaited or rows are asked for, and gives the row that
 * `run` makes, if any. Columns are there once it has run.
 */
export function pendingStatement(
  run: () => Promise<Readonly<Row> | null>,
  options: Omit<QueryRunOptions, 'int64'> = {},
): PendingQuery {
  const columns: ResultColumn[] = []
  const start = async (): Promise<Iterable<ResultBatch>> => {
    const row = await run()
    if (row === null) return []
    const { columns: named, batch } = rowBatch(row)
    columns.push(...named)
    return [batch]
  }
  return new PendingQuery(columns, start, { ...options, int64: 'number' })
}
