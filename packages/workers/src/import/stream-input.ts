/**
 * An input whose bytes come once and in order: a stream of the caller's, or a file that is unpacked. They go
 * round a shared ring; nothing more is taken from the source while the ring is full. Runs on the caller's
 * thread.
 *
 * Invariants
 * - The ring holds the bytes [released, arrived); workers read only these.
 * - `checksum` is that of all bytes before `released`, when the input keeps one.
 */
import { isMillraceError } from '@millrace/core/base'
import { sourceUnreadable } from '../errors/index.js'
import { type InputBytes, readInput } from '../threads/index.js'
import type { ByteSource } from './byte-source.js'
import type { Availability, ImportInput } from './input.js'

/** Bytes that are skipped at once. */
const skipBytes = 1 << 20

/**
 * Bytes of a ring that holds so many blocks, and the longest record behind the last.
 * @param blocks those that are under way and those that wait
 */
export function ringBytesFor(blocks: number, blockBytes: number, maxRowBytes: number): number {
  return blocks * blockBytes + 2 * maxRowBytes + (1 << 16)
}

function failureOf(name: string, error: unknown): Error {
  if (isMillraceError(error)) return error
  return sourceUnreadable(name, error)
}

/** The checksum of `bytes` behind those whose checksum is `seed`. */
export type Checksum = (bytes: Uint8Array, seed: number) => number

export class StreamInput implements ImportInput {
  readonly name: string
  readonly size = undefined
  readonly windowBytes: number
  readonly bytes: InputBytes
  readonly #source: ByteSource
  readonly #ring: Uint8Array
  readonly #sumUp: Checksum | null
  #checksum = 0
  #arrived = 0
  #released = 0
  #ended = false
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #closed = false

  /** @param sumUp how, where `checksum` will be asked for; null when it will not */
  constructor(source: ByteSource, ring: SharedArrayBuffer, sumUp: Checksum | null) {
    this.name = source.name
    this.#source = source
    this.bytes = { kind: 'ring', ring }
    this.#ring = new Uint8Array(ring)
    this.windowBytes = ring.byteLength
    this.#sumUp = sumUp
    void this.#receive()
  }

  /** Checksum of the bytes that were released; 0 where none is kept. */
  get checksum(): number {
    return this.#checksum
  }

  async waitFor(position: number): Promise<Availability> {
    while (this.#arrived < position && !this.#ended && this.#failure === undefined) await this.#change()
    if (this.#failure !== undefined && this.#arrived < position) throw this.#failure
    return { bytes: this.#arrived, ended: this.#ended }
  }

  read(target: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(target.length, this.#arrived - position))
    return readInput(this.bytes, target.subarray(0, count), position)
  }

  readStart(target: Uint8Array): void {
    this.read(target, 0)
  }

  release(position: number): void {
    if (position <= this.#released) return
    if (this.#sumUp !== null) this.#add(this.#released, position, this.#sumUp)
    this.#released = position
    this.#notify()
  }

  async skipTo(position: number, checksum: number): Promise<string | null> {
    for (let at = this.#released; at < position; ) {
      at = Math.min(position, at + skipBytes)
      const there = await this.waitFor(at)
      if (there.bytes < at) return `${this.name} ends at byte ${there.bytes}, the load stood at ${position}`
      this.release(at)
    }
    if (this.#checksum === checksum) return null
    return `the first ${position} bytes of ${this.name} are not what they were`
  }

  sourceBytesAt(position: number): number {
    return this.#source.packedBytesAt?.(position) ?? position
  }

  readAgain(): ByteSource | null {
    return this.#source.again?.() ?? null
  }

  check(): void {
    this.#source.check?.()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#source.destroy()
    this.#notify()
  }

  #add(from: number, to: number, sumUp: Checksum): void {
    const { length } = this.#ring
    for (let at = from; at < to; ) {
      const place = at % length
      const part = Math.min(to - at, length - place)
      this.#checksum = sumUp(this.#ring.subarray(place, place + part), this.#checksum)
      at += part
    }
  }

  async #receive(): Promise<void> {
    try {
      for await (const chunk of this.#source.chunks) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
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
      this.#failure = this.#changed() ?? failureOf(this.name, error)
    }
    this.#notify()
  }

  /** That the source is not what it was, which explains whatever else is wrong with it. */
  #changed(): Error | undefined {
    if (this.#closed) return undefined
    try {
      this.#source.check?.()
      return undefined
    } catch (error) {
      return error as Error
    }
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
