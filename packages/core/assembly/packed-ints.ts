/**
 * Segments of integers: miniblocks of 1,024 values, each bit-packed over a base of its own, found through a
 * directory.
 *
 * | bit-packed entry, 16 bytes     | delta entry, 24 bytes            |
 * |--------------------------------|----------------------------------|
 * | 0  i64 base                    | 0  i64 first value               |
 * | 8  u32 offset in the content   | 8  i64 smallest difference       |
 * | 12 u32 width                   | 16 u32 offset in the content     |
 * |                                | 20 u32 width                     |
 *
 * - Unpacking writes whole octets: up to 7 lanes behind the last.
 * - Unpacking trusts no entry: a status other than 0 names the miniblock (counted from 1) that does not lie
 *   within the content.
 */
import { miniblockRows, packOctets, unpackOctets, widthOf } from './bit-packing'

const summaryHeaderBytes: usize = 32
const summaryEntryBytes: usize = 32
const packedEntryBytes: usize = 16
const deltaEntryBytes: usize = 24

/** Whether an entry's width is one that is written, and its packed bytes lie within the content. */
export function entryIsSound(offset: u32, width: u32, count: i32, contentBytes: u32): bool {
  if (width > 56 && width !== 64) return false
  const bytes = (<u32>(count + 7) >> 3) * width
  return <u64>offset + bytes <= <u64>contentBytes
}

/** Zeroes lanes `count` … of the last octet. */
function padOctet(lanes: usize, count: i32): void {
  const octetEnd = (count + 7) & ~7
  for (let lane = count; lane < octetEnd; lane++) store<i64>(lanes + ((<usize>lane) << 3), 0)
}

/**
 * Bit-packs `rows` lanes as their summary says, entries to `directory`, bits to `out`, and returns the end of
 * the bits. `residuals`: 8 KiB of scratch.
 */
export function packInts(
  values: usize,
  rows: i32,
  summary: usize,
  directory: usize,
  content: usize,
  out: usize,
  residuals: usize,
): usize {
  let entry = summary + summaryHeaderBytes
  for (let row: i32 = 0; row < rows; row += miniblockRows) {
    const count = min<i32>(miniblockRows, rows - row)
    const base = load<i64>(entry)
    const width = widthOf(<u64>(load<i64>(entry, 8) - base))
    store<i64>(directory, base)
    store<u32>(directory, <u32>(out - content), 8)
    store<u32>(directory, width, 12)
    const lanes = values + ((<usize>row) << 3)
    const bases = i64x2.splat(base)
    const bytes = (<usize>count) << 3
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(residuals + at, i64x2.sub(v128.load(lanes + at), bases))
    }
    padOctet(residuals, count)
    out = packOctets(residuals, (count + 7) >> 3, width, out)
    directory += packedEntryBytes
    entry += summaryEntryBytes
  }
  return out
}

/** As `packInts`, with the differences of neighbours. */
export function packDeltas(
  values: usize,
  rows: i32,
  summary: usize,
  directory: usize,
  content: usize,
  out: usize,
  residuals: usize,
): usize {
  let entry = summary + summaryHeaderBytes
  for (let row: i32 = 0; row < rows; row += miniblockRows) {
    const count = min<i32>(miniblockRows, rows - row)
    const base = load<i64>(entry, 16)
    const width = widthOf(<u64>(load<i64>(entry, 24) - base))
    const lanes = values + ((<usize>row) << 3)
    store<i64>(directory, load<i64>(lanes))
    store<i64>(directory, base, 8)
    store<u32>(directory, <u32>(out - content), 16)
    store<u32>(directory, width, 20)
    // The first slot is unused and zero; slot i holds lane i − lane i − 1 − base.
    const bases = i64x2.splat(base)
    const bytes = (<usize>count) << 3
    store<i64>(residuals, 0)
    for (let at: usize = 8; at < bytes; at += 16) {
      const difference = i64x2.sub(v128.load(lanes + at), v128.load(lanes + at - 8))
      v128.store(residuals + at, i64x2.sub(difference, bases))
    }
    padOctet(residuals, count)
    out = packOctets(residuals, (count + 7) >> 3, width, out)
    directory += deltaEntryBytes
    entry += summaryEntryBytes
  }
  return out
}

/** Unpacks bit-packed miniblocks into lanes. */
export function unpackInts(directory: usize, rows: i32, content: usize, contentBytes: u32, out: usize): i32 {
  for (let row: i32 = 0; row < rows; row += miniblockRows) {
    const count = min<i32>(miniblockRows, rows - row)
    const offset = load<u32>(directory, 8)
    const width = load<u32>(directory, 12)
    if (!entryIsSound(offset, width, count, contentBytes)) return row / miniblockRows + 1
    const lanes = out + ((<usize>row) << 3)
    unpackOctets(content + offset, (count + 7) >> 3, width, load<i64>(directory), lanes)
    directory += packedEntryBytes
  }
  return 0
}

/** Unpacks miniblocks of differences into lanes. */
export function unpackDeltas(
  directory: usize,
  rows: i32,
  content: usize,
  contentBytes: u32,
  out: usize,
): i32 {
  for (let row: i32 = 0; row < rows; row += miniblockRows) {
    const count = min<i32>(miniblockRows, rows - row)
    const offset = load<u32>(directory, 16)
    const width = load<u32>(directory, 20)
    if (!entryIsSound(offset, width, count, contentBytes)) return row / miniblockRows + 1
    const lanes = out + ((<usize>row) << 3)
    unpackOctets(content + offset, (count + 7) >> 3, width, load<i64>(directory, 8), lanes)
    let value = load<i64>(directory)
    store<i64>(lanes, value)
    const end = lanes + ((<usize>count) << 3)
    for (let lane = lanes + 8; lane < end; lane += 8) {
      value += load<i64>(lane)
      store<i64>(lane, value)
    }
    directory += deltaEntryBytes
  }
  return 0
}
