/**
 * Kernels of the shared map of packed keys: from a packed key, which is as good as the key, to its node. They
 * work in a memory that several threads share.
 * Conventions: as in `key-map.ts`, but buckets are filled by all threads at once, which take places by atomic
 * additions and write nothing but what they took.
 *
 * Keys come as records (`assembly/key-packing.ts`). The bucket of one is the top 32 bits of its first word ×
 * buckets / 2^32. With 65,536 buckets or more the bucket and bits 47 … 0 tell all of the first word: the 2^32
 * / buckets values of the top 32 bits that share a bucket follow one another, and differ in their lower 16
 * bits. Buckets lie one behind the other without gaps, each with as many bytes as its entries take:
 *
 * 1. `countPacked` adds the bytes of its entries to each bucket's word,
 * 2. `sumPacked` makes of each the place where the bucket begins,
 * 3. `addPacked` takes an entry's bytes by adding to it: at last it is where the bucket ends, and the next
 *    begins.
 *
 * | bytes of an entry | hold                                                                               |
 * |-------------------|------------------------------------------------------------------------------------|
 * | 3 or 4            | lowest `offsetBits` bits: node offset; above: bytes of the packed key less          |
 * |                   | `sizeBase`, or 0: a hash takes its place                                           |
 * | 6                 | bits 47 … 0 of the first word                                                      |
 * | 0 … 16            | the other bytes of the packed key                                                  |
 *
 * A hash is not as good as the key: it names a candidate. How the first bytes are divided is told by a word,
 * `head`: their number (bits 23 … 16), `offsetBits` (15 … 8) and `sizeBase` (7 … 0).
 */

const recordBits: u32 = 5
const rowByte: usize = 24
const sizeByte: usize = 28

/** Bytes of an entry's part of the first word. */
const wordBytes: u32 = 6
const wordMask: u64 = (1 << 48) - 1

/** Records whose buckets are looked at together: so many cache misses are under way at once. */
const recordsAtOnce: u32 = 64

function bucketOf(word: u64, buckets: u32): u32 {
  return <u32>(((word >> 32) * <u64>buckets) >> 32)
}

function headBytesOf(head: u32): u32 {
  return head >> 16
}

function offsetBitsOf(head: u32): u32 {
  return (head >> 8) & 255
}

function sizeBaseOf(head: u32): u32 {
  return head & 255
}

/** Bytes of the entry of a packed key of `size` bytes, or of a hash. */
function entryBytes(size: u32, head: u32): u32 {
  return headBytesOf(head) + wordBytes + (size > 8 ? size - 8 : 0)
}

function recordAt(records: usize, index: u32): usize {
  return records + ((<usize>index) << recordBits)
}

/**
 * Brings the words of the first records' buckets near: nothing here waits for what is loaded, so the misses
 * overlap. `scratch`: 4 bytes, for a sum that keeps the loads from being left out.
 * @returns of how many of the `count` records: those to be looked at next
 */
function bringNear(records: usize, count: u32, ends: usize, buckets: u32, scratch: usize): u32 {
  const batch = min<u32>(recordsAtOnce, count)
  let sum: u32 = 0
  for (let index: u32 = 0; index < batch; ++index) {
    const bucket = bucketOf(load<u64>(recordAt(records, index)), buckets)
    sum += load<u32>(ends + ((<usize>bucket) << 2))
  }
  store<u32>(scratch, sum)
  return batch
}

/** Adds the bytes of a record's entry to the word of its bucket; returns what that was before. */
function takeBytes(record: usize, head: u32, ends: usize, buckets: u32): u32 {
  const bucket = bucketOf(load<u64>(record), buckets)
  return atomic.add<u32>(ends + ((<usize>bucket) << 2), entryBytes(load<u32>(record, sizeByte), head))
}

/**
 * Adds the bytes that the entries of `count` records take to the words of their buckets.
 * @returns records of hashes
 */
