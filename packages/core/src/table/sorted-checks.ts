/**
 * Hashed keys of a load that fall into the range of a sorted group: are they in it?
 *
 * A dense group answers at once. Keys that would have to be searched are spooled by range, and searched when
 * the load ends: so each sorted group's segment is decoded a few times for the whole load, not once for every
 * batch.
 *
 * Invariants
 * - A pair is 16 bytes: key i64, node offset u64. Within a partition pairs lie in ascending order of their
 *   offsets.
 * - Groups that join the sorted ones later overlap no key that was hashed before; so asking all of them at
 *   the end is asking those that were there.
 */
import type { RunPlace } from '../buffer/index.js'
import type { ColumnBuffer } from '../column/index.js'
import type { DuplicateKeyFinder } from './duplicate-key.js'
import type { SegmentSource } from './segment-source.js'
import { placeSortedGroups, resolveSortedKeys, type SortedGroups } from './sorted-keys.js'
import type { Spool } from './spool.js'

/** Partitions of the keys to be searched, each a range that holds about as many sorted groups. */
const partitionsMax = 64

/** Pairs searched at once, at most. */
const piecePairs = 65_536

const pairBytes = 16
const laneBytes = 8

export class SortedChecks {
  readonly #source: SegmentSource
  readonly #sorted: SortedGroups
  readonly #finder: DuplicateKeyFinder
  readonly #place: RunPlace
  readonly #bounds: BigInt64Array<ArrayBuffer>
  #spool: Spool | null = null
  readonly #openSpool: (partitions: number) => Spool

  constructor(
    source: SegmentSource,
    sorted: SortedGroups,
    finder: DuplicateKeyFinder,
    place: RunPlace,
    openSpool: (partitions: number) => Spool,
  ) {
    this.#source = source
    this.#sorted = sorted
    this.#finder = finder
    this.#place = place
    this.#openSpool = openSpool
    const { groups } = sorted
    const partitions = Math.max(1, Math.min(partitionsMax, groups.length))
    this.#bounds = new BigInt64Array(partitions - 1)
    for (let bound = 1; bound < partitions; bound++) {
      this.#bounds[bound - 1] = groups[Math.floor((bound * groups.length) / partitions)]!.min
    }
  }

  /** Takes the hashed keys of consecutive nodes from `firstOffset` on. `keys` lies in the arena. */
  add(keys: ColumnBuffer, firstOffset: number): void {
    const { arena, kernels } = this.#source.memory
    const mark = arena.mark()
    const { rows } = keys
    const partitions = this.#bounds.length + 1
    const answers = arena.allocate(rows * laneBytes)
    const placed = placeSortedGroups(this.#source, this.#sorted)
    const bounds = arena.allocate(partitions * laneBytes)
    const counts = arena.allocate(partitions * 4)
    const places = arena.allocate(partitions * 4)
    const pairs = arena.allocate(rows * pairBytes)
    arena.bytes.fill(0xff, answers, answers + rows * laneBytes)
    new BigInt64Array(arena.memory.buffer, bounds, this.#bounds.length).set(this.#bounds)
    const { address, ranges } = placed
    const marked = kernels.resolveSorted(keys.values, 0, rows, address, ranges.length, answers)
    this.#noteFound(answers, rows, (row) => firstOffset + row)
    if (marked > 0) {
      kernels.partitionMarked(
        keys.values,
        answers,
        rows,
        firstOffset,
        bounds,
        partitions,
        counts,
        places,
        pairs,
      )
      this.#append(pairs, new Uint32Array(arena.memory.buffer, counts, partitions))
    }
    arena.release(mark)
  }

  /** Searches what was spooled. */
  finish(): void {
    if (this.#spool === null) return
    const { arena, kernels } = this.#source.memory
    const mark = arena.mark()
    const piece = this.#pieceOf(this.#spool)
    const pairs = arena.allocate(piece * pairBytes)
    const values = arena.allocate(piece * laneBytes)
    const answers = arena.allocate(piece * laneBytes)
    const placed = placeSortedGroups(this.#source, this.#sorted)
    for (let partition = 0; partition < this.#spool.partitionCount; partition++) {
      const cursor = this.#spool.read(partition)
      let found = false
      while (cursor.remaining > 0 && !found) {
        const rows = Math.min(piece, cursor.remaining / pairBytes)
        cursor.read(new Uint8Array(arena.memory.buffer, pairs, rows * pairBytes))
        kernels.firstWords(pairs, rows, values)
        arena.bytes.fill(0xff, answers, answers + rows * laneBytes)
        const keys = { values, nulls: 0, rows }
        resolveSortedKeys(this.#source, placed, keys, answers, this.#place)
        const offsets = new DataView(arena.memory.buffer, pairs)
        // Offsets ascend: the first that is found is the partition's first duplicate.
        const anyFound = this.#noteFound(answers, rows, (row) =>
          Number(offsets.getBigUint64(row * pairBytes + laneBytes, true)),
        )
        found = anyFound && !this.#finder.findsAll
      }
      this.#spool.drop(partition)
    }
    arena.release(mark)
  }

  close(): void {
    this.#spool?.close()
    this.#spool = null
  }

  /** Pairs to search at once: a whole partition, if that is not too large. */
  #pieceOf(spool: Spool): number {
    let pairs = 0
    for (let partition = 0; partition < spool.partitionCount; partition++) {
      pairs = Math.max(pairs, spool.bytesOf(partition) / pairBytes)
    }
    return Math.min(piecePairs, pairs)
  }

  /** Notes the first row with an answer, or every such row, as a duplicate; false when there is none. */
  #noteFound(answers: number, rows: number, offsetOf: (row: number) => number): boolean {
    const { arena, kernels } = this.#source.memory
    const view = new DataView(arena.memory.buffer)
    let any = false
    for (let from = 0; from < rows; ) {
      const row = from + kernels.firstFound(answers + from * laneBytes, rows - from)
      if (row === rows) break
      any = true
      this.#finder.note(Number(view.getBigInt64(answers + row * laneBytes, true)), offsetOf(row))
      if (!this.#finder.findsAll) break
      from = row + 1
    }
    return any
  }

  #append(pairs: number, sizes: Uint32Array): void {
    this.#spool ??= this.#openSpool(sizes.length)
    let at = pairs
    for (const [partition, size] of sizes.entries()) {
      if (size === 0) continue
      this.#spool.append(partition, new Uint8Array(sizes.buffer, at, size * pairBytes))
      at += size * pairBytes
    }
  }
}
