/**
 * A spool: byte streams, one per partition, appended to in any order of partitions and read back a partition
 * at a time. It holds what it can in memory and the rest in a temporary file beside the database.
 *
 * ```
 * partition p: extent, extent, …, block being filled        an extent is a range of the file, or a full block
 * in memory ```
 *
 * Invariants
 * - A partition's bytes come back in the order in which they were appended.
 * - Blocks are reserved from the budget one by one and never exceed `bytesMax`; when no more can be had, all
 *   blocks are written to the file, partition by partition, and used again.
 * - The file exists only after the first spill, and no longer than the spool. Nothing in it is ever synced:
 *   no crash needs it.
 */
import { assert } from '../errors/index.js'
import { type File, type FileSystem, wrapIoError } from '../io/index.js'
import type { MemoryBudget } from '../memory/index.js'

export interface SpoolOptions {
  readonly fileSystem: FileSystem
  /** The database's path; the file is `<path>.tmp-<n>`. */
  readonly path: string
  readonly partitions: number
  readonly budget: MemoryBudget
  /** Bytes of blocks to hold in memory. */
  readonly bytesMax: number
}

const blockBytesMax = 65_536
const blockBytesMin = 256

interface Partition {
  /** Per extent: ≥ 0 a position in the file, else −1 − index of a block. */
  places: number[]
  lengths: number[]
  /** The block being filled, or −1. */
  block: number
  filled: number
  bytes: number
}

/** Makes the names of temporary files differ within the process. */
let spools = 0

export class Spool {
  readonly partitionCount: number
  readonly #options: SpoolOptions
  readonly #blockBytes: number
  readonly #blocksMax: number
  readonly #path: string
  readonly #partitions: Partition[]
  readonly #blocks: Uint8Array[] = []
  readonly #freeBlocks: number[] = []
  #file: File | null = null
  #fileEnd = 0

