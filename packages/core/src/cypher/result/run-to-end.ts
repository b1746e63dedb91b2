/**
 * Runs a query to its end and keeps its rows: what writes has written before anybody looks at a row, and what
 * reads a transaction's own writes is not disturbed by the next.
 */
import { queryBytesMax } from '../../limits.js'
import { MemoryBudget } from '../../memory/index.js'
import { turnMs } from '../operators/pace.js'
import { KeptMemory } from '../operators/replay.js'
import type { ResultBatch, ResultVector } from './result-batch.js'
import { turn } from './turn.js'

/**
 * All batches that have rows; none with `keeps` false. Other work of the event loop is let in about every 10
 * ms, and signals are heeded then.
 * @throws MillraceError what the query throws; `MILLRACE_MEMORY_BUDGET` when the rows are more than
 * `queryBytesMax`; a signal's reason
 */
export async function runToEnd(
  batches: Iterable<ResultBatch>,
  signals: readonly AbortSignal[],
  keeps = true,
): Promise<ResultBatch[]> {
  const kept: ResultBatch[] = []
  const memory = new KeptMemory()
  const budget = new MemoryBudget(queryBytesMax)
  let reserved = 0
  let turnBegan = performance.now()
  for (const signal of signals) signal.throwIfAborted()
  for (const batch of batches) {
    if (batch.rows > 0 && keeps) {
      const bytes = bytesOf(batch, memory)
      budget.reserve(bytes - reserved, 'rows of a statement in a transaction')
      reserved = bytes
      kept.push(batch)
    }
    if (batch.rows > 0 && performance.now() - turnBegan <= turnMs) continue
    await turn(batch, signals)
    turnBegan = performance.now()
    for (const signal of signals) signal.throwIfAborted()
  }
  return kept
}

/** Bytes of all batches so far. */
function bytesOf(batch: ResultBatch, memory: KeptMemory): number {
  let bytes = memory.add({ rows: 0, columns: [] })
  const add = (vector: ResultVector): void => {
    if (vector.kind !== 'entity') bytes = memory.add({ rows: vector.rows, columns: [vector] })
    else for (const { properties } of vector.tables) for (const property of properties) add(property.vector)
  }
  for (const vector of batch.columns) add(vector)
  return bytes
}
