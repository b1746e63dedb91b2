/**
 * Doubles that are decimals: v = m / 10^scale exactly, |m| ≤ 2^53, kept as the integer m.
 *
 * - m and 10^scale are exact doubles (scale ≤ 15), so the division is correctly rounded and gives v back bit
 *   for bit.
 * - −0, NaN and infinities are no decimals.
 */

const scaleMax: i32 = 15
const mantissaMax: f64 = 9007199254740992
/** Adding this to a double below 2^51 in magnitude leaves the integer in the low bits of the sum. */
const roundingShift: f64 = 6755399441055744
const roundingShiftBits: i64 = 0x4338000000000000

/** 10^exponent, exact up to 10^22. */
function powerOfTen(exponent: i32): f64 {
  let power: f64 = 1
  for (let i: i32 = 0; i < exponent; i++) power *= 10
  return power
}

/** m for one double, or infinity when it is no decimal of this power. */
function mantissaOf(value: f64, power: f64): f64 {
  const mantissa = nearest<f64>(value * power) + 0.0
  const same = reinterpret<i64>(mantissa / power) === reinterpret<i64>(value)
  return same && abs<f64>(mantissa) <= mantissaMax ? mantissa : Infinity
}

/** The smallest scale of the double at `address`, or −1. */
export function decimalScale(address: usize): i32 {
  const value = load<f64>(address)
  let power: f64 = 1
  for (let scale: i32 = 0; scale <= scaleMax; scale++) {
    const mantissa = mantissaOf(value, power)
    if (mantissa !== Infinity) return scale
    power *= 10
  }
  return -1
}

/**
 * Turns `rows` doubles into their integers at `out`; returns the first row that has none at this scale, or
 * −1.
 */
export function doublesToDecimals(values: usize, rows: i32, scale: i32, out: usize): i32 {
  const power = powerOfTen(scale)
  const powers = f64x2.splat(power)
  const smallMax = f64x2.splat(2251799813685248)
  const shift = f64x2.splat(roundingShift)
  const shiftBits = i64x2.splat(roundingShiftBits)
  let row: i32 = 0
  for (; row + 2 <= rows; row += 2) {
    const at = (<usize>row) << 3
    const lanes = v128.load(values + at)
    const mantissas = f64x2.add(f64x2.nearest(f64x2.mul(lanes, powers)), f64x2.splat(0))
    const same = i64x2.eq(f64x2.div(mantissas, powers), lanes)
    const small = f64x2.lt(f64x2.abs(mantissas), smallMax)
    if (!i64x2.all_true(v128.and(same, small))) {
      // Larger than the shift can take, or no decimal: look at each.
      for (let lane: i32 = 0; lane < 2; lane++) {
        const laneAt = at + ((<usize>lane) << 3)
        const mantissa = mantissaOf(load<f64>(values + laneAt), power)
        if (mantissa === Infinity) return row + lane
        store<i64>(out + laneAt, <i64>mantissa)
      }
      continue
    }
    v128.store(out + at, i64x2.sub(f64x2.add(mantissas, shift), shiftBits))
  }
  if (row < rows) {
    const at = (<usize>row) << 3
    const mantissa = mantissaOf(load<f64>(values + at), power)
    if (mantissa === Infinity) return row
    store<i64>(out + at, <i64>mantissa)
  }
  return -1
}

/** Turns `rows` integer lanes into doubles in place, each divided by 10^scale. */
export function intsToDoubles(values: usize, rows: i32, scale: i32): void {
  const power = powerOfTen(scale)
  const powers = f64x2.splat(power)
  const shift = f64x2.splat(roundingShift)
  const shiftBits = i64x2.splat(roundingShiftBits)
  const half = i64x2.splat((<i64>1) << 51)
  const end = values + ((<usize>rows) << 3)
  for (; values + 16 <= end; values += 16) {
    const ints = v128.load(values)
    // −2^51 ≤ v < 2^51: what the shift can take.
    if (v128.any_true(i64x2.shr_u(i64x2.add(ints, half), 52))) {
      store<f64>(values, <f64>i64x2.extract_lane(ints, 0) / power)
      store<f64>(values, <f64>i64x2.extract_lane(ints, 1) / power, 8)
      continue
    }
    const doubles = f64x2.sub(i64x2.add(ints, shiftBits), shift)
    v128.store(values, scale === 0 ? doubles : f64x2.div(doubles, powers))
  }
  if (values < end) store<f64>(values, <f64>load<i64>(values) / power)
}
