// Four cells at once: what the parsers of numbers and dates share that do so.
//
// They parse as many fours as are all of the usual kind; then some cells one by one, and twice as many each
// time that no four follows, so that a column that is of another kind costs no more than before.

/** Cells that are parsed one by one before fours are tried again. */
export const singleMin: usize = 4
export const singleMax: usize = 64

export function twoLanes(first: u64, second: u64): v128 {
  return i64x2.replace_lane(i64x2.splat(first as i64), 1, second as i64)
}

/** Writes four 32-bit numbers as lanes. */
export function storeLanes(values: usize, numbers: v128): void {
  v128.store(values, i64x2.extend_low_i32x4_s(numbers))
  v128.store(values, i64x2.extend_high_i32x4_s(numbers), 16)
}

/** Whether all sixteen digit values of each are 0 … 9. */
export function areAllDigits(first: v128, second: v128): bool {
  return !v128.any_true(i8x16.gt_u(i8x16.max_u(first, second), i8x16.splat(9)))
}

/** In eight lanes, the numbers of two digits whose first one is the lower byte. */
export function eightPairs(digits: v128): v128 {
  const tens = i16x8.mul(v128.and(digits, i16x8.splat(0xff)), i16x8.splat(10))
  return i16x8.add(tens, i16x8.shr_u(digits, 8))
}

/**
 * The numbers 0 … 99,999,999 in the two lanes of `first`, then those of `second`. A lane has eight digit
 * values, the first digit in the lowest byte (`leadingDigits`). Neighbours are joined by multiplications that
 * add them up, after Muła, "SIMD-ized parsing of series of integers" (2022).
 */
export function fourNumbers(first: v128, second: v128): v128 {
  const hundreds = i16x8(100, 1, 100, 1, 100, 1, 100, 1)
  const fours = i16x8.narrow_i32x4_u(
    i32x4.dot_i16x8_s(eightPairs(first), hundreds),
    i32x4.dot_i16x8_s(eightPairs(second), hundreds),
  )
  return i32x4.dot_i16x8_s(fours, i16x8(10_000, 1, 10_000, 1, 10_000, 1, 10_000, 1))
}
