/**
 * A gzip file as a source of unpacked bytes: read, inflated by zlib on Node's own threads, never more than a
 * few chunks ahead of who takes them. Several members one behind the other are one text, as `gzip -d` has it.
 *
 * Invariants
 * - What is unpacked is bounded while it is unpacked: by a number of bytes, and by a ratio to what was read.
 * - A file that ends within a member, or does not match its checksum, is an error that names the file.
 */
import { read } from 'node:fs'
import { pipeline } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, type Gunzip } from 'node:zlib'
import { workersError } from '../errors/index.js'
import { gzipRatioFreeBytes } from '../limits.js'
import type { OpenedFile } from './input.js'
import type { ByteSource } from './stream-input.js'

/** How far a gzip file may unpack. */
export interface GzipLimits {
  /** Times its size, looked at from `gzipRatioFreeBytes` on. */
  readonly ratioMax: number
  readonly bytesMax: number
}

/** Bytes read, and unpacked, at a time. */
const chunkBytes = 256 * 1024

/** True when `head` begins a gzip member: no text in UTF-8 does. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** How many unpacked bytes came of how many packed ones. */
class PackedProgress {
  readonly #unpacked: number[] = []
  readonly #packed: number[] = []
  #reached = 0

  note(unpacked: number, packed: number): void {
    this.#unpacked.push(unpacked)
    this.#packed.push(packed)
  }

  /** Positions must not descend: what is behind them is forgotten. */
  at(position: number): number {
    while (this.#unpacked.length > 0 && this.#unpacked[0]! <= position) {
      this.#unpacked.shift()
      this.#reached = this.#packed.shift()!
    }
    return this.#reached
  }
}

async function* unpack(
  file: OpenedFile,
  gunzip: Gunzip,
  limits: GzipLimits,
  progress: PackedProgress,
): AsyncGenerator<Uint8Array> {
  let unpacked = 0
  const refuse = (limit: string, option: string) =>
    workersError('MILLRACE_UNPACKED_SIZE', { source: file.path, limit, option })
  for await (const chunk of gunzip) {
    unpacked += chunk.length
    if (unpacked > limits.bytesMax) throw refuse(`${limits.bytesMax} bytes`, 'gzipBytesMax')
    if (unpacked > gzipRatioFreeBytes && unpacked > limits.ratioMax * gunzip.bytesWritten) {
      throw refuse(`${limits.ratioMax} times its size`, 'gzipRatioMax')
    }
    progress.note(unpacked, Math.min(gunzip.bytesWritten, file.size))
    yield chunk
  }
  progress.note(unpacked, file.size)
}

const readFile = promisify(read)

/** A file that is being unpacked. */
interface Unpacking {
  readonly gunzip: Gunzip
  /** Ends it; resolves when nothing reads the file any more. */
  stop(): Promise<void>
}

function startUnpacking(file: OpenedFile): Unpacking {
  let lastRead: Promise<unknown> = Promise.resolve()
  async function* packed(): AsyncGenerator<Uint8Array> {
    for (let position = 0; ; ) {
      const buffer = Buffer.allocUnsafe(chunkBytes)
      const reading = readFile(file.descriptor, buffer, 0, chunkBytes, position)
      lastRead = reading.catch(() => undefined)
      const { bytesRead } = await reading
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  // Errors of either reach whoever takes the chunks.
  const ended = new Promise<void>((resolve) => {
    pipeline(packed, gunzip, () => resolve())
  })
  return {
    gunzip,
    stop: async () => {
      gunzip.destroy()
      await ended
      await lastRead
    },
  }
}

/** The unpacked bytes of `file`, which is the source's from now on. */
export function openGzip(file: OpenedFile, limits: GzipLimits): ByteSource {
  const { gunzip, stop } = startUnpacking(file)
  const progress = new PackedProgress()
  return {
    name: file.path,
    chunks: unpack(file, gunzip, limits, progress),
    destroy: () => void stop().then(() => file.close()),
    packedBytesAt: (position) => progress.at(position),
    check: () => file.check(),
  }
}

/**
 * Unpacks the beginning of `file`, to guess from it.
 * @returns `bytesMax` bytes, or fewer when that is all of it
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when it is no gzip file
 */
export async function unpackHead(file: OpenedFile, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const { gunzip, stop } = startUnpacking(file)
  try {
    for await (const chunk of gunzip) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= bytesMax) break
    }
  } catch (error) {
    const problem = (error as Error).message
    throw workersError('MILLRACE_IMPORT_SOURCE', { source: file.path, problem }, { cause: error })
  } finally {
    await stop()
  }
  return Buffer.concat(chunks).subarray(0, bytesMax)
}
