/**
 * Numbers distinct values from 0 in the order in which they come up: what grouping, DISTINCT and hash joins
 * are made of.
 *
 * - NULL is a value of its own here, NaN equals NaN, and −0 equals 0: this is grouping, not comparing.
 * - Integers beyond 2^53 and smaller ones of the same column are one domain.
 * - An id is below 2^26, so that two of them make one exact number.
 * - Once frozen, an interner grows no more: values that it has not met get `unknownId`.
 */
import { type LogicalType, physicalTypeOf } from '../../types/index.js'
import type { ValueType } from '../expression/types.js'
import { laneType, type VectorBuilder, vectorBuilder } from './builder.js'
import { checkCount, NumberTable, unknownId } from './number-table.js'
import { compareBytes } from './strings.js'
import type { BigIntVector, ListVector, NumberVector, StringVector, WorkVector } from './vector.js'

export interface Interner {
  /** How many distinct values there are. */
  readonly count: number
  /** Bytes held, roughly. */
  readonly bytes: number
  /** The id of each row's value; new values get the next ids, or `unknownId` once frozen. */
  intern(vector: WorkVector): Uint32Array
  freeze(): void
  /** The distinct values in the order of their ids. */
  values(): WorkVector
}

/** An interner for values of `type`. */
export function internerFor(type: ValueType): Interner {
  if (type === 'LIST') return new ListInterner()
  const lane = laneType(type)
  if (physicalTypeOf(lane) === 'string') return new StringInterner(lane)
  return new NumberInterner(type)
}

/** Small whole numbers are found without hashing. */
const directMax = 4096

class NumberInterner implements Interner {
  readonly #table = new NumberTable()
  readonly #direct = new Int32Array(directMax).fill(-1)
  /** Ids of the table's numbers, of NULL, NaN and bigints, in the order of first meeting. */
  readonly #idOfNumber: number[] = []
  readonly #wide = new Map<bigint, number>()
  readonly #values: VectorBuilder
  #nullId = -1
  #nanId = -1
  #frozen = false

  constructor(type: ValueType) {
    this.#values = vectorBuilder(laneType(type))
  }

  get count(): number {
    return this.#values.rows
  }

  get bytes(): number {
    return this.#table.bytes + this.#values.bytes + this.#wide.size * 64 + this.#idOfNumber.length * 8
  }

  intern(vector: WorkVector): Uint32Array {
    const ids = new Uint32Array(vector.rows)
    if (vector.kind === 'number') this.#internNumbers(vector, ids)
    else this.#internWide(vector as BigIntVector, ids)
    return ids
  }

  freeze(): void {
    this.#frozen = true
  }

  #internNumbers(vector: NumberVector, ids: Uint32Array): void {
    const { values, nulls } = vector
    const direct = this.#direct
    for (let row = 0; row < ids.length; row++) {
      if (nulls !== null && nulls[row] === 1) {
        ids[row] = this.#null(vector, row)
        continue
      }
      const value = values[row]!
      if (value >= 0 && value < directMax && (value | 0) === value) {
        const known = direct[value]!
        ids[row] = known >= 0 ? known : this.#number(value, vector, row)
      } else ids[row] = this.#number(value + 0, vector, row)
    }
  }

  #internWide(vector: BigIntVector, ids: Uint32Array): void {
    for (let row = 0; row < ids.length; row++) {
      if (vector.nulls !== null && vector.nulls[row] === 1) {
        ids[row] = this.#null(vector, row)
        continue
      }
      const value = vector.values[row]!
      const number = Number(value)
      if (Number.isSafeInteger(number)) ids[row] = this.#number(number, vector, row)
      else {
        let id = this.#wide.get(value)
        if (id === undefined && !this.#frozen) {
          id = this.#append(vector, row)
          this.#wide.set(value, id)
        }
        ids[row] = id ?? unknownId
      }
    }
  }

  #number(value: number, vector: WorkVector, row: number): number {
    if (Number.isNaN(value)) {
      if (this.#nanId < 0) {
        if (this.#frozen) return unknownId
        this.#nanId = this.#append(vector, row)
      }
      return this.#nanId
    }
    if (this.#frozen) {
      const known = this.#table.find(value)
      return known < 0 ? unknownId : this.#idOfNumber[known]!
    }
    const inTable = this.#table.idOf(value)
    if (inTable < this.#idOfNumber.length) return this.#idOfNumber[inTable]!
    const id = this.#append(vector, row)
    this.#idOfNumber.push(id)
    if (value >= 0 && value < directMax && (value | 0) === value) this.#direct[value] = id
    return id
  }

  #null(vector: WorkVector, row: number): number {
    if (this.#nullId < 0) {
      if (this.#frozen) return unknownId
      this.#nullId = this.#append(vector, row)
    }
    return this.#nullId
  }

  #append(vector: WorkVector, row: number): number {
    checkCount(this.#values.rows)
    this.#values.append(vector, row)
    return this.#values.rows - 1
  }

  values(): WorkVector {
    return this.#values.finish()
  }
}

