/**
 * Kernels of the shared map of key codes: from a code, which is as good as the key, to its node. They work in
 * a memory that several threads share.
 * Conventions: as in `key-map.ts`, but buckets are filled by all threads at once, under a lock of one bit.
 *
 * Codes come mixed (`mixCode` in `assembly/hash.ts`), which is a bijection: equal mixed codes are equal
 * codes. The bucket of a mixed code is its top 32 bits × buckets / 2^32. An entry whose bucket is full goes
 * to the other bucket of the same pair (2 i, 2 i + 1) and is marked as a guest there; one that finds both
 * full goes to the overflow. With 65,536 buckets or more, an entry's own bucket and bits 47 … 0 of its mixed
 * code tell all of the code: the 2^32 / buckets values of the top 32 bits that share a bucket follow one
 * another, and differ in their lower 16 bits.
 *
 * A bucket, 64 bytes at a multiple of 64:
 *
 * | byte | type    | holds                                                                               |
 * |------|---------|-------------------------------------------------------------------------------------|
 * | 0    | u16 × 6 | bits 15 … 0 of each entry's mixed code                                              |
 * | 12   | u32     | bits 2 … 0: entries; 3: one is a guest in the other bucket; 4: lock; 5: one is in    |
 * |      |         | the overflow; 8 + i: entry i is a guest                                             |
 * | 16   | u32 × 6 | bits 47 … 16 of each entry's mixed code                                             |
 * | 40   | u32 × 6 | node offsets                                                                        |
 *
 * The overflow lies behind the buckets: slots of 16 bytes. An entry is at
 * its low 32 bits × slots / 2^32, or behind, where the first free slot was.
 *
 * | byte | type | holds              |
 * |------|------|--------------------|
 * | 0    | u64  | the mixed code     |
 * | 8    | u32  | the node offset    |
 * | 12   | u32  | 1; 0: a free slot  |
 */

const bucketBits: u32 = 6
const entriesMax: u32 = 6
const headByte: usize = 12
const middlesByte: usize = 16
const offsetsByte: usize = 40

const countMask: u32 = 7
const hasGuest: u32 = 8
const lock: u32 = 16
const hasOverflow: u32 = 32
const guestBit: u32 = 8

const slotBits: u32 = 4
const takenByte: usize = 12

/** Pairs whose buckets are looked at together: so many cache misses are under way at once. */
const pairsAtOnce: u32 = 64

function bucketOf(code: u64, buckets: u32): u32 {
  return <u32>(((code >> 32) * <u64>buckets) >> 32)
}

/**
 * Brings the buckets of `count` pairs near: nothing here waits for what is loaded, as locks and look-ups do,
 * so the misses overlap. `scratch`: 4 bytes, for a sum that keeps the loads from being left out.
 */
function bringNear(pairs: usize, count: u32, map: usize, buckets: u32, scratch: usize): void {
  let sum: u32 = 0
  for (let index: u32 = 0; index < count; ++index) {
    const bucket = bucketOf(load<u64>(pairs + ((<usize>index) << 4)), buckets)
    sum += load<u32>(map + ((<usize>bucket) << bucketBits) + headByte)
  }
  store<u32>(scratch, sum)
}

/** Locks the bucket at `at` and returns its head, without the lock. */
function lockBucket(at: usize): u32 {
  let head = atomic.or<u32>(at + headByte, lock)
  while ((head & lock) !== 0) head = atomic.or<u32>(at + headByte, lock)
  return head
}

/**
 * Adds an entry to the bucket at `at` if it has room. While it is locked, other threads may set the bits that
 * say where entries went which found it full: its head is changed by what is different, and never written
 * over.
 */
function addToBucket(at: usize, code: u64, offset: u32, isGuest: u32): bool {
  const head = lockBucket(at)
  const entry = head & countMask
  if (entry === entriesMax) {
    atomic.sub<u32>(at + headByte, lock)
    return false
  }
  store<u16>(at + (entry << 1), <u16>code)
  store<u32>(at + middlesByte + (entry << 2), <u32>(code >> 16))
  store<u32>(at + offsetsByte + (entry << 2), offset)
  atomic.add<u32>(at + headByte, 1 + (isGuest << (guestBit + entry)) - lock)
  return true
}

function slotOf(code: u64, slots: u32): u32 {
  return <u32>(((code & 0xffffffff) * <u64>slots) >> 32)
}

/** Adds an entry to the overflow; false when all slots are taken. */
function addToOverflow(overflow: usize, slots: u32, code: u64, offset: u32): bool {
  let slot = slotOf(code, slots)
  for (let steps: u32 = 0; steps < slots; ++steps) {
    const at = overflow + ((<usize>slot) << slotBits)
    if (atomic.cmpxchg<u32>(at + takenByte, 0, 1) === 0) {
      store<u64>(at, code)
      store<u32>(at, offset, 8)
      return true
    }
    slot = slot + 1 === slots ? 0 : slot + 1
  }
  return false
}

