// Escapes in texts. `parseStrings` marks the lanes whose texts may hold some; here they become plain texts,
// in place or one behind the other somewhere else. The lane's length becomes that of the plain text.
import { escapeAt, escapedFlag, quoteAt } from './layout'
import { prefixXor } from './prefix-xor'

/** Texts up to this length are resolved in the scratch; as many bytes and `textSlackBytes` is its size. */
const scratchTextBytes: usize = 16384

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

/** Copies the 64 bytes at `from` to `to`. */
function copy64(from: usize, to: usize): void {
  v128.store(to, v128.load(from))
  v128.store(to, v128.load(from, 16), 16)
  v128.store(to, v128.load(from, 32), 32)
  v128.store(to, v128.load(from, 48), 48)
}

/** Copies [from, end) to `to`, and returns the end there. Up to 15 bytes more are read and written. */
function copyText(from: usize, end: usize, to: usize): usize {
  const textEnd = to + (end - from)
  for (; from < end; from += 16, to += 16) v128.store(to, v128.load(from))
  return textEnd
}

/**
 * Copies [start, end), in which quotes escape themselves, to `out`, and returns the end of the plain text
 * there. All quotes inside a quoted text stand in pairs, so every other one is dropped, the first one first:
 * what stands behind it is copied again, one byte nearer.
 * Up to 127 bytes behind `end` are read, and up to 159 behind the plain text written.
 */
function copyPlain(start: usize, end: usize, quotes: v128, out: usize): usize {
  let shift = out - start
  let odd: u64 = 0
  for (let at = start; at < end; at += 64) {
    copy64(at, at + shift)
    const found = bitsOf(at, quotes) & firstBits(end - at)
    if (found === 0) continue
    let dropped = found & (prefixXor(found) ^ odd)
    odd ^= (0 as u64) - (popcnt(found) & 1)
    while (dropped !== 0) {
      const place = at + (ctz(dropped) as usize)
      dropped &= dropped - 1
      copy64(place + 1, place + shift)
      shift--
    }
  }
  return end + shift
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
 * Resolves the escapes in [start, end) in place, whatever byte they are, and returns where the text ends
 * then. An escape goes when a quote or another escape follows, and that byte is text. Sixteen bytes without
 * an escape move at once: they are loaded before any is written, and the target is never ahead of the source.
 * Nothing behind `end` is changed.
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
 * Resolves the escapes in [start, end) in place where quotes escape themselves: what `copyPlain` makes of it
 * is copied back. Nothing behind `end` is changed.
 */
function resolveDoubled(start: usize, end: usize, quotes: v128, scratch: usize): usize {
  const bytes = copyPlain(start, end, quotes, scratch) - scratch
  if (bytes === end - start) return end
  const behind = v128.load(end)
  const textEnd = copyText(scratch, scratch + bytes, start)
  v128.store(end, behind)
  return textEnd
}

/**
 * Resolves the escapes of every lane that is marked in place. `scratch`: 16 KiB and 192 bytes.
 */
export function unescapeStrings(control: usize, rows: u32, values: usize, scratch: usize): void {
  const quote = load<u32>(control + quoteAt)
  const escapeByte = load<u32>(control + escapeAt)
  const quotes = i8x16.splat(quote as i8)
  for (let row: u32 = 0; row < rows; row++, values += 8) {
    const marked = load<u32>(values, 4)
    if ((marked & escapedFlag) === 0) continue
    const bytes = (marked & ~escapedFlag) as usize
    const start = load<u32>(values) as usize
    const end = start + bytes
    const textEnd =
      escapeByte === quote && bytes <= scratchTextBytes
        ? resolveDoubled(start, end, quotes, scratch)
        : resolveEscapes(start, end, quote, escapeByte)
    store<u32>(values, (textEnd - start) as u32, 4)
  }
}

/**
 * Writes the texts of all lanes to `out`, one behind the other and without escapes, and returns the end; the
 * lanes refer to them there. Lanes of nothing stay as they are. Up to 127 bytes behind a text are read, and
 * up to 159 behind the end written.
 */
export function movePlainTexts(control: usize, rows: u32, values: usize, out: usize): usize {
  const quote = load<u32>(control + quoteAt)
  const escapeByte = load<u32>(control + escapeAt)
  const quotes = i8x16.splat(quote as i8)
  const isDoubled = escapeByte === quote
  for (let row: u32 = 0; row < rows; row++, values += 8) {
    const marked = load<u32>(values, 4)
    if (marked === 0) continue
    const start = load<u32>(values) as usize
    const end = start + ((marked & ~escapedFlag) as usize)
    let textEnd: usize
    if (isDoubled && (marked & escapedFlag) !== 0) textEnd = copyPlain(start, end, quotes, out)
    else {
      textEnd = copyText(start, end, out)
      if ((marked & escapedFlag) !== 0) textEnd = resolveEscapes(out, textEnd, quote, escapeByte)
    }
    store<u32>(values, out as u32)
    store<u32>(values, (textEnd - out) as u32, 4)
    out = textEnd
  }
  return out
}
