/**
 * The memory of spools: blocks of one size in one SharedArrayBuffer, so that other threads can read what is
 * spooled where it lies.
 *
 * Owned by the thread that makes them, which alone takes blocks and gives them back. All of it is reserved at
 * once; a block that was never used takes no memory, as the operating system sees it.
 */
import type { MemoryBudget } from '../memory/index.js'

const blockBytesMax = 32_768
const blockBytesMin = 256

/** Bytes that are gathered for one write to a temporary file. */
const stagingBytesMax = 1 << 18
const stagingBytesMin = 64
const stagingShare = 1 / 16

/** Blocks of each partition, on average, when the memory is full: so many blocks are never quite full. */
const blocksPerPartition = 8

/** The same, at least: with fewer every partition is written to the file again and again, in pieces. */
const blocksPerPartitionMin = 2

/** Bytes below which spools of so many partitions are no use. */
export function spoolBytesMin(partitions: number): number {
  return partitions * blocksPerPartitionMin * blockBytesMin + stagingBytesMin
}

export class SpoolBlocks {
  readonly shared: SharedArrayBuffer
  readonly blockBytes: number
  readonly count: number
  readonly #stagingBytes: number
  readonly #bytes: Uint8Array
  readonly #budget: MemoryBudget
  readonly #free: number[] = []
  /** Blocks from here on were never taken. */
  #untouched = 0
  #closed = false

  /**
   * @param partitions that will be spooled
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET`
   */
  constructor(budget: MemoryBudget, bytesMax: number, partitions: number) {
    const wanted = 2 ** Math.floor(Math.log2(Math.max(1, bytesMax / (partitions * blocksPerPartition))))
    this.blockBytes = Math.min(blockBytesMax, Math.max(blockBytesMin, wanted))
    const staging = Math.floor(bytesMax * stagingShare)
    this.#stagingBytes = Math.min(stagingBytesMax, Math.max(stagingBytesMin, staging))
    this.count = Math.max(2, Math.floor((bytesMax - this.#stagingBytes) / this.blockBytes))
    budget.reserve(this.bytes, 'a spill buffer')
    this.#budget = budget
    this.shared = new SharedArrayBuffer(this.count * this.blockBytes)
    this.#bytes = new Uint8Array(this.shared)
  }

  /** Bytes reserved. */
  get bytes(): number {
    return this.count * this.blockBytes + this.#stagingBytes
  }

  /** Blocks nobody has. */
  get freeCount(): number {
    return this.#free.length + this.count - this.#untouched
  }

  /** Takes a block; −1 when there is none. */
  take(): number {
    const block = this.#free.pop()
    if (block !== undefined) return block
    return this.#untouched < this.count ? this.#untouched++ : -1
  }

  /** Gives a block back. */
  give(block: number): void {
    this.#free.push(block)
  }

  /** Bytes `from` … `end` of a block. */
  view(block: number, from: number, end: number): Uint8Array {
    return new Uint8Array(this.shared, block * this.blockBytes + from, end - from)
  }

  /** Copies bytes `from` … `end` of `source` to byte `at` of a block. */
  fill(block: number, at: number, source: Uint8Array, from: number, end: number): void {
    const all = from === 0 && end === source.length
    this.#bytes.set(all ? source : source.subarray(from, end), block * this.blockBytes + at)
  }

  /** A buffer for gathering what is written to a file; reserved, and made when it is needed. */
  newStaging(): Uint8Array {
    return new Uint8Array(this.#stagingBytes)
  }

  /** Gives the memory back to the budget. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#budget.release(this.bytes)
  }
}
