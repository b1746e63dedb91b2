/**
 * Packed keys: strings in as few bits as the keys of their table allow, each byte and the end with a prefix
 * code of its context.
 *
 * ```
 * 32 hexadecimal digits     the position says what may stand there: 16 bytes of 4 bits each; 128 together
 * maria.lopez17@mail.com    the bytes before say what is likely to follow: some 60 bits
 * ```
 *
 * Invariants
 * - Different strings have different packed keys. So these are compared instead of keys, and the answer is
 *   exact. A string that has none, for it is too long or of other bytes than the sample's, is told by a hash,
 *   which only names candidates.
 * - The codes come of a sample of the keys: it decides how many bits keys take, never what they mean.
 */
import type { RunPlace } from '../buffer/index.js'
import { describePlace } from '../buffer/index.js'
import type { NodeTable } from '../catalog/index.js'
import { physicalTypeOf } from '../types/index.js'
import { alphabetOf, codePositionsMax, markString, seenBytes } from './key-codes.js'
import { placedCodes } from './placed-codes.js'
import { noCode, prefixCodes, prefixLengths } from './prefix-codes.js'
import type { SegmentSource } from './segment-source.js'

/** Bytes of a packed key, at most. */
export const packedBytesMax = 24

/** Bytes of a packed key, at least: an entry of the map has 6 of the first 8. */
const packedBytesMin = 8
const firstWordBytes = 6

/** A kind of context. */
type Contexts = Pick<PackingShape, 'contexts' | 'shift'>

/** Positions, up to 64 of them; the byte before; the two bytes before, of which some share a context. */
const kindsOfContexts: readonly Contexts[] = [
  { contexts: 65, shift: 0 },
  { contexts: 256, shift: 8 },
  { contexts: 1024, shift: 5 },
]

const symbolsOfByte = 256

/** The sample: row groups, keys of each, and bytes of all. */
const sampleGroupsMax = 8
const codesGroupsMax = 2
const sampleGroupKeys = 2048
const sampleBytesMax = 1 << 20
const sampleSegmentBytesMax = 1 << 24
const sampleKeyBytesMax = 1024

/** Part of a sample's keys that may have no packed key. */
const longShareMax = 1e-4

/** A context takes other bytes than those it was seen with unless it was seen so often, with each of them. */
const closedSeenMin = 1024
const closedSymbolSeenMin = 3

/**
 * Room for keys that take more than those of the sample: where keys take different numbers of bytes, and
 * where row groups differ in their keys.
 */
const marginOfMixed = 1.02
const marginOfChanging = 1.08

/** How a table's keys are packed, but for the codes themselves. */
export interface PackingShape {
  /** Contexts: positions, or a power of two that bytes are mixed into. */
  readonly contexts: number
  /** Bits that a context is shifted by before the next byte is mixed into it; 0: contexts are positions. */
  readonly shift: number
  /** Bytes of a packed key: others than these are told by a hash. */
  readonly least: number
  readonly most: number
  /** Bytes of the tables, and where in them the placed codes begin; 0: there are none. */
  readonly tablesBytes: number
  readonly placedByte: number
}

/** How a table's keys are packed. */
export interface KeyPacking extends PackingShape {
  /** As the kernel reads them (`assembly/key-packing.ts`): the codes, and behind them the placed ones. */
  readonly tables: Uint32Array
  /** Bytes of a packed key in an entry of the shared map, on average. */
  readonly meanBytes: number
}

/** How the first bytes of an entry of the shared map are divided (`assembly/shared/packed-map.ts`). */
export interface EntryHead {
  readonly bytes: number
  readonly offsetBits: number
  readonly sizeBase: number
}

