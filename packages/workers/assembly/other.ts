// Types that only the caller can read: finds the nulls, and leaves every other cell to it.
import { clearCounts, count, isNullString, textEnd, textStart } from './cell'
import { cellInexact, cellNull, nullStringsAt, quoteAt } from './layout'

export function leaveCells(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: u32,
  values: usize,
  nulls: usize,
): void {
  clearCounts(control)
  const quote = load<u32>(control + quoteAt)
  const nullStrings = load<u32>(control + nullStringsAt) as usize
  for (let row: u32 = 0; row < rows; row++) {
    const cell = (load<u32>(starts) as usize) + startBias
    const cellEnd = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    const start = textStart(cell, cellEnd, quote)
    const end = textEnd(cell, start, cellEnd, quote)
    const outcome = start === end || isNullString(nullStrings, start, end) ? cellNull : cellInexact
    count(control, outcome)
    store<u64>(values, 0)
    store<u8>(nulls, outcome as u8)
    values += 8
    nulls++
  }
}
