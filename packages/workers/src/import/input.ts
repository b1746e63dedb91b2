/**
 * An input of an import as a sequence of bytes with positions: a file here, or a stream or packed file held
 * in a ring (`stream-input.ts`). Workers read through `bytes`; the coordinator waits, releases and closes.
 * Runs on the caller's thread.
 */
import { closeSync, fstatSync } from 'node:fs'
import { sourceRefused, sourceUnreadable } from '../errors/index.js'
import { type InputBytes, readInput } from '../threads/index.js'
import type { ByteSource } from './byte-source.js'
import { type FileState, requireSame, stateOf } from './file-state.js'
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
  /** How many bytes from the first that is not released on can be there at once. */
  readonly windowBytes: number
  /** Waits until the bytes before `position` have arrived or the input has ended. */
  waitFor(position: number): Promise<Availability>
  /**
   * Fills `target` from `position`; returns the bytes there were. Only for positions that have arrived and
   * are not released.
   */
  read(target: Uint8Array, position: number): number
  /**
   * Fills `target` from the start, with bytes that have arrived.
   * @throws MillraceError `MILLRACE_SOURCE_CHANGED`, `MILLRACE_IMPORT_SOURCE` when there are fewer after all
   */
  readStart(target: Uint8Array): void
  /** Says that bytes before `position` are not needed any more. */
  release(position: number): void
  /** CRC-32 of the bytes that were released; 0 where the input can be read again. */
  readonly checksum: number
  /**
   * Goes on at `position`, where an earlier load stood, and releases what is before it.
   * @returns what is wrong when these bytes are not those of the `checksum`, as a clause; null otherwise
   */
  skipTo(position: number, checksum: number): Promise<string | null>
  /** Bytes of the source as it lies on the disk, for its first `position` bytes. Asked in ascending order. */
  sourceBytesAt(position: number): number
  /**
   * The bytes from the beginning once more, of a file that workers do not read themselves; null of what comes
   * only once. Not of an input that is closed.
   */
  readAgain(): ByteSource | null
  /** @throws MillraceError `MILLRACE_SOURCE_CHANGED` when the input is not what it was when it was opened */
  check(): void
  close(): void
}

/** An input with what its header says. */
export interface OpenInput {
  readonly input: ImportInput
  /** Among the sources of the load. */
  readonly index: number
  /** Where the first record begins, and how many line ends are before it. */
  readonly dataStart: number
  readonly dataLine: number
  /** Where the fields of the load's first source stand in its records; null: in the same places. */
  readonly order: Uint32Array | null
}

/** A regular file that is open for reading, and what it was when it was opened. */
export class OpenedFile {
  readonly path: string
  readonly descriptor: number
  readonly state: FileState
  /** Who has it, and closes it in the end. */
  #owners = 1

  /**
   * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when it is absent, unreadable or no regular file,
   * `MILLRACE_PATH_NOT_ALLOWED`; `MILLRACE_SOURCE_CHANGED` when it is not as it was seen
   */
  constructor(source: SourcePath) {
    const { descriptor, stat } = openRegularFile(source)
    this.path = source.path
    this.descriptor = descriptor
    this.state = stateOf(stat)
    try {
      if (source.seen !== undefined) requireSame(this.path, source.seen, this.state)
      // A file of /proc has no size, whatever is in it.
      if (this.size === 0 && readInput(this.bytes, new Uint8Array(1), 0) > 0) this.refuseSize()
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  get size(): number {
    return this.state.sizeBytes
  }

  get bytes(): InputBytes {
    return { kind: 'file', descriptor: this.descriptor, path: this.path }
  }

  /**
   * Its first bytes: `bytesMax`, or all.
   * @throws MillraceError as `refuseSize`, when there are fewer than its size says
   */
  head(bytesMax: number): Uint8Array {
    const head = new Uint8Array(Math.min(bytesMax, this.size))
    if (readInput(this.bytes, head, 0) < head.length) this.refuseSize()
    return head
  }

  /** @throws MillraceError `MILLRACE_SOURCE_CHANGED` when size or modification time are others now */
  check(): void {
    requireSame(this.path, this.state, stateOf(statOf(this)))
  }

  /**
   * What to throw when there are more or fewer bytes than its size says.
   * @throws MillraceError `MILLRACE_SOURCE_CHANGED` when it has changed; else `MILLRACE_IMPORT_SOURCE`
   */
  refuseSize(): never {
    this.check()
    throw sourceRefused(
      this.path,
      `it does not have the ${this.size} bytes that the system says: it is made when it is read`,
      'Copy it to a file first, or pass it through a pipe',
    )
  }

  /** The same file for another owner. */
  share(): this {
    this.#owners += 1
    return this
  }

  /** What is said of the end of a file that was only read means nothing. */
  close(): void {
    this.#owners -= 1
    if (this.#owners > 0) return
    try {
      closeSync(this.descriptor)
    } catch {
      // The descriptor is given up all the same.
    }
  }
}

function statOf({ descriptor, path }: OpenedFile) {
  try {
    return fstatSync(descriptor, { bigint: true })
  } catch (error) {
    throw sourceUnreadable(path, error)
  }
}

/** A file that is read as it is. */
export class FileInput implements ImportInput {
  readonly name: string
  readonly bytes: InputBytes
  readonly size: number
  readonly windowBytes = Number.POSITIVE_INFINITY
  readonly #file: OpenedFile

  /** The file is the input's from now on. */
  constructor(file: OpenedFile) {
    this.#file = file
    this.name = file.path
    this.size = file.size
    this.bytes = file.bytes
  }

  async waitFor(): Promise<Availability> {
    return { bytes: this.size, ended: true }
  }

  read(target: Uint8Array, position: number): number {
    return readInput(this.bytes, target, position)
  }

  readStart(target: Uint8Array): void {
    target.set(this.#file.head(target.length))
  }

  release(): void {}

  readonly checksum = 0

  async skipTo(): Promise<null> {
    return null
  }

  sourceBytesAt(position: number): number {
    return position
  }

  readAgain(): null {
    return null
  }

  check(): void {
    this.#file.check()
  }

  close(): void {
    this.#file.close()
  }
}
