/**
 * A spool: byte streams, one per partition, appended to in any order of partitions and read back a partition
 * at a time. It holds what it can in memory and the rest in a temporary file beside the database.
 *
 * ```
 * partition p: extent, extent, …, block being filled        an extent is a range of the file, or a block
 * ```
 *
 * Invariants
 * - A partition's bytes come back in the order in which they were appended.
 * - When no more blocks can be had, the partitions that hold the most of them are written to the file, a part
 *   of the memory at a time: so writes are large, and not much more is written than there is too much.
 * - A partition's blocks are given back when all of them are in the file: a write that fails leaves it as it
 *   was.
 * - The file exists only after the first spill, and no longer than the spool. Nothing in it is ever synced:
 *   no crash needs it.
 */
import { threadId } from 'node:worker_threads'
import { assert } from '../errors/index.js'
import { type File, type FileSystem, wrapIoError } from '../io/index.js'
import type { SpoolBlocks } from './spool-blocks.js'
import { SpoolCursor, type SpoolExtents } from './spool-cursor.js'

export interface SpoolOptions {
  readonly fileSystem: FileSystem
  /** The database's path; the file is `<path>.tmp-<thread>-<n>`. */
  readonly path: string
  readonly partitions: number
  readonly blocks: SpoolBlocks
  /** Blocks that it leaves to others, as long as it has any itself. Default 0. */
  readonly blocksLeft?: number
}

interface Partition {
  /** Per extent: ≥ 0 a position in the file, else −1 − the number of a block. */
  places: number[]
  lengths: number[]
  /** The block being filled, or −1. */
  block: number
  filled: number
  bytes: number
  /** Blocks it holds. */
  blocks: number
}

/** The part of all blocks that are free again after writing to the file. */
const spillShare = 1 / 8

/** Makes the names of temporary files differ within the thread. */
let spools = 0

