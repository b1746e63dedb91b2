/**
 * Kernels of the CSR build: counting sorts over node offsets, and gathers in the order they give.
 *
 * Conventions: as in `keys.ts`. An order is u32 per row: `order[i]` is the row that comes i-th.
 */
import { sumCounts } from './counts'

/**
 * Stable counting sort of rows by (node − firstNode) / nodesPerPartition. `counts`: `partitions` u32;
 * afterwards the rows of each partition. `places`: `partitions` u32 of scratch. `order`: u32 per row.
 * @returns 0, or 1 when a node lies outside the partitions (nothing is sorted then)
 */
export function orderByNode(
  nodes: usize,
  rows: u32,
  firstNode: f64,
  nodesPerPartition: u32,
  partitions: u32,
  counts: usize,
  places: usize,
  order: usize,
): u32 {
  const first = <u64>firstNode
  const divisor = <u64>nodesPerPartition
  // Most partitions are a power of two wide: shifting is much faster than dividing.
  const isPower = popcnt<u64>(divisor) === 1
  const shift = ctz<u64>(divisor)
  memory.fill(counts, 0, (<usize>partitions) << 2)
  for (let row: u32 = 0; row < rows; ++row) {
    const distance = load<u64>(nodes + (row << 3)) - first
    const partition = isPower ? distance >> shift : distance / divisor
    if (partition >= <u64>partitions) return 1
    const at = counts + ((<usize>partition) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  sumCounts(counts, places, partitions)
  for (let row: u32 = 0; row < rows; ++row) {
    const distance = load<u64>(nodes + (row << 3)) - first
    const partition = isPower ? distance >> shift : distance / divisor
    const at = places + ((<usize>partition) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    store<u32>(order + (place << 2), row)
  }
  return 0
}

/** out[i] = lanes[order[i]] */
export function gatherLanes(lanes: usize, order: usize, rows: u32, out: usize): void {
  for (let row: u32 = 0; row < rows; ++row) {
    store<u64>(out + (row << 3), load<u64>(lanes + (load<u32>(order + (row << 2)) << 3)))
  }
}

/** out[i] = bytes[order[i]], for bytes that are 0 or 1. @returns their sum */
export function gatherBytes(bytes: usize, order: usize, rows: u32, out: usize): u32 {
  let sum: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    const byte = <u32>load<u8>(bytes + load<u32>(order + (row << 2)))
    store<u8>(out + row, <u8>byte)
    sum += byte
  }
  return sum
}

/** Rows of `order`, from the first on, whose strings together take at most `bytesMax` bytes. */
export function stringsThatFit(lanes: usize, order: usize, rows: u32, bytesMax: f64): u32 {
  const limit = <u64>bytesMax
  let sum: u64 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    sum += load<u32>(lanes + (load<u32>(order + (row << 2)) << 3), 4)
    if (sum > limit) return row
  }
  return rows
}

/** Bytes of the strings at `order`. */
export function orderedStringBytes(lanes: usize, order: usize, rows: u32): f64 {
  let sum: u64 = 0
  for (let row: u32 = 0; row < rows; ++row) sum += load<u32>(lanes + (load<u32>(order + (row << 2)) << 3), 4)
  return <f64>sum
}

/**
 * Copies strings in `order` one behind the other to `heap` and writes their lanes to `out`, with `heap` −
 * `base` as the first address (`base` = `heap`: relative to the heap; 0: absolute). An empty string's lane is
 * 0. @returns bytes copied
 */
export function copyOrderedStrings(
  lanes: usize,
  order: usize,
  rows: u32,
  out: usize,
  heap: usize,
  base: usize,
): u32 {
  let at = heap
  for (let row: u32 = 0; row < rows; ++row) {
    const lane = lanes + (load<u32>(order + (row << 2)) << 3)
    const length = load<u32>(lane, 4)
    if (length === 0) {
      store<u64>(out + (row << 3), 0)
      continue
    }
    store<u32>(out + (row << 3), <u32>(at - base))
    store<u32>(out + (row << 3), length, 4)
    memory.copy(at, load<u32>(lane), length)
    at += length
  }
  return <u32>(at - heap)
}

/** order[i] = first + i */
export function identityOrder(order: usize, rows: u32, first: u32): void {
  for (let row: u32 = 0; row < rows; ++row) store<u32>(order + (row << 2), first + row)
}

/** out[i] = first + i, as i64 lanes. */
export function fillSequence(out: usize, rows: u32, first: f64): void {
  const start = <i64>first
  for (let row: u32 = 0; row < rows; ++row) store<i64>(out + (row << 3), start + row)
}

/** Rows, from the first on, whose node is below `end`. `nodes` ascend. */
export function rowsBelow(nodes: usize, rows: u32, end: f64): u32 {
  const limit = <u64>end
  let low: u32 = 0
  let high: u32 = rows
  while (low < high) {
    const middle = (low + high) >>> 1
    if (load<u64>(nodes + (middle << 3)) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Adds 1 to lane node − firstNode + 1 of `starts` for every row. */
export function countStarts(nodes: usize, rows: u32, firstNode: f64, starts: usize): void {
  const first = <u64>firstNode
  for (let row: u32 = 0; row < rows; ++row) {
    const at = starts + ((<usize>(load<u64>(nodes + (row << 3)) - first + 1)) << 3)
    store<u64>(at, load<u64>(at) + 1)
  }
}

/** out[i] = counts[i], from u32 to i64 lanes. */
export function widenCounts(counts: usize, nodes: u32, out: usize): void {
  for (let node: u32 = 0; node < nodes; ++node) {
    store<u64>(out + (node << 3), <u64>load<u32>(counts + (node << 2)))
  }
}

/** Turns counts into starts: each lane becomes the sum of the lanes up to it. */
export function sumStarts(starts: usize, lanes: u32): void {
  let sum: u64 = 0
  for (let lane: u32 = 0; lane < lanes; ++lane) {
    sum += load<u64>(starts + (lane << 3))
    store<u64>(starts + (lane << 3), sum)
  }
}
