/**
 * Kernels that find out which candidates of a look-up are right: candidates by row group, and their keys
 * compared with the group's.
 * Conventions: as in `keys.ts`.
 *
 * A candidate is a word: node offset (bits 63 … 24), row (23 … 0). Candidates of a row group lie in a chain
 * of blocks, in the order in which they were added:
 *
 * | part                       | holds                                                                    |
 * |----------------------------|--------------------------------------------------------------------------|
 * | group, 8 bytes             | u32 first block, u32 where the next candidate goes; zero: none           |
 * | block, 512 bytes           | u32 next block, u32 unused, 63 candidates; at a multiple of 512          |
 * | row groups' starts, u64    | first node offset of each, and the end of the last                       |
 * | guide, u32                 | a row group that begins at or before offset i × 2^shift                  |
 *
 * Rows are those of two columns of keys, one behind the other: rows below `split` are the first's. For either
 * column there is the address where row 0 of the rows would have its key, and its answer.
 */
import { loadUpTo8, memoryBytes } from './bytes'

const rowBits: u64 = 24
const rowMask: u64 = (1 << 24) - 1
const blockBytes: usize = 512

/**
 * Adds candidates to their groups' chains as long as there are blocks. `blocks`: u32 next free block, u32
 * end.
 * @returns candidates added; −1 when one lies behind the last group
 */
export function addCandidates(
  words: usize,
  count: u32,
  guide: usize,
  shift: u32,
  starts: usize,
  groupCount: u32,
  groups: usize,
  blocks: usize,
): i32 {
  const rowCount = load<u64>(starts + ((<usize>groupCount) << 3))
  for (let index: u32 = 0; index < count; ++index) {
    const word = load<u64>(words + ((<usize>index) << 3))
    const offset = word >> rowBits
    if (offset >= rowCount) return -1
    let group = load<u32>(guide + ((<usize>(offset >> shift)) << 2))
    while (load<u64>(starts + ((<usize>group) << 3), 8) <= offset) group += 1
    const at = groups + ((<usize>group) << 3)
    let cursor = <usize>load<u32>(at, 4)
    if ((cursor & (blockBytes - 1)) === 0) {
      const block = load<u32>(blocks)
      if (block === load<u32>(blocks, 4)) return index
      store<u32>(blocks, block + <u32>blockBytes)
      if (cursor === 0) store<u32>(at, block)
      else store<u32>(cursor - blockBytes, block)
      cursor = <usize>block + 8
    }
    store<u64>(cursor, word)
    store<u32>(at, <u32>(cursor + 8), 4)
  }
  return count
}

/** Whether two strings of the same length hold the same bytes: from 8 bytes on without a byte-wise tail. */
function equalBytes(left: usize, right: usize, length: u32, memoryEnd: u64): bool {
  if (length < 8) return loadUpTo8(left, length, memoryEnd) === loadUpTo8(right, length, memoryEnd)
  const last = <usize>length - 8
  for (let at: usize = 0; at < last; at += 8) {
    if (load<u64>(left + at) !== load<u64>(right + at)) return false
  }
  return load<u64>(left + last) === load<u64>(right + last)
}

/**
 * Compares the keys of a group's candidates with strings of `length` bytes each that lie one behind the other
 * at `heap`, the group's first being node offset `firstOffset`; equal ones become answers.
 */
export function verifyFixed(
  first: usize,
  end: usize,
  split: u32,
  keys: usize,
  laterKeys: usize,
  answers: usize,
  laterAnswers: usize,
  heap: usize,
  length: u32,
  firstOffset: f64,
): void {
  const memoryEnd = memoryBytes()
  const start = <u64>firstOffset
  let at = first + 8
  let blockEnd = first + blockBytes
  while (at !== end) {
    if (at === blockEnd) {
      at = <usize>load<u32>(at - blockBytes)
      blockEnd = at + blockBytes
      at += 8
    }
    const word = load<u64>(at)
    at += 8
    const offset = word >> rowBits
    const row = <u32>(word & rowMask)
    const place = (<usize>row) << 3
    const key = (row < split ? keys : laterKeys) + place
    if (load<u32>(key, 4) !== length) continue
    const text = heap + <usize>(offset - start) * <usize>length
    if (!equalBytes(load<u32>(key), text, length, memoryEnd)) continue
    store<u64>((row < split ? answers : laterAnswers) + place, offset)
  }
}

/**
 * As `verifyFixed`, with the decoded `lanes` of the group's keys, which are strings or integers. A lane of
 * null (`nulls`, 0 when there is none) is equal to no key: its node was deleted.
 */
export function verifyLanes(
  first: usize,
  end: usize,
  split: u32,
  keys: usize,
  laterKeys: usize,
  answers: usize,
  laterAnswers: usize,
  lanes: usize,
  strings: u32,
  firstOffset: f64,
  nulls: usize,
): void {
  const memoryEnd = memoryBytes()
  const start = <u64>firstOffset
  let at = first + 8
  let blockEnd = first + blockBytes
  while (at !== end) {
    if (at === blockEnd) {
      at = <usize>load<u32>(at - blockBytes)
      blockEnd = at + blockBytes
      at += 8
    }
    const word = load<u64>(at)
    at += 8
    const offset = word >> rowBits
    const row = <u32>(word & rowMask)
    const place = (<usize>row) << 3
    const key = (row < split ? keys : laterKeys) + place
    const inGroup = <usize>(offset - start)
    if (nulls !== 0 && load<u8>(nulls + inGroup) !== 0) continue
    const lane = lanes + (inGroup << 3)
    if (strings === 0) {
      if (load<u64>(key) !== load<u64>(lane)) continue
    } else {
      const length = load<u32>(key, 4)
      if (length !== load<u32>(lane, 4)) continue
      if (!equalBytes(load<u32>(key), load<u32>(lane), length, memoryEnd)) continue
    }
    store<u64>((row < split ? answers : laterAnswers) + place, offset)
  }
}
