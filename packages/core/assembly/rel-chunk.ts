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
 * Columns of relationships are described by 16 bytes each, the two ends first: u32 lanes, u32 null bytes (0:
 * there are none), u32 1 for strings, u32 unused.
 *
 * Conventions: as in `csr.ts`. Packing writes up to 15 bytes behind its end; unpacking reads up to 8 bytes
 * behind its input and writes whole octets of lanes. A reader returns 0 when a column does not lie within its
 * chunk.
 */
import { packOctets, unpackOctets, widthOf } from './bit-packing'
import { copyBytes, memoryBytes } from './bytes'
import { orderedStringBytes, stringsThatFit } from './csr'

const headerBytes: usize = 12
const descriptionBytes: usize = 16

/** Rows of a chunk, and bytes of a column's strings in one of more than one row. */
const chunkRowsMax: u32 = 4096
const chunkHeapBytesMax: f64 = 262144
const chunkHeaderBytes: u32 = 16

/** Packs `rows` lanes between `least` and `greatest` that lie in `lanes`, changing them. @returns the end */
function packLanes(lanes: usize, rows: u32, least: i64, greatest: i64, withNulls: u32, out: usize): usize {
  const end = lanes + (rows << 3)
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
function packColumn(lanes: usize, nulls: usize, order: usize, rows: u32, scratch: usize, out: usize): usize {
  let least = i64.MAX_VALUE
  let greatest = i64.MIN_VALUE
  for (let row: u32 = 0; row < rows; ++row) {
    const lane = load<i64>(lanes + (load<u32>(order + (row << 2)) << 3))
    store<i64>(scratch + (row << 3), lane)
    least = min<i64>(least, lane)
    greatest = max<i64>(greatest, lane)
  }
  const end = packLanes(scratch, rows, least, greatest, <u32>(nulls !== 0), out)
  return nulls === 0 ? end : packNulls(nulls, order, rows, end)
}

/** As `packColumn`, for strings. */
function packStrings(lanes: usize, nulls: usize, order: usize, rows: u32, scratch: usize, out: usize): usize {
  let least = i64.MAX_VALUE
  let greatest = i64.MIN_VALUE
  for (let row: u32 = 0; row < rows; ++row) {
    const length = <i64>load<u32>(lanes + (load<u32>(order + (row << 2)) << 3), 4)
    store<i64>(scratch + (row << 3), length)
    least = min<i64>(least, length)
    greatest = max<i64>(greatest, length)
  }
  let end = packLanes(scratch, rows, least, greatest, <u32>(nulls !== 0), out)
  if (nulls !== 0) end = packNulls(nulls, order, rows, end)
  const memoryEnd = memoryBytes()
  const heap = end + 4
  let at = heap
  for (let row: u32 = 0; row < rows; ++row) {
    const lane = lanes + (load<u32>(order + (row << 2)) << 3)
    const length = load<u32>(lane, 4)
    copyBytes(load<u32>(lane), length, at, memoryEnd)
    at += length
  }
  store<u32>(end, <u32>(at - heap))
  return at
}

/**
 * Unpacks a column at `at` into lanes and, when `nulls` is not 0, null bytes. `end`: of the chunk.
 * @returns where the next column begins
 */
function unpackColumn(at: usize, end: usize, rows: u32, lanes: usize, nulls: usize): usize {
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
function unpackStrings(at: usize, end: usize, rows: u32, lanes: usize, nulls: usize): usize {
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

/** How many of the next `rows` rows in `order` make a chunk. */
function rowsOfChunk(columns: usize, columnsEnd: usize, order: usize, rows: u32): u32 {
  let fitting = min<u32>(rows, chunkRowsMax)
  for (let column = columns; column < columnsEnd; column += descriptionBytes) {
    if (load<u32>(column, 8) === 0) continue
    fitting = stringsThatFit(load<u32>(column), order, fitting, chunkHeapBytesMax)
  }
  return max<u32>(1, fitting)
}

function stringBytesOf(columns: usize, columnsEnd: usize, order: usize, rows: u32): u64 {
  let bytes: u64 = 0
  for (let column = columns; column < columnsEnd; column += descriptionBytes) {
    if (load<u32>(column, 8) !== 0) bytes += <u64>orderedStringBytes(load<u32>(column), order, rows)
  }
  return bytes
}

/** Packs rows as a chunk behind its header at `out`. @returns its end */
function packChunk(
  columns: usize,
  columnsEnd: usize,
  order: usize,
  rows: u32,
  scratch: usize,
  out: usize,
): usize {
  let at = out + chunkHeaderBytes
  for (let column = columns; column < columnsEnd; column += descriptionBytes) {
    const lanes = <usize>load<u32>(column)
    const nulls = <usize>load<u32>(column, 4)
    at =
      load<u32>(column, 8) === 0
        ? packColumn(lanes, nulls, order, rows, scratch, at)
        : packStrings(lanes, nulls, order, rows, scratch, at)
  }
  // Its length is a multiple of 8.
  store<u64>(at, 0)
  return out + ((at - out + 7) & ~7)
}

/**
 * Packs the rows of each partition as chunks from `out` on, partitions ascending. `sizes`: u32, rows of each
 * partition; `order`: the rows, partition by partition. `scratch`: 8 bytes for each row of a chunk, and 64.
 * @returns the end; 0 when the chunks might not end before `end`
 */
export function packChunks(
  columns: usize,
  columnCount: u32,
  order: usize,
  sizes: usize,
  partitions: u32,
  scratch: usize,
  out: usize,
  end: usize,
): usize {
  const columnsEnd = columns + <usize>columnCount * descriptionBytes
  for (let partition: u32 = 0; partition < partitions; ++partition) {
    let left = load<u32>(sizes + (partition << 2))
    while (left > 0) {
      const rows = rowsOfChunk(columns, columnsEnd, order, left)
      const heapBytes = stringBytesOf(columns, columnsEnd, order, rows)
      const octets = (rows + 7) >> 3
      const bytesMax = chunkHeaderBytes + columnCount * (<u32>headerBytes + octets * 65 + 4) + 8
      if (<u64>out + bytesMax + heapBytes > <u64>end) return 0
      const chunkEnd = packChunk(columns, columnsEnd, order, rows, scratch, out)
      store<u32>(out, <u32>(chunkEnd - out))
      store<u32>(out, partition, 4)
      store<u32>(out, rows, 8)
      store<u32>(out, <u32>heapBytes, 12)
      out = chunkEnd
      order += (<usize>rows) << 2
      left -= rows
    }
  }
  return out
}

/**
 * Unpacks the chunks that lie one behind the other in `bytes` bytes at `at` into lanes and null bytes of
 * `rowsMax` rows. `columns` say where; the ends have no null bytes.
 * @returns rows; −1 when the bytes are not whole chunks of so many rows at most
 */
export function unpackChunks(columns: usize, columnCount: u32, at: usize, bytes: u32, rowsMax: u32): i32 {
  const columnsEnd = columns + <usize>columnCount * descriptionBytes
  const end = at + bytes
  let row: u32 = 0
  while (at < end) {
    if (end - at < chunkHeaderBytes) return -1
    const chunkBytes = load<u32>(at)
    const rows = load<u32>(at, 8)
    if (rows === 0 || rows > min<u32>(chunkRowsMax, rowsMax - row)) return -1
    if (chunkBytes <= chunkHeaderBytes || <usize>chunkBytes > end - at) return -1
    const chunkEnd = at + chunkBytes
    let next = at + chunkHeaderBytes
    for (let column = columns; column < columnsEnd; column += descriptionBytes) {
      const lanes = <usize>load<u32>(column) + (row << 3)
      const nullBytes = <usize>load<u32>(column, 4)
      const nulls: usize = nullBytes === 0 ? 0 : nullBytes + <usize>row
      next =
        load<u32>(column, 8) === 0
          ? unpackColumn(next, chunkEnd, rows, lanes, nulls)
          : unpackStrings(next, chunkEnd, rows, lanes, nulls)
      if (next === 0) return -1
    }
    if (((next - at + 7) & ~7) !== <usize>chunkBytes) return -1
    row += rows
    at = chunkEnd
  }
  return row
}