/** The first bytes of the entries of so many nodes; null where they do not take all that there is to tell. */
export function entryHeadOf({ least, most }: PackingShape, nodes: number): EntryHead | null {
  const offsetBits = Math.max(1, Math.ceil(Math.log2(nodes)))
  const bits = offsetBits + Math.ceil(Math.log2(most - least + 2))
  return bits > 32 ? null : { bytes: bits > 24 ? 4 : 3, offsetBits, sizeBase: least - 1 }
}

/** Keys one behind the other. */
interface KeySample {
  readonly bytes: Uint8Array
  /** Where each key ends. */
  readonly ends: readonly number[]
  /** Which row group of the sample each key is of. */
  readonly groups: readonly number[]
  /** Keys that were too long to be taken. */
  readonly tooLong: number
}

/**
 * How the keys of a table are packed, by a sample of them; null where packing them gives nothing that is
 * certain.
 * @throws MillraceError `MILLRACE_CORRUPT` when a key segment is damaged
 */
export function keyPackingOf(source: SegmentSource, table: NodeTable): KeyPacking | null {
  if (physicalTypeOf(table.columns[table.keyColumn]!.type) !== 'string') return null
  const sample = sampleKeys(source, table, sampleGroupsMax)
  return sample === null ? null : packingOf(sample)
}

/**
 * Whether keys that have codes of 64 bits as far as the catalog knows (`haveCodes`) have them in a sample,
 * too; others may take more. Keys of one length are taken to have: what the catalog knows of is enough then.
 * @throws MillraceError `MILLRACE_CORRUPT` when a key segment is damaged
 */
export function sampleHasCodes(source: SegmentSource, table: NodeTable): boolean {
  const lengths = new Set<number>()
  for (const { segments } of table.groups) {
    const { stats } = segments.at(table.keyColumn)!
    if (stats?.kind === 'string') lengths.add(stats.min.length).add(stats.max.length)
  }
  if (lengths.size <= 1) return true
  const sample = sampleKeys(source, table, codesGroupsMax)
  if (sample === null || sample.tooLong > 0) return false
  const seen = new Uint8Array(seenBytes)
  let begin = 0
  for (const end of sample.ends) {
    if (end - begin > codePositionsMax) return false
    markString(seen, sample.bytes.subarray(begin, end))
    begin = end
  }
  return alphabetOf(seen) !== null
}

function sampleKeys(source: SegmentSource, table: NodeTable, groupsMax: number): KeySample | null {
  const { arena, decoder } = source.memory
  const { groups, keyColumn } = table
  const place: RunPlace = { table: table.name, column: table.columns[keyColumn]!.name }
  const bytes = new Uint8Array(sampleBytesMax)
  const ends: number[] = []
  const groupOfKey: number[] = []
  let end = 0
  let tooLong = 0
  const taken = Math.min(groupsMax, groups.length)
  for (let index = 0; index < taken; index++) {
    const segment = groups[Math.floor((index * groups.length) / taken)]!.segments.at(keyColumn)!
    if (segment.contentBytes > sampleSegmentBytesMax) return null
    const mark = arena.mark()
    const keys = decoder.decodeLanes(
      segment,
      source.contentPastPool(segment, place, false),
      describePlace(place),
    )
    const memory = arena.bytes
    const lanes = new Uint32Array(arena.memory.buffer, keys.values, keys.rows * 2)
    const step = Math.max(1, Math.floor(keys.rows / sampleGroupKeys))
    for (let row = 0; row < keys.rows; row += step) {
      if (keys.nullCount > 0 && memory[keys.nulls + row] !== 0) continue
      const text = lanes[row * 2]!
      const length = lanes[row * 2 + 1]!
      if (length > sampleKeyBytesMax) tooLong++
      else if (end + length <= sampleBytesMax) {
        bytes.set(memory.subarray(text, text + length), end)
        end += length
        ends.push(end)
        groupOfKey.push(index)
      }
    }
    arena.release(mark)
  }
  return ends.length === 0 ? null : { bytes, ends, groups: groupOfKey, tooLong }
}

