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

/** The bits of a text's bytes, the first the lowest; of an empty one, and of more than seven, some others. */
function bitsOfBytes(bytes: usize): u64 {
  return ((1 as u64) << ((bytes << 3) as u64)) - 1
}

/** 1 or 0 for the text in [at, end), or `notABool`. Reads 8 bytes at `at`. No branch depends on the text. */
function truthOf(at: usize, end: usize): i64 {
  const bytes = end - at
  if (bytes - 1 > 4) return notABool
  const kept = bitsOfBytes(bytes)
  const word = load<u64>(at) & kept
  // Only a letter becomes a small letter by this bit; digits are compared as they are.
  const lower = (word | allCaseBits) & kept
  // A single small letter, and nothing longer, lies from 0x60 to 0x7f.
  const letter = select<u64>(letters >> ((lower & 0x1f) << 1), 0, lower >> 5 === 3) as u32
  // A digit, and nothing behind it: a NUL leaves the word as it is.
  const digit = ((word - zero) | (((bytes - 1) as u64) << 1)) < 2
  const isTrue = (lower === wordTrue ? 1 : 0) | (lower === wordYes ? 1 : 0)
  const isFalse = (lower === wordFalse ? 1 : 0) | (lower === wordNo ? 1 : 0)
  const known = isTrue | isFalse | (letter & 3) | (digit ? 1 : 0)
  return select<i64>((isTrue | (letter & 1) | (digit ? (word as u32) & 1 : 0)) as i64, notABool, known !== 0)
}

/** Parses any spelling; the cell is [cell, cellEnd). Writes the lane, says how it ended. */
function parseBoolSlowly(control: usize, cell: usize, cellEnd: usize, values: usize): u32 {
  const quote = load<u32>(control + quoteAt)
  store<i64>(values, 0)
  const start = textStart(cell, cellEnd, quote)
  const end = textEnd(cell, start, cellEnd, quote)
  if (start === end || isNullString(load<u32>(control + nullStringsAt), start, end)) return cellNull
  const value = truthOf(start, end)
  if (value === notABool) return cellBad
  store<i64>(values, value)
  return cellValue
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
  // Bytes of a text that is read here: none where every text may be a null string.
  const quickMax: usize = load<u32>(load<u32>(control + nullStringsAt) as usize) === 0 ? 6 : 0
  memory.fill(nulls, cellValue as u8, rows)
  for (const nullsEnd = nulls + (rows as usize); nulls < nullsEnd; nulls++) {
    const cell = (load<u32>(starts) as usize) + startBias
    const cellEnd = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    const kept = bitsOfBytes(cellEnd - cell)
    const lower = (load<u64>(cell) | allCaseBits) & kept
    const isTrue = lower === wordTrue
    store<i64>(values, isTrue ? 1 : 0)
    const isUsual = isTrue || lower === wordFalse
    if (cellEnd - cell >= quickMax || !isUsual) {
      const outcome = parseBoolSlowly(control, cell, cellEnd, values)
      if (outcome !== cellValue) {
        count(control, outcome)
        store<u8>(nulls, outcome as u8)
      }
    }
    values += 8
  }
}
