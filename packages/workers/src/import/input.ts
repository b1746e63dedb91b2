/**
 * An input of an import as a sequence of bytes with positions: a file, or a stream held in a ring.
 * Workers read through `bytes`; the coordinator waits, releases and closes. Runs on the caller's thread.
 */
import { closeSync, fstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { workersError } from '../errors/index.js'
import { type InputBytes, readInput } from '../threads/index.js'
import { openRegularFile, type SourcePath } from './source-file.js'

/** How much of an input is there. */
export interface Availability {
  /** Bytes from the start that have arrived. */
  readonly bytes: number
  /** No more will come: `bytes` is the input's size. */
  readonly ended: boolean
}

export interface ImportInput {
  /** As the user named it. */
  readonly name: string
  readonly bytes: InputBytes
  /** Bytes of the whole input, where known. */
  readonly size: number | undefined
  /** Waits until the bytes before `position` have arrived or the input has ended. */
  waitFor(position: number): Promise<Availability>
  /**
   * Fills `target` from `position`; returns the bytes there were. Only for positions that have arrived and
   * are not released.
   */
  read(target: Uint8Array, position: number): number
  /** Says that bytes before `position` are not needed any more. */
  release(position: number): void
  /** @throws MillraceError `MILLRACE_SOURCE_CHANGED` when the input is not what it was when it was opened */
  check(): void
  close(): void
}

/** An input with what its header says. */
export interface OpenInput {
  readonly input: ImportInput
  /** Where the first record begins, and how many line ends are before it. */
  readonly dataStart: number
  readonly dataLine: number
}

/** A regular file. */
export class FileInput implements ImportInput {
  readonly name: string
  readonly bytes: InputBytes
  readonly size: number
  readonly #descriptor: number
  readonly #modifiedMs: number

  /**
   * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when it is absent, unreadable or no regular file,
   * `MILLRACE_PATH_NOT_ALLOWED`
   */
  constructor(source: SourcePath) {
    const { descriptor, stat } = openRegularFile(source)
    this.name = source.path
    this.#descriptor = descriptor
    this.#modifiedMs = stat.mtimeMs
    this.size = stat.size
    this.bytes = { kind: 'file', descriptor }
  }

  async waitFor(): Promise<Availability> {
    return { bytes: this.size, ended: true }
  }

  read(target: Uint8Array, position: number): number {
    return readInput(this.bytes, target, position)
  }

  release(): void {}

  check(): void {
    const stat = fstatSync(this.#descriptor)
    if (stat.size !== this.size || stat.mtimeMs !== this.#modifiedMs) {
      throw workersError('MILLRACE_SOURCE_CHANGED', { source: this.name, before: this.size, now: stat.size })
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

/** A Node stream. Its bytes go round a shared ring; the stream is paused while the ring is full. */
export class StreamInput implements ImportInput {
  readonly name: string
  readonly size = undefined
  readonly bytes: InputBytes
  readonly #stream: Readable
  readonly #ring: Uint8Array
  #arrived = 0
  #released = 0
  #ended = false
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #closed = false

  /** @param name what it is called in errors */
  constructor(stream: Readable, ring: SharedArrayBuffer, name: string) {
    this.name = name
    this.#stream = stream
    this.bytes = { kind: 'ring', ring }
    this.#ring = new Uint8Array(ring)
    void this.#receive()
  }

  async waitFor(position: number): Promise<Availability> {
    while (this.#arrived < position && !this.#ended && this.#failure === undefined) await this.#change()
    if (this.#failure !== undefined) {
      const problem = this.#failure.message
      throw workersError('MILLRACE_IMPORT_SOURCE', { source: this.name, problem }, { cause: this.#failure })
    }
    return { bytes: this.#arrived, ended: this.#ended }
  }

  read(target: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(target.length, this.#arrived - position))
    return readInput(this.bytes, target.subarray(0, count), position)
  }

  release(position: number): void {
    if (position <= this.#released) return
    this.#released = position
    this.#notify()
  }

  check(): void {}

  close(): void {
    this.#closed = true
    this.#stream.destroy()
    this.#notify()
  }

  async #receive(): Promise<void> {
    try {
      for await (const chunk of this.#stream) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
        for (let done = 0; done < bytes.length && !this.#closed; ) {
          const room = this.#ring.length - (this.#arrived - this.#released)
          if (room === 0) {
            await this.#change()
            continue
          }
          const at = this.#arrived % this.#ring.length
          const part = Math.min(room, bytes.length - done, this.#ring.length - at)
          this.#ring.set(bytes.subarray(done, done + part), at)
          done += part
          this.#arrived += part
          this.#notify()
        }
        if (this.#closed) return
      }
      this.#ended = true
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
    }
    this.#notify()
  }

  /** Resolves at the next change of state. Several may wait: the receiver and the coordinator. */
  #change(): Promise<void> {
    const before = this.#wake
    return new Promise((resolve) => {
      this.#wake = () => {
        before?.()
        resolve()
      }
    })
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
