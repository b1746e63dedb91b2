/**
 * Groups rows by their keys and aggregates each group. Without keys there is one group, even of no rows.
 * Keys become small numbers first (`RowInterner`), so that states are plain arrays.
 */
import type { ValueType } from '../expression/types.js'
import type { AggregateCall } from '../plan/plan.js'
import { type Interner, internerFor } from '../vectors/interner.js'
import { idsMax, NumberTable } from '../vectors/number-table.js'
import { RowInterner } from '../vectors/row-interner.js'
import { takeRows } from '../vectors/take.js'
import { type Batch, batchRowsMax, type WorkVector } from '../vectors/vector.js'
import { type AggregateState, aggregateState, RowCount } from './aggregate-state.js'
import type { ExecutionContext } from './context.js'
import { type Pace, pause } from './pace.js'

export interface AggregationPlan {
  readonly keyCount: number
  readonly calls: readonly AggregateCall[]
}

/** `types` are those of the input's slots: keys, then arguments. */
export function* aggregate(
  input: Iterable<Batch>,
  plan: AggregationPlan,
  types: readonly ValueType[],
  context: ExecutionContext,
): Generator<Batch> {
  const reservation = context.reservation('grouping')
  try {
    const grouping = new Grouping(plan, types)
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      grouping.add(batch)
      reservation.update(grouping.bytes)
    }
    reservation.update(grouping.bytes + grouping.resultBytes)
    yield* grouping.finish(context.pace)
  } finally {
    reservation.release()
  }
}

const oneGroup = new Uint32Array(batchRowsMax)

class Grouping {
  readonly #keyCount: number
  readonly #interner: RowInterner | null
  readonly #calls: readonly Call[]

  constructor(plan: AggregationPlan, types: readonly ValueType[]) {
    this.#keyCount = plan.keyCount
    this.#interner = plan.keyCount === 0 ? null : new RowInterner(types.slice(0, plan.keyCount))
    this.#calls = plan.calls.map((call) =>
      call.argument === null
        ? new RowCountCall()
        : new ArgumentCall(call, call.argument, types[call.argument]!),
    )
  }

  get bytes(): number {
    return this.#calls.reduce((sum, call) => sum + call.bytes, this.#interner?.bytes ?? 0)
  }

  /** Bytes that the groups take as columns, roughly: what `finish` makes. */
  get resultBytes(): number {
    const groups = this.#interner?.count ?? 1
    return groups * (4 + this.#keyCount * 4 + this.#calls.length * 8)
  }

  add(batch: Batch): void {
    if (this.#interner === null) {
      for (const call of this.#calls) call.add(batch, null, 1)
      return
    }
    const groups = this.#interner.intern(batch.columns.slice(0, this.#keyCount) as WorkVector[])
    for (const call of this.#calls) call.add(batch, groups, this.#interner.count)
  }

  *finish(pace: Pace): Generator<Batch> {
    const groupCount = this.#interner === null ? 1 : this.#interner.count
    const keys = this.#interner?.values() ?? []
    const results: WorkVector[] = []
    for (const call of this.#calls) {
      if (pace.isDue()) yield pause
      results.push(call.finish(groupCount))
    }
    const all = Uint32Array.from({ length: groupCount }, (_, group) => group)
    for (let from = 0; from < groupCount; from += batchRowsMax) {
      const rows = Math.min(batchRowsMax, groupCount - from)
      const groups = all.subarray(from, from + rows)
      const columns = [
        ...keys.map(({ vector, ids }) => takeRows(vector, ids.subarray(from, from + rows), rows)),
        ...results.map((vector) => takeRows(vector, groups, rows)),
      ]
      yield { rows, columns }
      if (pace.isDue()) yield pause
    }
  }
}

interface Call {
  readonly bytes: number
  /** `groups` is null when there is one group of all rows. */
  add(batch: Batch, groups: Uint32Array | null, groupCount: number): void
  finish(groupCount: number): WorkVector
}

class RowCountCall implements Call {
  readonly #state = new RowCount()

  get bytes(): number {
    return this.#state.bytes
  }

  add(batch: Batch, groups: Uint32Array | null, groupCount: number): void {
    if (groups === null) this.#state.add(batch.rows)
    else this.#state.update(groups, groupCount)
  }

  finish(groupCount: number): WorkVector {
    return this.#state.finish(groupCount)
  }
}

class ArgumentCall implements Call {
  readonly #argument: number
  readonly #state: AggregateState
  readonly #distinct: DistinctFilter | null

  constructor(call: AggregateCall, argument: number, type: ValueType) {
    this.#argument = argument
    this.#state = aggregateState(call, type)
    const changesNothing = call.function === 'min' || call.function === 'max'
    this.#distinct = call.distinct && !changesNothing ? new DistinctFilter(type) : null
  }

  get bytes(): number {
    return this.#state.bytes + (this.#distinct?.bytes ?? 0)
  }

  add(batch: Batch, groups: Uint32Array | null, groupCount: number): void {
    const ids =
      groups ?? (batch.rows <= batchRowsMax ? oneGroup.subarray(0, batch.rows) : new Uint32Array(batch.rows))
    const vector = batch.columns[this.#argument]!
    if (this.#distinct === null) this.#state.update(vector, ids, groupCount)
    else {
      const { rows, count } = this.#distinct.firstOfEach(vector, ids)
      const kept = new Uint32Array(count)
      for (let row = 0; row < count; row++) kept[row] = ids[rows[row]!]!
      this.#state.update(takeRows(vector, rows, count), kept, groupCount)
    }
  }

  finish(groupCount: number): WorkVector {
    return this.#state.finish(groupCount)
  }
}

/** Remembers which values each group has had. */
class DistinctFilter {
  readonly #values: Interner
  readonly #seen = new NumberTable()

  constructor(type: ValueType) {
    this.#values = internerFor(type)
  }

  get bytes(): number {
    return this.#values.bytes + this.#seen.bytes
  }

  /** Rows whose value is new to their group. */
  firstOfEach(vector: WorkVector, groups: Uint32Array): { rows: Uint32Array; count: number } {
    const values = this.#values.intern(vector)
    const rows = new Uint32Array(groups.length)
    let count = 0
    for (let row = 0; row < groups.length; row++) {
      const before = this.#seen.count
      this.#seen.idOf(groups[row]! * idsMax + values[row]!)
      if (this.#seen.count > before) rows[count++] = row
    }
    return { rows, count }
  }
}

/** Gives each combination of values once, when it first comes up. */
export function* distinct(
  input: Iterable<Batch>,
  types: readonly ValueType[],
  context: ExecutionContext,
): Generator<Batch> {
  const reservation = context.reservation('DISTINCT')
  try {
    const interner = new RowInterner(types)
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      let seen = interner.count
      const ids = interner.intern(batch.columns.slice(0, types.length) as WorkVector[])
      reservation.update(interner.bytes)
      const rows = new Uint32Array(batch.rows)
      let count = 0
      for (let row = 0; row < batch.rows; row++) {
        if (ids[row]! < seen) continue
        seen++
        rows[count++] = row
      }
      if (count > 0) {
        yield { rows: count, columns: batch.columns.map((vector) => takeRows(vector!, rows, count)) }
      }
    }
  } finally {
    reservation.release()
  }
}
