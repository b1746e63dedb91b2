/**
 * Strings: lanes of address and length while they move, a list of packed lengths and a heap of bytes in a
 * segment.
 *
 * A string summary, 16 bytes: u32 row of a smallest value, u32 row of a largest, each as far as statistics
 * hold of it, u32 1 when every value is greater than the one before, u32 1 when all are equal. Order is that
 * of unsigned bytes.
 */
import { miniblockRows, unpackOctets } from './bit-packing'
import { compareBytes, copyBytes, loadUpTo8, memoryBytes, sameBytes } from './bytes'
import { entryIsSound } from './packed-ints'

/** Bytes of a string that its statistics can hold: `statsPrefixBytesMax`. */
const statsBytes: u32 = 32

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
 * Copies the bytes of `rows` strings one behind the other, writes to `starts` (u32 each) where each
 * miniblock's begin within them, and one more for the end, and returns the end. Writes up to 15 bytes behind
 * it.
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

/** Writes the `starts` of `gatherStrings` without copying anything. */
export function stringStarts(values: usize, rows: i32, starts: usize): void {
  let position: u32 = 0
  for (let row: i32 = 0; row < rows; row++) {
    if ((row & (miniblockRows - 1)) === 0) {
      store<u32>(starts, position)
      starts += 4
    }
    position += load<u32>(values + ((<usize>row) << 3), 4)
  }
  store<u32>(starts, position)
}

/**
 * Copies the next bytes of `rows` strings, one behind the other, until there are `bytesMax` of them or no
 * more, and returns how many. `cursor`: u32 row and u32 bytes of it already copied, where to go on. Writes up
 * to 15 bytes behind.
 */
export function fillWindow(values: usize, rows: i32, cursor: usize, window: usize, bytesMax: u32): u32 {
  const memoryEnd = memoryBytes()
  let row = load<i32>(cursor)
  let done = load<u32>(cursor, 4)
  let out = window
  const end = window + bytesMax
  while (row < rows) {
    const lane = values + ((<usize>row) << 3)
    const from = <usize>load<u32>(lane) + done
    const length = load<u32>(lane, 4) - done
    const room = <u32>(end - out)
    if (length > room) {
      memory.copy(out, from, room)
      out = end
      done += room
      break
    }
    copyBytes(from, length, out, memoryEnd)
    out += length
    done = 0
    row++
  }
  store<i32>(cursor, row)
  store<u32>(cursor, done, 4)
  return <u32>(out - window)
}

/**
 * Where the bytes of `rows` strings lie when they lie one behind the other, in order, with `slackBytes`
 * readable bytes behind the last; else 0.
 */
export function adjacentStrings(values: usize, rows: i32, slackBytes: u32): usize {
  const lanesEnd = values + ((<usize>rows) << 3)
  let begin: usize = 0
  let end: usize = 0
  for (; values < lanesEnd; values += 8) {
    const address = <usize>load<u32>(values)
    const length = load<u32>(values, 4)
    // An empty string may have any address.
    if (length === 0) continue
    if (begin === 0) begin = end = address
    if (address !== end) return 0
    end += length
  }
  return <u64>end + slackBytes <= memoryBytes() ? begin : 0
}

/** Bytes `from` … `from` + 8 of a string as a number that orders as they do, zeros behind its end. */
function keyOf(lane: usize, from: u32, memoryEnd: u64): u64 {
  const length = load<u32>(lane, 4)
  if (length <= from) return 0
  return bswap<u64>(loadUpTo8(load<u32>(lane) + from, min<u32>(length - from, 8), memoryEnd))
}

/** The first row that is not greater than the one before it, or `rows`. */
function increasingRows(values: usize, rows: i32, memoryEnd: u64): i32 {
  let previousHead = keyOf(values, 0, memoryEnd)
  let previousTail = keyOf(values, 8, memoryEnd)
  for (let row: i32 = 1; row < rows; row++) {
    const lane = values + ((<usize>row) << 3)
    const head = keyOf(lane, 0, memoryEnd)
    const tail = keyOf(lane, 8, memoryEnd)
    if (head < previousHead) return row
    if (head === previousHead && tail <= previousTail) {
      if (tail < previousTail || compareRows(values, row, row - 1, memoryEnd) <= 0) return row
    }
    previousHead = head
    previousTail = tail
  }
  return rows
}

