/**
 * Merges the keys of a load, in hash order, with runs that are there: some are folded into the new run, the
 * others are only looked at. Everything whose kept hash is equal is handed to `DuplicateCheck`, which
 * compares the keys themselves.
 *
 * Invariants
 * - Pairs come in ascending order of their kept hash, and those with equal hashes in ascending order of their
 *   offsets.
 * - A pair that one of the runs has already is no second one: a node that got back a key it had before.
 * - Where there are no runs, a pair that shares its hash with no other needs neither: it is an entry.
 */
import { keptHash } from './key-page.js'
import { KeyRunCursor, type KeyRunReader } from './key-run-reader.js'
import type { KeyRunWriter } from './key-run-writer.js'

export interface DuplicateCheck {
  /** Later offsets from here on are of no interest any more. */
  readonly laterMax: number
  /**
   * True: every duplicate is wanted, and of the load's rows with one hash the others are compared with the
   * first only.
   */
  readonly findsAll: boolean
  /** Compares the keys at two node offsets; `later` is of this load. */
  compare(earlier: number, later: number): void
}

/** Words of a pair: hash low, hash high, offset low, offset high. */
const pairWords = 4

export class KeyRunMerge {
  readonly #writer: KeyRunWriter
  readonly #folded: KeyRunCursor[]
  readonly #others: readonly KeyRunReader[]
  readonly #check: DuplicateCheck
  /** Offsets met with the hash at hand: those of other runs, then those of the load. */
  readonly #equal: number[] = []
  #equalHash = -1
  /** True when one of them is of the load. */
  #hasOwn = false
  /** True when a page of the new run was too small for its entries. */
  overflowed = false

  constructor(
    writer: KeyRunWriter,
    folded: readonly KeyRunReader[],
    others: readonly KeyRunReader[],
    check: DuplicateCheck,
  ) {
    this.#writer = writer
    this.#folded = folded.map((run) => new KeyRunCursor(run))
    this.#others = others
    this.#check = check
  }

  /** Pages of the new run. */
  get bucketPages(): number {
    return this.#writer.bucketPages
  }

  /** Whether there are no runs to merge with: pairs may come as entries. */
  get isAlone(): boolean {
    return this.#folded.length === 0 && this.#others.length === 0
  }

  /** Adds pair `index` of those in `pairs`, behind those that were added before. */
  add(pairs: Uint32Array, index: number): void {
    const at = index * pairWords
    const hash = keptHash(pairs[at + 1]!, pairs[at]!)
    const offset = pairs[at + 3]! * 2 ** 32 + pairs[at + 2]!
    if (hash !== this.#equalHash) this.#begin(hash)
    if (this.#equal.includes(offset)) return
    if (offset < this.#check.laterMax) {
      for (const earlier of this.#equal) this.#check.compare(earlier, offset)
      if (!this.#hasOwn || !this.#check.findsAll) this.#equal.push(offset)
      this.#hasOwn = true
    }
    this.#write(hash, offset)
  }

  /**
   * Adds `count` entries of one page, each with a hash of its own, behind what was added before; where
   * `isAlone` only. `lanes` are laid out as those of a key page.
   */
  addEntries(lanes: Uint8Array, count: number): void {
    if (!this.overflowed && !this.#writer.append(lanes, count)) this.overflowed = true
  }

  /** Adds what is left of the folded runs. */
  finish(): void {
    this.#drain(Number.POSITIVE_INFINITY)
  }

  /** Passes over the folded entries below `hash`, and gathers the offsets that have it. */
  #begin(hash: number): void {
    this.#equal.length = 0
    this.#hasOwn = false
    this.#equalHash = hash
    this.#drain(hash)
    for (const run of this.#others) run.offsetsOf(hash, this.#equal)
  }

  #drain(hash: number): void {
    for (;;) {
      let least: KeyRunCursor | undefined
      for (const cursor of this.#folded) if (least === undefined || cursor.hash < least.hash) least = cursor
      if (least === undefined || least.hash === Number.POSITIVE_INFINITY || least.hash > hash) return
      if (least.hash === hash) this.#equal.push(least.offset)
      this.#write(least.hash, least.offset)
      least.next()
    }
  }

  #write(hash: number, offset: number): void {
    if (!this.overflowed && !this.#writer.add(hash, offset)) this.overflowed = true
  }
}
