/**
 * LOAD FROM and CALL: every row of the input with every row from outside, in their order.
 *
 * - Where they begin the query, rows are passed on as they are read, and no more are read than are asked for.
 * - Else the rows of the input are kept and the rows from outside read once, each with all of them.
 */
import type { ValueType } from '../expression/types.js'
import type { ExternalBatch } from '../external.js'
import type { SourcePlan } from '../plan/plan.js'
import { sliceVector } from '../vectors/take.js'
import { type Batch, batchRowsMax } from '../vectors/vector.js'
import type { ExecutionContext, Reservation } from './context.js'
import { pause } from './pace.js'
import { pairs } from './pairs.js'
import { KeptMemory } from './replay.js'
import { boundedParts, type Rows } from './rows.js'

type SourceRows = Omit<Rows, 'batches'> & { readonly batches: Iterable<Batch> }

/** Yields batches without rows, when other work may be let in, and returns the rows. */
export function* runSource(
  plan: SourcePlan,
  input: Iterable<Batch>,
  inputTypes: readonly ValueType[],
  context: ExecutionContext,
): Generator<Batch, SourceRows> {
  const types = [...inputTypes, ...plan.read.map((index) => plan.rows.columns[index]!.type)]
  const reservation = context.reservation(`rows that are read with ${plan.what}`)
  const kept: Batch[] = []
  const memory = new KeptMemory()
  for (const batch of input) {
    if (batch.rows === 0) {
      yield batch
      continue
    }
    reservation.update(memory.add(batch))
    for (const part of boundedParts(batch)) kept.push(part)
    if (context.pace.isDue()) yield pause
  }
  const outside = outsideRows(plan, context)
  return { batches: paired(kept, inputTypes.length, outside, context, reservation), types }
}

/** Rows from outside, in batches of at most `batchRowsMax`. */
function* outsideRows(plan: SourcePlan, context: ExecutionContext): Generator<Batch> {
  for (const batch of plan.rows.read(plan.read, context.budget)) {
    const { rows, columns } = batch
    if (rows === 0) yield batch
    for (let from = 0; from < rows; from += batchRowsMax) {
      yield part(rows, columns, from, Math.min(from + batchRowsMax, rows))
    }
    if (context.pace.isDue()) yield pause
  }
}

function part(rows: number, columns: ExternalBatch['columns'], from: number, end: number): Batch {
  if (from === 0 && end === rows) return { rows, columns }
  return { rows: end - from, columns: columns.map((vector) => sliceVector(vector, from, end)) }
}

/** Every row of `kept`, which has `width` columns, with every row of `outside`. */
function* paired(
  kept: readonly Batch[],
  width: number,
  outside: Iterable<Batch>,
  { pace }: ExecutionContext,
  reservation: Reservation,
): Generator<Batch> {
  try {
    if (kept.length === 0) return
    const isFirst = width === 0 && kept.length === 1 && kept[0]!.rows === 1
    for (const batch of outside) {
      if (batch.rows === 0 || isFirst) yield batch
      else for (const before of kept) yield* pairs(before, width, batch, pace)
    }
  } finally {
    reservation.release()
  }
}
