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

/** Appends little-endian values to a growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  #advance(bytes: number): number {
    const at = this.#length
    const needed = at + bytes
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    this.#length = needed
    return at
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

  /** `count` zero bytes. */
  zeros(count: number): this {
    const at = this.#advance(count)
    this.#bytes.fill(0, at, at + count)
    return this
  }

  /** Forgets what was written behind `length`. */
  truncate(length: number): this {
    assert(length <= this.#length, `${length} of ${this.#length} bytes are kept`)
    this.#length = length
    return this
  }

  /** All bytes written: a view, valid until the next write. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
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
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
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

  /** The bytes read since it was at `position`: a view. */
  bytesSince(position: number): Uint8Array {
    return this.#bytes.subarray(position, this.#at)
  }

  /** A copy of bytes preceded by their length (u16), at most `max`. */
  bytes16(max: number, name: string): Uint8Array {
    const length = this.u16()
    if (length > max) throw this.corrupt(`${name} has ${length} bytes, at most ${max} are valid`)
    return keepBytes(this.bytes(length))
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
