/**
 * Takes a node or relationship that the part before hands on: its identity becomes an offset in the table it
 * has here.
 */
import type { Step } from '../plan/plan.js'
import { identityBase, tableOfIdentity } from '../vectors/identity.js'
import { takeRows } from '../vectors/take.js'
import { type Batch, type NumberVector, numberVector, type WorkVector } from '../vectors/vector.js'
import type { Operator } from './context.js'

type AdoptStep = Extract<Step, { kind: 'adopt' }>

export function adoptOperator(step: AdoptStep): Operator {
  const base = identityBase(step.tableId)
  return function* adopt(input: Iterable<Batch>): Generator<Batch> {
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      const identities = (batch.columns[step.from] as NumberVector).values
      const offsets = new Float64Array(batch.rows)
      const rows = new Uint32Array(batch.rows)
      let count = 0
      for (let row = 0; row < batch.rows; row++) {
        if (tableOfIdentity(identities[row]!) !== step.tableId) continue
        offsets[count] = identities[row]! - base
        rows[count++] = row
      }
      if (count === 0) continue
      const columns: (WorkVector | undefined)[] = []
      for (const slot of step.live) columns[slot] = takeRows(batch.columns[slot]!, rows, count)
      columns[step.slot] = numberVector('INT64', offsets.subarray(0, count), null)
      yield { rows: count, columns }
    }
  }
}
