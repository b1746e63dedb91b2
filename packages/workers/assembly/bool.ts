// BOOL: true, t, yes, 1 and false, f, no, 0, in any case.
import { clearCounts, count, isNullString, textEnd, textStart } from './cell'
import { cellBad, cellNull, cellValue, nullStringsAt, quoteAt } from './layout'

/** The text as one little-endian number in lower case, or −1 when it is longer than five bytes. */
// @ts-expect-error: decorator
@inline
function packed(at: usize, end: usize): i64 {
  const bytes = end - at
  if (bytes > 5) return -1
  let word: i64 = 0
  for (let i: usize = 0; i < bytes; i++) {
    const byte = load<u8>(at + i) as i64
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    word |= lower << ((i << 3) as i64)
  }
  return word
}

const wordTrue: i64 = 0x65757274
const wordT: i64 = 0x74
const wordYes: i64 = 0x736579
const word1: i64 = 0x31
const wordFalse: i64 = 0x65736c6166
const wordF: i64 = 0x66
const wordNo: i64 = 0x6f6e
const word0: i64 = 0x30

export function parseBool(
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
    let outcome = cellValue
    let value: i64 = 0
    if (start === end || isNullString(nullStrings, start, end)) {
      outcome = cellNull
    } else {
      const word = packed(start, end)
      if (word === wordTrue || word === word1 || word === wordT || word === wordYes) value = 1
      else if (word !== wordFalse && word !== word0 && word !== wordF && word !== wordNo) outcome = cellBad
    }
    if (outcome !== cellValue) count(control, outcome)
    store<i64>(values, value)
    store<u8>(nulls, outcome as u8)
    values += 8
    nulls++
  }
}
