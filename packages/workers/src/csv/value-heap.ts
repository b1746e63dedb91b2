/**
 * Where the bytes of values go that are not bytes of the input: UUID, DECIMAL of more than 18 digits,
 * INTERVAL, BLOB and lists.
 *
 * - A type whose values have always as many bytes has a region with a place for each row: those of the
 *   kernel.
 * - All other columns of a parser share one region, of `valueHeapBytes`. A parse takes no more records than
 *   surely fit; the caller comes again for the rest.
 */
import {
  type Arena,
  decimalShape,
  intervalBytes,
  isBytesType,
  isListType,
  itemTypeOf,
  type LogicalType,
  physicalTypeOf,
  uuidLaneBytes,
} from '@millrace/core/base'
import { valueHeapBytes } from '../limits.js'

const wideDecimalBytes = 16

/** Bytes of every value of `type`; 0 where they differ, or are bytes of the input. */
export function fixedBytesOf(type: LogicalType): number {
  if (type === 'UUID') return uuidLaneBytes
  if (type === 'INTERVAL') return intervalBytes
  return decimalShape(type) !== null && physicalTypeOf(type) === 'string' ? wideDecimalBytes : 0
}

/** Whether values of `type` go to the shared region. */
export function isHeapType(type: LogicalType): boolean {
  return isBytesType(type) && fixedBytesOf(type) === 0
}

/**
 * Whether values of `type` are read one by one, each as a string (`column-lanes.ts`): that takes some twenty
 * times as long as a kernel.
 */
export function isReadOneByOne(type: LogicalType): boolean {
  return type === 'JSON' || (isBytesType(type) && type !== 'UUID')
}

/** Bytes that a list has for each character of its text at most, when its items are of `type`. */
function listGrowth(type: LogicalType): number {
  if (isListType(type)) return Math.max(2, listGrowth(itemTypeOf(type)))
  switch (physicalTypeOf(type)) {
    case 'int':
    case 'double':
      // A digit and a comma become a tag and at most eight bytes.
      return 4.5
    case 'string':
      // The same for a tag and a DECIMAL; a text has a tag and an end, and its zeros are doubled.
      return type === 'STRING' || type === 'JSON' || type === 'BLOB' ? 3 : (fixedBytesOf(type) + 1) / 2
  }
}

/** Bytes that a text of `bytes` becomes at most, as a value of a heap type. */
export function heapBytesOf(type: LogicalType, bytes: number): number {
  return isListType(type) ? Math.ceil(bytes * listGrowth(itemTypeOf(type))) + 2 : bytes
}

/** The shared region. */
export class ValueHeap {
  readonly #address: number
  #used = 0

  constructor(arena: Arena) {
    this.#address = arena.allocate(valueHeapBytes)
  }

  get isEmpty(): boolean {
    return this.#used === 0
  }

  get left(): number {
    return valueHeapBytes - this.#used
  }

  clear(): void {
    this.#used = 0
  }

  /** The address of a place for `bytes` bytes; −1 when there is none. */
  take(bytes: number): number {
    if (bytes > this.left) return -1
    const address = this.#address + this.#used
    this.#used += bytes
    return address
  }
}

/** Bytes that the values of `types` take in a parser: for each row, and in all. */
export function heapBytesFor(types: readonly LogicalType[]): { ofRow: number; shared: number } {
  return {
    ofRow: types.reduce((sum, type) => sum + fixedBytesOf(type), 0),
    shared: types.some(isHeapType) ? valueHeapBytes : 0,
  }
}
