/**
 * Small typed arrays that live as long as a catalog: parts of larger buffers. An array with a buffer of its
 * own takes about 300 bytes for the few that it holds, and a table of 5 GB has tens of thousands of them.
 *
 * One thread's own. A buffer lives as long as any of its parts, which are never written again.
 */
const wordsOfBuffer = 4096
const bytesOfBuffer = 16_384

/** An array of more elements has a buffer of its own. */
const sharedElementsMax = 512

let words = new Uint32Array(0)
let wordsTaken = 0
let bytes = new Uint8Array(0)
let bytesTaken = 0

/** A place for `count` words, zeros, to be filled by the caller. */
export function takeWords(count: number): Uint32Array {
  if (count > sharedElementsMax) return new Uint32Array(count)
  if (wordsTaken + count > words.length) {
    words = new Uint32Array(wordsOfBuffer)
    wordsTaken = 0
  }
  const taken = words.subarray(wordsTaken, wordsTaken + count)
  wordsTaken += count
  return taken
}

/** A copy of `source` that is to stay. */
export function keepWords(source: Uint32Array): Uint32Array {
  const kept = takeWords(source.length)
  kept.set(source)
  return kept
}

/** A copy of `source` that is to stay. */
export function keepBytes(source: Uint8Array): Uint8Array {
  if (source.length > sharedElementsMax) return source.slice()
  if (bytesTaken + source.length > bytes.length) {
    bytes = new Uint8Array(bytesOfBuffer)
    bytesTaken = 0
  }
  const kept = bytes.subarray(bytesTaken, bytesTaken + source.length)
  bytesTaken += source.length
  kept.set(source)
  return kept
}
