import { assert, MillraceError } from '../errors/index.js'
import type { MemoryBudget } from './memory-budget.js'

const wasmPageBytes = 65_536

/**
 * A stack allocator over one `WebAssembly.Memory`: regions are taken in order and given back by returning to
 * a mark.
 *
 * Invariants
 * - Kernels never allocate: whoever calls them takes regions here and passes addresses.
 * - The first 64 KiB are never handed out (kernels may keep static data there), so address 0 is never valid.
 * - Growth replaces `memory.buffer`: take views of it after allocating, never before.
 */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly #budget: MemoryBudget
  readonly #pagesMax: number
  #top = wasmPageBytes

  /** Makes a memory of its own, at most `bytesMax` bytes, whose growth is reserved from `budget`. */
  constructor(budget: MemoryBudget, bytesMax: number) {
    this.#budget = budget
    budget.reserve(wasmPageBytes, 'a WebAssembly memory')
    this.#pagesMax = Math.min(65_536, Math.ceil(bytesMax / wasmPageBytes) + 1)
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: this.#pagesMax })
  }

  /** The bytes of the memory as they are now. Invalid after the next `allocate`. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer)
  }

  /** Bytes the memory has grown to. */
  get sizeBytes(): number {
    return this.memory.buffer.byteLength
  }

  /**
   * Takes `bytes` bytes at a multiple of `align` (a power of two) and returns their address. Their content is
   * unspecified.
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when the memory would outgrow the budget, or its own bound
   */
  allocate(bytes: number, align = 16): number {
    // Not with bit operations: an address may be beyond 2^31.
    const address = Math.ceil(this.#top / align) * align
    const end = address + bytes
    const missing = end - this.memory.buffer.byteLength
    if (missing > 0) this.#grow(Math.ceil(missing / wasmPageBytes))
    this.#top = end
    return address
  }

  #grow(pages: number): void {
    const room = this.#pagesMax * wasmPageBytes - this.sizeBytes
    const purpose = 'growing a WebAssembly memory'
    const needed = pages * wasmPageBytes
    if (needed > room) {
      const budget = this.#pagesMax * wasmPageBytes
      throw new MillraceError('MILLRACE_MEMORY_BUDGET', { purpose, needed, available: room, budget })
    }
    this.#budget.reserve(needed, purpose)
    this.memory.grow(pages)
  }

  /** The place to return to with `release`. */
  mark(): number {
    return this.#top
  }

  /** Gives back everything taken since `mark`. The memory stays as large as it is, for the next use. */
  release(mark: number): void {
    assert(mark <= this.#top, `arena mark ${mark} ≤ top ${this.#top}`)
    this.#top = mark
  }
}
