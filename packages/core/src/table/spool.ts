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
 * - When no more blocks can be had, the partition that holds the most of them is written to the file: about
 *   as much is written as there is too much.
 * - The file exists only after the first spill, and no longer than the spool. Nothing in it is ever synced:
 *   no crash needs it.
 */
import { assert } from '../errors/index.js'
import { type File, type FileSystem, wrapIoError } from '../io/index.js'
import type { SpoolBlocks } from './spool-blocks.js'
import { SpoolCursor, type SpoolExtents } from './spool-cursor.js'

export interface SpoolOptions {
  readonly fileSystem: FileSystem
  /** The database's path; the file is `<path>.tmp-<n>`. */
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

/** Makes the names of temporary files differ within the process. */
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

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#blocks = options.blocks
    this.#blocksLeft = options.blocksLeft ?? 0
    this.partitionCount = options.partitions
    this.#path = `${options.path}.tmp-${++spools}`
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

  /** Appends `bytes` to a partition; they are copied. */
  append(partition: number, bytes: Uint8Array): void {
    const target = this.#partitions[partition]!
    const { blockBytes } = this.#blocks
    target.bytes += bytes.length
    let done = 0
    while (done < bytes.length) {
      if (target.block === -1) {
        target.block = this.#takeBlock()
        target.filled = 0
        target.blocks++
      }
      const length = Math.min(bytes.length - done, blockBytes - target.filled)
      const end = target.filled + length
      this.#blocks.view(target.block, target.filled, end).set(bytes.subarray(done, done + length))
      target.filled = end
      done += length
      if (end === blockBytes) sealBlock(target)
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

  /** Writes the blocks of the partition that has the most of them to the file. */
  #spillLargest(): void {
    let largest: Partition | null = null
    for (const partition of this.#partitions) {
      if (partition.blocks > (largest?.blocks ?? 0)) largest = partition
    }
    if (largest === null) return
    const { fileSystem } = this.#options
    try {
      this.#file ??= fileSystem.open(this.#path, 'readWriteCreate')
      this.#spill(largest, this.#file)
    } catch (error) {
      const neededBytes = largest.blocks * this.#blocks.blockBytes
      throw wrapIoError(error, { operation: 'writing', file: this.#path, neededBytes })
    }
  }

  #spill(partition: Partition, file: File): void {
    sealBlock(partition)
    const { places, lengths } = partition
    let kept = places.findIndex((place) => place < 0)
    for (let extent = kept; extent < places.length; extent++) {
      const block = -1 - places[extent]!
      const length = lengths[extent]!
      file.write(this.#blocks.view(block, 0, length), this.#fileEnd)
      this.#blocks.give(block)
      partition.blocks--
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
