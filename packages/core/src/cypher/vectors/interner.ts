/**
 * Numbers distinct values from 0 in the order in which they come up: what grouping, DISTINCT and hash joins
 * are made of.
 *
 * - NULL is a value of its own here, NaN equals NaN, and −0 equals 0: this is grouping, not comparing.
 * - Integers beyond 2^53 and smaller ones of the same column are one domain.
 * - An id is below 2^26, so that two of them make one exact number.
 */
import { assert } from '../../errors/index.js'
import type { ValueType } from '../expression/types.js'
import { laneType, type VectorBuilder, vectorBuilder } from './builder.js'
import { compareBytes } from './strings.js'
import type { BigIntVector, ListVector, NumberVector, StringVector, WorkVector } from './vector.js'

/** Distinct values of one column, or combinations of columns. */
export const idsMax = 2 ** 26

export interface Interner {
  /** How many distinct values there are. */
  readonly count: number
  /** Bytes held, roughly. */
  readonly bytes: number
  /** The id of each row's value; new values get the next ids. */
  intern(vector: WorkVector): Uint32Array
  /** The distinct values in the order of their ids. */
  values(): WorkVector
}

/** An interner for values of `type`. */
export function internerFor(type: ValueType): Interner {
  if (type === 'STRING') return new StringInterner()
  if (type === 'LIST') return new ListInterner()
  return new NumberInterner(type)
}

function checkCount(count: number): void {
  assert(count < idsMax, `fewer than ${idsMax} distinct values`)
}

const float = new Float64Array(1)
const halves = new Uint32Array(float.buffer)

function hashNumber(value: number): number {
  float[0] = value
  let hash = Math.imul(halves[0]! ^ (halves[1]! >>> 15), 0x9e3779b1) ^ Math.imul(halves[1]!, 0x85ebca77)
  hash ^= hash >>> 15
  return Math.imul(hash, 0xc2b2ae3d) >>> 0
}

/** Open addressing from exact numbers to ids. */
export class NumberTable {
  #keys = new Float64Array(64)
  /** Id + 1; 0 is free. */
  #ids = new Uint32Array(64)
  count = 0

  get bytes(): number {
    return this.#keys.byteLength + this.#ids.byteLength
  }

  /** The id of `key`, which is no NaN; when it is new, it gets the id `count`. */
  idOf(key: number): number {
    const mask = this.#ids.length - 1
    let at = hashNumber(key) & mask
    for (;;) {
      const id = this.#ids[at]!
      if (id === 0) break
      if (this.#keys[at] === key) return id - 1
      at = (at + 1) & mask
    }
    checkCount(this.count)
    this.#ids[at] = ++this.count
    this.#keys[at] = key
    if (this.count * 2 > this.#ids.length) this.#grow()
    return this.count - 1
  }

  /** The id of `key`, or −1. */
  find(key: number): number {
    const mask = this.#ids.length - 1
    for (let at = hashNumber(key) & mask; ; at = (at + 1) & mask) {
      const id = this.#ids[at]!
      if (id === 0) return -1
      if (this.#keys[at] === key) return id - 1
    }
  }

  #grow(): void {
    const keys = this.#keys
    const ids = this.#ids
    this.#keys = new Float64Array(keys.length * 2)
    this.#ids = new Uint32Array(ids.length * 2)
    const mask = this.#ids.length - 1
    for (let old = 0; old < ids.length; old++) {
      if (ids[old] === 0) continue
      let at = hashNumber(keys[old]!) & mask
      while (this.#ids[at] !== 0) at = (at + 1) & mask
      this.#ids[at] = ids[old]!
      this.#keys[at] = keys[old]!
    }
  }
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
        if (id === undefined) {
          id = this.#append(vector, row)
          this.#wide.set(value, id)
        }
        ids[row] = id
      }
    }
  }

