/**
 * A packed file as a source of unpacked bytes: gzip, inflated by zlib on Node's own threads, or Zstandard;
 * never more than a few chunks ahead of who takes them. Several members or frames one behind the other are
 * one text, as `gzip -d` and `zstd -d` have it.
 *
 * Invariants
 * - What is unpacked is bounded while it is unpacked: by a number of bytes, and by a ratio to what was read.
 * - A file that ends within a member, or does not match its checksum, is an error that names the file.
 */
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { workersError } from '../errors/index.js'
import { gzipRatioFreeBytes, zstdWindowBytesMax } from '../limits.js'
import { chunkBytes, FileChunks } from './file-chunks.js'
import type { OpenedFile } from './input.js'
import { SourceProgress } from './source-progress.js'
import type { ByteSource } from './stream-input.js'
import { isZstd, ZstdText } from './zstd-source.js'

/** How far a packed file may unpack. */
export interface GzipLimits {
  /** Times its size, looked at from `gzipRatioFreeBytes` on. */
  readonly ratioMax: number
  readonly bytesMax: number
}

/** Bytes at the beginning of a file that tell whether it is packed. */
export const packedHeadBytes = 4

/** True when `head` begins a gzip member or a Zstandard frame: no text in UTF-8 does. */
export function isPacked(head: Uint8Array): boolean {
  return (head[0] === 0x1f && head[1] === 0x8b) || isZstd(head)
}

/** Memory that unpacking such a file takes; what zlib needs is not worth counting. */
export function unpackingBytesOf(head: Uint8Array): number {
  return isZstd(head) ? zstdWindowBytesMax : 0
}

/** What unpacks: the text, and how much of the file it came of so far. */
type Unpacker = AsyncIterable<Uint8Array> & { readonly bytesWritten: number }

async function* unpack(
  file: OpenedFile,
  unpacker: Unpacker,
  limits: GzipLimits,
  progress: SourceProgress,
): AsyncGenerator<Uint8Array> {
  let unpacked = 0
  const refuse = (limit: string, option: string) =>
    workersError('MILLRACE_UNPACKED_SIZE', { source: file.path, limit, option })
  for await (const chunk of unpacker) {
    unpacked += chunk.length
    if (unpacked > limits.bytesMax) throw refuse(`${limits.bytesMax} bytes`, 'gzipBytesMax')
    if (unpacked > gzipRatioFreeBytes && unpacked > limits.ratioMax * unpacker.bytesWritten) {
      throw refuse(`${limits.ratioMax} times its size`, 'gzipRatioMax')
    }
    progress.note(unpacked, Math.min(unpacker.bytesWritten, file.size))
    yield chunk
  }
  progress.note(unpacked, file.size)
}

/** A file that is being unpacked. */
interface Unpacking {
  readonly unpacker: Unpacker
  /** Ends it; resolves when nothing reads the file any more. */
  stop(): Promise<void>
}

function startUnpacking(file: OpenedFile): Unpacking {
  const packed = new FileChunks(file)
  if (isZstd(file.head(4))) return { unpacker: new ZstdText(packed), stop: () => packed.stop() }
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  // Errors of either reach whoever takes the chunks.
  const ended = new Promise<void>((resolve) => {
    pipeline(packed, gunzip, () => resolve())
  })
  return {
    unpacker: gunzip,
    stop: async () => {
      gunzip.destroy()
      await ended
      await packed.stop()
    },
  }
}

/** The unpacked bytes of `file`, which is the source's from now on. */
export function openPacked(file: OpenedFile, limits: GzipLimits): ByteSource {
  const { unpacker, stop } = startUnpacking(file)
  const progress = new SourceProgress()
  return {
    name: file.path,
    chunks: unpack(file, unpacker, limits, progress),
    destroy: () => void stop().then(() => file.close()),
    packedBytesAt: (position) => progress.at(position),
    check: () => file.check(),
  }
}

/** The bytes of `file` as they are, which is the source's from now on. */
export function openPlain(file: OpenedFile): ByteSource {
  const chunks = new FileChunks(file)
  return {
    name: file.path,
    chunks,
    destroy: () => void chunks.stop().then(() => file.close()),
    check: () => file.check(),
  }
}

/**
 * Unpacks the beginning of `file`, to guess from it.
 * @returns `bytesMax` bytes, or fewer when that is all of it
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when it cannot be unpacked
 */
export async function unpackHead(file: OpenedFile, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const { unpacker, stop } = startUnpacking(file)
  try {
    for await (const chunk of unpacker) {
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
