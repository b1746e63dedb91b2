/** The values that the pattern of CREATE or MERGE gives to what it makes, computed batch by batch. */

import type { Table } from '../../catalog/index.js'
import type { Value } from '../../delta/index.js'
import { MillraceError } from '../../errors/index.js'
import { type AssignedValue, assignedValues } from '../expression/assignment.js'
import type { Compiled } from '../expression/definition.js'
import type { Expr } from '../expression/expression.js'
import type { ValueType } from '../expression/types.js'
import type { EndPlan, NewRelPlan, PatternPlan } from '../plan/write-plan.js'
import { offsetOfIdentity, tableOfIdentity } from '../vectors/identity.js'
import type { Batch, NumberVector } from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { readEntities } from './entity-reads.js'

/** One node or relationship of the pattern. */
interface Part {
  readonly table: Table
  /** By column; null where the pattern says nothing. */
  readonly values: readonly (Compiled | null)[]
}

/** Values of one batch: of node or relationship `part` (relationships behind nodes) in `row`. */
export type PatternValues = (part: number, row: number) => Value[]

export class PatternMaking {
  readonly #pattern: PatternPlan
  readonly #context: ExecutionContext
  readonly #parts: readonly Part[]

  constructor(pattern: PatternPlan, types: readonly ValueType[], context: ExecutionContext) {
    this.#pattern = pattern
    this.#context = context
    const slotTypes = [...types]
    for (const { slot, type } of pattern.reads) slotTypes[slot] = type
    const compiled = (values: readonly (Expr | null)[]): (Compiled | null)[] =>
      values.map((value) => value && context.compile(value, slotTypes))
    this.#parts = [
      ...pattern.nodes.map((node) => ({
        table: context.nodeTable(node.tableId),
        values: compiled(node.values),
      })),
      ...pattern.rels.map((rel) => ({ table: context.relTable(rel.tableId), values: compiled(rel.values) })),
    ]
  }

  /** Evaluates all values for a batch. */
  values(batch: Batch): PatternValues {
    const read = readEntities(batch, this.#pattern.reads, this.#context)
    const parts = this.#parts.map(({ table, values }) =>
      values.map((value, column): AssignedValue | null => {
        if (value === null) return null
        return assignedValues(value.evaluate(read), value, table.columns[column]!, table.name)
      }),
    )
    return (part, row) => parts[part]!.map((value) => (value === null ? null : value(row)))
  }

  /** Columns of part `part` that the pattern says something of. */
  givenColumns(part: number): number[] {
    return this.#parts[part]!.values.flatMap((value, column) => (value === null ? [] : [column]))
  }

  /**
   * The offset of an end of `rel` in its table. `made` are the identities of what the pattern has made or
   * found in this row.
   * @throws MillraceError `MILLRACE_EVALUATION` when the node in the column is of another table
   */
  endOffset(rel: NewRelPlan, end: 'from' | 'to', batch: Batch, row: number, made: readonly number[]): number {
    const identity = endIdentity(rel[end], batch, row, made)
    const table = this.#context.relTable(rel.tableId)
    const wanted = end === 'from' ? table.fromTableId : table.toTableId
    if (tableOfIdentity(identity) !== wanted) {
      const met = this.#context.nodeTable(tableOfIdentity(identity)).name
      throw new MillraceError('MILLRACE_EVALUATION', {
        what: `A node of ${met} cannot be the ${end === 'from' ? 'source' : 'destination'} of ${table.name}`,
        hint: 'Name one label in the pattern.',
      })
    }
    return offsetOfIdentity(identity)
  }
}

function endIdentity(end: EndPlan, batch: Batch, row: number, made: readonly number[]): number {
  return end.kind === 'made' ? made[end.index]! : (batch.columns[end.slot] as NumberVector).values[row]!
}

/** Identities that rows gave, in the order of the rows, for each part that becomes a column. */
export class MadeColumns {
  readonly #handed: readonly number[]
  readonly #columns: number[][]

  constructor(pattern: PatternPlan) {
    this.#handed = pattern.handed
    this.#columns = pattern.handed.map(() => [])
  }

  /** Adds what was made in a row. */
  add(made: readonly number[]): void {
    this.#handed.forEach((part, at) => {
      this.#columns[at]!.push(made[part]!)
    })
  }

  take(): Float64Array[] {
    return this.#columns
      .splice(0, this.#columns.length, ...this.#handed.map(() => []))
      .map((column) => Float64Array.from(column))
  }
}
