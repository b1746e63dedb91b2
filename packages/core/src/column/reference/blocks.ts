/**
 * Blocks in the LZ4 block format (Yann Collet, "LZ4 Block Format Description"). A sequence is a token
 * (literals × 16
 * + match length − 4, each at most 15), more of the literals' length, literals, u16 distance, more of the match's
 * length; the last one ends behind its literals.
 */
import type { ColumnKernels } from '../kernels.js'

type BlockKernels = Pick<ColumnKernels, 'compressBlock' | 'decompressBlock'>

/** Where a match was found. */
interface Match {
  readonly at: number
  readonly from: number
  readonly end: number
}

/** A letter of Latin or a byte of another script's. */
const isLetter = (byte: number) => byte >= 64

/** The places among the 63 bytes at `step`, up to `searchEnd`: where a match is looked for. */
function placesAt(block: Uint8Array, step: number, searchEnd: number): number[] {
  const all = Array.from({ length: 63 }, (_, i) => step + i).filter((at) => at <= searchEnd)
  const candidates = [
    all.filter((at) => isLetter(block[at]!) && !isLetter(block[at - 1]!)),
    all.filter((at) => block[at]! % 8 === 0),
  ]
  return candidates.find((places) => places.length >= 4) ?? all.filter((at) => (at - step) % 4 === 0)
}

/** The slot of the 5 bytes at `at`. */
function slotOf(block: Uint8Array, at: number): number {
  let word = 0n
  for (let i = 4; i >= 0; i--) word = (word << 8n) | BigInt(block[at + i]!)
  return Number(BigInt.asUintN(64, (word << 24n) * 0xcf1b_bcdc_b7a5_6463n) >> 50n)
}

/** The match at `at` with `from`, grown both ways: not before `anchor`, not into the last 5 bytes. */
function growMatch(block: Uint8Array, at: number, from: number, anchor: number): Match {
  let end = at
  while (end < block.length - 5 && block[end] === block[from + end - at]) end++
  let back = 0
  while (back < Math.min(8, at - anchor) && block[at - back - 1] === block[from - back - 1]) back++
  return { at: at - back, from: from - back, end }
}

/** All matches of a block that are used, in order; none overlaps another. */
function findMatches(block: Uint8Array): Match[] {
  const origin = 8
  const searchEnd = block.length < 32 ? 0 : block.length - 21
  const slots = new Map<number, number>()
  const matches: Match[] = []
  let anchor = 0
  let step = origin + 1
  while (step <= searchEnd) {
    let next = step + 63 + Math.floor(Math.max(step - anchor, 0) / 1024) * 64
    for (const at of placesAt(block, step, searchEnd)) {
      const slot = slotOf(block, at)
      // Positions are kept modulo 65,536, so that an old one is taken for a nearer one.
      const distance = (at - origin - (slots.get(slot) ?? 0)) & 0xffff
      slots.set(slot, at - origin)
      if (at < anchor || distance === 0) continue
      const match = growMatch(block, at, at - distance, anchor)
      if (match.end - at < 4) continue
      matches.push(match)
      const isLong = match.end - match.at > 15 || match.at - anchor > 14
      anchor = match.end
      // A long match leaves out the places within it, a short one only does not use them.
      if (isLong) {
        next = anchor
        break
      }
    }
    step = next
  }
  return matches
}

/** What of a length is beyond the 15 of a token. */
function lengthBytes(length: number): number[] {
  if (length < 15) return []
  return [...Array(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255]
}

function compress(block: Uint8Array): number[] {
  const out: number[] = []
  let anchor = 0
  for (const { at, from, end } of findMatches(block)) {
    const [literals, code] = [at - anchor, end - at - 4]
    out.push(Math.min(literals, 15) * 16 + Math.min(code, 15), ...lengthBytes(literals))
    for (const byte of block.subarray(anchor, at)) out.push(byte)
    out.push((at - from) & 0xff, (at - from) >> 8, ...lengthBytes(code))
    anchor = end
  }
  const last = block.subarray(anchor)
  out.push(Math.min(last.length, 15) * 16, ...lengthBytes(last.length))
  for (const byte of last) out.push(byte)
  return out
}

/** The bytes of a block of `rawBytes`, or null when `packed` is none. */
function decompress(packed: Uint8Array, rawBytes: number): number[] | null {
  const out: number[] = []
  let at = 0
  const readLength = (code: number): number => {
    let length = code
    for (let more = 255; code === 15 && more === 255; ) {
      more = packed[at++] ?? Number.POSITIVE_INFINITY
      length += more
    }
    return length
  }
  while (at < packed.length) {
    const token = packed[at++]!
    const literals = readLength(token >> 4)
    if (literals > packed.length - at || literals > rawBytes - out.length) return null
    for (let i = 0; i < literals; i++) out.push(packed[at++]!)
    if (at === packed.length) break
    if (packed.length - at < 2) return null
    const distance = packed[at]! + packed[at + 1]! * 256
    at += 2
    const length = readLength(token & 15) + 4
    if (distance === 0 || distance > out.length || length > rawBytes - out.length) return null
    for (let i = 0; i < length; i++) out.push(out[out.length - distance]!)
  }
  return out.length === rawBytes ? out : null
}

/** The block kernels on `view()`, which is of the whole memory. */
export function referenceBlocks(view: () => DataView): BlockKernels {
  return {
    compressBlock(source, bytes, _slots, out) {
      const memory = new Uint8Array(view().buffer)
      const packed = compress(memory.slice(source, source + bytes))
      memory.set(packed, out)
      return packed.length
    },

    decompressBlock(source, bytes, out, rawBytes) {
      const memory = new Uint8Array(view().buffer)
      const block = decompress(memory.slice(source, source + bytes), rawBytes)
      if (block === null) return 1
      memory.set(block, out)
      return 0
    },
  }
}
