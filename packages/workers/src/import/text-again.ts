/** The text of a packed or decoded file once more, from its beginning, a piece at a time. */
import { assert } from '@millrace/core/base'
import type { ByteSource } from './byte-source.js'
import { untilAborted } from './until-aborted.js'

export class TextAgain {
  readonly #source: ByteSource
  readonly #chunks: AsyncIterator<Uint8Array | string>
  readonly #signal: AbortSignal
  #chunk: Uint8Array = new Uint8Array(0)
  /** Of the chunk's first byte. */
  #position = 0

  /** The source is its own from now on. */
  constructor(source: ByteSource, signal: AbortSignal) {
    this.#source = source
    this.#chunks = source.chunks[Symbol.asyncIterator]()
    this.#signal = signal
  }

  /**
   * Bytes `from` … `to`, behind those that were read before.
   * @throws MillraceError `MILLRACE_SOURCE_CHANGED`, whatever unpacking it throws; the signal's reason
   */
  async read(from: number, to: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(to - from)
    for (let at = from; at < to; ) {
      await this.#goTo(at)
      const part = this.#chunk.subarray(at - this.#position, to - this.#position)
      bytes.set(part, at - from)
      at += part.length
    }
    this.#source.check?.()
    return bytes
  }

  close(): void {
    this.#source.destroy()
  }

  /** Takes chunks until `position` is in one. */
  async #goTo(position: number): Promise<void> {
    assert(position >= this.#position, 'text is read again from its beginning to its end')
    while (position >= this.#position + this.#chunk.length) {
      const next = await untilAborted(this.#chunks.next(), this.#signal)
      // It has become shorter.
      if (next.done === true) this.#source.check?.()
      assert(next.done !== true, 'what was read once can be read again')
      this.#position += this.#chunk.length
      this.#chunk = typeof next.value === 'string' ? Buffer.from(next.value) : next.value
    }
  }
}