  constructor(options: SpoolOptions) {
    this.#options = options
    this.partitionCount = options.partitions
    this.#path = `${options.path}.tmp-${++spools}`
    const wanted = 2 ** Math.floor(Math.log2(Math.max(1, options.bytesMax / (options.partitions * 4))))
    this.#blockBytes = Math.min(blockBytesMax, Math.max(blockBytesMin, wanted))
    this.#blocksMax = Math.max(2, Math.floor(options.bytesMax / this.#blockBytes))
    this.#partitions = Array.from({ length: options.partitions }, () => ({
      places: [],
      lengths: [],
      block: -1,
      filled: 0,
      bytes: 0,
    }))
  }

  /** Bytes appended to a partition. */
  bytesOf(partition: number): number {
    return this.#partitions[partition]!.bytes
  }

  /** Bytes that lie in the temporary file. */
  get spilledBytes(): number {
    return this.#fileEnd
  }

  /** Appends `bytes` to a partition; they are copied. */
  append(partition: number, bytes: Uint8Array): void {
    const target = this.#partitions[partition]!
    target.bytes += bytes.length
    let done = 0
    while (done < bytes.length) {
      if (target.block === -1) {
        target.block = this.#takeBlock()
        target.filled = 0
      }
      const length = Math.min(bytes.length - done, this.#blockBytes - target.filled)
      this.#blocks[target.block]!.set(bytes.subarray(done, done + length), target.filled)
      target.filled += length
      done += length
      if (target.filled === this.#blockBytes) sealBlock(target)
    }
  }

  /** A cursor at the start of a partition. Nothing may be appended to the spool while it is read. */
  read(partition: number): SpoolCursor {
    const source = this.#partitions[partition]!
    sealBlock(source)
    const { places, lengths, bytes } = source
    return new SpoolCursor(places, lengths, bytes, (place, from, target) => this.#copy(place, from, target))
  }

  /** Forgets a partition; its blocks are used again. */
  drop(partition: number): void {
    const target = this.#partitions[partition]!
    sealBlock(target)
    for (const place of target.places) if (place < 0) this.#freeBlocks.push(-1 - place)
    target.places = []
    target.lengths = []
    target.bytes = 0
  }

  /** Gives back all memory and removes the file. */
  close(): void {
    this.#options.budget.release(this.#blocks.length * this.#blockBytes)
    this.#blocks.length = 0
    this.#freeBlocks.length = 0
    for (const partition of this.#partitions)
      Object.assign(partition, { places: [], lengths: [], block: -1, bytes: 0 })
    if (this.#file !== null) {
      this.#file.close()
      this.#file = null
      this.#options.fileSystem.remove(this.#path)
    }
  }

  #takeBlock(): number {
    const free = this.#freeBlocks.pop()
    if (free !== undefined) return free
    const { budget } = this.#options
    if (this.#blocks.length < this.#blocksMax && budget.tryReserve(this.#blockBytes)) {
      this.#blocks.push(new Uint8Array(this.#blockBytes))
      return this.#blocks.length - 1
    }
    // Not even one: the error says so.
    if (this.#blocks.length === 0) budget.reserve(this.#blockBytes, 'a spill buffer')
    this.#spill()
    return this.#freeBlocks.pop()!
  }

  /** Writes all blocks to the file. */
  #spill(): void {
    const { fileSystem } = this.#options
    try {
      this.#file ??= fileSystem.open(this.#path, 'readWriteCreate')
      for (const partition of this.#partitions) this.#spillPartition(partition, this.#file)
    } catch (error) {
      const neededBytes = this.#blocks.length * this.#blockBytes
      throw wrapIoError(error, { operation: 'writing', file: this.#path, neededBytes })
    }
  }

  #spillPartition(partition: Partition, file: File): void {
    sealBlock(partition)
    const { places, lengths } = partition
    let kept = places.findIndex((place) => place < 0)
    if (kept === -1) return
    for (let extent = kept; extent < places.length; extent++) {
      const block = -1 - places[extent]!
      const length = lengths[extent]!
      file.write(this.#blocks[block]!.subarray(0, length), this.#fileEnd)
      this.#freeBlocks.push(block)
      if (kept > 0 && places[kept - 1]! + lengths[kept - 1]! === this.#fileEnd) {
        lengths[kept - 1]! += length
      } else {
        places[kept] = this.#fileEnd
        lengths[kept] = length
        kept++
      }
      this.#fileEnd += length
    }
    places.length = kept
    lengths.length = kept
  }

  #copy(place: number, from: number, target: Uint8Array): void {
    if (place < 0) {
      target.set(this.#blocks[-1 - place]!.subarray(from, from + target.length))
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

/** Reads a partition from its start. */
export class SpoolCursor {
  readonly #places: readonly number[]
  readonly #lengths: readonly number[]
  readonly #copy: (place: number, from: number, target: Uint8Array) => void
  #extent = 0
  #inExtent = 0
  /** Bytes not read yet. */
  remaining: number

  constructor(
    places: readonly number[],
    lengths: readonly number[],
    bytes: number,
    copy: (place: number, from: number, target: Uint8Array) => void,
  ) {
    this.#places = places
    this.#lengths = lengths
    this.#copy = copy
    this.remaining = bytes
  }

  /** Copies the next `target.length` bytes. */
  read(target: Uint8Array): void {
    assert(target.length <= this.remaining, `${target.length} of ${this.remaining} spooled bytes`)
    let done = 0
    while (done < target.length) {
      const left = this.#lengths[this.#extent]! - this.#inExtent
      const length = Math.min(left, target.length - done)
      this.#copy(this.#places[this.#extent]!, this.#inExtent, target.subarray(done, done + length))
      done += length
      this.#inExtent += length
      if (length === left) {
        this.#extent++
        this.#inExtent = 0
      }
    }
    this.remaining -= target.length
  }
}

/** Makes the block being filled an extent. */
function sealBlock(partition: Partition): void {
  if (partition.block === -1) return
  partition.places.push(-1 - partition.block)
  partition.lengths.push(partition.filled)
  partition.block = -1
}