export function countPacked(
  records: usize,
  count: u32,
  head: u32,
  ends: usize,
  buckets: u32,
  scratch: usize,
): u32 {
  let hashes: u32 = 0
  for (let index: u32 = 0; index < count; ) {
    const end = index + bringNear(recordAt(records, index), count - index, ends, buckets, scratch)
    for (; index < end; ++index) {
      const record = recordAt(records, index)
      hashes += <u32>(load<u32>(record, sizeByte) === 0)
      takeBytes(record, head, ends, buckets)
    }
  }
  return hashes
}

/**
 * Makes of the bytes of each bucket the place where it begins. One thread does, alone.
 * @returns 0; 1 when all take more than `bytesMax`, or one more than `bucketBytesMax`: the map cannot be made
 */
export function sumPacked(ends: usize, buckets: u32, bytesMax: u32, bucketBytesMax: u32): u32 {
  let sum: u32 = 0
  for (let bucket: u32 = 0; bucket < buckets; ++bucket) {
    const at = ends + ((<usize>bucket) << 2)
    const bytes = load<u32>(at)
    if (bytes > bucketBytesMax || bytes > bytesMax - sum) return 1
    store<u32>(at, sum)
    sum += bytes
  }
  return 0
}

/** Writes `count` (1 … 8) bytes of a word, and no others: those behind them may be another thread's. */
function storeBytes(at: usize, word: u64, count: u32): void {
  if (count === 8) {
    store<u64>(at, word)
    return
  }
  for (let index: u32 = 0; index < count; ++index) {
    store<u8>(at + index, <u8>(word >> (index << 3)))
  }
}

function writeEntry(at: usize, record: usize, head: u32): void {
  const word = load<u64>(record)
  const size = load<u32>(record, sizeByte)
  const sizePart = size === 0 ? 0 : size - sizeBaseOf(head)
  storeBytes(at, <u64>load<u32>(record, rowByte) | ((<u64>sizePart) << offsetBitsOf(head)), headBytesOf(head))
  at += <usize>headBytesOf(head)
  store<u32>(at, <u32>word)
  store<u16>(at, <u16>(word >> 32), 4)
  if (size > 8) storeBytes(at + wordBytes, load<u64>(record, 8), min<u32>(8, size - 8))
  if (size > 16) storeBytes(at + wordBytes + 8, load<u64>(record, 16), size - 16)
}

/**
 * Adds `count` records, of node offsets in the place of rows: the same that were counted.
 * @returns 0; 1 when an offset does not fit its bits: the map cannot be used then
 */
export function addPacked(
  records: usize,
  count: u32,
  head: u32,
  ends: usize,
  buckets: u32,
  entries: usize,
  scratch: usize,
): u32 {
  for (let index: u32 = 0; index < count; ) {
    const end = index + bringNear(recordAt(records, index), count - index, ends, buckets, scratch)
    for (; index < end; ++index) {
      const record = recordAt(records, index)
      if (load<u32>(record, rowByte) >> offsetBitsOf(head) !== 0) return 1
      writeEntry(entries + <usize>takeBytes(record, head, ends, buckets), record, head)
    }
  }
  return 0
}

/** The lowest `count` (1 … 8) bytes of a word. */
function lowBytes(word: u64, count: u32): u64 {
  return word & (~(<u64>0) >> ((8 - count) << 3))
}

/** Whether a packed key of `size` bytes goes on at `rest` like the record's behind the first word. */
function restIsEqual(rest: usize, record: usize, size: u32): bool {
  if (size <= 8) return true
  if (lowBytes(load<u64>(rest), min<u32>(8, size - 8)) !== load<u64>(record, 8)) return false
  if (size <= 16) return true
  return lowBytes(load<u64>(rest, 8), size - 16) === load<u64>(record, 16)
}

