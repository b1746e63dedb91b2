/**
 * Dictionaries of strings: distinct values in the order they first appear, found through an open-addressing
 * table.
 *
 * A slot of the table has 8 bytes: u32 code + 1 (0: free), u32 the high half of the hash. An entry is a
 * string lane.
 */
import { memoryBytes, sameBytes } from './bytes'
import { hashBytes } from './hash'

/**
 * Enters every `stride`-th of `rows` string lanes. Returns the number of entries, or −1 when there would be
 * more than `entriesMax`. `nulls` and `codes` may be 0. A code is a lane; the code of a null is 0.
 * `slotMask` + 1 slots, a power of two above `entriesMax`, are cleared here.
 */
export function buildDictionary(
  values: usize,
  nulls: usize,
  rows: i32,
  stride: i32,
  slots: usize,
  slotMask: u32,
  entries: usize,
  entriesMax: u32,
  codes: usize,
): i32 {
  const memoryEnd = memoryBytes()
  memory.fill(slots, 0, (<usize>slotMask + 1) << 3)
  let count: u32 = 0
  for (let row: i32 = 0; row < rows; row += stride) {
    let code: u32 = 0
    if (nulls === 0 || load<u8>(nulls + <usize>row) === 0) {
      const lane = values + ((<usize>row) << 3)
      const address = load<u32>(lane)
      const length = load<u32>(lane, 4)
      const hash = hashBytes(address, length, memoryEnd)
      const tag = <u32>(hash >> 32)
      let slot = <u32>hash & slotMask
      while (true) {
        const place = slots + ((<usize>slot) << 3)
        const found = load<u32>(place)
        if (found === 0) {
          if (count === entriesMax) return -1
          store<u64>(entries + ((<usize>count) << 3), load<u64>(lane))
          code = count
          count++
          store<u32>(place, count)
          store<u32>(place, tag, 4)
          break
        }
        if (load<u32>(place, 4) === tag) {
          const entry = entries + ((<usize>(found - 1)) << 3)
          if (load<u32>(entry, 4) === length && sameBytes(load<u32>(entry), address, length, memoryEnd)) {
            code = found - 1
            break
          }
        }
        slot = (slot + 1) & slotMask
      }
    }
    if (codes !== 0) store<u64>(codes + ((<usize>row) << 3), code)
  }
  return count
}
