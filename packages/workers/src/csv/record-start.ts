/**
 * Speculation: where does the first record of a block begin, when nothing before the block has been read?
 *
 * Whether position 0 is inside quotes is judged by the quotes near it. A quote behind a delimiter or line end
 * and before ordinary text must open; one behind ordinary text and before a delimiter or line end must close.
 * Each such quote, with the number of quotes before it, is a vote. The majority decides; without votes the
 * block begins outside.
 *
 * The answer is a guess. It never throws and always ends; a wrong one only differs from where the block
 * before ended, and the block is then parsed again from there.
 */
import { speculationBytesMax } from '../limits.js'
import type { Dialect } from './dialect.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Votes after which the majority is believed without reading on. */
const votesEnough = 8

function isLineByte(byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn
}

/** True when the bytes from `block` on seem to begin inside quotes. `bytes[block - 1]` is there. */
function seemsInsideQuotes(bytes: Uint8Array, block: number, end: number, dialect: Dialect): boolean {
  const { delimiter, quote, escape: escapeByte } = dialect
  if (quote === -1) return false
  const isEdge = (byte: number) => byte === delimiter || isLineByte(byte)
  const near = bytes.subarray(0, Math.min(end, block + speculationBytesMax))
  let quotesBefore = 0
  let votesInside = 0
  for (let at = near.indexOf(quote, block); at !== -1; at = near.indexOf(quote, at + 1)) {
    const before = bytes[at - 1]!
    const after = at + 1 < end ? bytes[at + 1]! : lineFeed
    if (escapeByte !== quote && before === escapeByte) continue
    const opens = isEdge(before) && !isEdge(after) && after !== quote
    const closes = isEdge(after) && !isEdge(before) && before !== quote
    // An even number of quotes before one that opens: outside at the start. Before one that closes: inside.
    if (opens) votesInside += quotesBefore % 2 === 0 ? -1 : 1
    if (closes) votesInside += quotesBefore % 2 === 0 ? 1 : -1
    if (Math.abs(votesInside) >= votesEnough) break
    quotesBefore++
  }
  return votesInside > 0
}

/**
 * The likely position of the first record that begins at or behind `block`, at most `end` (where the bytes
 * end). `bytes[block - 1]` must be the byte before the block.
 */
export function guessRecordStart(bytes: Uint8Array, block: number, end: number, dialect: Dialect): number {
  const { delimiter, quote, escape: escapeByte } = dialect
  const before = bytes[block - 1]!
  let inside = seemsInsideQuotes(bytes, block, end, dialect)
  let at = block
  if (!inside && isLineByte(before)) {
    return before === carriageReturn && at < end && bytes[at] === lineFeed ? at + 1 : at
  }
  // Outside, a quote opens only at a field's start; right behind a quote it is the second half of a doubled
  // one.
  let opens = before === delimiter || before === quote
  while (at < end) {
    const byte = bytes[at++]!
    if (inside) {
      if (byte === escapeByte && escapeByte !== quote && at < end) {
        if (bytes[at] === quote || bytes[at] === escapeByte) at++
      } else if (byte === quote) {
        inside = false
        opens = escapeByte === quote
      }
      continue
    }
    if (isLineByte(byte)) return byte === carriageReturn && at < end && bytes[at] === lineFeed ? at + 1 : at
    inside = opens && byte === quote
    opens = byte === delimiter
  }
  return end
}