/**
 * Adds `count` pairs {mixed code, node offset}, each code once. `slots`: of the overflow. `scratch`: 4 bytes.
 * @returns 0; 1 when an entry finds no place or an offset does not fit 32 bits: the map cannot be used then
 */
export function addCodes(
  pairs: usize,
  count: u32,
  map: usize,
  buckets: u32,
  slots: u32,
  scratch: usize,
): u32 {
  const overflow = map + ((<usize>buckets) << bucketBits)
  for (let start: u32 = 0; start < count; start += pairsAtOnce) {
    const batch = min<u32>(pairsAtOnce, count - start)
    const first = pairs + ((<usize>start) << 4)
    bringNear(first, batch, map, buckets, scratch)
    for (let index: u32 = 0; index < batch; ++index) {
      const pair = first + ((<usize>index) << 4)
      const code = load<u64>(pair)
      const offset = load<u64>(pair, 8)
      if (offset >> 32 !== 0) return 1
      const bucket = bucketOf(code, buckets)
      const at = map + ((<usize>bucket) << bucketBits)
      if (addToBucket(at, code, <u32>offset, 0)) continue
      atomic.or<u32>(at + headByte, hasGuest)
      if (addToBucket(map + ((<usize>(bucket ^ 1)) << bucketBits), code, <u32>offset, 1)) continue
      atomic.or<u32>(at + headByte, hasOverflow)
      if (!addToOverflow(overflow, slots, code, <u32>offset)) return 1
    }
  }
  return 0
}

/** Bits of the entries of a bucket whose lowest 16 bits are the code's. */
function matchesIn(at: usize, code: u64): u32 {
  const equal = i16x8.bitmask(i16x8.eq(v128.load(at), i16x8.splat(<i16>code)))
  return <u32>equal & ((1 << (load<u32>(at + headByte) & countMask)) - 1)
}

/** Address of the offset of that one of the matching entries which is the code's, or 0. */
function entryOf(at: usize, matches: u32, code: u64, isGuest: u32): usize {
  while (matches !== 0) {
    const entry = ctz<u32>(matches)
    const guest = (load<u32>(at + headByte) >> (guestBit + entry)) & 1
    if (load<u32>(at + middlesByte + (entry << 2)) === <u32>(code >> 16) && guest === isGuest) {
      return at + offsetsByte + (entry << 2)
    }
    matches &= matches - 1
  }
  return 0
}

/** Address of the code's offset in the overflow, or 0. */
function slotWith(overflow: usize, slots: u32, code: u64): usize {
  let slot = slotOf(code, slots)
  for (let steps: u32 = 0; steps < slots; ++steps) {
    const at = overflow + ((<usize>slot) << slotBits)
    if (load<u32>(at + takenByte) === 0) return 0
    if (load<u64>(at) === code) return at + 8
    slot = slot + 1 === slots ? 0 : slot + 1
  }
  return 0
}

/**
 * Looks up `count` pairs {mixed code, row} in a map that nobody changes any more; writes a word of the node
 * offset (bits 63 … 24) and the row (23 … 0) to `out` for each that is there. `slots`: of the overflow.
 * `scratch`: 512 bytes.
 * @returns words written
 */
export function findCodes(
  pairs: usize,
  count: u32,
  map: usize,
  buckets: u32,
  slots: u32,
  scratch: usize,
  out: usize,
): u32 {
  const begin = out
  const overflow = map + ((<usize>buckets) << bucketBits)
  for (let start: u32 = 0; start < count; start += pairsAtOnce) {
    const batch = min<u32>(pairsAtOnce, count - start)
    const first = pairs + ((<usize>start) << 4)
    bringNear(first, batch, map, buckets, scratch)
    for (let index: u32 = 0; index < batch; ++index) {
      const code = load<u64>(first + ((<usize>index) << 4))
      const at = map + ((<usize>bucketOf(code, buckets)) << bucketBits)
      const place = scratch + ((<usize>index) << 3)
      store<u32>(place, <u32>at)
      store<u32>(place, matchesIn(at, code), 4)
    }
    for (let index: u32 = 0; index < batch; ++index) {
      const place = scratch + ((<usize>index) << 3)
      const at = <usize>load<u32>(place)
      const pair = first + ((<usize>index) << 4)
      const code = load<u64>(pair)
      let found = entryOf(at, load<u32>(place, 4), code, 0)
      if (found === 0) {
        const head = load<u32>(at + headByte)
        if ((head & hasGuest) !== 0) {
          const other = map + ((at - map) ^ (1 << bucketBits))
          found = entryOf(other, matchesIn(other, code), code, 1)
          if (found === 0 && (head & hasOverflow) !== 0) found = slotWith(overflow, slots, code)
        }
        if (found === 0) continue
      }
      store<u64>(out, ((<u64>load<u32>(found)) << 24) | load<u64>(pair, 8))
      out += 8
    }
  }
  return <u32>((out - begin) >> 3)
}
