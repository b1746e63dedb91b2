// STRING: references to bytes of the input. Escapes are marked here and resolved in place by
// `unescapeStrings`, once the errors of the rows are reported and nobody needs the input as it was.
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

/** Whether [at, end) holds `byte`. Reads up to 15 bytes behind `end`. */
function contains(at: usize, end: usize, byte: u32): bool {
  const wanted = i8x16.splat(byte as i8)
  for (; at < end; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), wanted)) as u32
    const left = end - at
    if (left < 16) found &= ((1 as u32) << (left as u32)) - 1
    if (found !== 0) return true
  }
  return false
}

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
  const escapeByte = load<u32>(control + escapesSeenAt) !== 0 ? load<u32>(control + escapeAt) : 256
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
      reference = ((start + 1) as u64) | (((end - start - 2) as u64) << 32)
      if (quotedNulls && (end - start === 2 || isNullString(nullStrings, start + 1, end - 1))) {
        reference = 0
        outcome = cellNull
      } else if (escapeByte < 256 && contains(start + 1, end - 1, escapeByte)) {
        reference |= (escapedFlag as u64) << 32
        escaped++
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

/**
 * Resolves the escapes in [start, end) in place; returns where the text ends then. Sixteen bytes without an
 * escape move at once: they are loaded before any is written, and the target is never ahead of the source.
 * Reads up to 15 bytes behind `end`.
 */
function resolveEscapes(start: usize, end: usize, quote: u32, escapeByte: u32): usize {
  const wanted = i8x16.splat(escapeByte as i8)
  let at = start
  let out = start
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
    // The escape itself goes when a quote or another escape follows; that byte is text.
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
    store<u32>(values, (resolveEscapes(start, end, quote, escapeByte) - start) as u32, 4)
  }
}
