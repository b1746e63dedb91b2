/**
 * Compression of blocks of bytes in the LZ4 block format (Yann Collet, "LZ4 Block Format Description",
 * lz4/lz4, `doc/lz4_Block_format.md`): sequences of a token, literals, and a match of at least 4 bytes at a
 * distance of at most 65,535.
 *
 * What differs from LZ4's own compressor is where matches are looked for, and that little in the inner loop
 * has to be guessed by the processor:
 * - Only *places* are looked up and remembered: where a row of letters begins, or, where there are none,
 *   bytes that are a multiple of eight. Both occurrences of a repeated text have the same places. A match
 *   then grows both ways.
 * - Hit or miss, a sequence is written, and `out` and `anchor` move on only for a hit: no branch that depends
 *   on the data. Only long literals and long matches leave the straight path.
 *
 * - What is written is a function of the block alone: what stands behind it is read, but changes nothing.
 * - The decompressor trusts nothing. It writes up to 16 bytes behind the block and reads as many behind the
 *   source.
 */

/** Bits of a slot's number; the slots are u16 positions, modulo 65,536, of the last place with this hash. */
const slotBits: u64 = 14
const slotsBytes: usize = 2 << 14

/** Multiplier of the hash, whose input are 5 bytes. */
const hashPrime: u64 = 0xcf1b_bcdc_b7a5_6463

/** Places are looked for in this many bytes at a time. */
const placesPerStep: usize = 63
const allPlaces: u64 = 0x7fff_ffff_ffff_ffff

/** Fewer places than this among them, and others are taken. */
const placesMin: u64 = 4

/** Every fourth byte: where there are not even those. */
const everyFourth: u64 = 0x1111_1111_1111_1111

/** No place is nearer to the front: a match grows backwards by up to as many bytes. */
const frontBytes: usize = 8

/** No match begins nearer to the end: 16 bytes are compared at once, and the last 5 bytes are literals. */
const searchEndBytes: usize = 21
const lastLiterals: usize = 5

/** A block shorter than this is all literals. */
const compressibleBytesMin: u32 = 32

const matchMin: u32 = 4

/**
 * Bits of the bytes at `address` … + 15 that count as letters: all from 64 up, other scripts than Latin too.
 * These are the bytes whose upper two bits are not both 0.
 */
function letterBits(address: usize): u64 {
  const bytes = v128.load(address)
  return <u64>(<u32>i8x16.bitmask(v128.or(bytes, i8x16.add(bytes, bytes))))
}

/** Bits of the bytes that are a multiple of eight. */
function eightfoldBits(address: usize): u64 {
  const rest = v128.and(v128.load(address), i8x16.splat(7))
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(rest, i8x16.splat(0))))
}

/** The places where too few rows of letters begin. */
function otherPlaces(address: usize, inside: u64): u64 {
  const places =
    (eightfoldBits(address) |
      (eightfoldBits(address + 16) << 16) |
      (eightfoldBits(address + 32) << 32) |
      (eightfoldBits(address + 48) << 48)) &
    inside
  return popcnt<u64>(places) >= placesMin ? places : everyFourth & inside
}

/** The places among the 63 bytes at `address`: bit i stands for byte i. Bytes not `inside` do not count. */
function placesAt(address: usize, inside: u64): u64 {
  const from = address - 1
  const letters =
    letterBits(from) |
    (letterBits(from + 16) << 16) |
    (letterBits(from + 32) << 32) |
    (letterBits(from + 48) << 48)
  const places = (letters >> 1) & ~letters & inside
  return popcnt<u64>(places) >= placesMin ? places : otherPlaces(address, inside)
}

/** Bits of the 16 bytes that `left` and `right` do not have in common. */
function unlikeBits(left: usize, right: usize): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.ne(v128.load(left), v128.load(right))))
}

/** Bytes, from the first on, that 16 at `left` and `right` have in common. */
function commonBytes(left: usize, right: usize): u32 {
  // The bits above the 16 are 0, and make 16 of it when all are the same.
  return ctz<u32>(~(<u32>i8x16.bitmask(i8x16.eq(v128.load(left), v128.load(right)))))
}

/**
 * Where a match that goes on at `at`, and at `from` before it, ends: at `limit` at the latest. Reads up to 63
 * bytes behind `limit`.
 */
function matchEnd(at: usize, from: usize, limit: usize): usize {
  while (at < limit) {
    const unlike =
      unlikeBits(at, from) |
      (unlikeBits(at + 16, from + 16) << 16) |
      (unlikeBits(at + 32, from + 32) << 32) |
      (unlikeBits(at + 48, from + 48) << 48)
    if (unlike !== 0) {
      at += <usize>ctz<u64>(unlike)
      break
    }
    at += 64
    from += 64
  }
  return min<usize>(at, limit)
}

/** Writes what of a length is beyond the 15 that a token holds. */
function writeLength(out: usize, rest: u32): usize {
  while (rest >= 255) {
    store<u8>(out++, 255)
    rest -= 255
  }
  store<u8>(out, rest)
  return out + 1
}

/** Writes a token and its literals, and returns their end; up to 16 bytes more are written. */
function writeLiterals(out: usize, from: usize, literals: u32, matchCode: u32): usize {
  store<u8>(out++, (min<u32>(literals, 15) << 4) | min<u32>(matchCode, 15))
  if (literals >= 15) out = writeLength(out, literals - 15)
  const end = out + literals
  do {
    v128.store(out, v128.load(from))
    out += 16
    from += 16
  } while (out < end)
  return end
}

