/**
 * The codes of keys that are all alike (`key-packing.ts`), placed in the words of a packed key: where every
 * key has the same length, and each position codes of one length, the bits of a position are always in the
 * same place. The layout is drawn in `assembly/key-packing.ts`.
 */
import { noCode } from './prefix-codes.js'

const headWords = 10
const symbolsOfByte = 256
const wordBits = 64
const absent = 2n ** 64n - 1n

/** A position of the keys: how many bits its codes have, and where they begin in a packed key. */
interface PlacedPosition {
  readonly bits: number
  readonly first: number
}

/**
 * The placed codes of tables whose contexts are positions; null where keys are not all alike.
 * @param bytes of a packed key
 */
export function placedCodes(tables: Uint32Array, contexts: number, bytes: number): Uint32Array | null {
  const positions = positionsOf(tables, contexts)
  if (positions === null) return null
  const words = Math.ceil(bytes / 8)
  const head = new Uint32Array(headWords)
  head.set([positions.length, bytes, words])
  const blocks: Uint32Array[] = []
  let begin = 0
  for (let word = 0; word < words; word++) {
    const behind = (word + 1) * wordBits
    const next = positions.findIndex(({ first }) => first >= behind)
    const end = word === words - 1 || next === -1 ? positions.length : next
    head.set([begin, end], 4 + word * 2)
    for (let position = begin; position < end; position++) {
      blocks.push(blockOf(tables, position, positions[position]!.first - word * wordBits))
    }
    const last = positions[end - 1]
    // A position whose bits go on in the next word is in both.
    begin = last !== undefined && last.first + last.bits > behind ? end - 1 : end
  }
  const placed = new Uint32Array(headWords + blocks.length * symbolsOfByte * 2)
  placed.set(head)
  for (const [index, block] of blocks.entries()) placed.set(block, headWords + index * symbolsOfByte * 2)
  return placed
}

/** The positions of keys; null where these differ in length, or codes of a position do. */
function positionsOf(tables: Uint32Array, contexts: number): PlacedPosition[] | null {
  const positions: PlacedPosition[] = []
  let first = 0
  for (let context = 0; context < contexts; context++) {
    const entries = tables.subarray(context * symbolsOfByte, (context + 1) * symbolsOfByte)
    const lengths = new Set<number>()
    for (const entry of entries) if ((entry & 0xff) !== noCode) lengths.add(entry & 0xff)
    const end = tables[contexts * symbolsOfByte + context]! & 0xff
    if (end !== noCode) return end === 0 && lengths.size === 0 ? positions : null
    const [bits] = lengths
    if (lengths.size !== 1) return null
    positions.push({ bits: bits!, first })
    first += bits!
  }
  return null
}

/**
 * The bits of each byte at a position in one word, `first` being where they begin: before the word, perhaps.
 */
function blockOf(tables: Uint32Array, position: number, first: number): Uint32Array {
  const block = new BigUint64Array(symbolsOfByte)
  for (let byte = 0; byte < symbolsOfByte; byte++) {
    const entry = tables[position * symbolsOfByte + byte]!
    const code = BigInt(entry >>> 8)
    const placed = first < 0 ? code >> BigInt(-first) : BigInt.asUintN(wordBits, code << BigInt(first))
    block[byte] = (entry & 0xff) === noCode ? absent : placed
  }
  return new Uint32Array(block.buffer)
}
