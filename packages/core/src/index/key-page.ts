/**
 * One page of a key index run: entries of (hash, node offset) in hash order.
 *
 * | byte             | type        | holds                                                                    |
 * |------------------|-------------|--------------------------------------------------------------------------|
 * | 0                | u32         | entries, 0 … 408                                                         |
 * | 4                | 12 bytes    | zero                                                                     |
 * | 16               | u32 × 408   | hash bits 63 … 32 of each entry, ascending                               |
 * | 16 + 4 × 408     | u32 × 408   | node offset bits 31 … 0                                                  |
 * | 16 + 8 × 408     | u16 × 408   | low byte: hash bits 31 … 24; high byte: node offset bits 39 … 32         |
 *
 * Invariants
 * - Entries ascend by the kept 40 bits of the hash; among equal hashes their order means nothing.
 * - Page p of a run of n pages holds the entries with floor(h × n / 2^32) = p, where h is hash bits 63 … 32.
 * - An equal hash proves nothing: the key itself is compared with the table's key column.
 * - Lanes behind the last entry are zero.
 */
import { assert, MillraceError } from '../errors/index.js'
import { pageBytes } from '../limits.js'

const headerBytes = 16
const entryBytes = 4 + 4 + 2

/** Entries a page can hold. */
export const pageEntriesMax = (pageBytes - headerBytes) / entryBytes

/** Bytes of a page behind its header: those of its lanes. */
export const pageLanesBytes = pageBytes - headerBytes

const lowsByte = headerBytes + 4 * pageEntriesMax
const restsByte = lowsByte + 4 * pageEntriesMax

assert(Number.isInteger(pageEntriesMax), `${pageEntriesMax} entries fill a page exactly`)
assert(restsByte + 2 * pageEntriesMax === pageBytes, 'the parts of a key page fill it')

/** Node offsets must stay below this. */
export const indexedOffsetsMax = 2 ** 40

const two32 = 2 ** 32

/**
 * The page of `bucketPages` for a hash whose bits 63 … 32 are `high`. Exact although the product may pass
 * 2^53.
 */
export function bucketOf(high: number, bucketPages: number): number {
  const upper = (high >>> 16) * bucketPages
  const lower = Math.floor(((high & 0xffff) * bucketPages) / 65_536)
  return Math.floor((upper + lower) / 65_536)
}

/** The 40 bits of a hash that the index keeps, as one exact number. */
export function keptHash(high: number, low: number): number {
  return high * 256 + (low >>> 24)
}

/** @throws MillraceError `MILLRACE_CORRUPT` when no page can hold `entries` */
export function checkPageEntries(entries: number, table: string): void {
  if (entries <= pageEntriesMax) return
  throw new MillraceError('MILLRACE_CORRUPT', {
    file: 'The database',
    what: `a key index page of table ${table} claims ${entries} entries of at most ${pageEntriesMax}`,
  })
}

/** A key page in memory, with its parts as views. The memory is its own. */
export class KeyPage {
  readonly bytes = new Uint8Array(pageBytes)
  readonly #header = new Uint32Array(this.bytes.buffer, 0, 1)
  readonly #highs = new Uint32Array(this.bytes.buffer, headerBytes, pageEntriesMax)
  readonly #lows = new Uint32Array(this.bytes.buffer, lowsByte, pageEntriesMax)
  readonly #rests = new Uint16Array(this.bytes.buffer, restsByte, pageEntriesMax)

  /** Entries of the page. */
  get entries(): number {
    return this.#header[0]!
  }

  /**
   * States that the page can be read as one: call it after `bytes` was filled from disk.
   * @throws MillraceError `MILLRACE_CORRUPT`
   */
  check(table: string): void {
    checkPageEntries(this.entries, table)
  }

  /** The kept hash of entry `index`. */
  hashAt(index: number): number {
    return this.#highs[index]! * 256 + (this.#rests[index]! & 255)
  }

  /** The node offset of entry `index`. */
  offsetAt(index: number): number {
    return (this.#rests[index]! >>> 8) * two32 + this.#lows[index]!
  }

  /** The first entry whose kept hash is `hash` or more. */
  find(hash: number): number {
    let low = 0
    let end = this.entries
    while (low < end) {
      const middle = (low + end) >>> 1
      if (this.hashAt(middle) < hash) low = middle + 1
      else end = middle
    }
    return low
  }

  clear(): void {
    this.bytes.fill(0)
  }

  /**
   * Appends the first `count` entries of `lanes`, which are laid out as those of a page; hashes must ascend.
   * False when the page is full.
   */
  append(lanes: Uint8Array, count: number): boolean {
    const index = this.entries
    if (index + count > pageEntriesMax) return false
    const { buffer, byteOffset } = lanes
    const lows = byteOffset + lowsByte - headerBytes
    const rests = byteOffset + restsByte - headerBytes
    this.#highs.set(new Uint32Array(buffer, byteOffset, count), index)
    this.#lows.set(new Uint32Array(buffer, lows, count), index)
    this.#rests.set(new Uint16Array(buffer, rests, count), index)
    this.#header[0] = index + count
    return true
  }

  /** Appends an entry; hashes must ascend. False when the page is full. */
  add(hash: number, offset: number): boolean {
    const index = this.entries
    if (index === pageEntriesMax) return false
    this.#highs[index] = Math.floor(hash / 256)
    this.#lows[index] = offset % two32
    this.#rests[index] = (hash % 256) + Math.floor(offset / two32) * 256
    this.#header[0] = index + 1
    return true
  }
}
