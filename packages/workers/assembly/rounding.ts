// decimal × 10^exponent to the nearest double, for mantissas of up to 19 digits.
//
// After Lemire, "Number parsing at a gigabyte per second" (2021), and Mushtak & Lemire, "Fast number parsing
// without fallback" (2022): the mantissa times a 128-bit approximation of the power of five has enough exact
// bits to round. The cases at the edges (subnormal, too large, a product whose low half is all ones) are left
// to the caller.
import { powersOfFiveAt } from './layout'

const exponentMin: i64 = -342
const exponentMax: i64 = 308
/** Powers whose approximation is exact, or exact enough whatever the product. */
const exactPowerMin: i64 = -27
const exactPowerMax: i64 = 55
const allOnes: u64 = 0xffff_ffff_ffff_ffff
/** The product's bits below the 55 that matter. */
const precisionMask: u64 = allOnes >> 55
const fractionBits: u64 = 52
const exponentBias: i64 = 1023

/** The high 64 bits of the product. */
function highProduct(a: u64, b: u64): u64 {
  const aLow = a & 0xffff_ffff
  const aHigh = a >> 32
  const bLow = b & 0xffff_ffff
  const bHigh = b >> 32
  const low = aLow * bLow
  const middle = aHigh * bLow + (low >> 32)
  const other = aLow * bHigh + (middle & 0xffff_ffff)
  return aHigh * bHigh + (middle >> 32) + (other >> 32)
}

/**
 * Stores the double nearest to mantissa × 10^exponent at `values`, and says true; or says false and stores
 * nothing.
 */
export function roundDecimal(
  control: usize,
  mantissa: u64,
  exponent: i64,
  negative: bool,
  values: usize,
): bool {
  if (mantissa === 0 || exponent < exponentMin || exponent > exponentMax) return false
  const powers = load<u32>(control + powersOfFiveAt) as usize
  const power = powers + (((exponent - exponentMin) as usize) << 4)
  const leadingZeros = clz(mantissa)
  const shifted = mantissa << leadingZeros
  const powerHigh = load<u64>(power, 8)
  let high = highProduct(shifted, powerHigh)
  let low = shifted * powerHigh
  if ((high & precisionMask) === precisionMask) {
    const carry = highProduct(shifted, load<u64>(power))
    low += carry
    if (carry > low) high++
  }
  if (low === allOnes && (exponent < exactPowerMin || exponent > exactPowerMax)) return false

  const upperBit = high >> 63
  const shift = upperBit + 64 - fractionBits - 3
  let bits = high >> shift
  // floor(exponent × log2(10)) + 63, in fixed point.
  const powerOfTwo = ((exponent * 217706) >> 16) + 63
  let binaryExponent = powerOfTwo + (upperBit as i64) - (leadingZeros as i64) + exponentBias
  if (binaryExponent <= 0) return false
  // Exactly half way between two doubles: to the even one.
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) === 1 && bits << shift === high) bits &= ~1
  bits += bits & 1
  bits >>= 1
  if (bits >= (2 as u64) << fractionBits) {
    bits = (1 as u64) << fractionBits
    binaryExponent++
  }
  if (binaryExponent >= 2047) return false
  const fraction = bits & ~((1 as u64) << fractionBits)
  const sign: u64 = negative ? 0x8000_0000_0000_0000 : 0
  store<u64>(values, fraction | ((binaryExponent as u64) << fractionBits) | sign)
  return true
}
