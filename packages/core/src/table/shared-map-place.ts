/**
 * Where the map of a table's keys lies that parse workers share, and which of two it is.
 *
 * ```
 * | control: 64 KiB | buckets of 64 bytes | overflow (codes) | a window for each worker: 260 KiB |
 * ```
 *
 * | map          | bytes a key | holds                                        | a look-up reads           |
 * |--------------|-------------|----------------------------------------------|---------------------------|
 * | `codes`      | 14.4        | codes of keys, which are as good as the keys | nothing                   |
 * | `candidates` | 6.7         | 8 bits of each hash                          | the key segments, a batch |
 *
 * Memory for codes has room for candidates too: that is what is made where keys turn out to have no codes.
 * The control part holds words that are used with Atomics only, and at its end the marks of alphabets.
 */
import type { NodeTable } from '../catalog/index.js'
import { pageBytes, readAheadBytesMax } from '../limits.js'
import { partsWords } from './shared-parts.js'
import { keysBeyondArithmetic } from './sorted-keys.js'

export const controlBytes = 65_536
const wasmPageBytes = 65_536
const bucketBytes = 64

/** Entries of a bucket on average, of 12 that there is room for: one in six passes an entry on. */
const candidatesMean = 9.6

/** The same of codes, of 6: about one in 25 finds its pair of buckets full. */
const codesMean = 4.8

/** Slots of the overflow for each code, and their bytes. */
const overflowShare = 0.065
const slotBytes = 16
const slotsMin = 1024

/** Buckets of a map of codes, at least: so many that a bucket and 48 bits tell all of a code. */
const codeBucketsMin = 65_536

/** Buckets of a range: candidates never leave theirs. */
export const rangeBuckets = 1024

/** What a window holds: pairs and what becomes of them, or pages of the index. */
export const pairsMax = 4096
export const pairBytes = 16
export const wordsMax = 16_384
export const wordsByte = pairsMax * pairBytes
export const scratchByte = readAheadBytesMax
const windowBytes = readAheadBytesMax + pageBytes

/** A map's bytes must leave its addresses positive numbers of 31 bits. */
const mapBytesMax = 2 ** 31 - wasmPageBytes

/** Words of the control part: how many windows are taken, and for each piece of work its parts. */
const windowsWord = 0
const partsAt = { scan: 1, add: 1 + partsWords, candidates: 1 + 2 * partsWords }

export type SharedMapKind = 'codes' | 'candidates'

/** A map as it is handed to the workers. */
export interface SharedMapPlace {
  readonly tableId: number
  readonly kind: SharedMapKind
  readonly memory: WebAssembly.Memory
  readonly buckets: number
  /** Of the overflow of codes. */
  readonly slots: number
}

/** Keys of a table that are found through index runs. */
export function indexedKeys(table: NodeTable): number {
  return table.keys.runs.reduce((sum, run) => sum + run.entries, 0)
}

/**
 * Keys that a map holds: codes are made of all that arithmetic does not find, candidates of the index runs.
 */
function keysOf(table: NodeTable, kind: SharedMapKind): number {
  return kind === 'codes' ? keysBeyondArithmetic(table) : indexedKeys(table)
}

/** Buckets of a map of candidates for so many keys. */
export function candidateBuckets(keys: number): number {
  return Math.ceil(keys / candidatesMean / rangeBuckets) * rangeBuckets
}

function bucketsFor(keys: number, kind: SharedMapKind): number {
  const candidates = candidateBuckets(keys)
  if (kind === 'candidates') return candidates
  return Math.max(codeBucketsMin, candidates, Math.ceil(keys / codesMean / 2) * 2)
}

function slotsFor(keys: number, kind: SharedMapKind): number {
  return kind === 'codes' ? slotsMin + Math.ceil(keys * overflowShare) : 0
}

/** Bytes of a map of a table's keys for so many threads; 0 when none is needed or possible. */
export function sharedMapBytes(table: NodeTable, kind: SharedMapKind, threads: number): number {
  const keys = keysOf(table, kind)
  if (keys === 0 || table.rowCount > 2 ** 32) return 0
  const map = bucketsFor(keys, kind) * bucketBytes + slotsFor(keys, kind) * slotBytes
  const bytes = controlBytes + map + threads * windowBytes
  const rounded = Math.ceil(bytes / wasmPageBytes) * wasmPageBytes
  return rounded > mapBytesMax ? 0 : rounded
}

/** Makes the memory of a map, empty. The first workers that attach it fill it. */
export function createSharedMap(table: NodeTable, kind: SharedMapKind, threads: number): SharedMapPlace {
  const pages = sharedMapBytes(table, kind, threads) / wasmPageBytes
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const keys = keysOf(table, kind)
  return { tableId: table.id, kind, memory, buckets: bucketsFor(keys, kind), slots: slotsFor(keys, kind) }
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
export function takeWindow({ memory, buckets, slots }: SharedMapPlace): number {
  const taken = Atomics.add(new Int32Array(memory.buffer, 0, controlBytes / 4), windowsWord, 1)
  const window = controlBytes + buckets * bucketBytes + slots * slotBytes + taken * windowBytes
  return window + windowBytes > memory.buffer.byteLength ? -1 : window
}
