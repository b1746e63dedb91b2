/**
 * Kernels of the ranks of keys (`src/table/key-ranks.ts`): a bit for each number from the least key to the
 * greatest, and beside each 64 of them how many keys lie before.
 *
 * | byte | type | holds                                             |
 * |------|------|---------------------------------------------------|
 * | 0    | u64  | bit i: the number 64 × word + i above the least is a key |
 * | 8    | u32  | keys before this word                             |
 *
 * Conventions: as in `keys.ts`.
 */
const wordBytes: usize = 12
const rankAt: usize = 8

function wordOf(ranks: usize, distance: u64): usize {
  return ranks + <usize>(distance >> 6) * wordBytes
}

/** Sets the bits of keys, none of which is below `least`. */
export function markRanks(keys: usize, rows: u32, least: i64, ranks: usize): void {
  for (let row: u32 = 0; row < rows; ++row) {
    const distance = <u64>(load<i64>(keys + (row << 3)) - least)
    const at = wordOf(ranks, distance)
    store<u64>(at, load<u64>(at) | ((<u64>1) << (distance & 63)))
  }
}

/** Counts the keys before each of `words` words. @returns how many keys there are */
export function sumRanks(ranks: usize, words: u32): u32 {
  let sum: u32 = 0
  for (const end = ranks + <usize>words * wordBytes; ranks < end; ranks += wordBytes) {
    store<u32>(ranks, sum, rankAt)
    sum += <u32>popcnt<u64>(load<u64>(ranks))
  }
  return sum
}

/**
 * Writes the rank of each key, or −1 where it is none of them or null (`nulls` may be 0). `span`: numbers
 * from the least key to the greatest.
 * @returns lanes that are −1
 */
export function findRanks(
  keys: usize,
  nulls: usize,
  rows: u32,
  least: i64,
  span: i64,
  ranks: usize,
  out: usize,
): u32 {
  let missing: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    const distance = <u64>(load<i64>(keys + (row << 3)) - least)
    let answer: i64 = -1
    if (distance < <u64>span && (nulls === 0 || load<u8>(nulls + row) === 0)) {
      const at = wordOf(ranks, distance)
      const bits = load<u64>(at)
      const bit = (<u64>1) << (distance & 63)
      const rank = <i64>load<u32>(at, rankAt) + <i64>popcnt<u64>(bits & (bit - 1))
      answer = (bits & bit) !== 0 ? rank : -1
    }
    missing += <u32>(answer === -1)
    store<i64>(out + (row << 3), answer)
  }
  return missing
}
