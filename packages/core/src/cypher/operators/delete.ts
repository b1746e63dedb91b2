/**
 * DELETE and DETACH DELETE. Of one clause, relationships go first, then nodes: `DELETE a, r` may name both.
 * What rows name twice is deleted once.
 */
import type { ActionPlan } from '../plan/write-plan.js'
import { offsetOfIdentity, tableOfIdentity } from '../vectors/identity.js'
import type { Batch, NumberVector } from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { pause, rowsBetweenLooks } from './pace.js'
import type { Rows } from './rows.js'

type DeletePlan = Extract<ActionPlan, { kind: 'delete' }>

export function* deleteClause(
  { detach, nodes, rels }: DeletePlan,
  rows: Rows,
  context: ExecutionContext,
): Generator<Batch, readonly Batch[]> {
  const graph = context.writable
  yield* eachOnce(rels, rows, context, (tableId, position) => graph.deleteRel(tableId, position))
  yield* eachOnce(nodes, rows, context, (tableId, offset) => graph.deleteNode(tableId, offset, { detach }))
  return rows.batches
}

function* eachOnce(
  slots: readonly number[],
  rows: Rows,
  context: ExecutionContext,
  remove: (tableId: number, offset: number) => void,
): Generator<Batch> {
  for (const slot of slots) {
    for (const batch of rows.batches) {
      const identities = (batch.columns[slot] as NumberVector).values
      for (let row = 0; row < batch.rows; row++) {
        const identity = identities[row]!
        if (row % rowsBetweenLooks === 0 && context.pace.isDue()) yield pause
        if (context.deleted.has(identity)) continue
        remove(tableOfIdentity(identity), offsetOfIdentity(identity))
        context.deleted.add(identity)
      }
    }
  }
}
