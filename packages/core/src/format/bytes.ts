/**
 * Little-endian writing and reading of structures (never of data: columns have kernels).
 *
 * Invariants
 * - A reader never reads past its end: what is missing is `MILLRACE_CORRUPT` with the place and both numbers.
 * - A count is checked against its named limit and against the bytes left before anything is allocated for
 *   it.
 */
import { assert, MillraceError } from '../errors/index.js'
import { keepBytes } from './shared-arrays.js'

/** Where bytes come from, for the error when they make no sense. */
export interface BytesSource {
  readonly file: string
  /** `the catalog`, `the log record at byte 512` … */
  readonly what: string
}

const unsafeHigh = 2 ** 21

/** Takes what a writer passes on. The part is valid during the call only. */
export type PartTaker = (part: Uint8Array) => void

/** Room behind a part for the values that stand across its end, but for bytes, which are divided there. */
const partSlackBytes = 16

/**
 * Appends little-endian values: to a growing buffer, to bytes that it is given, or, with `PartTaker`, to a
 * buffer of one part, which is passed on whenever it is full.
 */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  /** In the buffer. */
  #length = 0
  readonly #takePart: PartTaker | null
  readonly #partBytes: number
  #passedOn = 0

  /** @param place bytes to have at first, or the bytes to write to; of a part, where parts are taken */
  constructor(place: number | Uint8Array = 1024, takePart: PartTaker | null = null) {
    this.#partBytes = typeof place === 'number' ? place : place.length
    const slack = takePart === null ? 0 : partSlackBytes
    this.#bytes = typeof place === 'number' ? new Uint8Array(place + slack) : place
    this.#view = viewOf(this.#bytes)
    this.#takePart = takePart
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#passedOn + this.#length
  }

  #advance(bytes: number): number {
    if (this.#takePart !== null) this.#passOn(this.#takePart)
    const at = this.#length
    const needed = at + bytes
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = viewOf(grown)
    }
    this.#length = needed
    return at
  }

  /** Passes a part on if there is a whole one. */
  #passOn(takePart: PartTaker): void {
    const partBytes = this.#partBytes
    if (this.#length < partBytes) return
    takePart(this.#bytes.subarray(0, partBytes))
    this.#bytes.copyWithin(0, partBytes, this.#length)
    this.#length -= partBytes
    this.#passedOn += partBytes
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, `u8 ${value} is in range`)
    const at = this.#advance(1)
    this.#bytes[at] = value
    return this
  }

  u16(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, `u16 ${value} is in range`)
    const at = this.#advance(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  u32(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, `u32 ${value} is in range`)
    const at = this.#advance(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  /** An unsigned 64-bit value up to 2^53 − 1. */
  u64(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, `u64 ${value} is in range`)
    const at = this.#advance(8)
    this.#view.setUint32(at, value >>> 0, true)
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true)
    return this
  }

  i64(value: bigint): this {
    const at = this.#advance(8)
    this.#view.setBigInt64(at, value, true)
    return this
  }

  f64(value: number): this {
    const at = this.#advance(8)
    this.#view.setFloat64(at, value, true)
    return this
  }

  /** The bytes as they are, without a length. */
  bytes(value: Uint8Array): this {
    if (this.#takePart === null) return this.#whole(value)
    for (let done = 0; done < value.length; ) {
      this.#passOn(this.#takePart)
      const piece = value.subarray(done, done + this.#partBytes - this.#length)
      this.#whole(piece)
      done += piece.length
    }
    return this
  }

  #whole(value: Uint8Array): this {
    const at = this.#advance(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** A length (u16), then the bytes. */
  bytes16(value: Uint8Array): this {
    return this.u16(value.length).bytes(value)
  }

  /** A length in bytes (u16), then UTF-8. Half of a surrogate pair has none: names with one are refused. */
  text16(value: string): this {
    return this.bytes16(Buffer.from(value))
  }

  /** `count` zero bytes: a few, where parts are passed on. */
  zeros(count: number): this {
    const at = this.#advance(count)
    this.#bytes.fill(0, at, at + count)
    return this
  }

  /** Forgets what was written behind `length`. Not where parts are passed on. */
  truncate(length: number): this {
    assert(length <= this.#length, `${length} of ${this.#length} bytes are kept`)
    this.#length = length
    return this
  }

  /** All bytes written, or those of them that were not passed on: a view, valid until the next write. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

const measuredPartBytes = 4096

/** How many bytes `write` writes. Nothing of them is kept. */
export function bytesWritten(write: (writer: ByteWriter) => void): number {
  const writer = new ByteWriter(measuredPartBytes, () => {})
  write(writer)
  return writer.length
}

// A leading U+FEFF is part of a text: were it dropped, a name would come back as another one.
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads little-endian values from bytes that came from disk. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #source: BytesSource
  #at = 0

  constructor(bytes: Uint8Array, source: BytesSource) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#source = source
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  /** The error for bytes that make no sense here. */
  corrupt(problem: string): MillraceError {
    const { file, what } = this.#source
    return new MillraceError('MILLRACE_CORRUPT', { file, what: `${what}: ${problem}`, byte: this.#at })
  }

  #advance(bytes: number): number {
    const at = this.#at
    if (bytes > this.#bytes.length - at) {
      throw this.corrupt(`${bytes} bytes are expected at byte ${at}, ${this.#bytes.length - at} are there`)
    }
    this.#at = at + bytes
    return at
  }

  u8(): number {
    const at = this.#advance(1)
    return this.#bytes[at]!
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  /** An unsigned 64-bit value, at most `max` (≤ 2^53 − 1). */
  u64(max = Number.MAX_SAFE_INTEGER): number {
    const at = this.#advance(8)
    const high = this.#view.getUint32(at + 4, true)
    const value = high * 2 ** 32 + this.#view.getUint32(at, true)
    if (high >= unsafeHigh || value > max) {
      throw this.corrupt(`the value ${value} at byte ${at} is greater than ${max}`)
    }
    return value
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true)
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true)
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#advance(length)
  }

  /** The bytes read since it was at `position`: a view. */
  bytesSince(position: number): Uint8Array {
    return this.#bytes.subarray(position, this.#at)
  }

  /** A copy of bytes preceded by their length (u16), at most `max`. */
  bytes16(max: number, name: string): Uint8Array {
    return keepBytes(this.bytes(this.length16(max, name)))
  }

  /** A length (u16), at most `max`. */
  length16(max: number, name: string): number {
    const length = this.u16()
    if (length > max) throw this.corrupt(`${name} has ${length} bytes, at most ${max} are valid`)
    return length
  }

  /** UTF-8 preceded by its length in bytes (u16), at most `max`. */
  text16(max: number, name: string): string {
    const bytes = this.bytes16(max, name)
    try {
      return textDecoder.decode(bytes)
    } catch {
      throw this.corrupt(`${name} is not valid UTF-8`)
    }
  }

  /**
   * A count (u32) of things of at least `itemBytesMin` bytes each: at most `max`, and not more than fit into
   * what is left.
   */
  count(max: number, itemBytesMin: number, name: string): number {
    const count = this.u32()
    if (count > max) throw this.corrupt(`${count} ${name}, at most ${max} are valid`)
    if (count * itemBytesMin > this.remaining) {
      throw this.corrupt(`${count} ${name} need ${count * itemBytesMin} bytes, ${this.remaining} are left`)
    }
    return count
  }

  /** Skips `length` bytes that must be zero. */
  zeros(length: number): void {
    if (this.bytes(length).some((byte) => byte !== 0)) throw this.corrupt('reserved bytes are not zero')
  }

  /** Everything must have been read. */
  end(): void {
    if (this.remaining !== 0) throw this.corrupt(`${this.remaining} bytes too many`)
  }
}
