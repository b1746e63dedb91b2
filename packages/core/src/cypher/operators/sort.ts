/**
 * ORDER BY. With a LIMIT only the rows that can still be among the first are kept.
 *
 * Numbers, dates and strings in their natural order (strings by code point), false before true, NaN behind
 * all numbers, NULL last; descending the other way round. Rows that are equal keep their order.
 */
import type { ValueType } from '../expression/types.js'
import { BatchBuilder } from '../vectors/builder.js'
import { compareStringRows } from '../vectors/strings.js'
import { takeRows } from '../vectors/take.js'
import { type Batch, batchRowsMax, type WorkVector } from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { type Pace, pause } from './pace.js'

export interface SortKey {
  readonly slot: number
  readonly descending: boolean
}

/** Bytes a row that ordering takes besides the rows: its place, and its place after the next merge. */
const orderBytes = 8

/** Rows kept beyond the limit before the rest is thrown away. */
const slackRows = 4 * batchRowsMax

/** The first `rowsMax` rows in order. */
export function* sort(
  input: Iterable<Batch>,
  keys: readonly SortKey[],
  types: readonly ValueType[],
  rowsMax: number,
  context: ExecutionContext,
): Generator<Batch> {
  const reservation = context.reservation('ORDER BY')
  const slots = types.map((type, slot) => ({ slot, type }))
  try {
    if (rowsMax === 0) return
    let builder = new BatchBuilder(slots)
    const bound = new Bound(keys[0]!)
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      builder.append(bound.without(batch))
      reservation.update(builder.bytes + builder.rows * orderBytes)
      if (builder.rows > rowsMax * 2 + slackRows) {
        const kept = builder.finish()
        const order = (yield* orderOf(kept, keys, context.pace)).subarray(0, rowsMax)
        builder = new BatchBuilder(slots)
        builder.append(rowsOf(kept, order))
        bound.set(kept, order.at(-1)!)
      }
    }
    const all = builder.finish()
    const order = yield* orderOf(all, keys, context.pace)
    const rows = Math.min(rowsMax, all.rows)
    for (let from = 0; from < rows; from += batchRowsMax) {
      yield rowsOf(all, order.subarray(from, Math.min(from + batchRowsMax, rows)))
      if (context.pace.isDue()) yield pause
    }
  } finally {
    reservation.release()
  }
}

/**
 * Once there are enough rows, those whose first key is behind the last of them need not be kept. Numbers
 * only.
 */
class Bound {
  readonly #key: SortKey
  #value: number | null = null

  constructor(key: SortKey) {
    this.#key = key
  }

  /** The row `row` of `batch` is the last that counts so far. */
  set(batch: Batch, row: number): void {
    const vector = batch.columns[this.#key.slot]!
    const isNumber =
      vector.kind === 'number' && vector.nulls?.[row] !== 1 && !Number.isNaN(vector.values[row])
    this.#value = isNumber ? vector.values[row]! : null
  }

  without(batch: Batch): Batch {
    const vector = batch.columns[this.#key.slot]!
    const value = this.#value
    if (value === null || vector.kind !== 'number') return batch
    const { values, nulls } = vector
    const rows = new Uint32Array(batch.rows)
    let count = 0
    for (let row = 0; row < batch.rows; row++) {
      const isBehind = this.#key.descending ? values[row]! < value : values[row]! > value
      if (!isBehind || (nulls !== null && nulls[row] === 1)) rows[count++] = row
    }
    return count === batch.rows ? batch : rowsOf(batch, rows.subarray(0, count))
  }
}

function rowsOf(batch: Batch, order: Uint32Array): Batch {
  return {
    rows: order.length,
    columns: batch.columns.map((vector) => vector && takeRows(vector, order, order.length)),
  }
}

type Comparator = (a: number, b: number) => number

/** Rows sorted at once, and rows merged between two looks at the clock. */
const sortedRows = 4096

/**
 * The rows of a batch in order: runs of some thousand rows, merged two by two, so that other work can be let
 * in between. Needs 8 bytes a row.
 */
function* orderOf(batch: Batch, keys: readonly SortKey[], pace: Pace): Generator<Batch, Uint32Array> {
  const compare = rowComparator(batch, keys)
  const { rows } = batch
  let order = Uint32Array.from({ length: rows }, (_, row) => row)
  for (let from = 0; from < rows; from += sortedRows) {
    order.subarray(from, from + sortedRows).sort(compare)
    if (pace.isDue()) yield pause
  }
  let merged = new Uint32Array(rows > sortedRows ? rows : 0)
  for (let runRows = sortedRows; runRows < rows; runRows *= 2) {
    for (let from = 0; from < rows; from += 2 * runRows) {
      const middle = Math.min(from + runRows, rows)
      const end = Math.min(middle + runRows, rows)
      const merge = { order, merged, left: from, middle, right: middle, end, at: from }
      while (merge.at < end) {
        mergeSome(merge, compare)
        if (pace.isDue()) yield pause
      }
    }
    const other = order
    order = merged
    merged = other
  }
  return order
}

/** Two runs of `order`, [left, middle) and [right, end), of which the rows before are merged up to `at`. */
interface Merge {
  readonly order: Uint32Array
  readonly merged: Uint32Array
  left: number
  readonly middle: number
  right: number
  readonly end: number
  at: number
}

/** Merges some thousand rows more. */
function mergeSome(merge: Merge, compare: Comparator): void {
  const { order, merged, middle, end } = merge
  let { left, right, at } = merge
  const until = Math.min(at + sortedRows, end)
  while (at < until) {
    const takesLeft = left < middle && (right === end || compare(order[left]!, order[right]!) <= 0)
    merged[at++] = takesLeft ? order[left++]! : order[right++]!
  }
  merge.left = left
  merge.right = right
  merge.at = at
}

/** Compares rows by all keys; rows that are equal by their place. */
function rowComparator(batch: Batch, keys: readonly SortKey[]): Comparator {
  const comparators = keys.map(({ slot, descending }) => comparator(batch.columns[slot]!, descending))
  const [first, ...rest] = comparators as [Comparator, ...Comparator[]]
  return (a, b) => {
    let difference = first(a, b)
    for (let key = 0; difference === 0 && key < rest.length; key++) difference = rest[key]!(a, b)
    return difference === 0 ? a - b : difference
  }
}

function comparator(vector: WorkVector, descending: boolean): Comparator {
  const sign = descending ? -1 : 1
  const { nulls } = vector
  const compare = valueComparator(vector)
  if (nulls === null) return descending ? (a, b) => -compare(a, b) : compare
  return (a, b) => {
    const nullDifference = nulls[a]! - nulls[b]!
    if (nullDifference !== 0) return nullDifference * sign
    return nulls[a] === 1 ? 0 : compare(a, b) * sign
  }
}

function valueComparator(vector: WorkVector): Comparator {
  if (vector.kind === 'string') return (a, b) => compareStringRows(vector, a, vector, b)
  if (vector.kind === 'list') return () => 0
  if (vector.kind === 'bigint') {
    const { values } = vector
    return (a, b) => (values[a]! < values[b]! ? -1 : values[a]! > values[b]! ? 1 : 0)
  }
  const { values } = vector
  return (a, b) => {
    const [x, y] = [values[a]!, values[b]!]
    if (x < y) return -1
    if (x > y) return 1
    return x === y ? 0 : Number(Number.isNaN(x)) - Number(Number.isNaN(y))
  }
}
