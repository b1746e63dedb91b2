/**
 * The keys of a load that need the hash index: gathered as pairs (hash, node offset) in a spool, partitioned
 * by the hash's top bits, then sorted a partition at a time, checked, and written as one index run.
 *
 * Invariants
 * - A pair is 16 bytes: hash u64, node offset u64. Within a partition pairs lie in ascending order of their
 *   offsets.
 * - The keys that are compared are read in another memory: the arena does not grow while pairs are merged.
 * - The result does not depend on the budget: it only decides how much is sorted at once.
 * - Index runs grow like a log-structured tree: existing runs at most twice as large as the new one are
 *   folded into it, so a table of n keys has O(log n) runs (O'Neil et al., "The log-structured merge-tree",
 *   1996).
 */
import type { KeyIndexRun } from '../catalog/index.js'
import { assert, MillraceError } from '../errors/index.js'
import {
  bucketPagesFor,
  indexedOffsetsMax,
  KeyRunMerge,
  KeyRunReader,
  KeyRunWriter,
  type PageStore,
  pageEntriesMax,
  pageLanesBytes,
} from '../index/index.js'
import type { DuplicateKeyFinder } from './duplicate-key.js'
import type { RowMarks } from './row-marks.js'
import type { Spool } from './spool.js'
import type { WorkingMemory } from './working-memory.js'

/** Rows of a load that are left out: the others close up. */
export interface LeftOut {
  readonly marks: RowMarks
  /** Node offset of the load's first row. */
  readonly firstOffset: number
}

/** The spool's partitions are the values of this many top bits of a hash. */
const partitionBits = 7

/** Hashes turned into pairs at once. */
const pieceRows = 16_384

/** Pairs read back at once where a partition is sorted in parts. */
const piecePairs = 4096

const pairBytes = 16

/** Bits of a hash that decide the order: those that an index keeps. More cannot split a partition. */
const sortedBits = 40

/** Times that a run is begun again with more pages, before the hashes are called hopeless. */
const attemptsMax = 12

/** A run that is folded into the new one has at most this many times its entries. */
const foldedTimesMax = 2

export class HashedKeys {
  /** Partitions that the spool must have. */
  static readonly partitions = 2 ** partitionBits

  readonly #memory: WorkingMemory
  readonly #spool: Spool
  readonly #pairsMax: number
  count = 0

  /** @param sortBytesMax bytes of the arena that a sort may take */
  constructor(memory: WorkingMemory, spool: Spool, sortBytesMax: number) {
    this.#memory = memory
    this.#spool = spool
    this.#pairsMax = Math.max(1024, Math.floor(sortBytesMax / (2 * pairBytes)))
  }

  /** Adds the hashes (u64 each) of `rows` consecutive nodes from `firstOffset` on. */
  add(hashes: Uint8Array, rows: number, firstOffset: number): void {
    assert(firstOffset + rows <= indexedOffsetsMax, `node offset ${firstOffset + rows} in the key index`)
    const { arena, kernels } = this.#memory
    const mark = arena.mark()
    const { partitions } = HashedKeys
    const input = arena.allocate(pieceRows * 8)
    const pairs = arena.allocate(pieceRows * pairBytes)
    const counts = arena.allocate(partitions * 8)
    for (let start = 0; start < rows; start += pieceRows) {
      const count = Math.min(pieceRows, rows - start)
      arena.bytes.set(hashes.subarray(start * 8, (start + count) * 8), input)
      const places = counts + partitions * 4
      kernels.partitionHashes(input, count, firstOffset + start, partitionBits, counts, places, pairs)
      const sizes = new Uint32Array(arena.memory.buffer, counts, partitions)
      let at = pairs
      for (let partition = 0; partition < partitions; partition++) {
        const bytes = sizes[partition]! * pairBytes
        if (bytes === 0) continue
        this.#spool.append(partition, new Uint8Array(arena.memory.buffer, at, bytes))
        at += bytes
      }
    }
    this.count += rows
    arena.release(mark)
  }

