/**
 * Keeps the rows for which a condition is true; NULL is not true. Carries on only what is needed behind it.
 */
import type { ValueType } from '../expression/types.js'
import type { Step } from '../plan/plan.js'
import { takeRows } from '../vectors/take.js'
import type { Batch, NumberVector, WorkVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'

type FilterStep = Extract<Step, { kind: 'filter' }>

export function filterOperator(
  step: FilterStep,
  context: ExecutionContext,
  slotTypes: readonly ValueType[],
): Operator {
  const condition = context.compile(step.condition, slotTypes)
  return function* filter(input: Iterable<Batch>): Generator<Batch> {
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      const kept = selectRows(batch, condition.evaluate(batch) as NumberVector, step.live)
      if (kept !== undefined) yield kept
    }
  }
}

/** The rows of `batch` where `truth` is 1; undefined when there are none. */
export function selectRows(batch: Batch, truth: NumberVector, live: readonly number[]): Batch | undefined {
  const { values, nulls } = truth
  const rows = new Uint32Array(batch.rows)
  let count = 0
  for (let row = 0; row < batch.rows; row++) {
    if (values[row] === 1 && (nulls === null || nulls[row] === 0)) rows[count++] = row
  }
  return count === 0 ? undefined : pickRows(batch, rows, count, live)
}

/**
 * Rows by index, in the slots of `live` only. When all rows are picked in order, the vectors stay as they
 * are.
 */
export function pickRows(batch: Batch, rows: Uint32Array, count: number, live: readonly number[]): Batch {
  const columns: (WorkVector | undefined)[] = []
  for (const slot of live) {
    const vector = batch.columns[slot]!
    columns[slot] = count === batch.rows ? vector : takeRows(vector, rows, count)
  }
  return { rows: count, columns }
}
