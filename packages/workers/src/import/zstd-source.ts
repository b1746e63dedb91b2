/**
 * Zstandard, frame by frame and block by block (RFC 8878). The blocks are decompressed by `fzstd`; what it
 * does not do is done here: the windows and blocks of a hostile file are bounded, every checksum and length
 * that the file has is compared, and no more is unpacked than is taken.
 *
 * ```
 * | magic 4 | descriptor 1 | window 0–1 | dictionary 0–4 | content size 0–8 | block … | checksum 0 or 4 |
 * a block:  | header 3: last (1 bit), type (2), size (21) | size bytes; 1 where one byte is repeated |
 * ```
 *
 * What the format says is said once, by generators that ask for bytes (`Frames`); whoever drives them has the
 * bytes (`zstdHead`) or waits for them (`ZstdText`).
 */
import { createRequire } from 'node:module'
import type * as fzstd from 'fzstd'
import type { XXHash, XXHashAPI } from 'xxhash-wasm'
import { zstdWindowBytesMax } from '../limits.js'

const magic = 0xfd2f_b528
const skippableMagic = 0x184d_2a50
const blockBytesMax = 128 * 1024
const repeated = 1
const reserved = 3

/** True when `head` begins a Zstandard frame: no text in UTF-8 does. */
export function isZstd(head: Uint8Array): boolean {
  return head.length >= 4 && new DataView(head.buffer, head.byteOffset).getUint32(0, true) === magic
}

/**
 * Gives numbers, of bytes that it must be given next (fewer only at the end of the file), and text. Throws
 * an Error for what is no sequence of frames.
 */
type Frames<Result = void> = Generator<number | Uint8Array, Result, Buffer>

/** Exactly `count` bytes. */
function* take(count: number): Frames<Buffer> {
  const bytes = yield count
  if (bytes.length < count) throw new Error('it ends within a Zstandard frame')
  return bytes
}

function* skip(count: number): Frames {
  for (let left = count; left > 0; ) left -= (yield* take(Math.min(left, blockBytesMax))).length
}

interface FrameHeader {
  /** All bytes of it, the magic number included. */
  readonly bytes: Buffer
  readonly windowBytes: number
  /** Of all blocks together; null: not said. */
  readonly contentBytes: number | null
  readonly hasChecksum: boolean
}

