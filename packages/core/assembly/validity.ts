/**
 * Nulls and booleans: bytes and lanes while a column moves, bitmaps in a segment.
 *
 * - Bit i of a bitmap is bit i mod 8 of byte i div 8; bitmaps are whole 64-bit words, bits behind the last
 *   row are 0.
 * - In a validity bitmap 1 means a value, 0 a null.
 * - Null bytes have 64 bytes of slack behind them.
 */

/** Writes the validity bitmap of `rows` null bytes. */
export function packValidity(nulls: usize, rows: i32, out: usize): void {
  const zero = i8x16.splat(0)
  for (let row: i32 = 0; row < rows; row += 64) {
    const at = nulls + <usize>row
    let word = <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), zero)))
    word |= (<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 16), zero)))) << 16
    word |= (<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 32), zero)))) << 32
    word |= (<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 48), zero)))) << 48
    const left = rows - row
    if (left < 64) word &= ((<u64>1) << left) - 1
    store<u64>(out, word)
    out += 8
  }
}

/** Writes the null bytes of `rows` rows and returns how many are null. */
export function unpackValidity(bitmap: usize, rows: i32, out: usize): i32 {
  let valid: i32 = 0
  for (let row: i32 = 0; row < rows; row++) {
    const bit = (<i32>load<u8>(bitmap + (<usize>row >> 3)) >> (row & 7)) & 1
    store<u8>(out + <usize>row, bit ^ 1)
    valid += bit
  }
  return rows - valid
}

/** Writes the bitmap of `rows` lanes: 1 where the lane is not 0. */
export function packBools(values: usize, rows: i32, out: usize): void {
  for (let row: i32 = 0; row < rows; row += 64) {
    const count = min<i32>(64, rows - row)
    let word: u64 = 0
    for (let bit: i32 = 0; bit < count; bit++) {
      word |= (<u64>(load<u64>(values) !== 0)) << bit
      values += 8
    }
    store<u64>(out, word)
    out += 8
  }
}

/** Writes `rows` lanes of 0 and 1. */
export function unpackBools(bitmap: usize, rows: i32, out: usize): void {
  for (let row: i32 = 0; row < rows; row++) {
    store<u64>(out, (<u32>load<u8>(bitmap + (<usize>row >> 3)) >> (row & 7)) & 1)
    out += 8
  }
}

/**
 * Copies lanes, and gives a null the value before it (leading nulls the first value there is): what packs
 * best. At least one row is not null.
 */
export function fillNulls(values: usize, nulls: usize, rows: i32, out: usize): void {
  let first: i32 = 0
  while (first < rows - 1 && load<u8>(nulls + <usize>first) !== 0) first++
  let last = load<u64>(values + ((<usize>first) << 3))
  for (let row: i32 = 0; row < rows; row++) {
    last = load<u8>(nulls + <usize>row) !== 0 ? last : load<u64>(values + ((<usize>row) << 3))
    store<u64>(out + ((<usize>row) << 3), last)
  }
}

/** Sets the lanes of nulls to 0. */
export function zeroNulls(values: usize, nulls: usize, rows: i32): void {
  for (let row: i32 = 0; row < rows; row++) {
    if (load<u8>(nulls + <usize>row) !== 0) store<u64>(values + ((<usize>row) << 3), 0)
  }
}
