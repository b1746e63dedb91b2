/**
 * Data on its way to stdout: gathered into larger writes, and never faster than the reader takes it.
 *
 * Invariants
 * - At most `bufferedCharsMax` characters are held here, plus what the stream itself holds up to its mark.
 * - A reader that has gone (`… | head -1`) is no failure: it raises `OutputClosed`, which ends the command
 *   quietly.
 */
import { once } from 'node:events'

const bufferedCharsMax = 64 * 1024

/** Nobody reads the output any more. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

export class TextSink {
  readonly #stream: NodeJS.WritableStream
  #text = ''
  #failure: Error | undefined

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure ??= error.code === 'EPIPE' ? new OutputClosed('the reader of stdout is gone') : error
    })
  }

  /** Takes `text`; the promise, when there is one, is to be awaited before the next call. */
  write(text: string): Promise<void> | undefined {
    this.#text += text
    return this.#text.length < bufferedCharsMax ? undefined : this.flush()
  }

  /**
   * Hands everything over and waits until the stream wants more.
   * @throws OutputClosed when the reader is gone; the stream's error when writing failed otherwise
   */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    if (!this.#stream.write(text)) await this.#drained()
    if (this.#failure !== undefined) throw this.#failure
  }

  async #drained(): Promise<void> {
    try {
      await once(this.#stream, 'drain')
    } catch (error) {
      throw this.#failure ?? error
    }
  }
}
