// STRING: references to bytes of the input. Texts that may hold escapes are marked here and resolved later
// (`escapes.ts`), once the errors of the rows are reported and nobody needs the input as it was.
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
