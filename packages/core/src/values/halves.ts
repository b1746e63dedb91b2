/** Integers of 64 bits, read without making a BigInt of each, which takes several times as long. */

/** Bits of an integer beyond its lower 32, and the upper halves of those that have 53 bits and a sign. */
const highUnit = 2 ** 32
const highMax = 2 ** 21

/**
 * The integer of `row` in the halves of a `BigInt64Array`, the lower one first; NaN beyond −2^53 … 2^53 − 1,
 * where a double does not hold each of them.
 */
export function integerOfHalves(halves: Int32Array, row: number): number {
  const high = halves[2 * row + 1]!
  if (high < -highMax || high >= highMax) return Number.NaN
  return high * highUnit + (halves[2 * row]! >>> 0)
}
