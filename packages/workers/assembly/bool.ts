// BOOL: true, t, yes, y, 1 and false, f, no, n, 0, in any case.
import { clearCounts, count, isNullString, textEnd, textStart } from './cell'
import { cellBad, cellNull, cellValue, nullStringsAt, quoteAt } from './layout'

const allCaseBits: u64 = 0x2020_2020_2020_2020
const wordTrue: u64 = 0x65757274
const wordT: u64 = 0x74
const wordYes: u64 = 0x736579
const wordY: u64 = 0x79
const word1: u64 = 0x31
const wordFalse: u64 = 0x65736c6166
const wordF: u64 = 0x66
const wordNo: u64 = 0x6f6e
const wordN: u64 = 0x6e
const word0: u64 = 0x30
const notABool: i64 = -1

/** 1 or 0 for the text in [at, end), or `notABool`. Reads 8 bytes at `at`. No branch depends on the text. */
function truthOf(at: usize, end: usize): i64 {
  const bytes = end - at
  if (bytes - 1 > 4) return notABool
  const kept = ((1 as u64) << ((bytes << 3) as u64)) - 1
  const word = load<u64>(at) & kept
  // Only a letter becomes a small letter by this bit; digits are compared as they are.
  const lower = (word | allCaseBits) & kept
  const isTrue =
    (lower === wordTrue ? 1 : 0) |
    (lower === wordT ? 1 : 0) |
    (lower === wordYes ? 1 : 0) |
    (lower === wordY ? 1 : 0) |
    (word === word1 ? 1 : 0)
  const isFalse =
    (lower === wordFalse ? 1 : 0) |
    (lower === wordF ? 1 : 0) |
    (lower === wordNo ? 1 : 0) |
    (lower === wordN ? 1 : 0) |
    (word === word0 ? 1 : 0)
  return (isTrue | isFalse) !== 0 ? (isTrue as i64) : notABool
}

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
  const noNullStrings = load<u32>(nullStrings) === 0
  for (let row: u32 = 0; row < rows; row++) {
    const cell = (load<u32>(starts) as usize) + startBias
    const cellEnd = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    let outcome = cellValue
    let value = noNullStrings ? truthOf(cell, cellEnd) : notABool
    if (value === notABool) {
      const start = textStart(cell, cellEnd, quote)
      const end = textEnd(cell, start, cellEnd, quote)
      if (start === end || isNullString(nullStrings, start, end)) outcome = cellNull
      else value = truthOf(start, end)
      if (value === notABool) {
        value = 0
        if (outcome === cellValue) outcome = cellBad
        count(control, outcome)
      }
    }
    store<i64>(values, value)
    store<u8>(nulls, outcome as u8)
    values += 8
    nulls++
  }
}