function* takeFrameHeader(first: Buffer): Frames<FrameHeader> {
  const descriptor = yield* take(1)
  const flags = descriptor[0]!
  const isSingle = (flags & 0x20) !== 0
  if ((flags & 0x08) !== 0) throw new Error('a Zstandard frame has a reserved bit')
  const window = yield* take(isSingle ? 0 : 1)
  const dictionary = yield* take([0, 1, 2, 4][flags & 3]!)
  if (dictionary.some((byte) => byte !== 0)) throw new Error('it was packed with a dictionary')
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!
  const size = yield* take(sizeBytes)
  let contentBytes: number | null = null
  if (sizeBytes === 8) contentBytes = Number(size.readBigUInt64LE())
  else if (sizeBytes > 0) contentBytes = size.readUIntLE(0, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  const base = 2 ** (10 + ((window[0] ?? 0) >> 3))
  const windowBytes = isSingle ? contentBytes! : base + (base / 8) * ((window[0] ?? 0) & 7)
  const whole = Buffer.concat([first, descriptor, window, dictionary, size])
  return { bytes: whole, windowBytes, contentBytes, hasChecksum: (flags & 4) !== 0 }
}

function* takeBlock(): Frames<{ readonly bytes: Buffer; readonly isLast: boolean }> {
  const header = yield* take(3)
  const word = header.readUIntLE(0, 3)
  const type = (word >> 1) & 3
  const size = word >> 3
  if (type === reserved || size > blockBytesMax) throw new Error('a Zstandard block is damaged')
  const body = yield* take(type === repeated ? 1 : size)
  return { bytes: Buffer.concat([header, body]), isLast: (word & 1) !== 0 }
}

/** Loaded with the first Zstandard file. */
const loadFzstd = (): typeof fzstd => createRequire(import.meta.url)('fzstd')

function* frame(header: FrameHeader, hash: XXHash<bigint> | null): Frames {
  const { windowBytes, contentBytes, hasChecksum } = header
  if (windowBytes > zstdWindowBytesMax) {
    throw new Error(
      `it needs a window of ${windowBytes} bytes, more than ${zstdWindowBytesMax}; decompress it first`,
    )
  }
  let text: Uint8Array[] = []
  const { Decompress } = loadFzstd()
  const decompress = new Decompress((part) => {
    if (part.length > 0) text.push(part)
  })
  decompress.push(header.bytes)
  let unpacked = 0
  for (let isLast = false; !isLast; ) {
    const block = yield* takeBlock()
    isLast = block.isLast
    const checksum = isLast && hasChecksum ? yield* take(4) : Buffer.alloc(0)
    decompress.push(Buffer.concat([block.bytes, checksum]), isLast)
    for (const part of text) {
      unpacked += part.length
      hash?.update(part)
      yield part
    }
    text = []
    const isChecked = hash !== null && checksum.length > 0
    if (isChecked && BigInt(checksum.readUInt32LE()) !== (hash.digest() & 0xffff_ffffn)) {
      throw new Error('a Zstandard frame does not match its checksum')
    }
  }
  if (contentBytes !== null && unpacked !== contentBytes) {
    throw new Error(`a Zstandard frame holds ${unpacked} bytes, its header says ${contentBytes}`)
  }
}

/** @param hashes what compares checksums; null: nothing does */
function* frames(hashes: XXHashAPI | null): Frames {
  for (let first = yield 4; first.length > 0; first = yield 4) {
    if (first.length < 4) throw new Error('it ends within a Zstandard frame')
    const number = first.readUInt32LE()
    if (number === magic) yield* frame(yield* takeFrameHeader(first), hashes?.create64() ?? null)
    else if ((number & 0xffff_fff0) >>> 0 === skippableMagic) yield* skip((yield* take(4)).readUInt32LE())
    else throw new Error('something that is no Zstandard frame follows one')
  }
}

/**
 * The text of the whole blocks in `packed`, with which a file begins, until `bytesMax` bytes of it are there.
 * Checksums are for whoever reads all of it.
 * @param isWhole nothing follows `packed`
 * @throws Error when it is damaged
 */
export function zstdHead(packed: Uint8Array, isWhole: boolean, bytesMax: number): Uint8Array {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length)
  const parts: Uint8Array[] = []
  const running = frames(null)
  let textBytes = 0
  for (let at = 0, next = running.next(); next.done !== true && textBytes < bytesMax; ) {
    if (typeof next.value !== 'number') {
      parts.push(next.value)
      textBytes += next.value.length
      next = running.next()
      continue
    }
    const end = at + next.value
    if (end > bytes.length && !isWhole) break
    next = running.next(bytes.subarray(at, end))
    at = end
  }
  return Buffer.concat(parts)
}

/** Takes bytes of a sequence of chunks, as many as it asks for. */
class PackedBytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  taken = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** `count` bytes; fewer at the end. */
  async take(count: number): Promise<Buffer> {
    const bytes = Buffer.alloc(count)
    let filled = 0
    while (filled < count && !(await this.#isAtEnd())) {
      const part = this.#chunk.subarray(0, count - filled)
      bytes.set(part, filled)
      filled += part.length
      this.#chunk = this.#chunk.subarray(part.length)
    }
    this.taken += filled
    return bytes.subarray(0, filled)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  async #isAtEnd(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return true
      this.#chunk = next.value
    }
    return false
  }
}

async function loadXxhash(): Promise<XXHashAPI> {
  const { default: load } = await import('xxhash-wasm')
  return await load()
}

/** The text that a sequence of frames holds; `bytesWritten` says how much of them it came of so far. */
export class ZstdText {
  readonly #bytes: PackedBytes

  constructor(packed: AsyncIterable<Uint8Array>) {
    this.#bytes = new PackedBytes(packed)
  }

  get bytesWritten(): number {
    return this.#bytes.taken
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const running = frames(await loadXxhash())
    try {
      for (let next = running.next(); next.done !== true; ) {
        if (typeof next.value === 'number') {
          next = running.next(await this.#bytes.take(next.value))
        } else {
          yield next.value
          next = running.next()
        }
      }
    } finally {
      await this.#bytes.close()
    }
  }
}
