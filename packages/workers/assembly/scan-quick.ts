// The quick structural scan: 64 bytes a step with SIMD, for input in which quote parity tells inside from
// outside.
//
// It assumes: no escapes but doubled quotes where these are escapes, no comment lines, every record has the
// same number of fields, no blank lines. It proves each assumption on the way and says `quickAnomaly` where
// one fails; the exact scan then reads the same bytes. After Langdale & Lemire, "Parsing Gigabytes of
// JSON per Second" (2019).
//
// Parity is valid when every opening quote (by parity) stands at the start of a field or right behind a
// closing one (a doubled quote), and every closing quote stands before a delimiter, a line end, the end of
// input, or another quote.
import {
  blankLinesAreRowsAt,
  carriageReturn,
  commentAt,
  delimiterAt,
  endAt,
  escapeAt,
  escapesSeenAt,
  fieldCountAt,
  indexAt,
  indexEntriesMaxAt,
  lineFeed,
  maxRowBytesAt,
  physicalLinesAt,
  quickAnomaly,
  quickFound,
  quickNothing,
  quoteAt,
  recordsAt,
  startsAt,
  startsMaxAt,
} from './layout'
import { prefixXor } from './prefix-xor'

const allOnes: u64 = 0xffff_ffff_ffff_ffff

/** One bit for each of the 64 bytes that equals `wanted`. */
function bitsOf(a: v128, b: v128, c: v128, d: v128, wanted: v128): u64 {
  return (
    (i8x16.bitmask(i8x16.eq(a, wanted)) as u64) |
    ((i8x16.bitmask(i8x16.eq(b, wanted)) as u64) << 16) |
    ((i8x16.bitmask(i8x16.eq(c, wanted)) as u64) << 32) |
    ((i8x16.bitmask(i8x16.eq(d, wanted)) as u64) << 48)
  )
}

/** Not 0 where one of the 64 bytes equals `wanted`. */
function anyOf(a: v128, b: v128, c: v128, d: v128, wanted: v128): v128 {
  const pair = v128.or(i8x16.eq(a, wanted), i8x16.eq(b, wanted))
  return v128.or(pair, v128.or(i8x16.eq(c, wanted), i8x16.eq(d, wanted)))
}

/** Whether `byte` is anywhere in [from, to), or up to 15 bytes behind. */
function holds(from: usize, to: usize, byte: u32): bool {
  const wanted = i8x16.splat(byte as i8)
  for (let at = from; at < to; at += 16) {
    if (v128.any_true(i8x16.eq(v128.load(at), wanted))) return true
  }
  return false
}

/** Whether `byte` begins [from, to) or stands behind a line end in it, in quotes or not. */
function mayHoldComment(from: usize, to: usize, byte: u32): bool {
  if (from < to && (load<u8>(from) as u32) === byte) return true
  const wanted = i8x16.splat(byte as i8)
  for (let at = from; at < to; at += 16) {
    const found = i8x16.eq(v128.load(at + 1), wanted)
    if (!v128.any_true(found)) continue
    const before = v128.load(at)
    const lineBytes = v128.or(
      i8x16.eq(before, i8x16.splat(lineFeed as i8)),
      i8x16.eq(before, i8x16.splat(carriageReturn as i8)),
    )
    if (v128.any_true(v128.and(found, lineBytes))) return true
  }
  return false
}

/**
 * Indexes the records of [from, to); `from` is the start of a record. Field ends go to the index (a record's
 * last one is the first byte of its line end), record starts to the starts. Stops counting at the first
 * record that begins at or behind `blockEnd`, or after `rowsMax`. `dataEnd` is the end of the input that is
 * there; `atEnd` whether the file ends with it (then the caller has put a line feed behind a last line
 * without one, and `to` includes it).
 */
