// The exact scan: the automaton of `src/csv/reference-scan.ts`, byte by byte, for every dialect and every
// input.
//
// It writes the same index as the quick scan, records of `fieldCount` fields only, and stops at the first
// record that is not well formed, which the caller then reports and steps over.
import {
  badEndAt,
  badFieldAt,
  badFieldsAt,
  badNextAt,
  badStartAt,
  blankLinesAreRowsAt,
  carriageReturn,
  commentAt,
  delimiterAt,
  endAt,
  escapeAt,
  escapesSeenAt,
  fieldCountAt,
  flagNullPadding,
  flagsAt,
  flagTrim,
  indexAt,
  indexEntriesMaxAt,
  lineFeed,
  maxRowBytesAt,
  openQuoteAt,
  quoteAt,
  recordsAt,
  scanBadQuote,
  scanFull,
  scanNeedsMore,
  scanRagged,
  scanRowTooLong,
  scanUnclosedQuote,
  scanWindowEnd,
  startsAt,
  startsMaxAt,
} from './layout'

function isLineByte(byte: u32): bool {
  return byte === lineFeed || byte === carriageReturn
}

/** Address of the first byte from `at` on, but not behind `limit`, that is no space or tab. */
function behindPadding(at: usize, limit: usize, delimiter: u32): usize {
  while (at < limit) {
    const byte = load<u8>(at) as u32
    if ((byte !== 0x20 && byte !== 0x09) || byte === delimiter) break
    at++
  }
  return at
}

/** Address behind the line end at `at`, or 0 when a return is the last byte there is and more may follow. */
function behindLineEnd(at: usize, dataEnd: usize, atEnd: bool): usize {
  if ((load<u8>(at) as u32) === lineFeed) return at + 1
  if (at + 1 >= dataEnd) return atEnd ? at + 1 : 0
  return (load<u8>(at, 1) as u32) === lineFeed ? at + 2 : at + 1
}

function report(control: usize, records: u32, end: usize): void {
  store<u32>(control + recordsAt, records)
  store<u32>(control + endAt, end as u32)
}

/**
 * Where the quoted field that opens at `at` closes: the address behind its closing quote, or one above
 * `limit` when it is not known to close before it.
 */
function behindClosingQuote(
  at: usize,
  limit: usize,
  dataEnd: usize,
  atEnd: bool,
  quote: u32,
  escapeByte: u32,
): usize {
  at++
  while (at < limit) {
    const byte = load<u8>(at) as u32
    if (byte !== quote && byte !== escapeByte) {
      at++
      continue
    }
    if (byte === escapeByte) {
      if (at + 1 >= dataEnd) {
        if (!atEnd) return limit + 1
      } else {
        const next = load<u8>(at, 1) as u32
        if (next === quote || next === escapeByte) {
          at += 2
          continue
        }
      }
    }
    at++
    if (byte === quote) return at
  }
  // An escape in the last place may have carried `at` past the limit.
  return limit + 1
}

/**
 * Reads records from `from`, which is the start of a record, until one begins at or behind `stopAt`.
 * `dataEnd` is the end of the input that is there; `atEnd` whether the file ends with it.
 */