  #number(value: number, vector: WorkVector, row: number): number {
    if (Number.isNaN(value)) {
      if (this.#nanId < 0) this.#nanId = this.#append(vector, row)
      return this.#nanId
    }
    const inTable = this.#table.idOf(value)
    if (inTable < this.#idOfNumber.length) return this.#idOfNumber[inTable]!
    const id = this.#append(vector, row)
    this.#idOfNumber.push(id)
    if (value >= 0 && value < directMax && (value | 0) === value) this.#direct[value] = id
    return id
  }

  #null(vector: WorkVector, row: number): number {
    if (this.#nullId < 0) this.#nullId = this.#append(vector, row)
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
  readonly #builder = vectorBuilder('STRING')
  #stored: StringVector | undefined
  #nullId = -1
  /** For each dictionary met: id + 1 of its entries; 0 is not known yet. */
  readonly #memos = new WeakMap<Uint32Array, Uint32Array>()
  #memoOf: Uint32Array | undefined
  #memo: Uint32Array = new Uint32Array(0)

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
        memo[entry] = id + 1
        ids[row] = id
      }
    }
    return ids
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
    if (this.#nullId < 0) this.#nullId = this.#append(vector, row, 0)
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

  get count(): number {
    return this.#builder.rows
  }

  get bytes(): number {
    return this.#builder.bytes * 4
  }

  intern(vector: WorkVector): Uint32Array {
    const ids = new Uint32Array(vector.rows)
    for (let row = 0; row < vector.rows; row++) {
      const isNull = vector.nulls !== null && vector.nulls[row] === 1
      const key = isNull ? '' : listKey((vector as ListVector).values[row]!)
      let id = this.#ids.get(key)
      if (id === undefined) {
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

function doubled(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** Numbers combinations of rows' values in several columns. */
export class RowInterner {
  readonly #columns: Interner[]
  readonly #pairs: NumberTable[] = []
  /** For each pair table: the two ids that each of its ids combines. */
  readonly #left: Uint32Array[] = []
  readonly #right: Uint32Array[] = []

  constructor(types: readonly ValueType[]) {
    this.#columns = types.map(internerFor)
    for (let pair = 1; pair < types.length; pair++) {
      this.#pairs.push(new NumberTable())
      this.#left.push(new Uint32Array(64))
      this.#right.push(new Uint32Array(64))
    }
  }

  get count(): number {
    return this.#pairs.at(-1)?.count ?? this.#columns[0]!.count
  }

  get bytes(): number {
    const pairs = this.#pairs.reduce((sum, table) => sum + table.bytes + table.count * 8, 0)
    return this.#columns.reduce((sum, column) => sum + column.bytes, pairs)
  }

  /** One id a row; there is at least one column. */
  intern(vectors: readonly WorkVector[]): Uint32Array {
    let ids: Uint32Array = this.#columns[0]!.intern(vectors[0]!)
    for (let pair = 0; pair < this.#pairs.length; pair++) {
      ids = this.#combine(pair, ids, this.#columns[pair + 1]!.intern(vectors[pair + 1]!))
    }
    return ids
  }

  #combine(pair: number, left: Uint32Array, right: Uint32Array): Uint32Array {
    const table = this.#pairs[pair]!
    const ids = new Uint32Array(left.length)
    for (let row = 0; row < ids.length; row++) {
      const before = table.count
      const id = table.idOf(left[row]! * idsMax + right[row]!)
      ids[row] = id
      if (id < before) continue
      if (id === this.#left[pair]!.length) {
        this.#left[pair] = doubled(this.#left[pair]!)
        this.#right[pair] = doubled(this.#right[pair]!)
      }
      this.#left[pair]![id] = left[row]!
      this.#right[pair]![id] = right[row]!
    }
    return ids
  }

  /** For each column: its distinct values, and which of them each id has. */
  values(): { readonly vector: WorkVector; readonly ids: Uint32Array }[] {
    let ids: Uint32Array = Uint32Array.from({ length: this.count }, (_, id) => id)
    const columns: { vector: WorkVector; ids: Uint32Array }[] = []
    for (let pair = this.#pairs.length - 1; pair >= 0; pair--) {
      const [left, right] = [this.#left[pair]!, this.#right[pair]!]
      columns.unshift({ vector: this.#columns[pair + 1]!.values(), ids: ids.map((id) => right[id]!) })
      ids = ids.map((id) => left[id]!)
    }
    columns.unshift({ vector: this.#columns[0]!.values(), ids })
    return columns
  }
}
