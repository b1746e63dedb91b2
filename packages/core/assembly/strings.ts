/**
 * Strings: lanes of address and length while they move, a list of packed lengths and a heap of bytes in a segment.
 *
 * A string summary, 16 bytes: u32 row of the smallest value, u32 row of the largest, u32 1 when every value is greater than
 * the one before, u32 1 when all are equal. Order is that of unsigned bytes.
 */
import { miniblockRows, unpackOctets } from './bit-packing'
import { compareBytes, copyBytes, loadUpTo8, memoryBytes } from './bytes'
import { entryIsSound } from './packed-ints'

/** Writes the lengths of `rows` string lanes as integer lanes; returns their sum, exact below 2^53. */
export function stringLengths(values: usize, rows: i32, out: usize): f64 {
  let total: u64 = 0
  for (let row: i32 = 0; row < rows; row++) {
    const at = (<usize>row) << 3
    const length = <u64>load<u32>(values + at, 4)
    store<u64>(out + at, length)
    total += length
  }
  return <f64>total
}

/**
 * Copies the bytes of `rows` strings one behind the other, writes to `starts` (u32 each) where each miniblock's begin within
 * them, and one more for the end, and returns the end. Writes up to 15 bytes behind it.
 */
export function gatherStrings(values: usize, rows: i32, starts: usize, out: usize): usize {
  const memoryEnd = memoryBytes()
  const heap = out
  for (let row: i32 = 0; row < rows; row++) {
    if ((row & (miniblockRows - 1)) === 0) {
      store<u32>(starts, <u32>(out - heap))
      starts += 4
    }
    const lane = values + ((<usize>row) << 3)
    const length = load<u32>(lane, 4)
    copyBytes(load<u32>(lane), length, out, memoryEnd)
    out += length
  }
  store<u32>(starts, <u32>(out - heap))
  return out
}

/** Fills the string summary of `rows` lanes; `nulls` may be 0 for none. At least one row is not null. */
export function analyzeStrings(values: usize, nulls: usize, rows: i32, summary: usize): void {
  const memoryEnd = memoryBytes()
  let leastRow: i32 = -1
  let greatestRow: i32 = 0
  let increasing = nulls === 0
  // The first 8 bytes, first highest, decide most comparisons.
  let leastKey: u64 = 0
  let greatestKey: u64 = 0
  let previousKey: u64 = 0
  for (let row: i32 = 0; row < rows; row++) {
    if (nulls !== 0 && load<u8>(nulls + <usize>row) !== 0) continue
    const lane = values + ((<usize>row) << 3)
    const key = bswap<u64>(loadUpTo8(load<u32>(lane), min<u32>(load<u32>(lane, 4), 8), memoryEnd))
    if (leastRow < 0) {
      leastRow = row
      greatestRow = row
      leastKey = key
      greatestKey = key
      previousKey = key
      continue
    }
    if (key <= leastKey && (key < leastKey || compareRows(values, row, leastRow, memoryEnd) < 0)) {
      leastRow = row
      leastKey = key
    }
    if (increasing) {
      if (key < previousKey || (key === previousKey && compareRows(values, row, row - 1, memoryEnd) <= 0)) {
        increasing = false
      }
      previousKey = key
    }
    if (key >= greatestKey) {
      // While the rows increase, each is greater than all before it.
      if (increasing || key > greatestKey || compareRows(values, row, greatestRow, memoryEnd) > 0) {
        greatestRow = row
        greatestKey = key
      }
    }
  }
  store<u32>(summary, leastRow)
  store<u32>(summary, greatestRow, 4)
  store<u32>(summary, increasing ? 1 : 0, 8)
  store<u32>(summary, compareRows(values, leastRow, greatestRow, memoryEnd) === 0 ? 1 : 0, 12)
}

function compareRows(values: usize, left: i32, right: i32, memoryEnd: u64): i32 {
  const leftLane = values + ((<usize>left) << 3)
  const rightLane = values + ((<usize>right) << 3)
  return compareBytes(
    load<u32>(leftLane),
    load<u32>(leftLane, 4),
    load<u32>(rightLane),
    load<u32>(rightLane, 4),
    memoryEnd,
  )
}

/**
 * Unpacks the codes of `rows` rows as u32. `lanes`: 8 KiB of scratch.
 * A status other than 0 names the miniblock (counted from 1) that is not within the content or has a code ≥ `entries`.
 */
export function unpackCodes(
  directory: usize,
  rows: i32,
  content: usize,
  contentBytes: u32,
  entries: u32,
  lanes: usize,
  out: usize,
): i32 {
  for (let row: i32 = 0; row < rows; row += miniblockRows) {
    const count = min<i32>(miniblockRows, rows - row)
    const offset = load<u32>(directory, 8)
    const width = load<u32>(directory, 12)
    if (!entryIsSound(offset, width, count, contentBytes)) return row / miniblockRows + 1
    unpackOctets(content + offset, (count + 7) >> 3, width, load<i64>(directory), lanes)
    let greatest: u64 = 0
    for (let i: i32 = 0; i < count; i++) {
      const code = load<u64>(lanes + ((<usize>i) << 3))
      greatest = max<u64>(greatest, code)
      store<u32>(out, <u32>code)
      out += 4
    }
    if (greatest >= <u64>entries) return row / miniblockRows + 1
    directory += 16
  }
  return 0
}

/**
 * Unpacks the lengths of `rows` strings and writes where each begins in the heap (u32), and one more for the end.
 * A status other than 0 names the miniblock (counted from 1) that is not within the content, or whose lengths or start do
 * not fit the heap of `heapBytes`.
 */
export function unpackOffsets(
  directory: usize,
  starts: usize,
  rows: i32,
  content: usize,
  contentBytes: u32,
  heapBytes: u32,
  lanes: usize,
  out: usize,
): i32 {
  let position: u64 = 0
  for (let row: i32 = 0; row < rows; row += miniblockRows) {
    const count = min<i32>(miniblockRows, rows - row)
    const offset = load<u32>(directory, 8)
    const width = load<u32>(directory, 12)
    if (!entryIsSound(offset, width, count, contentBytes)) return row / miniblockRows + 1
    if (<u64>load<u32>(starts) !== position) return row / miniblockRows + 1
    unpackOctets(content + offset, (count + 7) >> 3, width, load<i64>(directory), lanes)
    let greatest: u64 = 0
    for (let i: i32 = 0; i < count; i++) {
      const length = load<u64>(lanes + ((<usize>i) << 3))
      greatest = max<u64>(greatest, length)
      store<u32>(out, <u32>position)
      out += 4
      position += length
    }
    // No length above the heap's: so the sum of 1,024 of them cannot wrap.
    if (greatest > <u64>heapBytes || position > <u64>heapBytes) return row / miniblockRows + 1
    directory += 16
    starts += 4
  }
  if (position !== <u64>heapBytes || <u64>load<u32>(starts) !== position) return rows / miniblockRows + 1
  store<u32>(out, <u32>position)
  return 0
}

/** Writes string lanes: row i is entry codes[i], or entry i when `codes` is 0. `offsets` and `codes` are u32. */
export function stringLanes(offsets: usize, codes: usize, rows: i32, heap: usize, out: usize): void {
  for (let row: i32 = 0; row < rows; row++) {
    const index = codes === 0 ? <usize>row : <usize>load<u32>(codes + ((<usize>row) << 2))
    const begin = load<u32>(offsets + (index << 2))
    const end = load<u32>(offsets + (index << 2), 4)
    store<u32>(out, <u32>heap + begin)
    store<u32>(out, end - begin, 4)
    out += 8
  }
}