export function scanExact(
  control: usize,
  from: usize,
  stopAt: usize,
  rowsMax: u32,
  dataEnd: usize,
  atEnd: bool,
): u32 {
  const delimiter = load<u32>(control + delimiterAt)
  const quote = load<u32>(control + quoteAt)
  const escapeByte = load<u32>(control + escapeAt)
  const comment = load<u32>(control + commentAt)
  const fieldCount = load<u32>(control + fieldCountAt)
  const blankLinesAreRows = load<u32>(control + blankLinesAreRowsAt) !== 0
  const maxRowBytes = load<u32>(control + maxRowBytesAt) as usize
  const flags = load<u32>(control + flagsAt)
  const trim = (flags & flagTrim) !== 0
  const nullPadding = (flags & flagNullPadding) !== 0
  const starts = load<u32>(control + startsAt) as usize
  const recordsMax = min(rowsMax, load<u32>(control + startsMaxAt))
  let index = load<u32>(control + indexAt) as usize
  const indexEnd = index + ((load<u32>(control + indexEntriesMaxAt) as usize) << 2)
  const stride = (fieldCount as usize) << 2
  let records: u32 = 0
  let start = from
  store<u32>(control + escapesSeenAt, 1)

  while (start < stopAt && start < dataEnd) {
    if (records === recordsMax || index + stride > indexEnd) {
      report(control, records, start)
      return scanFull
    }
    const first = load<u8>(start) as u32
    if (isLineByte(first) && !blankLinesAreRows) {
      const next = behindLineEnd(start, dataEnd, atEnd)
      if (next === 0) {
        report(control, records, start)
        return scanNeedsMore
      }
      start = next
      continue
    }
    const isComment = first === comment
    const limit = min(dataEnd, start + maxRowBytes + 1)
    let at = start
    let fields: u32 = 0
    let wrongField: u32 = 0
    let badQuote = false
    let ended = false
    let fieldStart = start
    while (!ended) {
      fieldStart = at
      if (trim && !isComment) at = behindPadding(at, limit, delimiter)
      if (!isComment && at < limit && (load<u8>(at) as u32) === quote) {
        const openQuote = at
        at = behindClosingQuote(at, limit, dataEnd, atEnd, quote, escapeByte)
        const tooLong = limit === start + maxRowBytes + 1
        // A quote that closes behind the last byte that a record may have is open there.
        if (at > limit || (tooLong && at === limit)) {
          report(control, records, start)
          store<u32>(control + badStartAt, start as u32)
          store<u32>(control + badFieldAt, fields)
          store<u32>(control + openQuoteAt, openQuote as u32)
          if (tooLong) return scanRowTooLong
          return atEnd ? scanUnclosedQuote : scanNeedsMore
        }
        if (trim) at = behindPadding(at, limit, delimiter)
        if (at < limit) {
          const behind = load<u8>(at) as u32
          if (behind !== delimiter && !isLineByte(behind) && !badQuote) {
            badQuote = true
            wrongField = fields
          }
        }
      }
      while (at < limit) {
        const byte = load<u8>(at) as u32
        if (isLineByte(byte) || (byte === delimiter && !isComment)) break
        at++
      }
      if (at === limit) {
        if (limit === start + maxRowBytes + 1 || !atEnd) {
          report(control, records, start)
          store<u32>(control + badStartAt, start as u32)
          store<u32>(control + badFieldAt, fields)
          store<u32>(control + openQuoteAt, 0)
          return limit === start + maxRowBytes + 1 ? scanRowTooLong : scanNeedsMore
        }
        ended = true
      } else {
        ended = isLineByte(load<u8>(at) as u32)
      }
      if (fields < fieldCount && !isComment) store<u32>(index + ((fields as usize) << 2), at as u32)
      fields++
      if (!ended) at++
    }
    const next = at === dataEnd ? at : behindLineEnd(at, dataEnd, atEnd)
    if (next === 0) {
      report(control, records, start)
      return scanNeedsMore
    }
    if (!isComment) {
      // A delimiter at the end of the line is left alone.
      if (fields === fieldCount + 1) {
        const text = trim ? behindPadding(fieldStart, at, delimiter) : fieldStart
        if (text === at) fields = fieldCount
      }
      // A missing field is an empty one behind the line: no byte of it is ever read.
      if (nullPadding && !badQuote) {
        for (let missing: usize = at + 1; fields < fieldCount; fields++, missing++) {
          store<u32>(index + ((fields as usize) << 2), missing as u32)
        }
      }
      if (badQuote || fields !== fieldCount) {
        report(control, records, start)
        store<u32>(control + badStartAt, start as u32)
        store<u32>(control + badEndAt, at as u32)
        store<u32>(control + badNextAt, next as u32)
        store<u32>(control + badFieldsAt, fields)
        store<u32>(control + badFieldAt, wrongField)
        return badQuote ? scanBadQuote : scanRagged
      }
      store<u32>(starts + ((records as usize) << 2), start as u32)
      records++
      index += stride
    }
    start = next
  }
  report(control, records, start)
  return scanWindowEnd
}