/**
 * Looks up `count` records in a map that nobody changes any more. A word of the node offset (bits 63 … 24)
 * and the row (23 … 0) is written to `out` for each that is there, and to `candidates` for each entry that
 * has a record's hash. The numbers of both are stored (u32 each) at `written`. A record whose candidates
 * there is no room for is left for the next call; `candidatesMax` is at least as many as a bucket holds.
 * `stride`: bytes of an entry where all have as many, else 0. `scratch`: 1 KiB. 16 bytes behind the entries
 * can be read.
 * @returns records consumed
 */
export function findPacked(
  records: usize,
  count: u32,
  head: u32,
  stride: u32,
  ends: usize,
  buckets: u32,
  entries: usize,
  scratch: usize,
  out: usize,
  candidates: usize,
  candidatesMax: u32,
  written: usize,
): u32 {
  const headBytes = <usize>headBytesOf(head)
  const offsetBits = offsetBitsOf(head)
  const offsetMask: u32 = (1 << offsetBits) - 1
  const sizeBase = sizeBaseOf(head)
  const headMask: u32 = headBytes === 4 ? ~(<u32>0) : (1 << 24) - 1
  const hashBytes = headBytes + wordBytes
  const begin = out
  const firstCandidate = candidates
  const limit = candidates + ((<usize>candidatesMax) << 3)
  let consumed: u32 = 0
  while (consumed < count) {
    const first = recordAt(records, consumed)
    const batch = bringNear(first, count - consumed, ends, buckets, scratch)
    bringEntriesNear(first, batch, ends, buckets, entries, scratch)
    let index: u32 = 0
    for (; index < batch; ++index) {
      const record = recordAt(first, index)
      const word = load<u64>(record) & wordMask
      const size = load<u32>(record, sizeByte)
      const row = <u64>load<u32>(record, rowByte)
      const place = scratch + ((<usize>index) << 3)
      let at = <usize>load<u32>(place)
      const end = <usize>load<u32>(place, 4)
      if (size === 0 && at + ((limit - candidates) >> 3) * hashBytes < end) break
      const sizePart = size === 0 ? 0 : size - sizeBase
      while (at < end) {
        const own = load<u32>(at) & headMask
        const ownSize = own >> offsetBits
        if (ownSize === sizePart && (load<u64>(at + headBytes) & wordMask) === word) {
          const answer = ((<u64>(own & offsetMask)) << 24) | row
          if (size === 0) {
            store<u64>(candidates, answer)
            candidates += 8
          } else if (restIsEqual(at + hashBytes, record, size)) {
            store<u64>(out, answer)
            out += 8
            break
          }
        }
        if (stride !== 0) at += <usize>stride
        else at += ownSize === 0 ? hashBytes : <usize>entryBytes(ownSize + sizeBase, head)
      }
    }
    consumed += index
    if (index < batch) break
  }
  store<u32>(written, <u32>((out - begin) >> 3))
  store<u32>(written, <u32>((candidates - firstCandidate) >> 3), 4)
  return consumed
}

/** Stores where the records' buckets begin and end in `scratch` (u32 each), and brings their entries near. */
function bringEntriesNear(
  records: usize,
  count: u32,
  ends: usize,
  buckets: u32,
  entries: usize,
  scratch: usize,
): void {
  let sum: u32 = 0
  for (let index: u32 = 0; index < count; ++index) {
    const bucket = bucketOf(load<u64>(recordAt(records, index)), buckets)
    const word = ends + ((<usize>bucket) << 2)
    const begin = entries + <usize>(bucket === 0 ? 0 : load<u32>(word - 4))
    const end = entries + <usize>load<u32>(word)
    const place = scratch + ((<usize>index) << 3)
    store<u32>(place, <u32>begin)
    store<u32>(place, <u32>end, 4)
    // Most buckets lie in two lines of the cache.
    sum += <u32>load<u8>(begin) + <u32>load<u8>(end - 1)
  }
  store<u32>(scratch + ((<usize>recordsAtOnce) << 3), sum)
}