/** Writes a sequence of any lengths. */
function writeSequence(out: usize, from: usize, literals: u32, distance: u32, length: u32): usize {
  out = writeLiterals(out, from, literals, length - matchMin)
  store<u16>(out, distance)
  out += 2
  return length - matchMin >= 15 ? writeLength(out, length - matchMin - 15) : out
}

/**
 * Compresses the `bytes` bytes at `source`, with 64 readable bytes behind them, to `out`, where there is room
 * for bytes + bytes ÷ 255 + 64. `slots`: 32 KiB of scratch.
 * @returns the compressed size
 */
export function compressBlock(source: usize, bytes: u32, slots: usize, out: usize): u32 {
  const begin = out
  const end = source + bytes
  let anchor = source
  let step = source + frontBytes + 1
  const searchEnd = bytes < compressibleBytesMin ? source : end - searchEndBytes
  const matchLimit = end - lastLiterals
  const origin = source + frontBytes
  memory.fill(slots, 0, slotsBytes)
  while (step <= searchEnd) {
    let inside = allPlaces
    if (searchEnd - step < placesPerStep - 1) inside >>= <u64>(placesPerStep - 1 - (searchEnd - step))
    let places = placesAt(step, inside)
    // The longer nothing was found, the more is left out.
    let next = step + placesPerStep + ((<usize>max<i32>(<i32>(step - anchor), 0) >> 10) << 6)
    while (places !== 0) {
      const at = step + <usize>ctz<u64>(places)
      places &= places - 1
      const slot = slots + ((<usize>(((load<u64>(at) << 24) * hashPrime) >> (64 - slotBits))) << 1)
      const position = <u32>(at - origin)
      // A slot never filled stands for the origin, one filled long ago for some place nearer than it was.
      const distance = (position - <u32>load<u16>(slot)) & 0xffff
      store<u16>(slot, position)
      const from = at - distance
      const ahead = commonBytes(at, from)
      const between = <i32>(at - anchor)
      // All ones for a hit, all zeros for a miss: by the signs of what must not be negative.
      const hit = ~((<i32>(ahead - matchMin) | between) >> 31)
      const alike = <u32>(clz<u64>(load<u64>(at - frontBytes) ^ load<u64>(from - frontBytes)) >> 3)
      const back = min<u32>(alike, <u32>between) & hit
      const literals = between - <i32>back
      const length = ahead + back
      if ((hit & (<i32>(15 - length) | (14 - literals))) < 0) {
        if (distance === 0) continue
        // Not `at + ahead`: the comparison that goes on need not wait for the first one.
        const matched = ahead === 16 ? matchEnd(at + 16, from + 16, matchLimit) : at + <usize>ahead
        out = writeSequence(out, anchor, literals, distance, <u32>(matched - at) + back)
        anchor = matched
        next = matched
        break
      }
      const written = literals & hit
      store<u8>(out, (written << 4) | (length - matchMin))
      v128.store(out, v128.load(anchor), 1)
      store<u16>(out + <usize>written, distance, 1)
      out += <usize>((written + 3) & hit)
      anchor = select<usize>(at + <usize>ahead, anchor, hit)
    }
    step = next
  }
  return <u32>(writeLiterals(out, anchor, <u32>(end - anchor), 0) - begin)
}

/** Copies `length` bytes from `distance` before `out`, 16 at a time: up to 15 more are written. */
function copyMatch(out: usize, distance: u32, length: u32): void {
  const end = out + length
  let from = out - distance
  if (distance < 16) {
    // A period repeated is a period too: the first bytes one by one, until 16 lie between source and target.
    const apart = distance * ((15 + distance) / distance)
    const near = out + min<u32>(apart - distance, length)
    while (out < near) store<u8>(out++, load<u8>(from++))
    from = out - apart
  }
  do {
    v128.store(out, v128.load(from))
    out += 16
    from += 16
  } while (out < end)
}

/** Decompresses the `bytes` bytes at `source` to exactly `rawBytes` at `out`: 0, or 1 when that cannot be. */
export function decompressBlock(source: usize, bytes: u32, out: usize, rawBytes: u32): i32 {
  const sourceEnd = source + bytes
  const begin = out
  const end = out + rawBytes
  while (source < sourceEnd) {
    const token = <u32>load<u8>(source++)
    let literals = token >> 4
    if (literals === 15) {
      let more: u32
      do {
        if (source >= sourceEnd) return 1
        more = <u32>load<u8>(source++)
        literals += more
      } while (more === 255)
    }
    if (literals > <u32>(sourceEnd - source) || literals > <u32>(end - out)) return 1
    v128.store(out, v128.load(source))
    if (literals > 16) memory.copy(out + 16, source + 16, literals - 16)
    source += literals
    out += literals
    if (source === sourceEnd) break
    if (sourceEnd - source < 2) return 1
    const distance = <u32>load<u16>(source)
    source += 2
    let length = token & 15
    if (length === 15) {
      let more: u32
      do {
        if (source >= sourceEnd) return 1
        more = <u32>load<u8>(source++)
        length += more
      } while (more === 255)
    }
    length += matchMin
    // A distance of 0 wraps to the largest.
    if (distance - 1 >= <u32>(out - begin) || length > <u32>(end - out)) return 1
    copyMatch(out, distance, length)
    out += length
  }
  return out === end ? 0 : 1
}
