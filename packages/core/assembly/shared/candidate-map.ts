/**
 * Kernels of the shared map of candidates: which nodes may have a key, by its hash. They work in a memory
 * that several threads share; everything else does in a memory of one thread.
 *
 * Conventions
 * - Raw loads and stores only; no static data, no managed objects. Callers own all memory and pass addresses.
 * - Plain loads and stores, no atomics: a range of buckets is written by one thread, and read by others only
 *   after they have heard of it through an atomic word that is not touched here.
 * - The bucket of a hash is its top 32 bits × buckets / 2^32. Buckets come in ranges of 1,024, and an entry
 *   that finds its bucket full goes on to the next of the same range, the last's next being the first.
 *
 * A bucket, 64 bytes at a multiple of 64: what a probe of one key touches is one line of the cache.
 *
 * | byte | type     | holds                                                                              |
 * |------|----------|------------------------------------------------------------------------------------|
 * | 0    | u8 × 12  | hash bits 31 … 24 of each entry, 1 in place of 0; 0: there is no entry             |
 * | 12   | u8       | entries                                                                            |
 * | 13   | u8       | 1: an entry that belongs here, or before, went on to the next bucket               |
 * | 14   | 2 bytes  | zero                                                                               |
 * | 16   | u32 × 12 | node offsets                                                                       |
 *
 * The plain TypeScript twin is in `src/table/shared-kernels.test.ts`.
 */

const bucketBits: u32 = 6
const entriesMax: u32 = 12
const entriesByte: usize = 12
const passedByte: usize = 13
const offsetsByte: usize = 16

/** Buckets of a range, less 1. */
const rangeMask: u32 = 1023

/** Pairs whose buckets are looked at together: so many cache misses are under way at once. */
const pairsAtOnce: u32 = 64

function bucketOf(high: u32, buckets: u32): u32 {
  return <u32>((<u64>high * <u64>buckets) >> 32)
}

function nextBucket(bucket: u32): u32 {
  return (bucket & ~rangeMask) | ((bucket + 1) & rangeMask)
}

/** The tag of the hash bits 31 … 24: never 0. */
function tagOf(bits: u32): u32 {
  return bits + <u32>(bits === 0)
}

/**
 * Adds those entries of a key index page (layout: `src/index/key-page.ts`) whose bucket is `first` … `end` −
 * 1: whole ranges of buckets.
 * @returns 0; 1 when a range is full or a node offset does not fit 32 bits: the map cannot be used then
 */
export function addPage(
  page: usize,
  pageEntriesMax: u32,
  map: usize,
  buckets: u32,
  first: u32,
  end: u32,
): u32 {
  const entries = load<u32>(page)
  const highs = page + 16
  const lows = highs + (pageEntriesMax << 2)
  const rests = lows + (pageEntriesMax << 2)
  for (let index: u32 = 0; index < entries; ++index) {
    let bucket = bucketOf(load<u32>(highs + (index << 2)), buckets)
    if (bucket < first || bucket >= end) continue
    const rest = <u32>load<u16>(rests + (index << 1))
    if (rest >> 8 !== 0) return 1
    let at = map + ((<usize>bucket) << bucketBits)
    let count = <u32>load<u8>(at + entriesByte)
    for (let steps: u32 = 0; count === entriesMax; ++steps) {
      if (steps === rangeMask) return 1
      store<u8>(at + passedByte, 1)
      bucket = nextBucket(bucket)
      at = map + ((<usize>bucket) << bucketBits)
      count = <u32>load<u8>(at + entriesByte)
    }
    store<u8>(at + count, <u8>tagOf(rest & 255))
    store<u32>(at + offsetsByte + (count << 2), load<u32>(lows + (index << 2)))
    store<u8>(at + entriesByte, <u8>(count + 1))
  }
  return 0
}

/** Bits of the bucket's entries with the tag; bit 16 when one may be in the next bucket. */
function matchesIn(at: usize, tag: u32): u32 {
  const head = v128.load(at)
  const equal = i8x16.bitmask(i8x16.eq(head, i8x16.splat(<i8>tag)))
  return (<u32>equal & 0xfff) | ((<u32>i8x16.extract_lane_u(head, 13) & 1) << 16)
}

/** Writes the candidates of `matches`; returns where the next goes. */
function writeMatches(at: usize, matches: u32, row: u64, out: usize): usize {
  while (matches !== 0) {
    const entry = ctz<u32>(matches)
    store<u64>(out, ((<u64>load<u32>(at + offsetsByte + (entry << 2))) << 24) | row)
    out += 8
    matches &= matches - 1
  }
  return out
}

/**
 * Looks up `count` pairs {hash, row}: every entry that may be the key's becomes a candidate at `out`, a word
 * of the node offset (bits 63 … 24) and the row (23 … 0). The number of candidates is stored (u32) at
 * `written`; a pair whose candidates `out` has no room for is left for the next call. `outMax` is at least 12
 * × 1,025. `scratch`: 512 bytes.
 * @returns pairs consumed
 */
export function probePairs(
  pairs: usize,
  count: u32,
  map: usize,
  buckets: u32,
  scratch: usize,
  out: usize,
  outMax: u32,
  written: usize,
): u32 {
  const begin = out
  const limit = out + ((<usize>outMax) << 3)
  for (let start: u32 = 0; start < count; start += pairsAtOnce) {
    const batch = min<u32>(pairsAtOnce, count - start)
    const first = pairs + ((<usize>start) << 4)
    // No load here waits for another, so the misses overlap.
    for (let index: u32 = 0; index < batch; ++index) {
      const hash = load<u64>(first + ((<usize>index) << 4))
      const at = map + ((<usize>bucketOf(<u32>(hash >> 32), buckets)) << bucketBits)
      store<u32>(scratch + ((<usize>index) << 3), <u32>at)
      store<u32>(scratch + ((<usize>index) << 3), matchesIn(at, tagOf(<u32>(hash >> 24) & 255)), 4)
    }
    for (let index: u32 = 0; index < batch; ++index) {
      const matches = load<u32>(scratch + ((<usize>index) << 3), 4)
      if (matches === 0) continue
      const pair = first + ((<usize>index) << 4)
      const row = load<u64>(pair, 8)
      const before = out
      let at = <usize>load<u32>(scratch + ((<usize>index) << 3))
      let room = out + (entriesMax << 3) <= limit
      if (room) out = writeMatches(at, matches & 0xfff, row, out)
      let passed = matches >> 16
      const tag = tagOf(<u32>(load<u64>(pair) >> 24) & 255)
      for (let steps: u32 = 0; room && passed !== 0 && steps < rangeMask; ++steps) {
        at = map + ((<usize>nextBucket(<u32>((at - map) >> bucketBits))) << bucketBits)
        const more = matchesIn(at, tag)
        room = out + (entriesMax << 3) <= limit
        if (room) out = writeMatches(at, more & 0xfff, row, out)
        passed = more >> 16
      }
      if (!room) {
        store<u32>(written, <u32>((before - begin) >> 3))
        return start + index
      }
    }
  }
  store<u32>(written, <u32>((out - begin) >> 3))
  return count
}
