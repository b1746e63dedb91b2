/**
 * Joins two sides of a pattern that nothing connects: every row with every row of the build side whose keys
 * are equal, or with all of them when there are no keys.
 *
 * The build side is kept in memory, within the budget; nothing is kept of the other. A NULL key equals
 * nothing.
 */

import { physicalTypeOf } from '../../types/index.js'
import type { Compiled, Evaluate } from '../expression/definition.js'
import { evaluateAs } from '../expression/definition.js'
import { commonType, type ValueType } from '../expression/types.js'
import type { Step } from '../plan/plan.js'
import { BatchBuilder } from '../vectors/builder.js'
import { unknownId } from '../vectors/number-table.js'
import { RowInterner } from '../vectors/row-interner.js'
import { takeRows } from '../vectors/take.js'
import { type Batch, batchRowsMax, type WorkVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'
import { type Pace, pause } from './pace.js'

type JoinStep = Extract<Step, { kind: 'join' }>

/** The kept rows of the build side, and which of them each key has. */
interface BuildSide {
  readonly batch: Batch
  readonly interner: RowInterner | null
  /** For each key: the first row that has it; −1 when none has. */
  readonly first: Int32Array
  /** For each row: the next with the same key, or −1. */
  readonly next: Int32Array
}

export function joinOperator(
  step: JoinStep,
  context: ExecutionContext,
  slotTypes: readonly ValueType[],
  build: () => Iterable<Batch>,
): Operator {
  const buildKeys = step.buildKeys.map((key) => context.compile(key, slotTypes))
  const probeKeys = step.probeKeys.map((key) => context.compile(key, slotTypes))
  const types = buildKeys.map((key, index) => commonType(key.type, probeKeys[index]!.type) ?? 'ANY')
  const asKeys = (keys: readonly Compiled[]): Evaluate[] =>
    keys.map((key, index) => evaluateAs(key, types[index]!))
  return function* join(input: Iterable<Batch>): Generator<Batch> {
    const reservation = context.reservation('joining disconnected patterns')
    try {
      const hold = (bytes: number): void => reservation.update(bytes)
      const side = yield* keep(step, build(), asKeys(buildKeys), types, hold, context.pace)
      if (side.batch.rows === 0) return
      const keys = asKeys(probeKeys)
      for (const batch of input) {
        if (batch.rows === 0) {
          yield batch
          continue
        }
        const pairs =
          side.interner === null
            ? crossed(step, batch, side.batch)
            : matched(step, batch, side, side.interner, keys)
        for (const joined of pairs) {
          yield joined
          if (context.pace.isDue()) yield pause
        }
      }
    } finally {
      reservation.release()
    }
  }
}

function* keep(
  step: JoinStep,
  rows: Iterable<Batch>,
  keys: readonly Evaluate[],
  types: readonly ValueType[],
  hold: (bytes: number) => void,
  pace: Pace,
): Generator<Batch, BuildSide> {
  const builder = new BatchBuilder(step.kept)
  const interner = keys.length === 0 ? null : new RowInterner(types)
  const ids: Uint32Array[] = []
  for (const batch of rows) {
    if (batch.rows === 0) {
      yield batch
      continue
    }
    builder.append(batch)
    if (interner !== null) {
      const vectors = keys.map((key) => key(batch))
      ids.push(withoutNulls(interner.intern(vectors), vectors))
    }
    hold(heldBytes(builder, interner))
  }
  // Keys that only the other side has are not kept.
  interner?.freeze()
  const first = new Int32Array(interner?.count ?? 0).fill(-1)
  const next = new Int32Array(interner === null ? 0 : builder.rows).fill(-1)
  // From the end, so that a chain runs through its rows in order.
  let row = builder.rows
  for (const batchIds of ids.toReversed()) {
    if (pace.isDue()) yield pause
    for (const id of batchIds.toReversed()) {
      row--
      if (id === unknownId) continue
      next[row] = first[id]!
      first[id] = row
    }
  }
  return { batch: builder.finish(), interner, first, next }
}

/** The rows and their keys, with 8 bytes a row and 4 a key to find them. */
function heldBytes(builder: BatchBuilder, interner: RowInterner | null): number {
  return interner === null
    ? builder.bytes
    : builder.bytes + interner.bytes + builder.rows * 8 + interner.count * 4
}

/** Rows with a NULL or NaN key get `unknownId`: they equal nothing, not even each other. */
function withoutNulls(ids: Uint32Array, vectors: readonly WorkVector[]): Uint32Array {
  for (const vector of vectors) {
    const { nulls } = vector
    if (nulls !== null) for (let row = 0; row < ids.length; row++) if (nulls[row] === 1) ids[row] = unknownId
    if (vector.kind !== 'number' || physicalTypeOf(vector.type) !== 'double') continue
    for (let row = 0; row < ids.length; row++) if (Number.isNaN(vector.values[row]!)) ids[row] = unknownId
  }
  return ids
}

/** Pairs of rows as a batch. */
class Pairs {
  count = 0
  readonly #step: JoinStep
  readonly #probe: Batch
  readonly #build: Batch
  readonly #probeRows = new Uint32Array(batchRowsMax)
  readonly #buildRows = new Uint32Array(batchRowsMax)

  constructor(step: JoinStep, probe: Batch, build: Batch) {
    this.#step = step
    this.#probe = probe
    this.#build = build
  }

  /** True when a batch is full. */
  add(probeRow: number, buildRow: number): boolean {
    this.#probeRows[this.count] = probeRow
    this.#buildRows[this.count++] = buildRow
    return this.count === batchRowsMax
  }

  take(): Batch {
    const { count } = this
    const columns: (WorkVector | undefined)[] = []
    for (const slot of this.#step.live)
      columns[slot] = takeRows(this.#probe.columns[slot]!, this.#probeRows, count)
    for (const { slot } of this.#step.kept)
      columns[slot] = takeRows(this.#build.columns[slot]!, this.#buildRows, count)
    this.count = 0
    return { rows: count, columns }
  }
}

function* crossed(step: JoinStep, probe: Batch, build: Batch): Generator<Batch> {
  if (step.live.length === 0 && step.kept.length === 0) {
    yield { rows: probe.rows * build.rows, columns: [] }
    return
  }
  const pairs = new Pairs(step, probe, build)
  for (let row = 0; row < probe.rows; row++) {
    for (let other = 0; other < build.rows; other++) if (pairs.add(row, other)) yield pairs.take()
  }
  if (pairs.count > 0) yield pairs.take()
}

function* matched(
  step: JoinStep,
  probe: Batch,
  side: BuildSide,
  interner: RowInterner,
  keys: readonly Evaluate[],
): Generator<Batch> {
  const vectors = keys.map((key) => key(probe))
  const ids = withoutNulls(interner.intern(vectors), vectors)
  const pairs = new Pairs(step, probe, side.batch)
  for (let row = 0; row < probe.rows; row++) {
    const id = ids[row]!
    if (id === unknownId) continue
    for (let other = side.first[id]!; other >= 0; other = side.next[other]!) {
      if (pairs.add(row, other)) yield pairs.take()
    }
  }
  if (pairs.count > 0) yield pairs.take()
}
