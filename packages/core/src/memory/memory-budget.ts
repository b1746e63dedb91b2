import { MillraceError } from '../errors/index.js'

/**
 * A bound on memory that our own code keeps, because nothing outside it can: V8's heap limits do not see
 * SharedArrayBuffers or WebAssembly memories. Reserve before every such allocation; release when it is given
 * up.
 */
export class MemoryBudget {
  readonly bytesMax: number
  #reserved = 0
  #peak = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  /** Bytes reserved now. */
  get reservedBytes(): number {
    return this.#reserved
  }

  /** Most bytes that were ever reserved at once. */
  get peakBytes(): number {
    return this.#peak
  }

  /** Bytes that can still be reserved. */
  get availableBytes(): number {
    return this.bytesMax - this.#reserved
  }

  /**
   * Reserves `bytes` for `purpose`.
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when they do not fit.
   */
  reserve(bytes: number, purpose: string): void {
    if (!this.tryReserve(bytes)) {
      throw new MillraceError('MILLRACE_MEMORY_BUDGET', {
        purpose,
        needed: bytes,
        available: this.availableBytes,
        budget: this.bytesMax,
      })
    }
  }

  /** Reserves `bytes` and says true, or says false and reserves nothing. */
  tryReserve(bytes: number): boolean {
    if (bytes > this.availableBytes) return false
    this.#reserved += bytes
    if (this.#reserved > this.#peak) this.#peak = this.#reserved
    return true
  }

  /** Gives `bytes` back. */
  release(bytes: number): void {
    this.#reserved -= bytes
  }
}
