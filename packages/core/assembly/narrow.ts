/**
 * Lanes of integers to narrower ones, in place: each lane's lowest bytes, one behind the other.
 *
 * - What is written lies before what is still to be read. Behind the narrow lanes remains what was there.
 * - Nothing beyond the lanes is read or written.
 */

/** To lanes of 32 bits. */
export function narrowTo4(values: usize, rows: i32): void {
  const whole = rows & ~3
  for (let row: i32 = 0; row < whole; row += 4) {
    const at = values + ((<usize>row) << 3)
    const lows = i32x4.shuffle(v128.load(at), v128.load(at, 16), 0, 2, 4, 6)
    v128.store(values + ((<usize>row) << 2), lows)
  }
  for (let row = whole; row < rows; row++) {
    store<u32>(values + ((<usize>row) << 2), load<u32>(values + ((<usize>row) << 3)))
  }
}

/** To bytes. */
export function narrowTo1(values: usize, rows: i32): void {
  const whole = rows & ~7
  for (let row: i32 = 0; row < whole; row += 8) {
    const at = values + ((<usize>row) << 3)
    const first = i8x16.shuffle(
      v128.load(at),
      v128.load(at, 16),
      0,
      8,
      16,
      24,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    )
    const last = i8x16.shuffle(
      v128.load(at, 32),
      v128.load(at, 48),
      0,
      8,
      16,
      24,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    )
    store<u64>(values + <usize>row, i64x2.extract_lane(i32x4.shuffle(first, last, 0, 4, 0, 0), 0))
  }
  for (let row = whole; row < rows; row++) {
    store<u8>(values + <usize>row, load<u8>(values + ((<usize>row) << 3)))
  }
}
