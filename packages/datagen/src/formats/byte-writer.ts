/** Bytes that grow: the output of one task. The memory is kept and handed from task to task. */
import { copyBytes } from '../values/index.js'

/** Bytes that are free behind those that were asked for. */
const slack = 8

export class ByteWriter {
  bytes: Uint8Array
  at = 0

  /** @param bytes memory to begin with; what it grows to is shared by threads if that is */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Makes room for `more` bytes, and a few beyond them for what stands between cells and rows. */
  reserve(more: number): void {
    if (this.at + more + slack <= this.bytes.length) return
    const length = Math.max(this.at + more + slack, Math.ceil(this.bytes.length * 1.5))
    const isShared = this.bytes.buffer instanceof SharedArrayBuffer
    const larger = new Uint8Array(isShared ? new SharedArrayBuffer(length) : new ArrayBuffer(length))
    larger.set(this.bytes.subarray(0, this.at))
    this.bytes = larger
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  add(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    copyBytes(bytes, 0, bytes.length, this.bytes, this.at)
    this.at += bytes.length
  }
}
