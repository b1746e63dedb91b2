/** CREATE: makes the nodes of a pattern in every row, then its relationships. */
import type { PatternPlan } from '../plan/write-plan.js'
import { identityBase } from '../vectors/identity.js'
import { type Batch, numberVector } from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { pause, rowsBetweenLooks } from './pace.js'
import { MadeColumns, PatternMaking, type PatternValues } from './pattern-values.js'
import type { Rows } from './rows.js'

export function* createClause(
  pattern: PatternPlan,
  rows: Rows,
  context: ExecutionContext,
): Generator<Batch, readonly Batch[]> {
  const making = new PatternMaking(pattern, rows.types, context)
  const made = new MadeColumns(pattern)
  const output: Batch[] = []
  for (const batch of rows.batches) {
    // New nodes change nothing that a later batch reads of others.
    const values = making.values(batch)
    for (let row = 0; row < batch.rows; row++) {
      made.add(createRow(pattern, making, values, batch, row, context))
      if (row % rowsBetweenLooks === 0 && context.pace.isDue()) yield pause
    }
    const columns = made.take().map((identities) => numberVector('INT64', identities, null))
    output.push({ rows: batch.rows, columns: [...batch.columns, ...columns] })
  }
  return output
}

/** Makes the pattern for one row; the identities of its nodes, then of its relationships. */
export function createRow(
  pattern: PatternPlan,
  making: PatternMaking,
  values: PatternValues,
  batch: Batch,
  row: number,
  context: ExecutionContext,
): number[] {
  const graph = context.writable
  const made: number[] = []
  pattern.nodes.forEach(({ tableId }, part) => {
    made.push(identityBase(tableId) + graph.createNode(tableId, values(part, row)))
  })
  pattern.rels.forEach((rel, index) => {
    const part = pattern.nodes.length + index
    const from = making.endOffset(rel, 'from', batch, row, made)
    const to = making.endOffset(rel, 'to', batch, row, made)
    made.push(identityBase(rel.tableId) + graph.createRel(rel.tableId, from, to, values(part, row)))
  })
  return made
}
