import { sectorBytes } from '@millrace/core/internal'
import type { Random } from './random.js'

/** An operation on a file's bytes that was not synced yet. */
export type PendingOperation =
  | { readonly kind: 'write'; readonly order: number; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly order: number; readonly size: number }

/** The bytes of a file, growing. Holes read as zeros. */
export class SimulatedContent {
  #bytes: Uint8Array
  #size: number

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#bytes = bytes
    this.#size = bytes.length
  }

  get size(): number {
    return this.#size
  }

  /** A view of all bytes. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size)
  }

  clone(): SimulatedContent {
    return new SimulatedContent(this.bytes.slice())
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length
    this.#reach(end)
    this.#bytes.set(bytes, position)
    if (end > this.#size) this.#size = end
  }

  truncate(size: number): void {
    this.#reach(size)
    if (size < this.#size) this.#bytes.fill(0, size, this.#size)
    this.#size = size
  }

  #reach(size: number): void {
    if (size <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(size, this.#bytes.length * 2))
    grown.set(this.bytes)
    this.#bytes = grown
  }

  apply(operation: PendingOperation): void {
    if (operation.kind === 'write') this.write(operation.position, operation.bytes)
    else this.truncate(operation.size)
  }

  /** A write of which only some sectors reached the disk: either the first ones, or any. */
  applyTorn(operation: PendingOperation & { kind: 'write' }, random: Random): void {
    const { position, bytes } = operation
    const end = position + bytes.length
    const firstOnly = random.chance()
    const cut = position + random.below(bytes.length + 1)
    for (let at = position; at < end; ) {
      const next = Math.min(end, (Math.floor(at / sectorBytes) + 1) * sectorBytes)
      const reached = firstOnly ? next <= cut : random.chance()
      if (reached) this.write(at, bytes.subarray(at - position, next - position))
      at = next
    }
  }

  /** A write that left anything in the sectors it touched. */
  applyGarbage(operation: PendingOperation & { kind: 'write' }, random: Random): void {
    const { position, bytes } = operation
    const end = position + bytes.length
    const size = Math.max(this.#size, end)
    const from = Math.floor(position / sectorBytes) * sectorBytes
    const to = Math.min(size, Math.ceil(end / sectorBytes) * sectorBytes)
    this.write(from, random.fill(new Uint8Array(to - from)))
  }
}
