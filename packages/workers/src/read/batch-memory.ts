/** Memory that batches are copied into, out of their slots: each its own, or one for all. */
export interface BatchMemory {
  /** Memory of so many bytes, which begins at a multiple of 8. What it holds is nobody's: all is written. */
  take(bytes: number): Uint8Array
}

/** A batch has memory of its own, for as long as somebody has the batch. */
export class OwnMemory implements BatchMemory {
  take(bytes: number): Uint8Array {
    // Nobody needs it zeroed first.
    return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  }
}

/** All batches have the same memory in turn: each is gone when the next one is there. */
export class SharedMemory implements BatchMemory {
  #buffer = new ArrayBuffer(0)

  take(bytes: number): Uint8Array {
    // Batches of one file differ little: with some room, it is made once or twice.
    if (this.#buffer.byteLength < bytes) this.#buffer = new ArrayBuffer(Math.ceil((bytes * 9) / 64) * 8)
    return new Uint8Array(this.#buffer, 0, bytes)
  }
}
