/** Reads spooled bytes from their start, wherever they lie. */
import { assert } from '../errors/index.js'

/** Where spooled bytes lie, in order. A plain value: it can be posted to a thread. */
export interface SpoolExtents {
  /** Per extent: ≥ 0 a position in the temporary file, else −1 − the number of a block. */
  readonly places: readonly number[]
  readonly lengths: readonly number[]
  readonly bytes: number
}

/** Copies bytes of an extent, from byte `from` of it on. */
export type CopyExtent = (place: number, from: number, target: Uint8Array) => void

export class SpoolCursor {
  readonly #extents: SpoolExtents
  readonly #copy: CopyExtent
  #extent = 0
  #inExtent = 0
  /** Bytes not read yet. */
  remaining: number

  constructor(extents: SpoolExtents, copy: CopyExtent) {
    this.#extents = extents
    this.#copy = copy
    this.remaining = extents.bytes
  }

  /** Copies the next `target.length` bytes. */
  read(target: Uint8Array): void {
    assert(target.length <= this.remaining, `${target.length} of ${this.remaining} spooled bytes`)
    const { places, lengths } = this.#extents
    let done = 0
    while (done < target.length) {
      const left = lengths[this.#extent]! - this.#inExtent
      const length = Math.min(left, target.length - done)
      this.#copy(places[this.#extent]!, this.#inExtent, target.subarray(done, done + length))
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
