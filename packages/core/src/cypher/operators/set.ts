/**
 * SET and REMOVE: changes properties in every row. All values of the clause are computed before the first is
 * written; where rows name the same property twice, the last one stays.
 */
import { type AssignedValue, assignedValues } from '../expression/assignment.js'
import type { Compiled } from '../expression/definition.js'
import type { ValueType } from '../expression/types.js'
import type { AssignmentPlan, SetPlan } from '../plan/write-plan.js'
import { offsetOfIdentity, tableOfIdentity } from '../vectors/identity.js'
import type { Batch, NumberVector, WorkVector } from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { readEntities } from './entity-reads.js'
import { pause, rowsBetweenLooks } from './pace.js'
import type { Rows } from './rows.js'

export function* setClause(
  plan: SetPlan,
  rows: Rows,
  context: ExecutionContext,
): Generator<Batch, readonly Batch[]> {
  const setting = new Setting(plan, rows.types, context)
  const writes: (() => Generator<Batch>)[] = []
  for (const batch of rows.batches) {
    writes.push(setting.writesOf(batch))
    if (context.pace.isDue()) yield pause
  }
  for (const write of writes) yield* write()
  return rows.batches
}

/** The assignments of one clause, compiled. */
export class Setting {
  readonly #plan: SetPlan
  readonly #context: ExecutionContext
  readonly #values: readonly Compiled[]

  constructor(plan: SetPlan, types: readonly ValueType[], context: ExecutionContext) {
    this.#plan = plan
    this.#context = context
    const slotTypes = [...types]
    for (const { slot, type } of plan.reads) slotTypes[slot] = type
    this.#values = plan.assignments.map(({ value }) => context.compile(value, slotTypes))
  }

  get isEmpty(): boolean {
    return this.#plan.assignments.length === 0
  }

  /** Computes all values for `batch`; what it returns writes them. */
  writesOf(batch: Batch): () => Generator<Batch> {
    const read = readEntities(batch, this.#plan.reads, this.#context)
    const vectors = this.#values.map((value) => value.evaluate(read))
    const { pace } = this.#context
    const write = this.#write.bind(this)
    const { assignments } = this.#plan
    return function* () {
      const columns = assignments.map((assignment, at) => write(assignment, vectors[at]!, at, batch))
      for (let row = 0; row < batch.rows; row++) {
        for (const column of columns) column(row)
        if (row % rowsBetweenLooks === 0 && pace.isDue()) yield pause
      }
    }
  }

  /** Writes one assignment of a row. */
  #write(assignment: AssignmentPlan, vector: WorkVector, at: number, batch: Batch): (row: number) => void {
    const context = this.#context
    const graph = context.writable
    const identities = (batch.columns[assignment.slot] as NumberVector).values
    const targets = new Map<number, Target | null>()
    return (row) => {
      const identity = identities[row]!
      const tableId = tableOfIdentity(identity)
      let target = targets.get(tableId)
      if (target === undefined) {
        target = this.#target(assignment, tableId, vector, at)
        targets.set(tableId, target)
      }
      if (target === null) return
      const value = target.value(row)
      const offset = offsetOfIdentity(identity)
      if (assignment.of === 'node') graph.setNode(tableId, offset, target.column, value)
      else graph.setRel(tableId, offset, target.column, value)
    }
  }

  /** Where a table has the property; null where it has none, which only REMOVE meets. */
  #target(assignment: AssignmentPlan, tableId: number, vector: WorkVector, at: number): Target | null {
    const context = this.#context
    const table = assignment.of === 'node' ? context.nodeTable(tableId) : context.relTable(tableId)
    const column = table.columns.findIndex(({ name }) => name === assignment.column)
    if (column < 0) return null
    const value = assignedValues(vector, this.#values[at]!, table.columns[column]!, table.name)
    return { column, value }
  }
}

interface Target {
  readonly column: number
  readonly value: AssignedValue
}
