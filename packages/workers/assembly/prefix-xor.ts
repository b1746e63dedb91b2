// What quotes open and close, by their parity.

/**
 * Bit i of the result is the xor of bits 0 … i: 1 from an opening quote up to, but without, its closing one.
 */
export function prefixXor(bits: u64): u64 {
  bits ^= bits << 1
  bits ^= bits << 2
  bits ^= bits << 4
  bits ^= bits << 8
  bits ^= bits << 16
  return bits ^ (bits << 32)
}
