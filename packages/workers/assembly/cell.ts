// What every field parser shares: where a cell's text is, whether it is null, and how results are counted.
//
// A column is read over the index of a scan. `starts` and `ends` are the addresses of the first record's
// entries, `stride` the bytes from one record's entry to the next in each; a cell's text is
// [load(starts) + startBias, load(ends)). For a record's first field `starts` are the record starts (bias 0),
// for the others the field ends before (bias 1: behind the delimiter).
//
// Types other than STRING: quotes around the text and spaces and tabs around that make no difference; an
// empty text is null, and so is one that equals a null string.
import {
  badCountAt,
  cellBad,
  cellInexact,
  cellNull,
  escapedCountAt,
  inexactCountAt,
  nullCountAt,
} from './layout'

const space: u32 = 0x20
const tab: u32 = 0x09

/** Whether [at, end) equals one of the null strings of the table at `nullStrings`. */
export function isNullString(nullStrings: usize, at: usize, end: usize): bool {
  let entry = nullStrings + 4
  const entriesEnd = entry + ((load<u32>(nullStrings) as usize) << 3)
  const bytes = (end - at) as u32
  for (; entry < entriesEnd; entry += 8) {
    if (load<u32>(entry, 4) !== bytes) continue
    const wanted = load<u32>(entry) as usize
    let same: usize = 0
    while (same < (bytes as usize) && load<u8>(wanted + same) === load<u8>(at + same)) same++
    if (same === (bytes as usize)) return true
  }
  return false
}

function isPadding(byte: u32): bool {
  return byte === space || byte === tab
}

/** First byte of the text inside quotes and spaces; `end` is behind the cell's last byte. */
export function textStart(at: usize, end: usize, quote: u32): usize {
  if (at < end && (load<u8>(at) as u32) === quote) at++
  while (at < end && isPadding(load<u8>(at) as u32)) at++
  return at
}

/**
 * Address behind the text inside quotes and spaces. `cell` is the cell's first byte, `start` what `textStart`
 * said.
 */
export function textEnd(cell: usize, start: usize, end: usize, quote: u32): usize {
  if (cell < end && (load<u8>(cell) as u32) === quote) end--
  while (end > start && isPadding(load<u8>(end - 1) as u32)) end--
  return end
}

/** Number of cells of each outcome in the column just parsed. */
export function clearCounts(control: usize): void {
  store<u32>(control + nullCountAt, 0)
  store<u32>(control + badCountAt, 0)
  store<u32>(control + inexactCountAt, 0)
  store<u32>(control + escapedCountAt, 0)
}

/** Adds a cell's outcome to the counts. Called for the uncommon outcomes only. */
export function count(control: usize, outcome: u32): void {
  let place = control
  if (outcome === cellNull) place += nullCountAt
  else if (outcome === cellBad) place += badCountAt
  else if (outcome === cellInexact) place += inexactCountAt
  else return
  store<u32>(place, load<u32>(place) + 1)
}

/**
 * The `digits` (1 … 8) bytes at `at` less the digit 0, in the highest bytes, above zeros: the digits of a
 * number as values. Reads eight bytes.
 */
export function leadingDigits(at: usize, digits: usize): u64 {
  return digitValues(load<u64>(at)) << ((64 - (digits << 3)) as u64)
}

/** Eight bytes less the digit 0. */
export function digitValues(chunk: u64): u64 {
  return chunk ^ 0x3030_3030_3030_3030
}

/** Whether all eight bytes, which are less the digit 0, were digits. */
export function areDigitValues(chunk: u64): bool {
  return (((chunk + 0x7676_7676_7676_7676) | chunk) & 0x8080_8080_8080_8080) === 0
}

/** Four numbers of two digits, each in two bytes; the first digit is the lowest of eight bytes 0 … 9. */
export function digitPairs(chunk: u64): u64 {
  return ((chunk * 2561) >> 8) & 0x00ff_00ff_00ff_00ff
}

/**
 * The value of eight digits, as bytes 0 … 9, the first in the lowest byte. After Lemire, "Quickly parsing
 * eight digits" (2022).
 */
export function eightDigits(chunk: u64): u64 {
  const fours = ((digitPairs(chunk) * 6553601) >> 16) & 0x0000_ffff_0000_ffff
  return (fours * 42949672960001) >> 32
}

/** The highest bit of each byte that is a point less the digit 0; the lowest of these bits is right. */
export function pointBits(chunk: u64): u64 {
  const unlike = chunk ^ 0x1e1e_1e1e_1e1e_1e1e
  return (unlike - 0x0101_0101_0101_0101) & ~unlike & 0x8080_8080_8080_8080
}

/** Digits behind a point whose bit is the lowest of `points`. */
export function digitsBehind(points: u64): usize {
  return 7 - ((ctz(points) as usize) >> 3)
}

/** Takes the point whose bit is the lowest of `points` out: the bytes below move up over it. */
export function withoutPoint(chunk: u64, points: u64): u64 {
  const below: u64 = ((1 as u64) << (ctz(points) - 7)) - 1
  return (chunk & ~(below << 8) & ~0xff) | ((chunk & below) << 8)
}
