// FLOAT: the double nearest to the text, rounded to the nearest float. That is the float nearest to the text
// but where the double lies half way between two floats, or below the smallest normal one: those are left to
// the caller.

import { parseDouble } from './double'
import { badCountAt, cellBad, cellInexact, cellValue, inexactCountAt } from './layout'

const magnitudeMask: u64 = 0x7fff_ffff_ffff_ffff
/** Bits of a double's fraction that a float does not have: 29; half way is the highest of them alone. */
const restMask: u64 = 0x1fff_ffff
const restHalf: u64 = 0x1000_0000
/** Bits of 2^−125. */
const smallest: u64 = 0x3820_0000_0000_0000
const infinity: u64 = 0x7ff0_0000_0000_0000

export function parseFloats(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: u32,
  values: usize,
  nulls: usize,
): void {
  parseDouble(control, starts, startStride, startBias, ends, endStride, rows, values, nulls)
  let bad: u32 = 0
  let inexact: u32 = 0
  for (let row: u32 = 0; row < rows; row++, values += 8, nulls++) {
    if ((load<u8>(nulls) as u32) !== cellValue) continue
    const bits = load<u64>(values) & magnitudeMask
    if (bits === 0) continue
    if ((bits & restMask) === restHalf || bits < smallest) {
      store<u8>(nulls, cellInexact as u8)
      inexact++
      continue
    }
    const narrow = load<f64>(values) as f32 as f64
    if ((reinterpret<u64>(narrow) & magnitudeMask) === infinity) {
      store<u8>(nulls, cellBad as u8)
      store<u64>(values, 0)
      bad++
    } else store<f64>(values, narrow)
  }
  store<u32>(control + badCountAt, load<u32>(control + badCountAt) + bad)
  store<u32>(control + inexactCountAt, load<u32>(control + inexactCountAt) + inexact)
}
