/**
 * Where bytes go: a file, written aside and renamed when all is done; something that is no file (a pipe, a
 * device), written straight; a stream. Each can be packed with gzip on the way.
 *
 * Invariants
 * - A write is awaited before the next one, so nothing gathers up here.
 * - A file stands under its name only when it is whole. `discard` leaves nothing.
 */
import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { MillraceError } from '@millrace/core'
import { errnoOf, ioHintOf } from '@millrace/core/internal'
import { datagenError } from '../errors/index.js'

const packMember = promisify<Uint8Array, Uint8Array>(gzip)

export interface Target {
  write(bytes: Uint8Array): Promise<void>
  /** All is written; what was aside is not yet in its place. */
  finish(): Promise<void>
  /** Puts it in its place. */
  publish(): Promise<void>
  discard(): Promise<void>
}

/** What to do where output has other ways out than a database. */
const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space on the disk, or write packed with --gzip.',
  EDQUOT: 'Raise the disk quota, remove files, or write packed with --gzip.',
  EACCES: 'Choose a place that may be written.',
  EPERM: 'Choose a place that may be written.',
  EROFS: 'Choose a place that may be written.',
  EEXIST: 'A part of the path is a file; choose another folder.',
  ENOTDIR: 'A part of the path is a file; choose another folder.',
  EISDIR: 'Name a file, or end the name with / for a folder.',
}

/** The catalogue's error for what the system refused. */
export function outputError(target: string, error: unknown): MillraceError {
  const code = errnoOf(error)
  const message = error instanceof Error ? error.message : String(error)
  // Node has no words for it.
  const problem = code === 'EDQUOT' ? 'the disk quota is used up' : message
  const hint = hints[code] ?? ioHintOf(code) ?? 'Check the path.'
  return datagenError('MILLRACE_DATAGEN_OUTPUT', { target, problem, hint }, { cause: error })
}

/** A file at `path`. Its folder is made if it is absent. */
export class FileTarget implements Target {
  readonly path: string
  readonly #aside: string
  /** The outermost folder that was made for the file, if one was. */
  readonly #madeFolder: string | undefined
  #handle: FileHandle | undefined

  private constructor(path: string, aside: string, handle: FileHandle, madeFolder?: string) {
    this.path = path
    this.#aside = aside
    this.#handle = handle
    this.#madeFolder = madeFolder
  }

  /** @throws MillraceError `MILLRACE_DATAGEN_OUTPUT` */
  static async create(path: string): Promise<FileTarget> {
    try {
      const isSpecial = await stat(path).then(
        (found) => !found.isFile() && !found.isDirectory(),
        () => false,
      )
      if (isSpecial) return new FileTarget(path, path, await open(path, 'w'))
      const madeFolder = await mkdir(dirname(path), { recursive: true })
      const aside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`)
      return new FileTarget(path, aside, await open(aside, 'wx'), madeFolder)
    } catch (error) {
      throw outputError(path, error)
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#handle!.write(bytes, at, bytes.length - at)
        at += bytesWritten
      }
    } catch (error) {
      throw outputError(this.path, error)
    }
  }

  async finish(): Promise<void> {
    await this.#close().catch((error: unknown) => {
      throw outputError(this.path, error)
    })
  }

  async publish(): Promise<void> {
    if (this.#aside === this.path) return
    await rename(this.#aside, this.path).catch((error: unknown) => {
      throw outputError(this.path, error)
    })
  }

  async discard(): Promise<void> {
    await this.#close().catch(() => undefined)
    if (this.#aside !== this.path) await rm(this.#aside, { force: true })
    if (this.#madeFolder !== undefined) await removeEmptyFolders(dirname(this.path), this.#madeFolder)
  }

  async #close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }
}

/** Removes `folder` and those around it, up to `outermost`, as far as they are empty. */
async function removeEmptyFolders(folder: string, outermost: string): Promise<void> {
  for (let at = resolve(folder); at.length >= resolve(outermost).length; at = dirname(at)) {
    const isRemoved = await rmdir(at).then(
      () => true,
      () => false,
    )
    if (!isRemoved) return
  }
}

/**
 * What the system refused of a stream; that its reader has gone, or what its owner throws, is told as it is.
 */
function streamError(error: unknown): unknown {
  const isOfSystem = typeof (error as { errno?: unknown }).errno === 'number'
  const isReaderGone = ['EPIPE', 'ECONNRESET'].includes(errnoOf(error))
  return isOfSystem && !isReaderGone ? outputError('The output stream', error) : error
}

/** A stream that somebody else owns: it is not ended. */
export class StreamTarget implements Target {
  readonly #stream: Writable
  #failure: Error | undefined

  constructor(stream: Writable) {
    this.#stream = stream
    stream.on('error', this.#fail)
  }

  readonly #fail = (error: Error): void => {
    this.#failure ??= error
  }

  /** Waits until the stream has handed the bytes on: they are overwritten afterwards. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw streamError(this.#failure)
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(streamError(error)) : resolve()))
    })
  }

  async finish(): Promise<void> {
    this.#stream.off('error', this.#fail)
    if (this.#failure !== undefined) throw streamError(this.#failure)
  }

  async publish(): Promise<void> {}

  async discard(): Promise<void> {
    // A late error of a stream that is given up concerns nobody.
    this.#stream.on('error', () => undefined)
  }
}

/** Bytes that are packed at a time: a member of the gzip file. Where they are cut depends on nothing else. */
const memberBytes = 1024 * 1024

/** Members that are packed at the same time, by the threads of Node's pool. */
const membersAtOnce = 4

/**
 * Bytes packed with gzip on their way to another target, as members of a fixed size one after the other,
 * which several threads can pack.
 */
export class GzipTarget implements Target {
  readonly #inner: Target
  readonly #packing: Promise<Uint8Array>[] = []
  #member = Buffer.alloc(memberBytes)
  #filled = 0
  #isEmpty = true

  constructor(inner: Target) {
    this.#inner = inner
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + memberBytes - this.#filled)
      this.#member.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === memberBytes) await this.#pack()
    }
  }

  async #pack(): Promise<void> {
    const packed = packMember(this.#member.subarray(0, this.#filled))
    // It is awaited in its turn; a failure meanwhile must not count as one that nobody saw.
    packed.catch(() => undefined)
    this.#packing.push(packed)
    this.#member = Buffer.alloc(memberBytes)
    this.#filled = 0
    this.#isEmpty = false
    if (this.#packing.length >= membersAtOnce) await this.#writeFirst()
  }

  async #writeFirst(): Promise<void> {
    const first = await this.#packing.shift()
    if (first !== undefined) await this.#inner.write(first)
  }

  async finish(): Promise<void> {
    // Nothing packed is a member, too: an empty file would be no gzip file.
    if (this.#filled > 0 || this.#isEmpty) await this.#pack()
    while (this.#packing.length > 0) await this.#writeFirst()
    await this.#inner.finish()
  }

  publish(): Promise<void> {
    return this.#inner.publish()
  }

  async discard(): Promise<void> {
    await Promise.allSettled(this.#packing)
    await this.#inner.discard()
  }
}