/**
 * Fills the string summary of `rows` lanes; `nulls` may be 0 for none. At least one row is not null. Smallest
 * and largest are by the first `statsBytes` bytes: of values that begin alike, any one.
 */
export function analyzeStrings(values: usize, nulls: usize, rows: i32, summary: usize): void {
  const memoryEnd = memoryBytes()
  // As long as the rows increase, the first is the smallest and the last the largest.
  let row: i32 = 0
  let least: i32 = 0
  let greatest: i32 = 0
  if (nulls === 0) {
    row = increasingRows(values, rows, memoryEnd)
    greatest = row - 1
  } else {
    while (load<u8>(nulls + <usize>row) !== 0) row++
    least = row
    greatest = row
  }
  const increasing = nulls === 0 && row === rows
  // The first 8 bytes decide most comparisons.
  let leastHead = keyOf(values + ((<usize>least) << 3), 0, memoryEnd)
  let greatestHead = keyOf(values + ((<usize>greatest) << 3), 0, memoryEnd)
  for (; row < rows; row++) {
    if (nulls !== 0 && load<u8>(nulls + <usize>row) !== 0) continue
    const lane = values + ((<usize>row) << 3)
    const address = <usize>load<u32>(lane)
    const head =
      load<u32>(lane, 4) >= 8 && <u64>address + 8 <= memoryEnd
        ? bswap<u64>(load<u64>(address))
        : keyOf(lane, 0, memoryEnd)
    if (head > leastHead && head < greatestHead) continue
    if (head <= leastHead && (head < leastHead || compareStarts(values, row, least, memoryEnd) < 0)) {
      least = row
      leastHead = head
    }
    if (
      head >= greatestHead &&
      (head > greatestHead || compareStarts(values, row, greatest, memoryEnd) > 0)
    ) {
      greatest = row
      greatestHead = head
    }
  }
  store<u32>(summary, least)
  store<u32>(summary, greatest, 4)
  store<u32>(summary, increasing ? 1 : 0, 8)
  const alike = compareStarts(values, least, greatest, memoryEnd) === 0
  store<u32>(summary, alike && allEqual(values, nulls, rows, least, memoryEnd) ? 1 : 0, 12)
}

/** Order of two rows by their first `statsBytes` bytes. */
function compareStarts(values: usize, left: i32, right: i32, memoryEnd: u64): i32 {
  const leftLane = values + ((<usize>left) << 3)
  const rightLane = values + ((<usize>right) << 3)
  const leftStart = <usize>load<u32>(leftLane)
  const rightStart = <usize>load<u32>(rightLane)
  const leftLength = min<u32>(load<u32>(leftLane, 4), statsBytes)
  const rightLength = min<u32>(load<u32>(rightLane, 4), statsBytes)
  // Long texts often begin alike, and each such row is compared.
  if (leftLength + rightLength === 2 * statsBytes && sameStatsBytes(leftStart, rightStart)) return 0
  return compareBytes(leftStart, leftLength, rightStart, rightLength, memoryEnd)
}

/** Whether `statsBytes` bytes, all of strings, are the same. */
function sameStatsBytes(left: usize, right: usize): bool {
  const first = v128.xor(v128.load(left), v128.load(right))
  const second = v128.xor(v128.load(left, 16), v128.load(right, 16))
  return !v128.any_true(v128.or(first, second))
}

/** Whether all rows that are not null hold the same as row `one`. */
function allEqual(values: usize, nulls: usize, rows: i32, one: i32, memoryEnd: u64): bool {
  const wanted = values + ((<usize>one) << 3)
  const length = load<u32>(wanted, 4)
  for (let row: i32 = 0; row < rows; row++) {
    if (nulls !== 0 && load<u8>(nulls + <usize>row) !== 0) continue
    const lane = values + ((<usize>row) << 3)
    if (load<u32>(lane, 4) !== length) return false
    if (!sameBytes(load<u32>(lane), load<u32>(wanted), length, memoryEnd)) return false
  }
  return true
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
 * A status other than 0 names the miniblock (counted from 1) that is not within the content or has a code ≥
 * `entries`.
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
 * Unpacks the lengths of `rows` strings and writes where each begins in the heap (u32), and one more for the
 * end. A status other than 0 names the miniblock (counted from 1) that is not within the content, or whose
 * lengths or start do not fit the heap of `heapBytes`.
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

/**
 * Writes string lanes: row i is entry codes[i], or entry i when `codes` is 0. `offsets` and `codes` are u32.
 */
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
