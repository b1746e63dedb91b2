/**
 * Lists as bytes that sort as the lists do: item by item, a shorter one first, NULL behind all values.
 *
 * A list is its items, each behind its tag, and an end: `(1 item | 2)* 0`; tag 2 is NULL. An item is:
 *
 * | item                                 | bytes                                                          |
 * |--------------------------------------|----------------------------------------------------------------|
 * | INT8, INT16, INT32, DATE             | 1, 2, 4, 4: the value + half the range, the highest byte first |
 * | INT64, TIME, TIMESTAMP, DECIMAL ≤ 18 | 8: the lane + 2^63                                             |
 * | UINT8, BOOL, UINT16, UINT32, UINT64  | 1, 1, 2, 4, 8: the value                                       |
 * | FLOAT, DOUBLE                        | 4, 8: IEEE 754; all bits inverted when negative, else the highest set |
 * | UUID, DECIMAL > 18, INTERVAL         | 16, 16, 20: the bytes                                          |
 * | STRING, JSON, BLOB                   | the bytes, a 0 as 0 255; then 0                                |
 * | a list                               | its own items and end                                          |
 */
import { decimalShape, isListType, itemTypeOf, type LogicalType, physicalTypeOf } from '../types/index.js'
import { bigEndian, binaryOfBytes, bytesOfLane, laneOfBytes, ofBigEndian } from './bytes-text.js'
import { intervalBytes } from './interval.js'
import { uuidLaneBytes } from './uuid.js'

/** A stored value, or NULL. */
export type ListItem = bigint | number | string | null

const end = '\u0000'
const present = '\u0001'
const absent = '\u0002'
const wideDecimalBytes = 16

/** Bytes of an integer, and what is added to the lane so that it is not negative. */
interface IntegerLayout {
  readonly bytes: number
  readonly bias: bigint
}

const integers: Readonly<Partial<Record<LogicalType, IntegerLayout>>> = {
  INT8: { bytes: 1, bias: 2n ** 7n },
  INT16: { bytes: 2, bias: 2n ** 15n },
  INT32: { bytes: 4, bias: 2n ** 31n },
  DATE: { bytes: 4, bias: 2n ** 31n },
  UINT8: { bytes: 1, bias: 0n },
  BOOL: { bytes: 1, bias: 0n },
  UINT16: { bytes: 2, bias: 0n },
  UINT32: { bytes: 4, bias: 0n },
}

const wideInteger: IntegerLayout = { bytes: 8, bias: 2n ** 63n }

/** Bytes of types that have always as many. */
function fixedBytes(type: LogicalType): number | undefined {
  if (type === 'UUID') return uuidLaneBytes
  if (type === 'INTERVAL') return intervalBytes
  return decimalShape(type) === null ? undefined : wideDecimalBytes
}

/** The list of items of `type` as bytes (a binary string). */
export function encodeList(type: LogicalType, items: readonly ListItem[]): string {
  const parts = items.map((item) => (item === null ? absent : present + encodeItem(type, item)))
  return parts.join('') + end
}

function encodeItem(type: LogicalType, item: bigint | number | string): string {
  switch (physicalTypeOf(type)) {
    case 'int': {
      const { bytes, bias } = integers[type] ?? wideInteger
      return bigEndian(BigInt(item) + bias, bytes)
    }
    case 'double':
      return encodeFloat(Number(item), type === 'FLOAT')
    case 'string': {
      const text = item as string
      if (isListType(type) || fixedBytes(type) !== undefined) return text
      return binaryOfBytes(bytesOfLane(type, text)).replaceAll('\u0000', '\u0000\u00ff') + end
    }
  }
}

function encodeFloat(value: number, isSingle: boolean): string {
  const bytes = Buffer.alloc(isSingle ? 4 : 8)
  if (isSingle) bytes.writeFloatBE(value)
  else bytes.writeDoubleBE(value)
  const isNegative = (bytes[0]! & 0x80) !== 0
  if (isNegative) for (let at = 0; at < bytes.length; at++) bytes[at] = ~bytes[at]!
  else bytes[0]! |= 0x80
  return bytes.toString('latin1')
}

function decodeFloat(binary: string): number {
  const bytes = Buffer.from(binary, 'latin1')
  const isNegative = (bytes[0]! & 0x80) === 0
  if (isNegative) for (let at = 0; at < bytes.length; at++) bytes[at] = ~bytes[at]!
  else bytes[0]! &= 0x7f
  return bytes.length === 4 ? bytes.readFloatBE() : bytes.readDoubleBE()
}

/**
 * The items of a list. Bytes that are no list give what of them is one.
 */
export function decodeList(type: LogicalType, binary: string): ListItem[] {
  return new ItemReader(binary).list(type)
}

class ItemReader {
  readonly #binary: string
  #at = 0

  constructor(binary: string) {
    this.#binary = binary
  }

  list(type: LogicalType): ListItem[] {
    const items: ListItem[] = []
    while (this.#at < this.#binary.length) {
      const tag = this.#take(1)
      if (tag === end) break
      items.push(tag === present ? this.#item(type) : null)
    }
    return items
  }

  #take(bytes: number): string {
    const taken = this.#binary.slice(this.#at, this.#at + bytes)
    this.#at += bytes
    return taken
  }

  #item(type: LogicalType): bigint | number | string {
    switch (physicalTypeOf(type)) {
      case 'int': {
        const { bytes, bias } = integers[type] ?? wideInteger
        this.#at += bytes
        return ofBigEndian(this.#binary, this.#at - bytes, this.#at) - bias
      }
      case 'double':
        return decodeFloat(this.#take(type === 'FLOAT' ? 4 : 8))
      case 'string': {
        if (isListType(type)) return this.#nested(itemTypeOf(type))
        const fixed = fixedBytes(type)
        return fixed === undefined ? this.#text(type) : this.#take(fixed)
      }
    }
  }

  /** The bytes of a list in the list, its end included. */
  #nested(itemType: LogicalType): string {
    const start = this.#at
    this.list(itemType)
    return this.#binary.slice(start, this.#at)
  }

  #text(type: LogicalType): string {
    const start = this.#at
    let at = this.#binary.indexOf(end, start)
    while (at !== -1 && this.#binary.charCodeAt(at + 1) === 0xff) at = this.#binary.indexOf(end, at + 2)
    const stop = at === -1 ? this.#binary.length : at
    this.#at = stop + 1
    const bytes = Buffer.from(this.#binary.slice(start, stop).replaceAll('\u0000\u00ff', '\u0000'), 'latin1')
    return laneOfBytes(type, bytes, 0, bytes.length)
  }
}
