/** SKIP and LIMIT: passes rows [from, from + count) on, and asks for no more when it has them. */
import { sliceVector } from '../vectors/take.js'
import type { Batch } from '../vectors/vector.js'

export function* slice(input: Iterable<Batch>, from: number, count: number): Generator<Batch> {
  let toSkip = from
  let left = count
  if (left <= 0) return
  for (const batch of input) {
    if (batch.rows === 0) {
      yield batch
      continue
    }
    const start = Math.min(toSkip, batch.rows)
    toSkip -= start
    const end = Math.min(batch.rows, start + left)
    if (end === start) continue
    left -= end - start
    yield {
      rows: end - start,
      columns: batch.columns.map((vector) => vector && sliceVector(vector, start, end)),
    }
    if (left <= 0) return
  }
}
