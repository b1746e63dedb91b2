/**
 * Bytes of CSV, gathered in one buffer and written to a file in large pieces.
 *
 * Generators call the small methods once per value; none of them allocates.
 */
import { closeSync, openSync, writeSync } from 'node:fs'

const bufferBytes = 4 * 1024 * 1024
/** Bytes that one value may take: a writer makes room for as many before it writes one. */
const valueBytesMax = 4096
const zero = 0x30
const hexDigits = Buffer.from('0123456789abcdef')

export class RowWriter {
  readonly #file: number
  readonly #buffer = new Uint8Array(bufferBytes)
  #at = 0
  #written = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  /** Bytes of the file so far. */
  get bytes(): number {
    return this.#written + this.#at
  }

  #reserve(): void {
    if (this.#at + valueBytesMax > bufferBytes) this.#flush()
  }

  #flush(): void {
    for (let from = 0; from < this.#at; ) from += writeSync(this.#file, this.#buffer, from, this.#at - from)
    this.#written += this.#at
    this.#at = 0
  }

  /** One ASCII character. */
  byte(code: number): void {
    this.#reserve()
    this.#buffer[this.#at++] = code
  }

  /** Bytes as they are, at most `valueBytesMax`. */
  bytesOf(text: Uint8Array): void {
    this.#reserve()
    for (let index = 0; index < text.length; index++) this.#buffer[this.#at + index] = text[index] as number
    this.#at += text.length
  }

  /** A whole number from 0 to 2^53, in decimal, with zeros in front up to `digitsMin`. */
  integer(value: number, digitsMin = 1): void {
    this.#reserve()
    let digits = 1
    for (let power = 10; power <= value; power *= 10) digits++
    if (digits < digitsMin) digits = digitsMin
    let rest = value
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const next = Math.floor(rest / 10)
      this.#buffer[at] = zero + (rest - next * 10)
      rest = next
    }
    this.#at += digits
  }

  /** Eight hexadecimal digits of a 32-bit number. */
  hex(value: number): void {
    this.#reserve()
    for (let shift = 28; shift >= 0; shift -= 4) {
      this.#buffer[this.#at++] = hexDigits[(value >>> shift) & 15] as number
    }
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }
}
