/**
 * Kernels of the key index and the key resolver.
 *
 * Conventions
 * - Raw loads and stores only; no static data, no managed objects. Callers own all memory and pass addresses.
 * - A pair is 16 bytes: the key's hash (u64), then a row number or node offset (u64).
 * - Numbers that may pass 2^32 cross the boundary as f64 (exact up to 2^53), never as i64.
 * - An answer lane is i64: a node offset, −1 for "no such key", or −2 − slot for "look into sorted group
 *   `slot`".
 *
 * The plain TypeScript twins are in `src/table/kernels.test.ts` and `src/index/key-page.ts`.
 */
import { sumCounts } from './counts'

/** Bits of a hash that the index keeps; the rest of the 64 is dropped when a pair becomes an entry. */
const keptHashBits: u64 = 40

/**
 * Sum of `length` bytes that are 0 or 1 each. May read up to 7 bytes behind the end's last multiple of 8:
 * none.
 */
export function countOnes(address: usize, length: u32): u32 {
  let count: u32 = 0
  let at: u32 = 0
  for (; at + 8 <= length; at += 8) count += <u32>popcnt(load<u64>(address + at))
  for (; at < length; ++at) count += load<u8>(address + at)
  return count
}

/** Sum of the lengths of `rows` string lanes. */
export function sumStringBytes(lanes: usize, rows: u32): f64 {
  let sum: u64 = 0
  for (let row: u32 = 0; row < rows; ++row) sum += load<u32>(lanes + (row << 3), 4)
  return <f64>sum
}

/** Rows of `answers` that are −1. */
export function countMissing(answers: usize, rows: u32): u32 {
  let missing: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) missing += <u32>(load<i64>(answers + (row << 3)) === -1)
  return missing
}

/** Index of the first lane ≥ 0, or `rows`. */
export function firstFound(answers: usize, rows: u32): u32 {
  for (let row: u32 = 0; row < rows; ++row) if (load<i64>(answers + (row << 3)) >= 0) return row
  return rows
}

/**
 * Writes a pair {hash, firstRow + row} for every row that is still −1 and not null. @returns pairs written
 */
export function collectMissing(
  hashes: usize,
  nulls: usize,
  answers: usize,
  rows: u32,
  firstRow: u32,
  pairs: usize,
): u32 {
  let count: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    if (load<i64>(answers + (row << 3)) !== -1 || (nulls !== 0 && load<u8>(nulls + row) !== 0)) continue
    store<u64>(pairs + (count << 4), load<u64>(hashes + (row << 3)))
    store<u64>(pairs + (count << 4), firstRow + row, 8)
    count += 1
  }
  return count
}

/**
 * Scatters `rows` hashes as pairs {hash, firstOffset + row} by their top `bits` bits into `out`, in order
 * within a partition. `counts`: 2^bits u32, zeroed here; holds the pairs of each partition afterwards.
 * `places`: 2^bits u32 of scratch.
 */