  /**
   * Writes the run, and compares all keys whose hashes are equal, among themselves and with `existing` runs.
   * @param leftOut rows that get no entry, and by which the offsets behind them are moved
   * @returns the runs the table has now; null when rows have to be left out first
   * @throws DuplicateKeyError for the first duplicate, after all keys were compared
   */
  build(
    store: PageStore,
    existing: readonly KeyIndexRun[],
    table: string,
    finder: DuplicateKeyFinder,
    firstOffset: number,
    leftOut: LeftOut | null = null,
  ): KeyIndexRun[] | null {
    const count = this.count - (leftOut?.marks.count ?? 0)
    const { folded, others, entries } = chooseFolded(existing, count)
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const writer = new KeyRunWriter(store, bucketPagesFor(entries, attempt))
      try {
        const merge = new KeyRunMerge(
          writer,
          folded.map((run) => new KeyRunReader(store.reader, run, table)),
          others.map((run) => new KeyRunReader(store.reader, run, table)),
          finder,
        )
        for (let partition = 0; partition < this.#spool.partitionCount; partition++) {
          this.#mergePartition(merge, partition, leftOut)
        }
        merge.finish()
        if (finder.settle(firstOffset)) {
          writer.abandon()
          return null
        }
        if (!merge.overflowed) return [...others, writer.finish()]
      } catch (error) {
        writer.abandon()
        throw error
      }
      writer.abandon()
    }
    throw new MillraceError('MILLRACE_INTERNAL', {
      what: `too many keys of table ${table} have the same hash`,
    })
  }

  /** Sorts a partition, in parts of its hash range when it is too large, and hands it on. */
  #mergePartition(merge: KeyRunMerge, partition: number, leftOut: LeftOut | null): void {
    const count = this.#spool.bytesOf(partition) / pairBytes
    if (count === 0) return
    let bits = 0
    // Parts come out uneven; a tenth of the room is left for that.
    while (count / 2 ** bits > this.#pairsMax * (bits === 0 ? 1 : 0.9)) bits++
    for (let part = 0; part < 2 ** bits; part++) {
      this.#mergePart(merge, partition, partitionBits + bits, partition * 2 ** bits + part, leftOut)
    }
  }

  /** Merges the pairs of a partition whose hashes begin with the `bits` bits of `prefix`. */
  #mergePart(
    merge: KeyRunMerge,
    partition: number,
    bits: number,
    prefix: number,
    leftOut: LeftOut | null,
  ): void {
    const { arena, kernels } = this.#memory
    const mark = arena.mark()
    const room = Math.min(this.#pairsMax, this.#spool.bytesOf(partition) / pairBytes)
    const pairs = arena.allocate(room * pairBytes)
    const scratch = arena.allocate(room * pairBytes)
    const counts = arena.allocate(4096)
    let selected = 0
    for (const { piece, count } of this.#piecesOf(partition)) {
      const kept = Math.min(selected, room)
      selected += kernels.selectPairs(piece, count, bits, prefix, pairs + kept * pairBytes, room - kept)
    }
    if (selected <= room) {
      kernels.sortPairs(pairs, scratch, selected, counts, 0, 64 - sortedBits)
      this.#add(merge, pairs, selected, leftOut)
    }
    arena.release(mark)
    if (selected <= room) return
    if (bits === sortedBits) {
      this.#mergeEqual(merge, partition, prefix, leftOut)
      return
    }
    this.#mergePart(merge, partition, bits + 1, prefix * 2, leftOut)
    this.#mergePart(merge, partition, bits + 1, prefix * 2 + 1, leftOut)
  }

  /**
   * Merges the pairs of a partition that have one hash: however many there are, they lie in the order in
   * which they are wanted.
   */
  #mergeEqual(merge: KeyRunMerge, partition: number, hash: number, leftOut: LeftOut | null): void {
    const { arena, kernels } = this.#memory
    const mark = arena.mark()
    const pairs = arena.allocate(piecePairs * pairBytes)
    for (const { piece, count } of this.#piecesOf(partition)) {
      const selected = kernels.selectPairs(piece, count, sortedBits, hash, pairs, piecePairs)
      this.#add(merge, pairs, selected, leftOut)
    }
    arena.release(mark)
  }

  /** All pairs of a partition in the arena, one piece after the other. */
  *#piecesOf(partition: number): Generator<{ readonly piece: number; readonly count: number }> {
    const { arena } = this.#memory
    const mark = arena.mark()
    const piece = arena.allocate(piecePairs * pairBytes)
    const cursor = this.#spool.read(partition)
    while (cursor.remaining > 0) {
      const count = Math.min(piecePairs, cursor.remaining / pairBytes)
      cursor.read(new Uint8Array(arena.memory.buffer, piece, count * pairBytes))
      yield { piece, count }
    }
    arena.release(mark)
  }

  /**
   * Hands on pairs that are in order: one by one where they may have the hash of others, else as entries, a
   * page at a time.
   */
  #add(merge: KeyRunMerge, pairs: number, count: number, leftOut: LeftOut | null): void {
    const { arena, kernels } = this.#memory
    const mark = arena.mark()
    const lanes = arena.allocate(pageLanesBytes)
    // The finder reads keys in a memory of its own, so nothing grows this one while the views are in use.
    const entries = new Uint8Array(arena.memory.buffer, lanes, pageLanesBytes)
    const sorted = new Uint32Array(arena.memory.buffer, pairs, count * 4)
    const left = leftOut === null ? count : closeUp(sorted, count, leftOut)
    for (let index = 0; index < left; ) {
      merge.add(sorted, index++)
      while (merge.isAlone) {
        const pair = pairs + index * pairBytes
        const taken = kernels.pairsToEntries(pair, left - index, merge.bucketPages, lanes, pageEntriesMax)
        if (taken === 0) break
        merge.addEntries(entries, taken)
        index += taken
      }
    }
    arena.release(mark)
  }
}

/** Takes rows that are left out from sorted pairs, and moves the others. @returns pairs that are left */
function closeUp(pairs: Uint32Array, count: number, { marks, firstOffset }: LeftOut): number {
  let kept = 0
  for (let pair = 0; pair < count; pair++) {
    const at = pair * 4
    const offset = pairs[at + 3]! * 2 ** 32 + pairs[at + 2]!
    const row = offset - firstOffset
    if (marks.has(row)) continue
    const moved = offset - marks.before(row)
    const to = kept * 4
    pairs[to] = pairs[at]!
    pairs[to + 1] = pairs[at + 1]!
    pairs[to + 2] = moved % 2 ** 32
    pairs[to + 3] = Math.floor(moved / 2 ** 32)
    kept += 1
  }
  return kept
}

/** Which runs a new run of `entries` entries takes in, and how many entries it has then. */
export function chooseFolded(
  existing: readonly KeyIndexRun[],
  newEntries: number,
): { folded: KeyIndexRun[]; others: KeyIndexRun[]; entries: number } {
  const bySize = [...existing].sort((left, right) => left.entries - right.entries)
  const folded: KeyIndexRun[] = []
  let entries = newEntries
  for (const run of bySize) {
    if (run.entries > foldedTimesMax * entries) break
    folded.push(run)
    entries += run.entries
  }
  return { folded, others: existing.filter((run) => !folded.includes(run)), entries }
}