export function scanQuick(
  control: usize,
  from: usize,
  to: usize,
  blockEnd: usize,
  rowsMax: u32,
  dataEnd: usize,
  atEnd: bool,
): u32 {
  const quoteByte = load<u32>(control + quoteAt)
  const delimiters = i8x16.splat(load<u32>(control + delimiterAt) as i8)
  const quotes = i8x16.splat(quoteByte as i8)
  const lineFeeds = i8x16.splat(lineFeed as i8)
  const carriageReturns = i8x16.splat(carriageReturn as i8)
  const quotesWanted: u64 = quoteByte < 256 ? allOnes : 0
  const blanksWrong: u64 = load<u32>(control + blankLinesAreRowsAt) !== 0 ? 0 : allOnes
  const escapeByte = load<u32>(control + escapeAt)
  const commentByte = load<u32>(control + commentAt)
  if (escapeByte < 256 && escapeByte !== quoteByte && holds(from, to, escapeByte)) return quickAnomaly
  if (commentByte < 256 && mayHoldComment(from, to, commentByte)) return quickAnomaly
  const doubledWrong: u64 = escapeByte !== quoteByte ? allOnes : 0
  const index = load<u32>(control + indexAt) as usize
  const indexEnd = index + ((load<u32>(control + indexEntriesMaxAt) as usize) << 2)

  let out = index
  let lineCount: u32 = 0
  let physicalLines: u32 = 0
  let anomalies: u64 = 0
  let insideCarry: u64 = 0
  let fieldStartCarry: u64 = 1
  let lineStartCarry: u64 = 1
  let returnCarry: u64 = 0
  let returns: u64 = 0
  let closingCarry: u64 = 0
  let doubledQuotes: u64 = 0
  let quotesNear = false

  for (let at = from; at < to; at += 64) {
    if (out + 256 > indexEnd) return quickAnomaly
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    const left = to - at
    const valid: u64 = left >= 64 ? allOnes : ((1 as u64) << (left as u64)) - 1
    let feed = bitsOf(a, b, c, d, lineFeeds) & valid
    let quote: u64 = 0
    let carriage: u64 = 0
    // Where there were quotes there are more; elsewhere one look says that there is nothing uncommon.
    if (quotesNear || v128.any_true(v128.or(anyOf(a, b, c, d, quotes), anyOf(a, b, c, d, carriageReturns)))) {
      quote = bitsOf(a, b, c, d, quotes) & quotesWanted & valid
      const returnsNear = v128.any_true(anyOf(a, b, c, d, carriageReturns))
      carriage = returnsNear ? bitsOf(a, b, c, d, carriageReturns) & valid : 0
      returns |= carriage
      quotesNear = (quote | insideCarry) !== 0
    }
    // A return and the feed behind it are on the same side of the quotes.
    let lineEnds = carriage | (feed & ~((carriage << 1) | returnCarry))
    returnCarry = carriage >> 63
    physicalLines += popcnt(lineEnds) as u32
    if (insideCarry !== 0) {
      // All of it is inside one quoted text: there are no quotes but whole pairs.
      const firsts = quote & ~(quote << 1)
      const others = (quote ^ firsts ^ (firsts << 1)) | (firsts >> 63)
      if ((others | doubledWrong) === 0) {
        doubledQuotes |= quote
        continue
      }
    }
    let delimiter = bitsOf(a, b, c, d, delimiters) & valid

    if ((quote | insideCarry | closingCarry) !== 0) {
      const inside = prefixXor(quote) ^ insideCarry
      insideCarry = ((inside as i64) >> 63) as u64
      const opening = quote & inside
      const closing = quote & ~inside
      const afterClosing = (closing << 1) | closingCarry
      closingCarry = closing >> 63
      const special = delimiter | feed | carriage
      anomalies |= afterClosing & valid & ~(special | quote)
      doubledQuotes |= afterClosing & quote
      const fieldStart = ((special & ~inside) << 1) | fieldStartCarry
      anomalies |= (opening & ~(fieldStart | afterClosing)) | (afterClosing & quote & doubledWrong)
      if (anomalies !== 0) return quickAnomaly
      delimiter &= ~inside
      feed &= ~inside
      carriage &= ~inside
      lineEnds &= ~inside
    }
    const lineBytes = feed | carriage
    anomalies |= lineEnds & ((lineBytes << 1) | lineStartCarry) & blanksWrong
    lineStartCarry = lineBytes >> 63
    let ends = delimiter | lineEnds
    fieldStartCarry = (delimiter | lineBytes) >> 63
    lineCount += popcnt(lineEnds) as u32
    const next = out + ((popcnt(ends) as usize) << 2)
    while (ends !== 0) {
      store<u32>(out, (at as u32) + (ctz(ends) as u32))
      ends &= ends - 1
      store<u32>(out, (at as u32) + (ctz(ends) as u32), 4)
      ends &= ends - 1
      store<u32>(out, (at as u32) + (ctz(ends) as u32), 8)
      ends &= ends - 1
      store<u32>(out, (at as u32) + (ctz(ends) as u32), 12)
      ends &= ends - 1
      out += 16
    }
    out = next
  }
  if (anomalies !== 0) return quickAnomaly
  store<u32>(control + physicalLinesAt, physicalLines === lineCount ? 0 : physicalLines)
  store<u32>(control + escapesSeenAt, doubledQuotes !== 0 ? 1 : 0)
  const entries = ((out - index) >> 2) as u32
  const fieldCount = load<u32>(control + fieldCountAt)
  if (entries / fieldCount !== lineCount) return quickAnomaly
  const isInside = to <= blockEnd && (to < dataEnd || atEnd)
  if (isInside && lineCount <= min(rowsMax, load<u32>(control + startsMaxAt))) {
    return settleAll(control, from, lineCount, returns !== 0, dataEnd)
  }
  return settleRecords(control, from, lineCount, blockEnd, rowsMax, dataEnd, atEnd)
}

