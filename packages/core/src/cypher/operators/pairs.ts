/** Every row of a batch with every row of another, in batches of at most `batchRowsMax`. */
import { sliceVector, takeRows } from '../vectors/take.js'
import { type Batch, batchRowsMax, type WorkVector } from '../vectors/vector.js'
import { type Pace, pause } from './pace.js'

/** Row by row of `left`, which has `width` columns; behind them those of `right`, all of which are there. */
export function* pairs(left: Batch, width: number, right: Batch, pace: Pace): Generator<Batch> {
  const total = left.rows * right.rows
  for (let from = 0; from < total; from += batchRowsMax) {
    yield somePairs(left, width, right, from, Math.min(from + batchRowsMax, total))
    if (pace.isDue()) yield pause
  }
}

/** Of all pairs, those from `from` to before `end`. */
function somePairs(left: Batch, width: number, right: Batch, from: number, end: number): Batch {
  const rows = end - from
  const leftRow = new Uint32Array(rows)
  const rightRow = new Uint32Array(rows)
  for (let at = 0; at < rows; at++) {
    leftRow[at] = Math.floor((from + at) / right.rows)
    rightRow[at] = (from + at) % right.rows
  }
  const columns: (WorkVector | undefined)[] = []
  for (let slot = 0; slot < width; slot++) {
    const column = left.columns[slot]
    columns[slot] = column && takeRows(column, leftRow, rows)
  }
  const isStretch = leftRow[0] === leftRow[rows - 1]
  for (const [at, vector] of right.columns.entries()) {
    columns[width + at] = isStretch
      ? sliceVector(vector!, rightRow[0]!, rightRow[0]! + rows)
      : takeRows(vector!, rightRow, rows)
  }
  return { rows, columns }
}
