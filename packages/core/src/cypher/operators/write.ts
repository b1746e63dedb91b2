/**
 * Runs a clause that writes over all the rows before it.
 *
 * - What is before the clause has run to its end before it writes: no row sees what another row of the same
 *   clause made, MERGE excepted, which must.
 * - Its rows are kept, and reserved, until the clause has run.
 */
import type { ValueType } from '../expression/types.js'
import type { WritePlan } from '../plan/write-plan.js'
import type { Batch } from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { createClause } from './create.js'
import { deleteClause } from './delete.js'
import { mergeClause } from './merge.js'
import { keepRows, type Rows } from './rows.js'
import { setClause } from './set.js'

/** Runs the clause and returns its rows. Yields batches without rows, when other work may be let in. */
export function* runWrite(
  plan: WritePlan,
  input: Iterable<Batch>,
  types: readonly ValueType[],
  context: ExecutionContext,
): Generator<Batch, Rows> {
  const reservation = context.reservation('rows of a clause that writes')
  try {
    const kept = yield* keepRows(input, reservation, context.pace)
    const rows: Rows = { batches: kept, types }
    const batches = yield* runAction(plan, rows, context)
    return { batches, types: [...types, ...plan.added] }
  } finally {
    reservation.release()
  }
}

function runAction(
  plan: WritePlan,
  rows: Rows,
  context: ExecutionContext,
): Generator<Batch, readonly Batch[]> {
  const { action } = plan
  switch (action.kind) {
    case 'create':
      return createClause(action.pattern, rows, context)
    case 'merge':
      return mergeClause(action, rows, context)
    case 'set':
      return setClause(action.set, rows, context)
    case 'delete':
      return deleteClause(action, rows, context)
  }
}