/** FNV-1a with a final mix. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) >>> 0
}

class StringInterner implements Interner {
  /** Id + 1; 0 is free. */
  #slots = new Uint32Array(64)
  readonly #hashes: number[] = []
  readonly #builder: VectorBuilder
  #stored: StringVector | undefined
  #nullId = -1
  /** For each dictionary met: id + 1 of its entries; 0 is not known yet. */
  readonly #memos = new WeakMap<Uint32Array, Uint32Array>()
  #memoOf: Uint32Array | undefined
  #memo: Uint32Array = new Uint32Array(0)
  #frozen = false

  constructor(type: LogicalType) {
    this.#builder = vectorBuilder(type)
  }

  get count(): number {
    return this.#builder.rows
  }

  get bytes(): number {
    return this.#builder.bytes + this.#slots.byteLength + this.#hashes.length * 8
  }

  intern(vector: WorkVector): Uint32Array {
    const strings = vector as StringVector
    const { rows, codes, nulls } = strings
    const ids = new Uint32Array(rows)
    if (codes !== null) this.#useMemo(strings.offsets)
    const memo = this.#memo
    for (let row = 0; row < rows; row++) {
      if (nulls !== null && nulls[row] === 1) {
        ids[row] = this.#null(strings, row)
        continue
      }
      if (codes === null) {
        ids[row] = this.#idOf(strings, row, row)
        continue
      }
      const entry = codes[row]!
      const known = memo[entry]!
      if (known !== 0) ids[row] = known - 1
      else {
        const id = this.#idOf(strings, row, entry)
        if (id !== unknownId) memo[entry] = id + 1
        ids[row] = id
      }
    }
    return ids
  }

  freeze(): void {
    this.#frozen = true
  }

  #useMemo(offsets: Uint32Array): void {
    if (this.#memoOf === offsets) return
    let memo = this.#memos.get(offsets)
    if (memo === undefined) {
      memo = new Uint32Array(offsets.length)
      this.#memos.set(offsets, memo)
    }
    this.#memoOf = offsets
    this.#memo = memo
  }

  #idOf(vector: StringVector, row: number, entry: number): number {
    const { bytes } = vector
    const start = vector.offsets[entry]!
    const end = vector.offsets[entry + 1]!
    const hash = hashBytes(bytes, start, end)
    const mask = this.#slots.length - 1
    let at = hash & mask
    for (;;) {
      const id = this.#slots[at]!
      if (id === 0) break
      if (this.#hashes[id - 1] === hash && this.#equals(id - 1, bytes, start, end)) return id - 1
      at = (at + 1) & mask
    }
    if (this.#frozen) return unknownId
    const id = this.#append(vector, row, hash)
    this.#slots[at] = id + 1
    if (this.#builder.rows * 2 > this.#slots.length) this.#grow()
    return id
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    this.#stored ??= this.#builder.finish() as StringVector
    const { offsets } = this.#stored
    return compareBytes(this.#stored.bytes, offsets[id]!, offsets[id + 1]!, bytes, start, end) === 0
  }

  #append(vector: WorkVector, row: number, hash: number): number {
    checkCount(this.#builder.rows)
    this.#builder.append(vector, row)
    this.#hashes.push(hash)
    this.#stored = undefined
    return this.#builder.rows - 1
  }

  #null(vector: WorkVector, row: number): number {
    if (this.#nullId < 0) {
      if (this.#frozen) return unknownId
      this.#nullId = this.#append(vector, row, 0)
    }
    return this.#nullId
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    this.#hashes.forEach((hash, id) => {
      if (id === this.#nullId) return
      let at = hash & mask
      while (this.#slots[at] !== 0) at = (at + 1) & mask
      this.#slots[at] = id + 1
    })
  }

  values(): WorkVector {
    return this.#builder.finish()
  }
}

class ListInterner implements Interner {
  readonly #ids = new Map<string, number>()
  readonly #builder = vectorBuilder('LIST')
  #frozen = false

  get count(): number {
    return this.#builder.rows
  }

  get bytes(): number {
    return this.#builder.bytes * 4
  }

  freeze(): void {
    this.#frozen = true
  }

  intern(vector: WorkVector): Uint32Array {
    const ids = new Uint32Array(vector.rows)
    for (let row = 0; row < vector.rows; row++) {
      const isNull = vector.nulls !== null && vector.nulls[row] === 1
      const key = isNull ? '' : listKey((vector as ListVector).values[row]!)
      let id = this.#ids.get(key)
      if (id === undefined && this.#frozen) id = unknownId
      else if (id === undefined) {
        id = this.#builder.rows
        this.#ids.set(key, id)
        this.#builder.append(vector, row)
      }
      ids[row] = id
    }
    return ids
  }

  values(): WorkVector {
    return this.#builder.finish()
  }
}

function listKey(values: readonly unknown[]): string {
  return JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}
