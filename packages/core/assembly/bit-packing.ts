/**
 * Bit packing: lanes of 64 bits to `width` bits each, least significant bit first, one after the other
 * without gaps.
 *
 * - Eight lanes take exactly `width` bytes (an octet), so every octet starts at a byte.
 * - A width is 0 … 56 or 64: a lane of up to 56 bits lies within one unaligned 8-byte load.
 * - `packOctets` writes up to 8 bytes behind its end; `unpackOctets` reads up to 8 bytes behind its input.
 */

/** Rows of a miniblock: the unit that has a base and a width of its own. */
export const miniblockRows: i32 = 1024

/** The packed width of values from 0 to `range`, read as unsigned. */
export function widthOf(range: u64): u32 {
  const bits = 64 - <u32>clz<u64>(range)
  return bits > 56 ? 64 : bits
}

/** Packs 8 × `octets` lanes, each below 2^width, and returns the end. */
export function packOctets(lanes: usize, octets: i32, width: u32, out: usize): usize {
  if (width === 0) return out
  if (width <= 7) return packEights(lanes, octets, width, out)
  if (width <= 14) return packFours(lanes, octets, width, out)
  if (width === 64) {
    memory.copy(out, lanes, (<usize>octets) << 6)
    return out + ((<usize>octets) << 6)
  }
  const end = lanes + ((<usize>octets) << 6)
  let word: u64 = 0
  let bits: u32 = 0
  if (width <= 28) {
    const pairWidth = width << 1
    for (; lanes < end; lanes += 16) {
      word |= (load<u64>(lanes) | (load<u64>(lanes, 8) << width)) << bits
      store<u64>(out, word)
      bits += pairWidth
      out += bits >> 3
      word >>= bits & 56
      bits &= 7
    }
    return out
  }
  for (; lanes < end; lanes += 8) {
    word |= load<u64>(lanes) << bits
    store<u64>(out, word)
    bits += width
    out += bits >> 3
    word >>= bits & 56
    bits &= 7
  }
  return out
}

function fourLanes(lanes: usize, width: u32): u64 {
  const low = load<u64>(lanes) | (load<u64>(lanes, 8) << width)
  const high = load<u64>(lanes, 16) | (load<u64>(lanes, 24) << width)
  return low | (high << (width << 1))
}

function packEights(lanes: usize, octets: i32, width: u32, out: usize): usize {
  for (let octet: i32 = 0; octet < octets; octet++) {
    store<u64>(out, fourLanes(lanes, width) | (fourLanes(lanes + 32, width) << (width << 2)))
    lanes += 64
    out += width
  }
  return out
}

function packFours(lanes: usize, octets: i32, width: u32, out: usize): usize {
  const halfBits = width << 2
  const halfBytes = halfBits >> 3
  for (let octet: i32 = 0; octet < octets; octet++) {
    const low = fourLanes(lanes, width)
    store<u64>(out, low)
    store<u64>(out + halfBytes, (low >> (halfBytes << 3)) | (fourLanes(lanes + 32, width) << (halfBits & 7)))
    lanes += 64
    out += width
  }
  return out
}

/** Unpacks 8 × `octets` lanes and adds `base` (wrapping) to each. */
export function unpackOctets(packed: usize, octets: i32, width: u32, base: i64, out: usize): void {
  const end = out + ((<usize>octets) << 6)
  const bases = i64x2.splat(base)
  if (width === 0) {
    for (; out < end; out += 16) v128.store(out, bases)
    return
  }
  if (width === 64) {
    for (; out < end; out += 16) {
      v128.store(out, i64x2.add(v128.load(packed), bases))
      packed += 16
    }
    return
  }
  const mask: u64 = ((<u64>1) << width) - 1
  const byte1 = width >> 3
  const byte2 = (2 * width) >> 3
  const byte3 = (3 * width) >> 3
  const byte4 = (4 * width) >> 3
  const byte5 = (5 * width) >> 3
  const byte6 = (6 * width) >> 3
  const byte7 = (7 * width) >> 3
  const shift1 = width & 7
  const shift2 = (2 * width) & 7
  const shift3 = (3 * width) & 7
  const shift4 = (4 * width) & 7
  const shift5 = (5 * width) & 7
  const shift6 = (6 * width) & 7
  const shift7 = (7 * width) & 7
  for (; out < end; out += 64) {
    store<i64>(out, (load<u64>(packed) & mask) + base)
    store<i64>(out, ((load<u64>(packed + byte1) >> shift1) & mask) + base, 8)
    store<i64>(out, ((load<u64>(packed + byte2) >> shift2) & mask) + base, 16)
    store<i64>(out, ((load<u64>(packed + byte3) >> shift3) & mask) + base, 24)
    store<i64>(out, ((load<u64>(packed + byte4) >> shift4) & mask) + base, 32)
    store<i64>(out, ((load<u64>(packed + byte5) >> shift5) & mask) + base, 40)
    store<i64>(out, ((load<u64>(packed + byte6) >> shift6) & mask) + base, 48)
    store<i64>(out, ((load<u64>(packed + byte7) >> shift7) & mask) + base, 56)
    packed += width
  }
}
