/**
 * Where the map of a table's keys lies that parse workers share, and which of three it is.
 *
 * ```
 * | control: 64 KiB | buckets of 64 bytes | overflow (codes) | a window for each worker: 260 KiB |
 * | control: 64 KiB | ends of buckets: 4 bytes each | entries | codes | windows |      packed keys
 * ```
 *
 * | map          | bytes a key | holds                                        | a look-up reads           |
 * |--------------|-------------|----------------------------------------------|---------------------------|
 * | `codes`      | 14.4        | codes of keys, which are as good as the keys | nothing                   |
 * | `packed`     | 9.5 to 26.5 | keys in few bits, which are as good as the keys | nothing                |
 * | `candidates` | 6.7         | 8 bits of each hash                          | the key segments, a batch |
 *
 * Memory for codes or packed keys has room for candidates too: that is what is made where keys turn out to
 * have no codes, or to take more than was thought.
 * The control part holds words that are used with Atomics only, and at its end the marks of alphabets.
 */
import type { NodeTable } from '../catalog/index.js'
import { assert } from '../errors/index.js'
import { pageBytes, readAheadBytesMax } from '../limits.js'
import { type EntryHead, entryHeadOf, type KeyPacking, type PackingShape } from './key-packing.js'
import { partsWords } from './shared-parts.js'
import { keysBeyondArithmetic } from './sorted-keys.js'

export const controlBytes = 65_536
const wasmPageBytes = 65_536
/** Bytes of a bucket of codes or candidates. */
export const bucketBytes = 64

/** Entries of a bucket on average, of 12 that there is room for: one in six passes an entry on. */
const candidatesMean = 9.6

/** The same of codes, of 6: about one in 25 finds its pair of buckets full. */
const codesMean = 4.8

/** Slots of the overflow for each code, and their bytes. */
const overflowShare = 0.065
const slotBytes = 16
const slotsMin = 1024

/** Buckets of codes or packed keys, at least: so many that a bucket and 48 bits tell all of a word. */
const mappedBucketsMin = 65_536

/** Packed keys of a bucket on average, and bytes of the word that says where it ends. */
const packedMean = 6
const endBytes = 4

/** Bytes of entries behind what is reckoned with, and those that a look-up may read behind the last. */
const packedSpareBytes = 65_536
const packedSlackBytes = 16

/** Buckets of a range: candidates never leave theirs. */
export const rangeBuckets = 1024

/** What a window holds: pairs and what becomes of them, or pages of the index. */
export const pairsMax = 4096
export const pairBytes = 16
export const recordBytes = 32
export const wordsMax = 16_384
export const wordsByte = pairsMax * pairBytes
export const scratchByte = readAheadBytesMax
const windowBytes = readAheadBytesMax + pageBytes

/** A map's bytes must leave its addresses positive numbers of 31 bits. */
const mapBytesMax = 2 ** 31 - wasmPageBytes

/** Words of the control part: how many windows are taken, and for each piece of work its parts. */
const windowsWord = 0
const partsAt = {
  scan: 1,
  add: 1 + partsWords,
  candidates: 1 + 2 * partsWords,
  count: 1 + 3 * partsWords,
  sum: 1 + 4 * partsWords,
}

/** Behind those of the parts: 1 when a key of the map has no packed key. */
const longWord = 1 + 5 * partsWords

export type SharedMapKind = 'codes' | 'packed' | 'candidates'

/** Which map is to be made of the keys of a table. */
export interface SharedMapWanted {
  readonly table: NodeTable
  readonly kind: SharedMapKind
  /** How keys are packed where `kind` says that they are. */
  readonly packing: KeyPacking | null
}

/** A map as it is handed to the workers. */
export interface SharedMapPlace {
  readonly tableId: number
  readonly kind: SharedMapKind
  readonly memory: WebAssembly.Memory
  readonly buckets: number
  /** Of the overflow of codes. */
  readonly slots: number
  readonly packing: PackingShape | null
  /** Of entries of packed keys. */
  readonly head: EntryHead | null
  /** Address of the codes of packed keys. */
  readonly tables: number
  /** Bytes that the entries of packed keys may take. */
  readonly entriesBytes: number
  /** Address of the first window. */
  readonly windows: number
}

/** Keys of a table that are found through index runs. */
export function indexedKeys(table: NodeTable): number {
  return table.keys.runs.reduce((sum, run) => sum + run.entries, 0)
}

/** Buckets of a map of candidates for so many keys. */
export function candidateBuckets(keys: number): number {
  return Math.ceil(keys / candidatesMean / rangeBuckets) * rangeBuckets
}

