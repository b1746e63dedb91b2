/**
 * A column that can be appended to and changed, and read as a vector at any time.
 *
 * Invariants
 * - A vector that was handed out never changes: appending writes behind its end, and setting a row copies the
 *   lanes first when a vector shows them (the copy is shown by none, until the next is asked for).
 * - Strings are entries of a heap that only grows; a row holds the number of its entry. Entry 0 is the empty
 *   string, which rows of null have.
 * - Integers are numbers until one is beyond 2^53; then all lanes become bigints.
 */
import type { Vector } from '../column/index.js'
import { assert } from '../errors/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import { bytesOfLane, laneOfBytes } from '../values/index.js'
import type { Value } from './value.js'

type Lanes = Float64Array | BigInt64Array | Uint32Array

const capacityMin = 16

/** `array` in a larger one, at least twice as long. */
function grown<T extends Lanes | Uint8Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(
    Math.max(length, array.length * 2, capacityMin),
  )
  larger.set(array as never)
  return larger
}

export class MutableColumn {
  readonly type: LogicalType
  #rows = 0
  /** Numbers, bigints, or the entries of strings. */
  #lanes: Lanes
  #nulls = new Uint8Array(0)
  #nullCount = 0
  /** A vector shows the lanes. */
  #isShown = false
  #entries = 1
  #offsets = new Uint32Array(2)
  #bytes = new Uint8Array(0)

  constructor(type: LogicalType) {
    this.type = type
    this.#lanes = physicalTypeOf(type) === 'string' ? new Uint32Array(0) : new Float64Array(0)
  }

  /** A column with the values of `vector`. */
  static from(vector: Vector): MutableColumn {
    const column = new MutableColumn(vector.type)
    column.#rows = vector.rows
    column.#nulls = vector.nulls?.slice() ?? new Uint8Array(vector.rows)
    for (const byte of vector.nulls ?? []) column.#nullCount += byte
    if (vector.kind === 'string') column.#takeStrings(vector)
    else column.#lanes = vector.values.slice()
    return column
  }

  /** Takes the heap as it is: it is copied when it grows, and nothing in it is changed. */
  #takeStrings(vector: Vector & { kind: 'string' }): void {
    const codes = new Uint32Array(vector.rows)
    // Entries move up by one: the first is the empty string.
    for (let row = 0; row < codes.length; row++)
      codes[row] = (vector.codes === null ? row : vector.codes[row]!) + 1
    const entries = vector.offsets.length - 1
    const offsets = new Uint32Array(entries + 2)
    offsets.set(vector.offsets, 1)
    const first = vector.offsets[0] ?? 0
    offsets[0] = first
    this.#lanes = codes
    this.#offsets = offsets
    this.#entries = entries + 1
    this.#bytes = vector.bytes.slice()
  }

  get rows(): number {
    return this.#rows
  }

  /** Bytes of memory that it holds, about. */
  get sizeBytes(): number {
    const { byteLength } = this.#lanes
    return byteLength + this.#nulls.length + this.#offsets.byteLength + this.#bytes.length
  }

  /** Adds a row. */
  append(value: Value): void {
    const row = this.#rows
    if (row >= this.#lanes.length) {
      this.#lanes = grown(this.#lanes, row + 1)
      const nulls = new Uint8Array(this.#lanes.length)
      nulls.set(this.#nulls)
      this.#nulls = nulls
      this.#isShown = false
    }
    this.#rows = row + 1
    this.#put(row, value)
  }

  /** Changes a row. */
  set(row: number, value: Value): void {
    assert(row >= 0 && row < this.#rows, `row ${row} of ${this.#rows}`)
    if (this.#isShown) {
      this.#lanes = this.#lanes.slice()
      this.#nulls = this.#nulls.slice()
      this.#isShown = false
    }
    this.#put(row, value)
  }

  #put(row: number, value: Value): void {
    this.#nullCount += (value === null ? 1 : 0) - this.#nulls[row]!
    this.#nulls[row] = value === null ? 1 : 0
    if (typeof value === 'bigint') this.#putInt(row, value)
    else if (typeof value === 'string') this.#lanes[row] = this.#addEntry(value)
    else if (this.#lanes instanceof BigInt64Array) this.#lanes[row] = 0n
    else this.#lanes[row] = Number(value ?? 0)
  }

  #putInt(row: number, value: bigint): void {
    const number = Number(value)
    if (!(this.#lanes instanceof BigInt64Array) && !Number.isSafeInteger(number)) {
      this.#lanes = BigInt64Array.from(this.#lanes, (lane) => BigInt(lane))
    }
    if (this.#lanes instanceof BigInt64Array) this.#lanes[row] = value
    else this.#lanes[row] = number
  }

  #addEntry(text: string): number {
    if (text === '') return 0
    const start = this.#offsets[this.#entries]!
    const bytes = bytesOfLane(this.type, text)
    const { length } = bytes
    if (start + length > this.#bytes.length) this.#bytes = grown(this.#bytes, start + length)
    this.#bytes.set(bytes, start)
    if (this.#entries + 1 >= this.#offsets.length) this.#offsets = grown(this.#offsets, this.#entries + 2)
    this.#offsets[this.#entries + 1] = start + length
    return this.#entries++
  }

  /** The value of a row. */
  valueAt(row: number): Value {
    assert(row >= 0 && row < this.#rows, `row ${row} of ${this.#rows}`)
    if (this.#nulls[row] === 1) return null
    const lane = this.#lanes[row]!
    switch (physicalTypeOf(this.type)) {
      case 'string': {
        const entry = Number(lane)
        return laneOfBytes(this.type, this.#bytes, this.#offsets[entry]!, this.#offsets[entry + 1]!)
      }
      case 'double':
        return Number(lane)
      case 'int':
        return this.type === 'BOOL' ? Number(lane) === 1 : BigInt(lane)
    }
  }

  /** All rows, as they are now. */
  vector(): Vector {
    this.#isShown = true
    const rows = this.#rows
    const lanes = this.#lanes.subarray(0, rows)
    const nulls = this.#nullCount === 0 ? null : this.#nulls.subarray(0, rows)
    const { type } = this
    if (lanes instanceof BigInt64Array) return { kind: 'bigint', type, rows, values: lanes, nulls }
    if (lanes instanceof Float64Array) return { kind: 'number', type, rows, values: lanes, nulls }
    const offsets = this.#offsets.subarray(0, this.#entries + 1)
    const bytes = this.#bytes.subarray(0, offsets[this.#entries]!)
    return { kind: 'string', type, rows, codes: lanes, offsets, bytes, nulls }
  }

  /** A copy that shares nothing. */
  clone(): MutableColumn {
    const copy = new MutableColumn(this.type)
    copy.#rows = this.#rows
    copy.#lanes = this.#lanes.slice(0, this.#rows)
    copy.#nulls = this.#nulls.slice(0, this.#rows)
    copy.#nullCount = this.#nullCount
    copy.#entries = this.#entries
    copy.#offsets = this.#offsets.slice(0, this.#entries + 1)
    copy.#bytes = this.#bytes.slice(0, this.#offsets[this.#entries]!)
    return copy
  }
}
