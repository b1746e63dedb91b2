/**
 * Grows a column row by row, or batch by batch: what operators that keep rows (sort, join, group) store them
 * in.
 *
 * - Integers stay numbers until one is beyond 2^53; then the whole column becomes bigints.
 * - Strings are copied, so that a builder keeps no segment alive.
 */

import { type LogicalType, physicalTypeOf } from '../../types/index.js'
import type { ValueType } from '../expression/types.js'
import { type Batch, numberVector, utf8, type WorkVector } from './vector.js'

const firstCapacity = 64

/** A typed array with room for at least `needed` elements: `array` itself or a copy twice as large. */
function grown<T extends Float64Array | BigInt64Array | Uint8Array | Uint32Array>(
  array: T,
  needed: number,
): T {
  if (array.length >= needed) return array
  const larger = new (array.constructor as new (length: number) => T)(Math.max(needed, array.length * 2))
  larger.set(array as never)
  return larger
}

/** The lane type that holds values of `type`: nodes and relationships are numbers. */
export function laneType(type: ValueType): LogicalType {
  return type === 'NODE' || type === 'REL' || type === 'NULL' || type === 'ANY' || type === 'LIST'
    ? 'INT64'
    : type
}

export interface VectorBuilder {
  readonly rows: number
  /** Bytes held, roughly. */
  readonly bytes: number
  append(vector: WorkVector, row: number): void
  appendNull(): void
  finish(): WorkVector
}

/** A builder for values of `type`. */
export function vectorBuilder(type: ValueType): VectorBuilder {
  if (type === 'LIST') return new ListBuilder()
  const lane = laneType(type)
  return physicalTypeOf(lane) === 'string' ? new StringBuilder(lane) : new NumericBuilder(lane)
}

class NumericBuilder implements VectorBuilder {
  rows = 0
  readonly #type: LogicalType
  #numbers = new Float64Array(firstCapacity)
  #bigints: BigInt64Array | null = null
  #nulls: Uint8Array | null = null

  constructor(type: LogicalType) {
    this.#type = type
  }

