/**
 * Values of string lanes as JavaScript strings. STRING and JSON are their text. Every other type of bytes
 * (see `isBytesType`) is a string with one character from U+0000 to U+00FF for each byte: such strings
 * compare as the bytes do, are map keys, and go through the log as any other.
 */
import { isBytesType, type LogicalType } from '../types/index.js'

const encoder = new TextEncoder()

/** The bytes of a value of `type`. */
export function bytesOfLane(type: LogicalType, value: string): Uint8Array {
  return isBytesType(type) ? bytesOfBinary(value) : encoder.encode(value)
}

/** The value of `type` whose bytes are [start, end) of `bytes`. */
export function laneOfBytes(type: LogicalType, bytes: Uint8Array, start: number, end: number): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
  return view.toString(isBytesType(type) ? 'latin1' : 'utf8')
}

/** The bytes whose numbers the characters have. */
export function bytesOfBinary(binary: string): Uint8Array {
  return new Uint8Array(Buffer.from(binary, 'latin1'))
}

/** The characters that have the bytes' numbers. */
export function binaryOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** A whole number of 0 … 2^(8 × bytes) − 1 as bytes, the highest first. */
export function bigEndian(value: bigint, bytes: number): string {
  return Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex').toString('latin1')
}

/** The whole number that characters [start, end) write, the highest byte first. */
export function ofBigEndian(binary: string, start: number, end: number): bigint {
  return BigInt(`0x0${Buffer.from(binary.slice(start, end), 'latin1').toString('hex')}`)
}
