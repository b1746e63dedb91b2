// BOOL: true, t, yes, y, 1 and false, f, no, n, 0, in any case.
import { clearCounts, count, isNullString, textEnd, textStart } from './cell'
import { cellBad, cellNull, cellValue, nullStringsAt, quoteAt } from './layout'

const allCaseBits: u64 = 0x2020_2020_2020_2020
const wordTrue: u64 = 0x65757274
const wordYes: u64 = 0x736579
const wordFalse: u64 = 0x65736c6166
const wordNo: u64 = 0x6f6e
const zero: u64 = 0x30
const notABool: i64 = -1
/**
 * Two bits for each letter that is a text by itself, by its lowest five bits: 1 for t and y, 2 for f and n.
 */
const letters: u64 = (1 << 0x28) | (1 << 0x32) | (2 << 0x0c) | (2 << 0x1c)

/** 1 or 0 for the text in [at, end), or `notABool`. Reads 8 bytes at `at`. No branch depends on the text. */
function truthOf(at: usize, end: usize): i64 {
  const bytes = end - at
  if (bytes - 1 > 4) return notABool
  const kept = ((1 as u64) << ((bytes << 3) as u64)) - 1
  const word = load<u64>(at) & kept
  // Only a letter becomes a small letter by this bit; digits are compared as they are.
  const lower = (word | allCaseBits) & kept
  // A single small letter, and nothing longer, lies from 0x60 to 0x7f.
  const letter = select<u64>(letters >> ((lower & 0x1f) << 1), 0, lower >> 5 === 3) as u32
  const digit = word - zero < 2
  const isTrue = (lower === wordTrue ? 1 : 0) | (lower === wordYes ? 1 : 0)
  const isFalse = (lower === wordFalse ? 1 : 0) | (lower === wordNo ? 1 : 0)
  const known = isTrue | isFalse | (letter & 3) | (digit ? 1 : 0)
  return select<i64>((isTrue | (letter & 1) | (digit ? (word as u32) & 1 : 0)) as i64, notABool, known !== 0)
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
