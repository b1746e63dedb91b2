/**
 * COPY … FROM (…): the rows of a query as a stream of CSV, which is loaded as any other. The query runs as
 * far as the load asks for rows, on the caller's thread.
 */
import { Readable } from 'node:stream'
import { MillraceError } from '@millrace/core/internal'
import {
  type CopiedQuery,
  csvOfBatch,
  execute,
  type GraphReader,
  type Parameters,
  type Prepared,
  QueryRun,
  type RefusedRows,
} from '@millrace/core/query'
import type { ImportResult, NamedStream } from '../import/index.js'
import type { CurrentState } from './current-state.js'
import type { PlanCache } from './plan-cache.js'
import type { AskedStatement } from './statement-options.js'

type PreparedCopy = Extract<Prepared, { kind: 'copy' }>

/** What a query is run with. */
export interface StartedQuery {
  readonly graph: GraphReader
  /** The statement, as it is prepared for the graph. */
  readonly prepare: () => Prepared
  /** Called when the graph is not read any more. */
  readonly release: () => void
}

/**
 * The rows of the query of a COPY as a source for it.
 * @param start called when the first rows are asked for: the load has begun then, and statements before it
 * are done
 */
export function queryAsSource(
  start: () => StartedQuery,
  parameters: Parameters,
  signals: readonly AbortSignal[],
): NamedStream {
  const stream = Readable.from(csvOfQuery(start, parameters, signals), { objectMode: false })
  return Object.assign(stream, { sourceName: 'the query' })
}

/** The same over what is committed when the load has begun. */
export function committedRows(
  state: CurrentState,
  plans: PlanCache,
  { statement, parameters, sources }: AskedStatement,
  signals: readonly AbortSignal[],
): NamedStream {
  const start = () => {
    const { snapshot, release } = state.read()
    return { graph: snapshot, prepare: () => plans.prepare(statement, snapshot.catalog, sources), release }
  }
  return queryAsSource(start, parameters, signals)
}

async function* csvOfQuery(
  start: () => StartedQuery,
  parameters: Parameters,
  signals: readonly AbortSignal[],
): AsyncGenerator<Buffer> {
  const { graph, prepare, release } = start()
  let run: QueryRun
  let query: CopiedQuery
  try {
    query = queryOf(prepare())
    run = new QueryRun(() => execute(query.plan, graph, parameters), {
      int64: 'bigint',
      signals,
      onClose: release,
    })
  } catch (error) {
    release()
    throw error
  }
  const types = query.columns.map(({ type }) => type)
  for await (const batch of run.batches()) {
    for (const text of csvOfBatch(batch, types)) yield Buffer.from(text)
  }
}

function queryOf(prepared: Prepared): CopiedQuery {
  const { query } = prepared as PreparedCopy
  if (query == null) throw new MillraceError('MILLRACE_INTERNAL', { what: 'a COPY from a query stays one' })
  return query
}

/** `result`, with a warning of each source that the query has left records out of. */
export function withRefused(result: ImportResult, refused: readonly RefusedRows[]): ImportResult {
  if (refused.length === 0) return result
  const told = refused.map(({ source, errorCount, errors: [first] }) => {
    const where =
      first === undefined ? '' : `, the first on line ${first.line} of ${first.file}: ${first.message}`
    return `LOAD FROM left out ${errorCount} ${errorCount === 1 ? 'record' : 'records'} of ${source}${where}`
  })
  return { ...result, warnings: [...result.warnings, ...told] }
}
