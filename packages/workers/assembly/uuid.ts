// UUID: 32 hexadecimal digits, with hyphens behind the 8th, 12th, 16th and 20th or none, perhaps in braces;
// more slowly, with hyphens behind any four digits.
// The 16 bytes go to the column's heap, 16 for each row; the lane refers to them.
import { clearCounts, count, isNullString, textEnd, textStart } from './cell'
import { cellBad, cellNull, cellValue, heapAt, nullStringsAt, quoteAt } from './layout'

const hyphen: u32 = 0x2d
const openBrace: u32 = 0x7b
const closeBrace: u32 = 0x7d
const uuidBytes: usize = 16

/** Writes the eight bytes of 16 hexadecimal digits at `out`; false when they are not all digits. */
function storeHex(digits: v128, out: usize): bool {
  const lower = v128.or(digits, i8x16.splat(0x20))
  const number = i8x16.sub(digits, i8x16.splat(0x30))
  const letter = i8x16.sub(lower, i8x16.splat(0x61))
  const isNumber = i8x16.le_u(number, i8x16.splat(9))
  const isLetter = i8x16.le_u(letter, i8x16.splat(5))
  if (!i8x16.all_true(v128.or(isNumber, isLetter))) return false
  const nibbles = v128.bitselect(number, i8x16.add(letter, i8x16.splat(10)), isNumber)
  // The first digit of a pair is the low byte of a word.
  const high = i16x8.shl(v128.and(nibbles, i16x8.splat(0x00ff)), 4)
  const pairs = v128.or(high, i16x8.shr_u(nibbles, 8))
  v128.store64_lane(out, i8x16.narrow_i16x8_u(pairs, pairs), 0)
  return true
}

/** Writes the 16 bytes of eight groups of four digits, with or without hyphens between them, at `out`. */
function storeGroups(at: usize, end: usize, out: usize): bool {
  let digits: u32 = 0
  for (; at < end; at++) {
    const byte = load<u8>(at) as u32
    if (byte === hyphen && digits !== 0 && (digits & 3) === 0 && (load<u8>(at - 1) as u32) !== hyphen)
      continue
    const number = byte - 0x30
    const letter = (byte | 0x20) - 0x61
    if ((number > 9 && letter > 5) || digits === 32) return false
    const nibble = number <= 9 ? number : letter + 10
    const target = out + (digits >> 1)
    store<u8>(target, (digits & 1) === 0 ? nibble << 4 : (load<u8>(target) as u32) | nibble)
    digits++
  }
  return digits === 32 && (load<u8>(end - 1) as u32) !== hyphen
}

/** Whether [at, end) is a UUID; its bytes are at `out` then. Reads up to 36 bytes. */
function parseUuid(at: usize, end: usize, out: usize): bool {
  if (at < end && (load<u8>(at) as u32) === openBrace && (load<u8>(end - 1) as u32) === closeBrace) {
    at++
    end--
  }
  const length = end - at
  if (length === 32) return storeHex(v128.load(at), out) && storeHex(v128.load(at, 16), out + 8)
  if (length !== 36) return storeGroups(at, end, out)
  const hyphens =
    ((load<u8>(at, 8) as u32) ^ hyphen) |
    ((load<u8>(at, 13) as u32) ^ hyphen) |
    ((load<u8>(at, 18) as u32) ^ hyphen) |
    ((load<u8>(at, 23) as u32) ^ hyphen)
  if (hyphens !== 0) return storeGroups(at, end, out)
  const first = v128.shuffle<u8>(
    v128.load(at),
    v128.load(at, 16),
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    9,
    10,
    11,
    12,
    14,
    15,
    16,
    17,
  )
  const second = v128.shuffle<u8>(
    v128.load(at, 19),
    v128.load(at, 20),
    0,
    1,
    2,
    3,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    31,
  )
  return storeHex(first, out) && storeHex(second, out + 8)
}

export function parseUuids(
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
  let heap = load<u32>(control + heapAt) as usize
  for (let row: u32 = 0; row < rows; row++) {
    const cell = (load<u32>(starts) as usize) + startBias
    const cellEnd = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    let outcome = cellValue
    if (!noNullStrings || !parseUuid(cell, cellEnd, heap)) {
      const start = textStart(cell, cellEnd, quote)
      const end = textEnd(cell, start, cellEnd, quote)
      if (start === end || isNullString(nullStrings, start, end)) outcome = cellNull
      else if (!parseUuid(start, end, heap)) outcome = cellBad
      count(control, outcome)
    }
    store<u64>(values, outcome === cellValue ? (heap as u64) | ((uuidBytes as u64) << 32) : 0)
    store<u8>(nulls, outcome as u8)
    values += 8
    nulls++
    heap += uuidBytes
  }
}
