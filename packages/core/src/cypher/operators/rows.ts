/** Rows that a clause keeps until it has run. */
import type { ValueType } from '../expression/types.js'
import { sliceVector } from '../vectors/take.js'
import { type Batch, batchRowsMax } from '../vectors/vector.js'
import type { Reservation } from './context.js'
import { type Pace, pause } from './pace.js'
import { KeptMemory } from './replay.js'

/** Rows with the types of their columns. */
export interface Rows {
  readonly batches: readonly Batch[]
  readonly types: readonly ValueType[]
}

/** `batch` in batches of at most `batchRowsMax` rows, also where it has no columns. */
export function* boundedParts(batch: Batch): Generator<Batch> {
  if (batch.rows <= batchRowsMax) {
    yield batch
    return
  }
  for (let from = 0; from < batch.rows; from += batchRowsMax) {
    const end = Math.min(from + batchRowsMax, batch.rows)
    const columns = batch.columns.map((column) => column && sliceVector(column, from, end))
    yield { rows: end - from, columns }
  }
}

/**
 * All rows of `input`, in batches of at most `batchRowsMax`; what they take is reserved. Yields batches
 * without rows, when other work may be let in.
 */
export function* keepRows(
  input: Iterable<Batch>,
  reservation: Reservation,
  pace: Pace,
): Generator<Batch, Batch[]> {
  const kept: Batch[] = []
  const memory = new KeptMemory()
  for (const batch of input) {
    if (batch.rows === 0) {
      yield batch
      continue
    }
    reservation.update(memory.add(batch))
    for (const part of boundedParts(batch)) kept.push(part)
    if (pace.isDue()) yield pause
  }
  return kept
}