/** Where everything lies in a map. */
type Layout = Pick<SharedMapPlace, 'buckets' | 'slots' | 'head' | 'tables' | 'entriesBytes' | 'windows'>

/** The layout of a map; null when none is needed or possible. */
function layoutOf({ table, kind, packing }: SharedMapWanted): Layout | null {
  // Codes are made of all keys that arithmetic does not find, candidates of the index runs.
  const candidates = indexedKeys(table)
  const keys = kind === 'candidates' ? candidates : keysBeyondArithmetic(table)
  if (keys === 0 || table.rowCount > 2 ** 32) return null
  const candidatesEnd = controlBytes + candidateBuckets(candidates) * bucketBytes
  if (kind === 'candidates') {
    const buckets = candidateBuckets(candidates)
    return { buckets, slots: 0, head: null, tables: 0, entriesBytes: 0, windows: candidatesEnd }
  }
  if (kind === 'packed') {
    const head = entryHeadOf(packing!, table.rowCount)
    if (head === null) return null
    const buckets = Math.max(mappedBucketsMin, Math.ceil(keys / packedMean))
    const entriesBytes = Math.ceil(keys * (head.bytes + packing!.meanBytes)) + packedSpareBytes
    const end = controlBytes + buckets * endBytes + entriesBytes + packedSlackBytes
    const tables = Math.max(candidatesEnd, Math.ceil(end / 64) * 64)
    const windows = tables + Math.ceil(packing!.tables.byteLength / 64) * 64
    return { buckets, slots: 0, head, tables, entriesBytes, windows }
  }
  const buckets = Math.max(mappedBucketsMin, Math.ceil(keys / codesMean / 2) * 2)
  const slots = slotsMin + Math.ceil(keys * overflowShare)
  const end = controlBytes + buckets * bucketBytes + slots * slotBytes
  return { buckets, slots, head: null, tables: 0, entriesBytes: 0, windows: Math.max(candidatesEnd, end) }
}

/** Bytes of a map of a table's keys for so many threads; 0 when none is needed or possible. */
export function sharedMapBytes(wanted: SharedMapWanted, threads: number): number {
  const layout = layoutOf(wanted)
  if (layout === null) return 0
  const bytes = layout.windows + threads * windowBytes
  const rounded = Math.ceil(bytes / wasmPageBytes) * wasmPageBytes
  return rounded > mapBytesMax ? 0 : rounded
}

/** Makes the memory of a map, empty. The first workers that attach it fill it. */
export function createSharedMap(wanted: SharedMapWanted, threads: number): SharedMapPlace {
  const layout = layoutOf(wanted)
  assert(layout !== null, `table ${wanted.table.name} has no keys for a map`)
  const pages = sharedMapBytes(wanted, threads) / wasmPageBytes
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const { kind, table, packing } = wanted
  const place = { tableId: table.id, kind, memory, ...layout }
  if (packing === null) return { ...place, packing }
  // What is handed to workers goes with each block, so the codes lie in the memory they share.
  const { tables, meanBytes: _mean, ...shape } = packing
  new Uint32Array(memory.buffer, layout.tables, tables.length).set(tables)
  return { ...place, packing: shape }
}

/** The words of a piece of work, for `SharedParts`. */
export function wordsOf({ memory }: SharedMapPlace, work: keyof typeof partsAt): Int32Array {
  return new Int32Array(memory.buffer, partsAt[work] * 4, partsWords)
}

/**
 * Gives the windows of a map to the workers that attach it next; what it was filled with stays. Nobody who
 * has attached it may use it any more.
 */
export function freeWindows({ memory }: SharedMapPlace): void {
  Atomics.store(new Int32Array(memory.buffer, 0, controlBytes / 4), windowsWord, 0)
}

/** Takes a window for this worker: its address, or −1 when there is none left. */
export function takeWindow({ memory, windows }: SharedMapPlace): number {
  const taken = Atomics.add(new Int32Array(memory.buffer, 0, controlBytes / 4), windowsWord, 1)
  const window = windows + taken * windowBytes
  return window + windowBytes > memory.buffer.byteLength ? -1 : window
}

/** Notes that a key of the map has no packed key: such keys have to be asked for. */
export function noteLong({ memory }: SharedMapPlace): void {
  Atomics.store(new Int32Array(memory.buffer, 0, controlBytes / 4), longWord, 1)
}

/** Whether a key of the map, which is filled, has no packed key. */
export function hasLong({ memory }: SharedMapPlace): boolean {
  return Atomics.load(new Int32Array(memory.buffer, 0, controlBytes / 4), longWord) === 1
}