/** The packing that takes the fewest bytes; null where none is any good. */
export function packingOf(sample: KeySample): KeyPacking | null {
  const [positions, ...others] = kindsOfContexts
  const byPosition = modelOf(sample, positions!)
  // Keys that are all alike have no parts that would repeat.
  if (byPosition !== null && byPosition.placedByte > 0) return byPosition
  const packings = [byPosition, ...others.map((kind) => modelOf(sample, kind))]
  const good = packings.filter((packing) => packing !== null)
  return good.reduce<KeyPacking | null>(
    (best, packing) => (best === null || packing.meanBytes < best.meanBytes ? packing : best),
    null,
  )
}

/** The packing by one kind of context; null when too many keys have no packed key. */
function modelOf(sample: KeySample, kind: Contexts): KeyPacking | null {
  const { contexts } = kind
  const { counts, isEverywhere } = countSymbols(sample, kind)
  const symbols = symbolsIn(counts, contexts)
  const tables = new Uint32Array(kind.contexts * (symbolsOfByte + 1)).fill(noCode)
  let changes = false
  for (let context = 0; context < contexts; context++) {
    const entries = placesOf(contexts, context)
    const seen = entries.filter((place) => counts[place]! > 0)
    if (seen.length === 0) continue
    const isSteady = seen.every((place) => isEverywhere[place] === 1)
    if (!isSteady) changes = true
    if (isSteady || kind.shift !== 0) fillContext(counts, tables, entries, isSteady)
    else fillEvenly(counts, tables, entries, symbols)
  }
  const sizes = sizesOf(sample, kind, tables)
  if (sizes.long > longShareMax * (sizes.keys + sizes.long)) return null
  const { least, most } = sizes
  const mean = firstWordBytes + sizes.rest / sizes.keys
  if (least < most) {
    return {
      ...kind,
      tables,
      tablesBytes: tables.byteLength,
      placedByte: 0,
      least: packedBytesMin,
      most: packedBytesMax,
      meanBytes: mean * (changes ? marginOfChanging : marginOfMixed),
    }
  }
  const placed = kind.shift === 0 ? placedCodes(tables, contexts, least) : null
  const all = placed === null ? tables : joined(tables, placed)
  const placedByte = placed === null ? 0 : all.byteLength - placed.byteLength
  return {
    ...kind,
    tables: all,
    tablesBytes: all.byteLength,
    placedByte,
    least,
    most,
    meanBytes: mean,
  }
}

/** The second behind the first, at a multiple of 8 bytes. */
function joined(first: Uint32Array, second: Uint32Array): Uint32Array {
  const start = Math.ceil(first.length / 2) * 2
  const all = new Uint32Array(start + second.length)
  all.set(first)
  all.set(second, start)
  return all
}

/** Calls `each` with the place in a table of every byte of a key, and of its end; false: it has none. */
function walk(
  { bytes, ends }: KeySample,
  key: number,
  { contexts, shift }: Contexts,
  each: (place: number) => void,
): boolean {
  const begin = key === 0 ? 0 : ends[key - 1]!
  const end = ends[key]!
  if (shift === 0 && end - begin >= contexts) return false
  let context = 0
  for (let at = begin; at < end; at++) {
    const byte = bytes[at]!
    each(context * symbolsOfByte + byte)
    context = shift === 0 ? context + 1 : ((context << shift) ^ byte) & (contexts - 1)
  }
  each(contexts * symbolsOfByte + context)
  return true
}

/**
 * How often each byte, and the end, was seen in each context; and whether in all row groups of the sample.
 */
function countSymbols(sample: KeySample, kind: Contexts) {
  const counts = new Uint32Array(kind.contexts * (symbolsOfByte + 1))
  const groups = new Uint8Array(counts.length)
  let bit = 0
  const count = (place: number) => {
    counts[place]!++
    groups[place]! |= bit
  }
  let all = 0
  for (let key = 0; key < sample.ends.length; key++) {
    bit = 1 << (sample.groups[key] ?? 0)
    all |= bit
    walk(sample, key, kind, count)
  }
  return { counts, isEverywhere: groups.map((bits) => (bits === all ? 1 : 0)) }
}