/**
 * Checks that every `fieldCount`-th of the index's entries is a line end. As there are exactly as many line
 * ends, no other entry is one: all records have `fieldCount` fields. Writes where the records begin. All of
 * them count, and what follows the last one is known; `returns` is whether there are any.
 */
function settleAll(control: usize, from: usize, lineCount: u32, returns: bool, dataEnd: usize): u32 {
  const maxRowBytes = load<u32>(control + maxRowBytesAt) as usize
  const stride = (load<u32>(control + fieldCountAt) as usize) << 2
  let last = (load<u32>(control + indexAt) as usize) + stride - 4
  let out = load<u32>(control + startsAt) as usize
  const outEnd = out + ((lineCount as usize) << 2)
  let start = from
  let longest: usize = 0
  let others: u32 = 0
  for (; out < outEnd; out += 4) {
    const lineEnd = load<u32>(last) as usize
    last += stride
    longest = max(longest, lineEnd - start)
    store<u32>(out, start as u32)
    start = lineEnd + 1
    const byte = load<u8>(lineEnd) as u32
    if (returns && byte === carriageReturn) start += (load<u8>(lineEnd, 1) as u32) === lineFeed ? 1 : 0
    else others |= byte ^ lineFeed
  }
  if (others !== 0 || longest > maxRowBytes) return quickAnomaly
  store<u32>(control + recordsAt, lineCount)
  store<u32>(control + endAt, min(start, dataEnd) as u32)
  return lineCount !== 0 ? quickFound : quickNothing
}

/** The same where records may begin behind the block, be too many, or end in a return that ends the data. */
function settleRecords(
  control: usize,
  from: usize,
  lineCount: u32,
  blockEnd: usize,
  rowsMax: u32,
  dataEnd: usize,
  atEnd: bool,
): u32 {
  const maxRowBytes = load<u32>(control + maxRowBytesAt) as usize
  const stride = (load<u32>(control + fieldCountAt) as usize) << 2
  const starts = load<u32>(control + startsAt) as usize
  const startsMax = load<u32>(control + startsMaxAt)
  let last = (load<u32>(control + indexAt) as usize) + stride - 4
  let start = from
  let records: u32 = 0
  let end = from
  const limit = min(rowsMax, startsMax)
  let open = true
  for (let line: u32 = 0; line < lineCount; line++) {
    const lineEnd = load<u32>(last) as usize
    last += stride
    const byte = load<u8>(lineEnd) as u32
    if (byte !== lineFeed && byte !== carriageReturn) return quickAnomaly
    if (lineEnd - start > maxRowBytes) return quickAnomaly
    // A return as the last byte there is: whether a line feed follows is not known yet.
    if (byte === carriageReturn && lineEnd + 1 >= dataEnd && !atEnd) open = false
    const feedFollows = byte === carriageReturn && (load<u8>(lineEnd, 1) as u32) === lineFeed
    open = open && start < blockEnd && records < limit
    if (open) {
      store<u32>(starts + ((records as usize) << 2), start as u32)
      records++
    }
    start = lineEnd + 1 + (feedFollows ? 1 : 0)
    if (open) end = start
  }
  store<u32>(control + recordsAt, records)
  store<u32>(control + endAt, min(end, dataEnd) as u32)
  return records !== 0 ? quickFound : quickNothing
}
