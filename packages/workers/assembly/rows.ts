// Small passes over lines and lanes: counting line ends, dropping rows.
import { carriageReturn, lineFeed } from './layout'

/** Line ends in [from, to): \n, \r\n and \r each count once. `from` is not inside a \r\n. */
export function countLineEnds(from: usize, to: usize): u32 {
  const feeds = i8x16.splat(lineFeed as i8)
  const returns = i8x16.splat(carriageReturn as i8)
  let lines: u32 = 0
  let returnCarry: u32 = 0
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at)
    const left = to - at
    const valid: u32 = left >= 16 ? 0xffff : ((1 as u32) << (left as u32)) - 1
    const feed = (i8x16.bitmask(i8x16.eq(bytes, feeds)) as u32) & valid
    const carriage = (i8x16.bitmask(i8x16.eq(bytes, returns)) as u32) & valid
    lines += popcnt(carriage | (feed & ~((carriage << 1) | returnCarry))) as u32
    returnCarry = (carriage >> 15) & 1
  }
  return lines
}

/** Moves the rows whose byte in `drops` is 0 to the front. Returns how many of them are null. */
export function dropRows(drops: usize, rows: u32, values: usize, nulls: usize): u32 {
  let nullCount: u32 = 0
  let outValues = values
  let outNulls = nulls
  for (let row: u32 = 0; row < rows; row++) {
    const isNull = load<u8>(nulls)
    if (load<u8>(drops) === 0) {
      store<u64>(outValues, load<u64>(values))
      store<u8>(outNulls, isNull)
      nullCount += isNull as u32
      outValues += 8
      outNulls++
    }
    drops++
    values += 8
    nulls++
  }
  return nullCount
}
