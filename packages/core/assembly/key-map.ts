/**
 * Kernels of the map of all keys of a small table: open addressing with linear probing.
 * Conventions: as in `keys.ts`.
 */
import { equalStrings } from './keys'

/**
 * Adds rows firstRow … firstRow + rows − 1 to an open-addressing map of `mask` + 1 u64 slots: high half a tag
 * (the hash's high half), low half the row + 1; 0 is an empty slot. The map is never more than half full.
 */
export function mapAdd(map: usize, mask: u32, hashes: usize, nulls: usize, rows: u32, firstRow: u32): void {
  for (let row: u32 = 0; row < rows; ++row) {
    if (nulls !== 0 && load<u8>(nulls + row) !== 0) continue
    const hash = load<u64>(hashes + (row << 3))
    let slot = <u32>hash & mask
    while (load<u64>(map + (slot << 3)) !== 0) slot = (slot + 1) & mask
    store<u64>(map + (slot << 3), (hash & 0xffffffff00000000) | <u64>(firstRow + row + 1))
  }
}

/** Looks up int keys that are still −1 in `answers`. @returns rows still −1 */
export function mapFindInts(
  map: usize,
  mask: u32,
  lanes: usize,
  hashes: usize,
  keys: usize,
  nulls: usize,
  rows: u32,
  answers: usize,
): u32 {
  let missing: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    const answer = answers + (row << 3)
    if (load<i64>(answer) !== -1) continue
    missing += 1
    if (nulls !== 0 && load<u8>(nulls + row) !== 0) continue
    const hash = load<u64>(hashes + (row << 3))
    const key = load<u64>(keys + (row << 3))
    let slot = <u32>hash & mask
    for (;;) {
      const entry = load<u64>(map + (slot << 3))
      if (entry === 0) break
      if (entry >> 32 === hash >> 32) {
        const found = <u32>entry - 1
        if (load<u64>(lanes + (found << 3)) === key) {
          store<u64>(answer, found)
          missing -= 1
          break
        }
      }
      slot = (slot + 1) & mask
    }
  }
  return missing
}

/** Looks up string keys that are still −1 in `answers`. @returns rows still −1 */
export function mapFindStrings(
  map: usize,
  mask: u32,
  lanes: usize,
  hashes: usize,
  keys: usize,
  nulls: usize,
  rows: u32,
  answers: usize,
): u32 {
  let missing: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    const answer = answers + (row << 3)
    if (load<i64>(answer) !== -1) continue
    missing += 1
    if (nulls !== 0 && load<u8>(nulls + row) !== 0) continue
    const hash = load<u64>(hashes + (row << 3))
    let slot = <u32>hash & mask
    for (;;) {
      const entry = load<u64>(map + (slot << 3))
      if (entry === 0) break
      if (entry >> 32 === hash >> 32) {
        const found = <u32>entry - 1
        if (equalStrings(keys + (row << 3), lanes + (found << 3))) {
          store<u64>(answer, found)
          missing -= 1
          break
        }
      }
      slot = (slot + 1) & mask
    }
  }
  return missing
}