export class Spool {
  readonly partitionCount: number
  readonly #options: SpoolOptions
  readonly #blocks: SpoolBlocks
  readonly #blocksLeft: number
  readonly #path: string
  readonly #partitions: Partition[]
  #file: File | null = null
  #fileEnd = 0
  #staging: Uint8Array | null = null

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#blocks = options.blocks
    this.#blocksLeft = options.blocksLeft ?? 0
    this.partitionCount = options.partitions
    this.#path = `${options.path}.tmp-${threadId}-${++spools}`
    this.#partitions = Array.from({ length: options.partitions }, emptyPartition)
  }

  /** Bytes appended to a partition. */
  bytesOf(partition: number): number {
    return this.#partitions[partition]!.bytes
  }

  /** Bytes that lie in the temporary file. */
  get spilledBytes(): number {
    return this.#fileEnd
  }

  /** The temporary file; null when there is none. */
  get filePath(): string | null {
    return this.#file === null ? null : this.#path
  }

  /** Appends bytes `from` … `to` of `bytes` to a partition; they are copied. */
  append(partition: number, bytes: Uint8Array, from = 0, to = bytes.length): void {
    const target = this.#partitions[partition]!
    const { blockBytes } = this.#blocks
    target.bytes += to - from
    let at = from
    while (at < to) {
      if (target.block === -1) {
        target.block = this.#takeBlock()
        target.filled = 0
        target.blocks++
      }
      const end = Math.min(to, at + blockBytes - target.filled)
      this.#blocks.fill(target.block, target.filled, bytes, at, end)
      target.filled += end - at
      at = end
      if (target.filled === blockBytes) sealBlock(target)
    }
  }

  /** Where the bytes of a partition lie. Nothing may be appended to the spool while they are used. */
  extentsOf(partition: number): SpoolExtents {
    const source = this.#partitions[partition]!
    sealBlock(source)
    return { places: source.places, lengths: source.lengths, bytes: source.bytes }
  }

  /** A cursor at the start of a partition. Nothing may be appended to the spool while it is read. */
  read(partition: number): SpoolCursor {
    return new SpoolCursor(this.extentsOf(partition), (place, from, target) =>
      this.#copy(place, from, target),
    )
  }

  /** Forgets a partition; its blocks are used again. */
  drop(partition: number): void {
    const target = this.#partitions[partition]!
    sealBlock(target)
    for (const place of target.places) if (place < 0) this.#blocks.give(-1 - place)
    Object.assign(target, emptyPartition())
  }

  /** Gives its blocks back and removes the file. */
  close(): void {
    for (let partition = 0; partition < this.partitionCount; partition++) this.drop(partition)
    if (this.#file !== null) {
      this.#file.close()
      this.#file = null
      this.#options.fileSystem.remove(this.#path)
    }
  }

  #takeBlock(): number {
    if (this.#blocks.freeCount <= this.#blocksLeft) this.#spillLargest()
    const block = this.#blocks.take()
    assert(block !== -1, `a block of ${this.#blocks.count} for a spool`)
    return block
  }

  /** Writes the partitions that hold the most blocks to the file. */
  #spillLargest(): void {
    const { count, freeCount, blockBytes } = this.#blocks
    const wanted = this.#blocksLeft + Math.max(1, Math.floor(count * spillShare))
    const holding = this.#partitions.filter(({ blocks }) => blocks > 0)
    const chosen = new Set<Partition>()
    let blocks = 0
    for (const partition of holding.sort((left, right) => right.blocks - left.blocks)) {
      if (freeCount + blocks >= wanted) break
      chosen.add(partition)
      blocks += partition.blocks
    }
    if (blocks === 0) return
    try {
      this.#file ??= this.#options.fileSystem.open(this.#path, 'readWriteCreate')
      // In the order of partitions: what is read together lies together.
      this.#spill(
        this.#partitions.filter((partition) => chosen.has(partition)),
        this.#file,
      )
    } catch (error) {
      const neededBytes = blocks * blockBytes
      throw wrapIoError(error, { operation: 'writing', file: this.#path, neededBytes })
    }
  }

  #spill(partitions: readonly Partition[], file: File): void {
    let position = this.#fileEnd
    const ends: number[] = []
    this.#staging ??= this.#blocks.newStaging()
    const writer = new StagedWriter(file, position, this.#staging)
    for (const partition of partitions) {
      sealBlock(partition)
      const { places, lengths } = partition
      for (let extent = 0; extent < places.length; extent++) {
        if (places[extent]! >= 0) continue
        writer.add(this.#blocks.view(-1 - places[extent]!, 0, lengths[extent]!))
        position += lengths[extent]!
      }
      ends.push(position)
    }
    writer.flush()
    let start = this.#fileEnd
    for (const [index, partition] of partitions.entries()) {
      this.#moved(partition, start, ends[index]!)
      start = ends[index]!
    }
    this.#fileEnd = position
  }

  /** A partition's blocks are bytes `start` … `end` of the file now. */
  #moved(partition: Partition, start: number, end: number): void {
    const { places, lengths } = partition
    const first = places.findIndex((place) => place < 0)
    for (let extent = first; extent < places.length; extent++) this.#blocks.give(-1 - places[extent]!)
    partition.blocks = 0
    places.length = first
    lengths.length = first
    if (first > 0 && places[first - 1]! + lengths[first - 1]! === start) {
      lengths[first - 1]! += end - start
    } else {
      places.push(start)
      lengths.push(end - start)
    }
  }

  #copy(place: number, from: number, target: Uint8Array): void {
    if (place < 0) {
      target.set(this.#blocks.view(-1 - place, from, from + target.length))
      return
    }
    try {
      const read = this.#file!.read(target, place + from)
      assert(read === target.length, `${read} of ${target.length} bytes of a temporary file`)
    } catch (error) {
      throw wrapIoError(error, { operation: 'reading', file: this.#path })
    }
  }
}

/** Gathers bytes for writes as large as its buffer. */
class StagedWriter {
  readonly #file: File
  readonly #staging: Uint8Array
  #position: number
  #filled = 0

  constructor(file: File, position: number, staging: Uint8Array) {
    this.#file = file
    this.#position = position
    this.#staging = staging
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, this.#staging.length - this.#filled)
      this.#staging.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), this.#filled)
      this.#filled += length
      at += length
      if (this.#filled === this.#staging.length) this.flush()
    }
  }

  flush(): void {
    this.#file.write(this.#staging.subarray(0, this.#filled), this.#position)
    this.#position += this.#filled
    this.#filled = 0
  }
}

function emptyPartition(): Partition {
  return { places: [], lengths: [], block: -1, filled: 0, bytes: 0, blocks: 0 }
}

/** Makes the block being filled an extent. */
function sealBlock(partition: Partition): void {
  if (partition.block === -1) return
  partition.places.push(-1 - partition.block)
  partition.lengths.push(partition.filled)
  partition.block = -1
}
