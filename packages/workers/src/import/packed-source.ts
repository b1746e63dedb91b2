/**
 * A packed file as a source of unpacked bytes: gzip, inflated by zlib on Node's own threads, or Zstandard;
 * never more than a few chunks ahead of who takes them. Several members or frames one behind the other are
 * one text, as `gzip -d` and `zstd -d` have it.
 *
 * Invariants
 * - What is unpacked is bounded while it is unpacked: by a number of bytes, and by a ratio to what was read.
 * - A file that ends within a member, or does not match its checksum, is an error that names the file.
 */
import { createRequire } from 'node:module'
import { pipeline } from 'node:stream'
import { isMillraceError } from '@millrace/core/base'
import { sourceUnreadable, workersError } from '../errors/index.js'
import { gzipRatioFreeBytes, zstdWindowBytesMax } from '../limits.js'
import type { ByteSource } from './byte-source.js'
import { chunkBytes, FileChunks } from './file-chunks.js'
import type { OpenedFile } from './input.js'
import { SourceProgress } from './source-progress.js'
import { isZstd, ZstdText, zstdHead } from './zstd-source.js'

/** Loaded for what is packed only: it takes as long as opening a plain file. */
const loadZlib = () => createRequire(import.meta.url)('node:zlib') as typeof import('node:zlib')

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
  const gunzip = loadZlib().createGunzip({ chunkSize: chunkBytes })
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
    again: () => openPacked(file.share(), limits),
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
    again: () => openPlain(file.share()),
  }
}

/** Bytes that are unpacked at once at most, of a file that unpacks to far more than it has. */
const headTextBytesMax = 16 << 20

/** The text that `packed`, with which a file begins, holds; null when that is too much. */
function gunzipHead(packed: Uint8Array, isWhole: boolean): Uint8Array | null {
  const { constants, gunzipSync } = loadZlib()
  const { Z_FINISH, Z_SYNC_FLUSH } = constants
  const finishFlush = isWhole ? Z_FINISH : Z_SYNC_FLUSH
  try {
    return gunzipSync(packed, { finishFlush, maxOutputLength: headTextBytesMax })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return null
    throw error
  }
}

/** The beginning of a text. */
export interface TextHead {
  readonly text: Uint8Array
  /** Nothing follows. */
  readonly isAll: boolean
}

/** Bytes of a packed file that are looked at first for the beginning of its text. */
const packedBytesFirst = 4096

/**
 * Unpacks the beginning of `file`, at once, to guess from it.
 * @returns `bytesMax` bytes, or fewer when that is all of it, or nearly all that may be unpacked at once
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when it cannot be unpacked
 */
export function unpackHead(file: OpenedFile, bytesMax: number): TextHead {
  let text: Uint8Array = new Uint8Array(0)
  try {
    for (let packedBytes = packedBytesFirst; ; packedBytes *= 4) {
      const packed = file.head(packedBytes)
      const isWhole = packed.length === file.size
      const more = isZstd(packed) ? zstdHead(packed, isWhole, bytesMax) : gunzipHead(packed, isWhole)
      if (more === null) return { text, isAll: false }
      text = more.subarray(0, bytesMax)
      if (isWhole || more.length >= bytesMax) return { text, isAll: isWhole && more.length <= bytesMax }
    }
  } catch (error) {
    throw isMillraceError(error) ? error : sourceUnreadable(file.path, error)
  }
}
