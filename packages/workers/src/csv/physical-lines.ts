/**
 * Physical lines, whatever the quotes say: used to step over what cannot be read as records, and to count.
 */
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Where a physical line ends. */
export interface LineEnd {
  /** Position of the line end's first byte, or the end of what is there. */
  readonly end: number
  /** Position behind the line end, or the end of what is there. */
  readonly next: number
  /** False when the line goes on behind `length`: `next` is then in the middle of it. */
  readonly complete: boolean
}

function indexOrEnd(bytes: Uint8Array, byte: number, from: number, end: number): number {
  const found = bytes.subarray(from, end).indexOf(byte)
  return found === -1 ? end : from + found
}

/**
 * The end of the physical line that `from` is in. `end` is where the bytes that are there end; `atEnd`: the
 * file, too.
 */
export function findLineEnd(bytes: Uint8Array, from: number, end: number, atEnd: boolean): LineEnd {
  const feed = indexOrEnd(bytes, lineFeed, from, end)
  const carriage = indexOrEnd(bytes, carriageReturn, from, feed)
  if (carriage === feed) {
    const found = feed < end
    return { end: feed, next: found ? feed + 1 : end, complete: found || atEnd }
  }
  // Whether a return as the last byte is followed by a line feed is not known yet.
  if (carriage + 1 === end && !atEnd) return { end: carriage, next: carriage, complete: false }
  const feedFollows = carriage + 1 === feed && feed < end
  return { end: carriage, next: feedFollows ? feed + 1 : carriage + 1, complete: true }
}
