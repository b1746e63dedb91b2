/**
 * Zstandard, frame by frame and block by block (RFC 8878). The blocks are decompressed by `fzstd`; what it
 * does not do is done here: the windows and blocks of a hostile file are bounded, every checksum and length
 * that the file has is compared, and no more is unpacked than is taken.
 *
 * ```
 * | magic 4 | descriptor 1 | window 0–1 | dictionary 0–4 | content size 0–8 | block … | checksum 0 or 4 |
 * a block:  | header 3: last (1 bit), type (2), size (21) | size bytes; 1 where one byte is repeated |
 * ```
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

/** Takes bytes of a sequence of chunks, as many as it asks for. */
class PackedBytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  taken = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return true
      this.#chunk = next.value
    }
    return false
  }

  /** Exactly `count` bytes. @throws Error when there are fewer */
  async take(count: number): Promise<Buffer> {
    const bytes = Buffer.alloc(count)
    for (let filled = 0; filled < count; ) {
      if (await this.isAtEnd()) throw new Error('it ends within a Zstandard frame')
      const part = this.#chunk.subarray(0, count - filled)
      bytes.set(part, filled)
      filled += part.length
      this.#chunk = this.#chunk.subarray(part.length)
    }
    this.taken += count
    return bytes
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) left -= (await this.take(Math.min(left, blockBytesMax))).length
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

interface FrameHeader {
  /** All bytes of it, the magic number included. */
  readonly bytes: Buffer
  readonly windowBytes: number
  /** Of all blocks together; null: not said. */
  readonly contentBytes: number | null
  readonly hasChecksum: boolean
}

async function readFrameHeader(bytes: PackedBytes, first: Buffer): Promise<FrameHeader> {
  const descriptor = await bytes.take(1)
  const flags = descriptor[0]!
  const isSingle = (flags & 0x20) !== 0
  if ((flags & 0x08) !== 0) throw new Error('a Zstandard frame has a reserved bit')
  const window = await bytes.take(isSingle ? 0 : 1)
  const dictionary = await bytes.take([0, 1, 2, 4][flags & 3]!)
  if (dictionary.some((byte) => byte !== 0)) throw new Error('it was packed with a dictionary')
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!
  const size = await bytes.take(sizeBytes)
  let contentBytes: number | null = null
  if (sizeBytes === 8) contentBytes = Number(size.readBigUInt64LE())
  else if (sizeBytes > 0) contentBytes = size.readUIntLE(0, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  const base = 2 ** (10 + ((window[0] ?? 0) >> 3))
  const windowBytes = isSingle ? contentBytes! : base + (base / 8) * ((window[0] ?? 0) & 7)
  const whole = Buffer.concat([first, descriptor, window, dictionary, size])
  return { bytes: whole, windowBytes, contentBytes, hasChecksum: (flags & 4) !== 0 }
}

/** Loaded with the first Zstandard file. */
const loadFzstd = (): typeof fzstd => createRequire(import.meta.url)('fzstd')

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
    const hashes = await loadXxhash()
    const bytes = this.#bytes
    try {
      while (!(await bytes.isAtEnd())) {
        const first = await bytes.take(4)
        const number = first.readUInt32LE()
        if (number === magic) yield* this.#frame(await readFrameHeader(bytes, first), hashes.create64())
        else if ((number & 0xffff_fff0) >>> 0 === skippableMagic)
          await bytes.skip((await bytes.take(4)).readUInt32LE())
        else throw new Error('something that is no Zstandard frame follows one')
      }
    } finally {
      await bytes.close()
    }
  }

  async *#frame(header: FrameHeader, hash: XXHash<bigint>): AsyncGenerator<Uint8Array> {
    const { windowBytes, contentBytes, hasChecksum } = header
    if (windowBytes > zstdWindowBytesMax) {
      throw new Error(
        `it needs a window of ${windowBytes} bytes, more than ${zstdWindowBytesMax}; decompress it first`,
      )
    }
    let text: Uint8Array[] = []
    const { Decompress } = loadFzstd()
    const frame = new Decompress((part) => {
      if (part.length > 0) text.push(part)
    })
    frame.push(header.bytes)
    let unpacked = 0
    for (let isLast = false; !isLast; ) {
      const block = await this.#block()
      isLast = block.isLast
      const checksum = isLast && hasChecksum ? await this.#bytes.take(4) : Buffer.alloc(0)
      frame.push(Buffer.concat([block.bytes, checksum]), isLast)
      for (const part of text) {
        unpacked += part.length
        hash.update(part)
        yield part
      }
      text = []
      if (checksum.length > 0 && BigInt(checksum.readUInt32LE()) !== (hash.digest() & 0xffff_ffffn)) {
        throw new Error('a Zstandard frame does not match its checksum')
      }
    }
    if (contentBytes !== null && unpacked !== contentBytes) {
      throw new Error(`a Zstandard frame holds ${unpacked} bytes, its header says ${contentBytes}`)
    }
  }

  async #block(): Promise<{ readonly bytes: Buffer; readonly isLast: boolean }> {
    const header = await this.#bytes.take(3)
    const word = header.readUIntLE(0, 3)
    const type = (word >> 1) & 3
    const size = word >> 3
    if (type === reserved || size > blockBytesMax) throw new Error('a Zstandard block is damaged')
    const body = await this.#bytes.take(type === repeated ? 1 : size)
    return { bytes: Buffer.concat([header, body]), isLast: (word & 1) !== 0 }
  }
}
