/**
 * Reads columns for several batches at once where a table has many segments: each segment is then decoded
 * once for some hundred thousand rows, not once for two thousand, even when the cache cannot hold them all.
 * Windows begin with one batch and double, so that a LIMIT still ends early.
 */
import { sliceVector } from '../vectors/take.js'
import { type Batch, type NumberVector, numberVector, type WorkVector } from '../vectors/vector.js'
import { type Pace, pause } from './pace.js'

const windowBatchesMax = 64

/** Reads the columns of `places` into slots. */
export type ReadColumns = (places: NumberVector, columns: (WorkVector | undefined)[]) => void

/** Every batch with what `read` adds to it for the places in slot `from`. */
export function* readInWindows(
  input: Iterable<Batch>,
  from: number,
  pace: Pace,
  read: ReadColumns,
): Generator<Batch> {
  let window: Batch[] = []
  let windowBatches = 1
  for (const batch of input) {
    if (batch.rows === 0) {
      yield batch
      continue
    }
    window.push(batch)
    if (window.length < windowBatches) continue
    yield* readWindow(window, from, read)
    if (pace.isDue()) yield pause
    window = []
    windowBatches = Math.min(windowBatches * 2, windowBatchesMax)
  }
  if (window.length > 0) yield* readWindow(window, from, read)
}

function* readWindow(window: readonly Batch[], from: number, read: ReadColumns): Generator<Batch> {
  const rows = window.reduce((sum, batch) => sum + batch.rows, 0)
  const places = new Float64Array(rows)
  let at = 0
  for (const batch of window) {
    places.set((batch.columns[from] as NumberVector).values.subarray(0, batch.rows), at)
    at += batch.rows
  }
  const made: (WorkVector | undefined)[] = []
  read(numberVector('INT64', places, null), made)
  let start = 0
  for (const batch of window) {
    const columns = [...batch.columns]
    made.forEach((vector, slot) => {
      if (vector !== undefined) columns[slot] = sliceVector(vector, start, start + batch.rows)
    })
    start += batch.rows
    yield { rows: batch.rows, columns }
  }
}
