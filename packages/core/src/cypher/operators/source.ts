/**
 * LOAD FROM and CALL: every row of the input with every row from outside, in their order.
 *
 * - Where they begin the query, rows are passed on as they are read, and no more are read than are asked for.
 * - Else the rows of the input are kept and the rows from outside read once, each with all of them.
 */
import type { ValueType } from '../expression/types.js'
import type { SourcePlan } from '../plan/plan.js'
import type { Batch } from '../vectors/vector.js'
import type { ExecutionContext, Reservation } from './context.js'
import { pause } from './pace.js'
import { pairs } from './pairs.js'
import { boundedParts, keepRows, type Rows } from './rows.js'

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
  const kept = yield* keepRows(input, reservation, context.pace)
  const outside = outsideRows(plan, context)
  return { batches: paired(kept, inputTypes.length, outside, context, reservation), types }
}

/** Rows from outside, in batches of at most `batchRowsMax`. */
function* outsideRows(plan: SourcePlan, context: ExecutionContext): Generator<Batch> {
  for (const batch of plan.rows.read(plan.read, context.budget)) {
    yield* boundedParts(batch)
    if (context.pace.isDue()) yield pause
  }
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
