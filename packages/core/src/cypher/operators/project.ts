/** Computes columns: a pipeline's outputs, or what is made of aggregates. */
import { type Compiled, type Evaluate, evaluateAs } from '../expression/definition.js'
import type { ValueType } from '../expression/types.js'
import { identityBase } from '../vectors/identity.js'
import {
  type Batch,
  batchRowsMax,
  type NumberVector,
  numberVector,
  type WorkVector,
} from '../vectors/vector.js'
import { type Pace, pause } from './pace.js'

/** Evaluates `expressions`, each as a value of the type given for it, into slots 0 … */
export function* project(
  input: Iterable<Batch>,
  expressions: readonly Compiled[],
  types: readonly ValueType[],
  pace: Pace,
): Generator<Batch> {
  const evaluates = expressions.map((expression, index) => evaluateAs(expression, types[index]!))
  for (const batch of input) {
    if (batch.rows === 0) {
      yield batch
      continue
    }
    for (const part of bounded(batch, evaluates.length)) {
      yield { rows: part.rows, columns: evaluates.map((evaluate) => evaluate(part)) }
      if (pace.isDue()) yield pause
    }
  }
}

/** A batch without columns may have any number of rows; one with columns may not. */
function* bounded(batch: Batch, columnsMade: number): Generator<Batch> {
  if (columnsMade === 0 || batch.rows <= batchRowsMax) {
    yield batch
    return
  }
  for (let from = 0; from < batch.rows; from += batchRowsMax) {
    yield { rows: Math.min(batchRowsMax, batch.rows - from), columns: [] }
  }
}

/** Offsets or positions in table `tableId` as identities. */
export function asIdentity(offsets: Compiled, tableId: number): Compiled {
  const base = identityBase(tableId)
  const evaluate: Evaluate = (batch): WorkVector => {
    const { values, rows, nulls } = offsets.evaluate(batch) as NumberVector
    const identities = new Float64Array(rows)
    for (let row = 0; row < rows; row++) identities[row] = values[row]! + base
    return numberVector('INT64', identities, nulls)
  }
  return { type: offsets.type, evaluate }
}
