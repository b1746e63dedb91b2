/**
 * Finds, for every row, the node whose key equals a value of that row. Rows without such a node are left out.
 */
import type { LogicalType } from '../../types/index.js'
import { bindingError } from '../bind/binding-error.js'
import { constantAs } from '../expression/constants.js'
import type { Constant } from '../expression/expression.js'
import { findFunction } from '../expression/functions/index.js'
import type { ValueType } from '../expression/types.js'
import type { Step } from '../plan/plan.js'
import { takeRows } from '../vectors/take.js'
import { type Batch, numberVector, valueAt, type WorkVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'
import { pause } from './pace.js'

/** Lookups, each of which may read pages, between two looks at the clock. */
const rowsBetweenLooks = 64

type LookupStep = Extract<Step, { kind: 'lookup' }>

export function lookupOperator(
  step: LookupStep,
  context: ExecutionContext,
  slotTypes: readonly ValueType[],
): Operator {
  const table = context.nodeTable(step.tableId)
  const reader = context.nodes(step.tableId)
  const keyType = table.columns[table.keyColumn]!.type
  const key = context.compile(step.key, slotTypes)
  // The comparison this replaces would have refused what cannot be compared; so does this.
  findFunction('=')!.resolve([{ type: keyType }, key], {
    name: '=',
    place: step.key.place,
    fail(what, hint) {
      throw bindingError(context.text, step.key.place, what, hint)
    },
  })
  return function* lookup(input: Iterable<Batch>): Generator<Batch> {
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      const keys = key.evaluate(batch)
      const found = new Float64Array(batch.rows)
      const rows = new Uint32Array(batch.rows)
      let count = 0
      for (let row = 0; row < batch.rows; row++) {
        if (row % rowsBetweenLooks === 0 && context.pace.isDue()) yield pause
        const lane = keyLane(valueAt(keys, row) as Constant, key.type, keyType)
        const offset = lane === null ? -1 : reader.lookup(lane)
        if (offset < 0) continue
        found[count] = offset
        rows[count++] = row
      }
      if (count === 0) continue
      const columns: (WorkVector | undefined)[] = []
      for (const slot of step.live) columns[slot] = takeRows(batch.columns[slot]!, rows, count)
      columns[step.slot] = numberVector('INT64', found.subarray(0, count), null)
      yield { rows: count, columns }
    }
  }
}

/** The key that equals `value`; null when none can. */
function keyLane(value: Constant, type: ValueType, keyType: LogicalType): number | bigint | string | null {
  if (value === null) return null
  return constantAs({ type, constant: value }, keyType) ?? null
}