  get bytes(): number {
    return (this.#bigints ?? this.#numbers).byteLength + (this.#nulls?.byteLength ?? 0)
  }

  append(vector: WorkVector, row: number): void {
    if (vector.nulls !== null && vector.nulls[row] === 1) this.appendNull()
    else if (vector.kind === 'number' && this.#bigints === null) {
      this.#numbers = grown(this.#numbers, this.rows + 1)
      this.#numbers[this.rows] = vector.values[row]!
      this.#step(0)
    } else if (vector.kind === 'number' || vector.kind === 'bigint') {
      const lanes = grown(this.#asBigints(), this.rows + 1)
      this.#bigints = lanes
      lanes[this.rows] = BigInt(vector.values[row]!)
      this.#step(0)
    } else this.appendNull()
  }

  appendNull(): void {
    this.#nulls ??= new Uint8Array(Math.max(firstCapacity, this.rows + 1))
    if (this.#bigints === null) this.#numbers = grown(this.#numbers, this.rows + 1)
    else this.#bigints = grown(this.#bigints, this.rows + 1)
    this.#step(1)
  }

  #step(isNull: 0 | 1): void {
    if (this.#nulls !== null) {
      this.#nulls = grown(this.#nulls, this.rows + 1)
      this.#nulls[this.rows] = isNull
    }
    this.rows++
  }

  #asBigints(): BigInt64Array {
    if (this.#bigints !== null) return this.#bigints
    const lanes = new BigInt64Array(this.#numbers.length)
    for (let row = 0; row < this.rows; row++) lanes[row] = BigInt(this.#numbers[row]!)
    return lanes
  }

  finish(): WorkVector {
    const { rows } = this
    const nulls = this.#nulls === null ? null : this.#nulls.subarray(0, rows)
    if (this.#bigints !== null) {
      return { kind: 'bigint', type: this.#type, rows, values: this.#bigints.subarray(0, rows), nulls }
    }
    return numberVector(this.#type, this.#numbers.subarray(0, rows), nulls)
  }
}

/** Strings, each copied behind the other. */
export class StringBuilder implements VectorBuilder {
  rows = 0
  readonly #type: LogicalType
  #offsets = new Uint32Array(firstCapacity)
  #bytes = new Uint8Array(firstCapacity * 16)
  #nulls: Uint8Array | null = null

  constructor(type: LogicalType) {
    this.#type = type
  }

  get bytes(): number {
    return this.#bytes.byteLength + this.#offsets.byteLength
  }

  append(vector: WorkVector, row: number): void {
    if (vector.kind !== 'string' || (vector.nulls !== null && vector.nulls[row] === 1)) {
      this.appendNull()
      return
    }
    const entry = vector.codes === null ? row : vector.codes[row]!
    this.appendBytes(vector.bytes, vector.offsets[entry]!, vector.offsets[entry + 1]!)
  }

  appendBytes(source: Uint8Array, start: number, end: number): void {
    const from = this.#offsets[this.rows]!
    const to = from + end - start
    this.#bytes = grown(this.#bytes, to)
    if (end - start > 48) this.#bytes.set(source.subarray(start, end), from)
    else for (let at = start; at < end; at++) this.#bytes[from + at - start] = source[at]!
    this.#step(to, 0)
  }

  appendText(text: string): void {
    const bytes = utf8(text)
    this.appendBytes(bytes, 0, bytes.length)
  }

  appendNull(): void {
    this.#nulls ??= new Uint8Array(Math.max(firstCapacity, this.rows + 1))
    this.#step(this.#offsets[this.rows]!, 1)
  }

  #step(to: number, isNull: 0 | 1): void {
    if (this.#nulls !== null) {
      this.#nulls = grown(this.#nulls, this.rows + 1)
      this.#nulls[this.rows] = isNull
    }
    this.rows++
    this.#offsets = grown(this.#offsets, this.rows + 1)
    this.#offsets[this.rows] = to
  }

  finish(): WorkVector {
    const { rows } = this
    return {
      kind: 'string',
      type: this.#type,
      rows,
      codes: null,
      offsets: this.#offsets.subarray(0, rows + 1),
      bytes: this.#bytes,
      nulls: this.#nulls === null ? null : this.#nulls.subarray(0, rows),
    }
  }
}

class ListBuilder implements VectorBuilder {
  #itemType: ValueType | undefined
  readonly #values: (readonly unknown[])[] = []
  #nulls: number[] = []

  get rows(): number {
    return this.#values.length
  }

  get bytes(): number {
    return this.#values.length * 64
  }

  append(vector: WorkVector, row: number): void {
    if (vector.kind !== 'list' || (vector.nulls !== null && vector.nulls[row] === 1)) this.appendNull()
    else {
      this.#itemType = vector.itemType
      this.#values.push(vector.values[row]!)
    }
  }

  appendNull(): void {
    this.#nulls.push(this.#values.length)
    this.#values.push([])
  }

  finish(): WorkVector {
    const nulls = this.#nulls.length === 0 ? null : new Uint8Array(this.rows)
    if (nulls !== null) for (const row of this.#nulls) nulls[row] = 1
    return {
      kind: 'list',
      type: 'LIST',
      itemType: this.#itemType,
      rows: this.rows,
      values: this.#values,
      nulls,
    }
  }
}

/** Keeps the rows of batches: one builder for each slot asked for. */
export class BatchBuilder {
  rows = 0
  readonly #slots: readonly { readonly slot: number; readonly builder: VectorBuilder }[]

  constructor(slots: readonly { readonly slot: number; readonly type: ValueType }[]) {
    this.#slots = slots.map(({ slot, type }) => ({ slot, builder: vectorBuilder(type) }))
  }

  get bytes(): number {
    return this.#slots.reduce((sum, { builder }) => sum + builder.bytes, 0)
  }

  append(batch: Batch): void {
    for (const { slot, builder } of this.#slots) {
      const vector = batch.columns[slot]!
      for (let row = 0; row < batch.rows; row++) builder.append(vector, row)
    }
    this.rows += batch.rows
  }

  finish(): Batch {
    const columns: (WorkVector | undefined)[] = []
    for (const { slot, builder } of this.#slots) columns[slot] = builder.finish()
    return { rows: this.rows, columns }
  }
}
