/**
 * Kernels of key codes: strings that differ in few places, and there in few ways, as numbers of 64 bits.
 * Conventions: as in `keys.ts`.
 *
 * A code puts the symbols of a string's bytes one beside the other, each as wide as its position needs;
 * behind the string's end comes the symbol of an end, at every position that some string reaches. Different
 * strings of the alphabets have different codes.
 *
 * | words of an alphabet, u64 | hold                                                                         |
 * |---------------------------|------------------------------------------------------------------------------|
 * | 256 × p + b               | the symbol of byte b at position p, where it is in the code; ~0: there is none |
 * | 256 × positions + n       | the symbols of the ends behind a string of n bytes; ~0: there is no such string |
 */
import { mixCode } from './hash'

const lengthsByte: usize = 16384

/**
 * Marks in `seen` (bytes of 0 or 1) what strings have where: byte 256 × p + b for each of their bytes, and
 * byte 16,384 + their length. Nulls (`nulls`, 0 when there are none) have nothing.
 * @returns the first row that is longer than `positionsMax`, or `rows`
 */
export function scanStrings(lanes: usize, nulls: usize, rows: u32, positionsMax: u32, seen: usize): u32 {
  for (let row: u32 = 0; row < rows; ++row) {
    if (nulls !== 0 && load<u8>(nulls + row) !== 0) continue
    const lane = lanes + ((<usize>row) << 3)
    const length = load<u32>(lane, 4)
    if (length > positionsMax) return row
    store<u8>(seen + lengthsByte + length, 1)
    let text = <usize>load<u32>(lane)
    const end = text + length
    for (let marks = seen; text < end; marks += 256) {
      store<u8>(marks + load<u8>(text), 1)
      text += 1
    }
  }
  return rows
}

/** Whether all that a string's code is put together of is in the alphabet, when the code is all ones. */
function isCode(text: usize, length: u32, alphabet: usize, tails: usize): bool {
  if (load<u64>(tails + ((<usize>length) << 3)) === ~(<u64>0)) return false
  for (let position: u32 = 0; position < length; ++position) {
    const symbol = (position << 8) + <u32>load<u8>(text + position)
    if (load<u64>(alphabet + ((<usize>symbol) << 3)) === ~(<u64>0)) return false
  }
  return true
}

/**
 * Writes a pair {mixed code, firstRow + row} for each string that has a code, is not null, and has no answer
 * yet. `nulls` and `answers` may be 0: all count.
 * @returns pairs written
 */
export function codeStrings(
  lanes: usize,
  nulls: usize,
  answers: usize,
  rows: u32,
  firstRow: u32,
  alphabet: usize,
  positions: u32,
  pairs: usize,
): u32 {
  const tails = alphabet + ((<usize>positions) << 11)
  let out = pairs
  for (let row: u32 = 0; row < rows; ++row) {
    const lane = lanes + ((<usize>row) << 3)
    const length = load<u32>(lane, 4)
    if (length > positions) continue
    if (answers !== 0 && load<i64>(answers + ((<usize>row) << 3)) !== -1) continue
    if (nulls !== 0 && load<u8>(nulls + row) !== 0) continue
    const text = <usize>load<u32>(lane)
    const end = text + length
    let code = load<u64>(tails + ((<usize>length) << 3))
    let symbols = alphabet
    for (let at = text; at < end; ++at) {
      code |= load<u64>(symbols + ((<usize>load<u8>(at)) << 3))
      symbols += 2048
    }
    // What is not in the alphabet gives all ones, and so does a string whose symbols are all the last.
    if (code === ~(<u64>0) && !isCode(text, length, alphabet, tails)) continue
    store<u64>(out, mixCode(code))
    store<u64>(out, <u64>firstRow + <u64>row, 8)
    out += 16
  }
  return <u32>((out - pairs) >> 4)
}

/** As `codeStrings`, for integers, which are their own codes. */
export function codeInts(
  lanes: usize,
  nulls: usize,
  answers: usize,
  rows: u32,
  firstRow: u32,
  pairs: usize,
): u32 {
  let out = pairs
  for (let row: u32 = 0; row < rows; ++row) {
    if (answers !== 0 && load<i64>(answers + ((<usize>row) << 3)) !== -1) continue
    if (nulls !== 0 && load<u8>(nulls + row) !== 0) continue
    store<u64>(out, mixCode(load<u64>(lanes + ((<usize>row) << 3))))
    store<u64>(out, <u64>firstRow + <u64>row, 8)
    out += 16
  }
  return <u32>((out - pairs) >> 4)
}

/**
 * Writes the answers that words of node offset (bits 63 … 24) and row (23 … 0) give: of rows below `split` to
 * `answers`, of the others to `laterAnswers`, where row 0 of all would have its answer.
 */
export function takeAnswers(words: usize, count: u32, split: u32, answers: usize, laterAnswers: usize): void {
  for (let index: u32 = 0; index < count; ++index) {
    const word = load<u64>(words + ((<usize>index) << 3))
    const row = <u32>(word & 0xffffff)
    store<u64>((row < split ? answers : laterAnswers) + ((<usize>row) << 3), word >> 24)
  }
}

/**
 * Copies pairs to `out` in the order of the top 8 bits of their first words, stably: so that what is looked
 * up together lies in one part of a map. `places`: 1 KiB of scratch.
 */
export function scatterPairs(pairs: usize, count: u32, places: usize, out: usize): void {
  memory.fill(places, 0, 1024)
  for (let index: u32 = 0; index < count; ++index) {
    const at = places + ((<usize>load<u8>(pairs + ((<usize>index) << 4), 7)) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  let sum: u32 = 0
  for (let part: usize = 0; part < 1024; part += 4) {
    const size = load<u32>(places + part)
    store<u32>(places + part, sum)
    sum += size
  }
  for (let index: u32 = 0; index < count; ++index) {
    const pair = pairs + ((<usize>index) << 4)
    const at = places + ((<usize>load<u8>(pair, 7)) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    v128.store(out + ((<usize>place) << 4), v128.load(pair))
  }
}
