/**
 * The table that the DOUBLE kernel rounds with: for every power of ten from 10^−342 to 10^308, the 128
 * highest bits of 5 to that power (rounded up where the power is negative), low half first. After Lemire,
 * "Number parsing at a gigabyte per second" (2021), whose table it is.
 */
const exponentMin = -342
const exponentMax = 308
const bitsKept = 128n

/** Bytes of the table. */
export const powersOfFiveBytes = (exponentMax - exponentMin + 1) * 16

function bitLength(value: bigint): bigint {
  return BigInt(value.toString(2).length)
}

function approximation(exponent: number): bigint {
  if (exponent >= 0) {
    const power = 5n ** BigInt(exponent)
    const excess = bitLength(power) - bitsKept
    return excess < 0n ? power << -excess : power >> excess
  }
  // 2^b / 5^−exponent + 1 for a b that is large enough, cut to 128 bits. A power of five is no power of two,
  // so that its bit length is the least z with 2^z above it.
  const power = 5n ** BigInt(-exponent)
  const z = bitLength(power)
  const b = exponent >= -27 ? z + 127n : 2n * z + bitsKept
  const quotient = (1n << b) / power + 1n
  const excess = bitLength(quotient) - bitsKept
  return excess > 0n ? quotient >> excess : quotient
}

let table: BigUint64Array | undefined

/** The table, made once a thread. */
export function powersOfFive(): BigUint64Array {
  if (table !== undefined) return table
  table = new BigUint64Array(powersOfFiveBytes / 8)
  for (let exponent = exponentMin; exponent <= exponentMax; exponent++) {
    const bits = approximation(exponent)
    const at = (exponent - exponentMin) * 2
    table[at] = BigInt.asUintN(64, bits)
    table[at + 1] = bits >> 64n
  }
  return table
}