/** The places of all bytes and of the end in one context. */
function placesOf(contexts: number, context: number): number[] {
  const places = Array.from({ length: symbolsOfByte }, (_, byte) => context * symbolsOfByte + byte)
  return [...places, contexts * symbolsOfByte + context]
}

/** The bytes that were seen in any context. */
function symbolsIn(counts: Uint32Array, contexts: number): Uint8Array {
  const symbols = new Uint8Array(symbolsOfByte)
  for (let at = 0; at < contexts * symbolsOfByte; at++) if (counts[at]! > 0) symbols[at % symbolsOfByte] = 1
  return symbols
}

/**
 * The codes of a position at which row groups differ, as the digits of a time do: what else stands there is
 * not known, so every byte that keys have anywhere is taken to be as frequent as any other.
 */
function fillEvenly(
  counts: Uint32Array,
  tables: Uint32Array,
  entries: readonly number[],
  all: Uint8Array,
): void {
  const places = entries.filter((place, symbol) => all[symbol] === 1 || counts[place]! > 0)
  const lengths = prefixLengths(places.map(() => 1))
  const codes = prefixCodes(lengths)
  places.forEach((place, symbol) => {
    tables[place] = (codes[symbol]! << 8) | lengths[symbol]!
  })
}

/** The codes of one context, by how often each symbol was seen in it. */
function fillContext(
  counts: Uint32Array,
  tables: Uint32Array,
  entries: readonly number[],
  isSteady: boolean,
): void {
  const places = entries.slice(0, symbolsOfByte)
  const end = entries[symbolsOfByte]!
  const seen = entries.filter((place) => counts[place]! > 0)
  const total = seen.reduce((sum, place) => sum + counts[place]!, 0)
  const rare = seen.filter((place) => counts[place]! < closedSymbolSeenMin).length
  const isOpen = !isSteady || total < closedSeenMin || rare > 0
  // An open context has an escape, which the byte itself follows, and takes the end.
  if (isOpen && counts[end] === 0) seen.push(end)
  const weights = seen.map((place) => Math.max(1, counts[place]!))
  const lengths = prefixLengths(isOpen ? [...weights, Math.max(1, rare)] : weights)
  const codes = prefixCodes(lengths)
  seen.forEach((place, symbol) => {
    tables[place] = (codes[symbol]! << 8) | lengths[symbol]!
  })
  if (!isOpen) return
  const escaped = seen.length
  for (const [byte, place] of places.entries()) {
    if (counts[place]! > 0) continue
    const code = codes[escaped]! | (byte << lengths[escaped]!)
    tables[place] = ((code << 8) | (lengths[escaped]! + 8)) >>> 0
  }
}

/** What the packed keys of a sample take: bytes beyond the first 8 of each, and the least and most of one. */
function sizesOf(sample: KeySample, kind: Contexts, tables: Uint32Array) {
  const sizes = { keys: 0, long: sample.tooLong, rest: 0, least: packedBytesMax, most: packedBytesMin }
  let bits = 0
  const add = (place: number) => {
    const own = tables[place]! & 0xff
    bits += own === noCode ? packedBytesMax * 8 + 1 : own
  }
  for (let key = 0; key < sample.ends.length; key++) {
    bits = 0
    const isWalked = walk(sample, key, kind, add)
    const bytes = Math.max(packedBytesMin, Math.ceil(bits / 8))
    if (!isWalked || bytes > packedBytesMax) {
      sizes.long++
      continue
    }
    sizes.keys++
    sizes.rest += bytes - packedBytesMin
    sizes.least = Math.min(sizes.least, bytes)
    sizes.most = Math.max(sizes.most, bytes)
  }
  return sizes
}
