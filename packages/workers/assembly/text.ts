// STRING: references to bytes of the input. Texts that may hold escapes are marked here and resolved in place
// by `unescapeStrings`, once the errors of the rows are reported and nobody needs the input as it was.
//
// An unquoted text is null when it is empty (unless the flags say that this is a text) or equals a null
// string; a quoted one only when the flags say that this is null, too.
import { clearCounts, count, isNullString } from './cell'
import {
  cellNull,
  cellValue,
  escapeAt,
  escapedCountAt,
  escapedFlag,
  escapesSeenAt,
  flagEmptyIsText,
  flagQuotedNulls,
  flagsAt,
  nullStringsAt,
  quoteAt,
} from './layout'

export function parseStrings(
  control: usize,
  starts: usize,
  startStride: usize,
  startBias: usize,
  ends: usize,
  endStride: usize,
  rows: u32,
  values: usize,
  nulls: usize,
): void {
  clearCounts(control)
  const quote = load<u32>(control + quoteAt)
  const flag =
    load<u32>(control + escapesSeenAt) !== 0 && load<u32>(control + escapeAt) < 256 ? escapedFlag : 0
  const nullStrings = load<u32>(control + nullStringsAt) as usize
  const noNullStrings = load<u32>(nullStrings) === 0
  const flags = load<u32>(control + flagsAt)
  const emptyOutcome = (flags & flagEmptyIsText) === 0 ? cellNull : cellValue
  const quotedNulls = (flags & flagQuotedNulls) !== 0
  let escaped: u32 = 0
  for (let row: u32 = 0; row < rows; row++) {
    const start = (load<u32>(starts) as usize) + startBias
    const end = load<u32>(ends) as usize
    starts += startStride
    ends += endStride
    let reference: u64 = (start as u64) | (((end - start) as u64) << 32)
    let outcome = cellValue
    if (start === end) {
      reference = 0
      outcome = emptyOutcome
    } else if ((load<u8>(start) as u32) === quote) {
      reference = ((start + 1) as u64) | ((((end - start - 2) as u64) | (flag as u64)) << 32)
      if (quotedNulls && (end - start === 2 || isNullString(nullStrings, start + 1, end - 1))) {
        reference = 0
        outcome = cellNull
      } else {
        escaped += flag >> 31
      }
    } else if (!noNullStrings && isNullString(nullStrings, start, end)) {
      reference = 0
      outcome = cellNull
    }
    if (outcome !== cellValue) count(control, outcome)
    store<u64>(values, reference)
    store<u8>(nulls, outcome as u8)
    values += 8
    nulls++
  }
  store<u32>(control + escapedCountAt, escaped)
}

/** One bit for each of the 64 bytes at `at` that equals the byte in all lanes of `wanted`. */
function bitsOf(at: usize, wanted: v128): u64 {
  return (
    (i8x16.bitmask(i8x16.eq(v128.load(at), wanted)) as u64) |
    ((i8x16.bitmask(i8x16.eq(v128.load(at, 16), wanted)) as u64) << 16) |
    ((i8x16.bitmask(i8x16.eq(v128.load(at, 32), wanted)) as u64) << 32) |
    ((i8x16.bitmask(i8x16.eq(v128.load(at, 48), wanted)) as u64) << 48)
  )
}

/** Bits of the first `left` of 64 bytes. */
function firstBits(left: usize): u64 {
  return left >= 64 ? 0xffff_ffff_ffff_ffff : ((1 as u64) << (left as u64)) - 1
}

/** The first `byte` in [at, end), or `end`. Reads up to 63 bytes behind `end`. */
function firstOf(at: usize, end: usize, byte: u32): usize {
  const wanted = i8x16.splat(byte as i8)
  for (; at < end; at += 64) {
    const found = bitsOf(at, wanted) & firstBits(end - at)
    if (found !== 0) return at + (ctz(found) as usize)
  }
  return end
}

/**
 * Writes the 16 bytes at `at` without those in `dropped` to `out`, and returns their end. 16 bytes are
 * written in any case.
 */
