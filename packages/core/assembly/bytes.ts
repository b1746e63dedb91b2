/**
 * Reading strings a word at a time without leaving the memory: a load that would reach behind its end goes
 * byte by byte.
 */

/** Bytes of the memory. 64-bit, because a memory of 4 GiB has 2^32. */
export function memoryBytes(): u64 {
  return (<u64>memory.size()) << 16
}

/** The next `count` (0 … 8) bytes, the first lowest, zeros above them. */
export function loadUpTo8(address: usize, count: u32, memoryEnd: u64): u64 {
  if (count === 0) return 0
  if (<u64>address + 8 <= memoryEnd) return load<u64>(address) & (~(<u64>0) >> ((8 - count) << 3))
  let word: u64 = 0
  for (let i: u32 = 0; i < count; i++) word |= (<u64>load<u8>(address + i)) << (i << 3)
  return word
}

/** Whether two strings of the same length hold the same bytes. */
export function sameBytes(left: usize, right: usize, length: u32, memoryEnd: u64): bool {
  while (length > 8) {
    if (load<u64>(left) !== load<u64>(right)) return false
    left += 8
    right += 8
    length -= 8
  }
  return loadUpTo8(left, length, memoryEnd) === loadUpTo8(right, length, memoryEnd)
}

/** Order by unsigned bytes, a prefix before what it begins: negative, 0 or positive. */
export function compareBytes(
  left: usize,
  leftLength: u32,
  right: usize,
  rightLength: u32,
  memoryEnd: u64,
): i32 {
  let shared = min<u32>(leftLength, rightLength)
  while (shared > 0) {
    const count = min<u32>(shared, 8)
    const leftWord = bswap<u64>(loadUpTo8(left, count, memoryEnd))
    const rightWord = bswap<u64>(loadUpTo8(right, count, memoryEnd))
    if (leftWord !== rightWord) return leftWord < rightWord ? -1 : 1
    left += count
    right += count
    shared -= count
  }
  return leftLength === rightLength ? 0 : leftLength < rightLength ? -1 : 1
}

/** Copies a string in 16-byte steps: writes up to 15 bytes behind its end. */
export function copyBytes(from: usize, length: u32, to: usize, memoryEnd: u64): void {
  if (<u64>from + length + 16 > memoryEnd || length > 128) {
    memory.copy(to, from, length)
    return
  }
  const end = from + length
  while (from < end) {
    v128.store(to, v128.load(from))
    from += 16
    to += 16
  }
}
