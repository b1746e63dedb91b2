/** A file as a sequence of chunks, read on Node's own threads when they are asked for. */
import { read } from 'node:fs'
import type { OpenedFile } from './input.js'

/** Bytes read at a time. */
export const chunkBytes = 256 * 1024

/** Resolves with how many bytes of the file `from` on are in `target` now. */
function readInto(descriptor: number, target: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, target, 0, target.length, from, (error, bytesRead) => {
      if (error === null) resolve(bytesRead)
      else reject(error)
    })
  })
}

/** Reads a file from its beginning, once. It throws as `OpenedFile.refuseSize` when it ends too early. */
export class FileChunks {
  readonly #file: OpenedFile
  readonly #bytes: number
  #lastRead: Promise<unknown> = Promise.resolve()
  #stopped = false
  /** Bytes given out so far. */
  taken = 0

  /** @param bytes of a chunk */
  constructor(file: OpenedFile, bytes = chunkBytes) {
    this.#file = file
    this.#bytes = bytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (!this.#stopped) {
      const buffer = Buffer.allocUnsafe(this.#bytes)
      const reading = readInto(this.#file.descriptor, buffer, this.taken)
      this.#lastRead = reading.catch(() => undefined)
      const bytesRead = await reading
      if (this.#stopped) return
      if (bytesRead === 0) {
        // What it would have held is missing, whatever else may be wrong with the rest.
        if (this.taken < this.#file.size) this.#file.refuseSize()
        return
      }
      this.taken += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  /** Ends the sequence; resolves when nothing reads the file any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#lastRead
  }
}