function writeWithout(dropped: u32, at: usize, out: usize): usize {
  const first = ctz(dropped | 0x1_0000)
  let rest = dropped & (dropped - 1)
  const second = ctz(rest | 0x2_0000)
  rest &= rest - 1
  if (rest !== 0) {
    for (let byte: u32 = 0; byte < 16; byte++, at++) {
      store<u8>(out, load<u8>(at))
      out += (((dropped >> byte) & 1) ^ 1) as usize
    }
    return out
  }
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  // A comparison that holds is −1: lanes from the first dropped byte on take the next byte, and so on.
  const behindFirst = i8x16.gt_s(lanes, i8x16.splat((first as i8) - 1))
  const behindSecond = i8x16.gt_s(lanes, i8x16.splat((second as i8) - 2))
  const order = i8x16.sub(i8x16.sub(lanes, behindFirst), behindSecond)
  v128.store(out, i8x16.swizzle(v128.load(at), order))
  return out + 16 - (popcnt(dropped) as usize)
}

/** Bit i of the result is the xor of bits 0 … i. */
function prefixXor(bits: u64): u64 {
  bits ^= bits << 1
  bits ^= bits << 2
  bits ^= bits << 4
  bits ^= bits << 8
  bits ^= bits << 16
  return bits ^ (bits << 32)
}

/**
 * Resolves the escapes in [start, end) in place where quotes escape themselves; returns where the text ends
 * then. All quotes inside a quoted text stand in pairs, so every other one is dropped, the first one first.
 * Nothing behind `end` is changed; up to 63 bytes there are read.
 */
function resolveDoubled(start: usize, end: usize, quote: u32): usize {
  const wanted = i8x16.splat(quote as i8)
  let at = firstOf(start, end, quote)
  if (at === end) return end
  // Sixteen bytes are loaded before as many are written, and the target is never ahead of the source.
  const behind = v128.load(end)
  let out = at
  let odd: u64 = 0
  while (at < end) {
    const quotes = bitsOf(at, wanted) & firstBits(end - at)
    let dropped = quotes & (prefixXor(quotes) ^ odd)
    odd ^= (0 as u64) - (popcnt(quotes) & 1)
    const stop = min(at + 64, end)
    for (; at < stop; at += 16) {
      out = writeWithout((dropped as u32) & 0xffff, at, out)
      dropped >>= 16
    }
    // The last step may have gone beyond the end, and taken bytes from there.
    if (at > end) out -= at - end
  }
  v128.store(end, behind)
  return out
}

/**
 * The same where the escape is a byte of its own: it goes when a quote or another escape follows, and that
 * byte is text. Sixteen bytes without an escape move at once: they are loaded before any is written, and the
 * target is never ahead of the source.
 */
function resolveEscapes(start: usize, end: usize, quote: u32, escapeByte: u32): usize {
  const wanted = i8x16.splat(escapeByte as i8)
  let at = firstOf(start, end, escapeByte)
  let out = at
  while (at < end) {
    const bytes = v128.load(at)
    const left = end - at
    const valid: u32 = left >= 16 ? 0xffff : ((1 as u32) << (left as u32)) - 1
    const found = (i8x16.bitmask(i8x16.eq(bytes, wanted)) as u32) & valid
    if (found === 0 && left >= 16) {
      v128.store(out, bytes)
      at += 16
      out += 16
      continue
    }
    const next = found === 0 ? end : at + (ctz(found) as usize)
    for (; at < next; at++, out++) store<u8>(out, load<u8>(at))
    if (found === 0) break
    if (at + 1 < end) {
      const following = load<u8>(at, 1) as u32
      if (following === quote || following === escapeByte) at++
    }
    store<u8>(out, load<u8>(at))
    at++
    out++
  }
  return out
}

/**
 * Resolves, in place, the escapes of every lane that is marked; the lane's length becomes that of the plain
 * text.
 */
export function unescapeStrings(control: usize, rows: u32, values: usize): void {
  const quote = load<u32>(control + quoteAt)
  const escapeByte = load<u32>(control + escapeAt)
  for (let row: u32 = 0; row < rows; row++, values += 8) {
    const marked = load<u32>(values, 4)
    if ((marked & escapedFlag) === 0) continue
    const start = load<u32>(values) as usize
    const end = start + ((marked & ~escapedFlag) as usize)
    const textEnd =
      escapeByte === quote ? resolveDoubled(start, end, quote) : resolveEscapes(start, end, quote, escapeByte)
    store<u32>(values, (textEnd - start) as u32, 4)
  }
}
