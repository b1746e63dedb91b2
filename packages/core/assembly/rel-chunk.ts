/**
 * Kernels of relationship chunks: columns of up to a few thousand rows, packed for the way through slots and
 * spools (`src/table/rel-chunk.ts`). They are written and read by the same process and never reach the file.
 *
 * A packed column:
 *
 * | bytes          | type | holds                                                                   |
 * |----------------|------|-------------------------------------------------------------------------|
 * | 8              | i64  | base                                                                    |
 * | 2              | u16  | width w: lanes minus base are bit-packed to so many bits                |
 * | 2              | u16  | 1 when null bits follow, else 0                                         |
 * | ⌈r / 8⌉ × w    |      | the lanes; of strings, their lengths                                    |
 * | ⌈r / 8⌉        | bits | when there are nulls: 1 where a row is null                             |
 * | 4              | u32  | strings only: bytes of the strings, which follow                        |
 *
 * Conventions: as in `csr.ts`. Packing writes up to 8 bytes behind its end; unpacking reads up to 8 bytes
 * behind its input and writes whole octets of lanes. A reader returns 0 when a column does not lie within its
 * chunk.
 */
import { packOctets, unpackOctets, widthOf } from './bit-packing'

const headerBytes: usize = 12

/** Packs `rows` lanes that lie in `lanes`, changing them. @returns the end */
function packLanes(lanes: usize, rows: u32, withNulls: u32, out: usize): usize {
  let least = i64.MAX_VALUE
  let greatest = i64.MIN_VALUE
  const end = lanes + (rows << 3)
  for (let at = lanes; at < end; at += 8) {
    const lane = load<i64>(at)
    least = min<i64>(least, lane)
    greatest = max<i64>(greatest, lane)
  }
  const octets = (rows + 7) >> 3
  const octetsEnd = lanes + (octets << 6)
  for (let at = end; at < octetsEnd; at += 8) store<i64>(at, least)
  const bases = i64x2.splat(least)
  for (let at = lanes; at < octetsEnd; at += 16) v128.store(at, i64x2.sub(v128.load(at), bases))
  const width = widthOf(<u64>(greatest - least))
  store<i64>(out, least)
  store<u16>(out, <u16>width, 8)
  store<u16>(out, <u16>withNulls, 10)
  return packOctets(lanes, octets, width, out + headerBytes)
}

function packNulls(nulls: usize, order: usize, rows: u32, out: usize): usize {
  for (let row: u32 = 0; row < rows; row += 8) {
    const end = min<u32>(row + 8, rows)
    let bits: u32 = 0
    for (let at = row; at < end; ++at)
      bits |= (<u32>load<u8>(nulls + load<u32>(order + (at << 2)))) << (at - row)
    store<u8>(out, <u8>bits)
    out += 1
  }
  return out
}

/**
 * Packs the lanes at `order` of a column that holds no strings. `nulls`: 0 when none is null. `scratch`: 8
 * bytes a row and 64 more. @returns the end
 */
export function packColumn(
  lanes: usize,
  nulls: usize,
  order: usize,
  rows: u32,
  scratch: usize,
  out: usize,
): usize {
  for (let row: u32 = 0; row < rows; ++row) {
    store<u64>(scratch + (row << 3), load<u64>(lanes + (load<u32>(order + (row << 2)) << 3)))
  }
  const end = packLanes(scratch, rows, <u32>(nulls !== 0), out)
  return nulls === 0 ? end : packNulls(nulls, order, rows, end)
}

/** As `packColumn`, for strings. */
export function packStrings(
  lanes: usize,
  nulls: usize,
  order: usize,
  rows: u32,
  scratch: usize,
  out: usize,
): usize {
  for (let row: u32 = 0; row < rows; ++row) {
    store<u64>(scratch + (row << 3), load<u32>(lanes + (load<u32>(order + (row << 2)) << 3), 4))
  }
  let end = packLanes(scratch, rows, <u32>(nulls !== 0), out)
  if (nulls !== 0) end = packNulls(nulls, order, rows, end)
  const heap = end + 4
  let at = heap
  for (let row: u32 = 0; row < rows; ++row) {
    const lane = lanes + (load<u32>(order + (row << 2)) << 3)
    const length = load<u32>(lane, 4)
    memory.copy(at, load<u32>(lane), length)
    at += length
  }
  store<u32>(end, <u32>(at - heap))
  return at
}

/**
 * Unpacks a column at `at` into lanes and, when `nulls` is not 0, null bytes. `end`: of the chunk.
 * @returns where the next column begins
 */
export function unpackColumn(at: usize, end: usize, rows: u32, lanes: usize, nulls: usize): usize {
  if (at + headerBytes > end) return 0
  const width = <u32>load<u16>(at, 8)
  if (width > 56 && width !== 64) return 0
  const octets = (rows + 7) >> 3
  let next = at + headerBytes + octets * width
  const withNulls = load<u16>(at, 10) !== 0
  if (next + (withNulls ? <usize>octets : 0) > end) return 0
  unpackOctets(at + headerBytes, octets, width, load<i64>(at), lanes)
  if (!withNulls) {
    if (nulls !== 0) memory.fill(nulls, 0, rows)
    return next
  }
  if (nulls === 0) return 0
  for (let row: u32 = 0; row < rows; ++row) {
    store<u8>(nulls + row, (load<u8>(next + (row >> 3)) >> <u8>(row & 7)) & 1)
  }
  next += octets
  return next
}

/** As `unpackColumn`, for strings: the lanes point into the chunk. */
export function unpackStrings(at: usize, end: usize, rows: u32, lanes: usize, nulls: usize): usize {
  const next = unpackColumn(at, end, rows, lanes, nulls)
  if (next === 0 || next + 4 > end) return 0
  const heap = next + 4
  const heapBytes = <u64>load<u32>(next)
  if (<u64>heap + heapBytes > <u64>end) return 0
  let done: u64 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    const lane = lanes + (row << 3)
    const length = load<u64>(lane)
    if (length > heapBytes - done) return 0
    store<u64>(lane, length === 0 ? 0 : (length << 32) | (<u64>heap + done))
    done += length
  }
  return done === heapBytes ? heap + <usize>heapBytes : 0
}
