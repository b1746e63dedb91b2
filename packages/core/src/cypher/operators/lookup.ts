/**
 * Finds nodes by their key: for every row the node whose key equals a value of that row, or all nodes whose
 * key is in a constant list. Rows without such a node are left out.
 */
import type { LogicalType } from '../../types/index.js'
import { bindingError } from '../bind/binding-error.js'
import { constantAs } from '../expression/constants.js'
import type { Argument, Compiled } from '../expression/definition.js'
import type { Constant } from '../expression/expression.js'
import { findFunction } from '../expression/functions/index.js'
import type { ValueType } from '../expression/types.js'
import type { NodeReader } from '../graph.js'
import type { Step } from '../plan/plan.js'
import { takeRows } from '../vectors/take.js'
import { type Batch, batchRowsMax, numberVector, valueAt, type WorkVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'
import { type Pace, pause, rowsBetweenLooks } from './pace.js'

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
  check(step, keyType, key, context)
  return step.isList
    ? listLookup(step, reader, keyType, key.items ?? [], context.pace)
    : rowLookup(step, reader, keyType, key, context.pace)
}

/** The condition that the lookup replaces would have refused what cannot be compared; so does this. */
function check(step: LookupStep, keyType: LogicalType, key: Compiled, context: ExecutionContext): void {
  const name = step.isList ? 'in' : '='
  const site = {
    name: step.isList ? 'IN' : '=',
    place: step.key.place,
    fail(what: string, hint: string): never {
      throw bindingError(context.text, step.key.place, what, hint)
    },
  }
  const definition = findFunction(name)!
  const property: Compiled = { type: keyType, evaluate: (batch) => batch.columns[step.slot]! }
  definition.resolve([property, key], site)
  definition.compile([property, key], site)
}

function rowLookup(
  step: LookupStep,
  reader: NodeReader,
  keyType: LogicalType,
  key: Compiled,
  pace: Pace,
): Operator {
  return function* lookup(input: Iterable<Batch>): Generator<Batch> {
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      const keys = key.evaluate(batch)
      const found = new Found(step, batch, batch.rows)
      for (let row = 0; row < batch.rows; row++) {
        if (row % rowsBetweenLooks === 0 && pace.isDue()) yield pause
        const constant = valueAt(keys, row) as Constant
        const offset = lookUp(reader, { type: key.type, constant }, keyType)
        if (offset >= 0) found.add(row, offset)
      }
      if (found.count > 0) yield found.take()
    }
  }
}

/** The list is looked up once; every row then comes with all that was found. */
function listLookup(
  step: LookupStep,
  reader: NodeReader,
  keyType: LogicalType,
  items: readonly Argument[],
  pace: Pace,
): Operator {
  return function* lookup(input: Iterable<Batch>): Generator<Batch> {
    const distinct = new Set<number>()
    for (const [at, item] of items.entries()) {
      if (at % rowsBetweenLooks === 0 && pace.isDue()) yield pause
      const offset = lookUp(reader, item, keyType)
      if (offset >= 0) distinct.add(offset)
    }
    const offsets = Float64Array.from(distinct).sort()
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      const found = new Found(step, batch, Math.min(batchRowsMax, batch.rows * offsets.length))
      for (let row = 0; row < batch.rows; row++) {
        for (const offset of offsets) {
          if (!found.add(row, offset)) continue
          yield found.take()
          if (pace.isDue()) yield pause
        }
      }
      if (found.count > 0) yield found.take()
    }
  }
}

/** The node whose key equals `value`, or −1. */
function lookUp(reader: NodeReader, value: Argument, keyType: LogicalType): number {
  if (value.constant === null) return -1
  const lane = constantAs(value, keyType) ?? null
  return lane === null ? -1 : reader.lookup(lane)
}

/** Rows of a batch with nodes. */
class Found {
  count = 0
  readonly #step: LookupStep
  readonly #batch: Batch
  readonly #rows: Uint32Array
  #offsets: Float64Array

  constructor(step: LookupStep, batch: Batch, rowsMax: number) {
    this.#step = step
    this.#batch = batch
    this.#rows = new Uint32Array(rowsMax)
    this.#offsets = new Float64Array(rowsMax)
  }

  /** True when a batch is full. */
  add(row: number, offset: number): boolean {
    this.#rows[this.count] = row
    this.#offsets[this.count++] = offset
    return this.count === this.#rows.length
  }

  take(): Batch {
    const { count } = this
    const columns: (WorkVector | undefined)[] = []
    for (const slot of this.#step.live)
      columns[slot] = takeRows(this.#batch.columns[slot]!, this.#rows, count)
    columns[this.#step.slot] = numberVector('INT64', this.#offsets.subarray(0, count), null)
    // The batch has the array now.
    this.#offsets = new Float64Array(this.#offsets.length)
    this.count = 0
    return { rows: count, columns }
  }
}