export function partitionHashes(
  hashes: usize,
  rows: u32,
  firstOffset: f64,
  bits: u32,
  counts: usize,
  places: usize,
  out: usize,
): void {
  const first = <u64>firstOffset
  const shift = <u64>(64 - bits)
  memory.fill(counts, 0, 4 << bits)
  for (let row: u32 = 0; row < rows; ++row) {
    const at = counts + ((<usize>(load<u64>(hashes + (row << 3)) >> shift)) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  sumCounts(counts, places, 1 << bits)
  for (let row: u32 = 0; row < rows; ++row) {
    const hash = load<u64>(hashes + (row << 3))
    const at = places + ((<usize>(hash >> shift)) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    store<u64>(out + (place << 4), hash)
    store<u64>(out + (place << 4), first + <u64>row, 8)
  }
}

/**
 * Copies the pairs whose hash has the top `bits` bits `prefix` to `out`, at most `countMax`. @returns pairs
 * that match
 */
export function selectPairs(
  pairs: usize,
  count: u32,
  bits: u32,
  prefix: f64,
  out: usize,
  countMax: u32,
): u32 {
  const shift = <u64>(64 - bits)
  const wanted = <u64>prefix
  let selected: u32 = 0
  for (let index: u32 = 0; index < count; ++index) {
    const pair = pairs + (index << 4)
    const hash = load<u64>(pair)
    if (bits !== 0 && hash >> shift !== wanted) continue
    if (selected < countMax) {
      store<u64>(out + (selected << 4), hash)
      store<u64>(out + (selected << 4), load<u64>(pair, 8), 8)
    }
    selected += 1
  }
  return selected
}

/**
 * Stable radix sort of pairs by 40 bits of one of their words, ten bits a pass; the result is in `pairs`
 * again. `wordOffset` 0, `firstBit` 24: by the kept bits of the hash. `wordOffset` 8, `firstBit` 0: by the
 * second word. `scratch`: as large as `pairs`. `counts`: 4 KiB.
 */
export function sortPairs(
  pairs: usize,
  scratch: usize,
  count: u32,
  counts: usize,
  wordOffset: u32,
  firstBit: u32,
): void {
  let from = pairs
  let to = scratch
  for (let pass: u32 = 0; pass < 4; ++pass) {
    const shift = <u64>(firstBit + pass * 10)
    memory.fill(counts, 0, 4096)
    for (let index: u32 = 0; index < count; ++index) {
      const digit = <usize>((load<u64>(from + (index << 4) + wordOffset) >> shift) & 1023)
      store<u32>(counts + (digit << 2), load<u32>(counts + (digit << 2)) + 1)
    }
    let sum: u32 = 0
    for (let digit: u32 = 0; digit < 1024; ++digit) {
      const size = load<u32>(counts + (digit << 2))
      store<u32>(counts + (digit << 2), sum)
      sum += size
    }
    for (let index: u32 = 0; index < count; ++index) {
      const pair = from + (index << 4)
      const at = counts + ((<usize>((load<u64>(pair + wordOffset) >> shift) & 1023)) << 2)
      const place = load<u32>(at)
      store<u32>(at, place + 1)
      store<u64>(to + (place << 4), load<u64>(pair))
      store<u64>(to + (place << 4), load<u64>(pair, 8), 8)
    }
    const swap = from
    from = to
    to = swap
  }
}

/** The page of `bucketPages` into which a hash falls: its top 32 bits × bucketPages / 2^32. */
function bucketOf(hash: u64, bucketPages: u32): u32 {
  return <u32>(((hash >> 32) * <u64>bucketPages) >> 32)
}

/** The bucket of the pair at `pair`. */
export function pairBucket(pair: usize, bucketPages: u32): u32 {
  return bucketOf(load<u64>(pair), bucketPages)
}

/**
 * Looks up sorted pairs, from the first on as long as they fall into `bucket`, in that bucket's page (layout:
 * `src/index/key-page.ts`). Every entry with the pair's kept hash bits becomes a candidate (`candidates.ts`)
 * at `candidates`. The number of candidates is stored (u32) at `candidateCount`, which counts on;
 * none is written past `candidatesMax`, and the pair at which that would happen is left for the next call.
 * @returns pairs consumed
 */
export function probePage(
  page: usize,
  entriesMax: u32,
  bucket: u32,
  bucketPages: u32,
  pairs: usize,
  count: u32,
  candidates: usize,
  candidateCount: usize,
  candidatesMax: u32,
): u32 {
  const entries = load<u32>(page)
  const highs = page + 16
  const lows = highs + (entriesMax << 2)
  const rests = lows + (entriesMax << 2)
  let written = load<u32>(candidateCount)
  let index: u32 = 0
  for (; index < count; ++index) {
    const pair = pairs + (index << 4)
    const hash = load<u64>(pair)
    if (bucketOf(hash, bucketPages) !== bucket) break
    const high = <u32>(hash >> 32)
    const extra = <u32>(hash >> (64 - keptHashBits)) & 255
    let low: u32 = 0
    let end: u32 = entries
    while (low < end) {
      const middle = (low + end) >>> 1
      if (load<u32>(highs + (middle << 2)) < high) low = middle + 1
      else end = middle
    }
    const before = written
    let full = false
    for (; low < entries && load<u32>(highs + (low << 2)) === high; ++low) {
      const rest = <u32>load<u16>(rests + (low << 1))
      if ((rest & 255) !== extra) continue
      if (written === candidatesMax) {
        full = true
        break
      }
      const offset = ((<u64>(rest >> 8)) << 32) | <u64>load<u32>(lows + (low << 2))
      store<u64>(candidates + (written << 3), (offset << 24) | load<u64>(pair, 8))
      written += 1
    }
    if (full) {
      written = before
      break
    }
  }
  store<u32>(candidateCount, written)
  return index
}

/**
 * Turns sorted pairs into the lanes of a key page at `lanes` (layout: `src/index/key-page.ts`, from its
 * header on), from the first pair on as long as they fall into its bucket and share their kept hash bits
 * with no neighbour, at most `entriesMax`. There is a pair before the first; the last is left, as
 * what follows it is not known.
 * @returns pairs turned
 */
export function pairsToEntries(
  pairs: usize,
  count: u32,
  bucketPages: u32,
  lanes: usize,
  entriesMax: u32,
): u32 {
  if (count === 0) return 0
  const lows = lanes + (entriesMax << 2)
  const rests = lows + (entriesMax << 2)
  const most = min(count - 1, entriesMax)
  let hash = load<u64>(pairs)
  const bucket = bucketOf(hash, bucketPages)
  let kept = hash >> (64 - keptHashBits)
  let before = load<u64>(pairs - 16) >> (64 - keptHashBits)
  let index: u32 = 0
  for (; index < most; ++index) {
    const pair = pairs + (index << 4)
    const next = load<u64>(pair, 16)
    const keptNext = next >> (64 - keptHashBits)
    if (kept === before || kept === keptNext || bucketOf(hash, bucketPages) !== bucket) break
    const offset = load<u64>(pair, 8)
    store<u32>(lanes + (index << 2), <u32>(hash >> 32))
    store<u32>(lows + (index << 2), <u32>offset)
    store<u16>(rests + (index << 1), <u16>((kept & 255) | ((offset >> 32) << 8)))
    before = kept
    kept = keptNext
    hash = next
  }
  return index
}

/** True when the two string lanes point to equal bytes. */
export function equalStrings(left: usize, right: usize): bool {
  const length = load<u32>(left, 4)
  if (length !== load<u32>(right, 4)) return false
  const a = <usize>load<u32>(left)
  const b = <usize>load<u32>(right)
  let at: u32 = 0
  for (; at + 8 <= length; at += 8) if (load<u64>(a + at) !== load<u64>(b + at)) return false
  for (; at < length; ++at) if (load<u8>(a + at) !== load<u8>(b + at)) return false
  return true
}
