/**
 * What a CSV file adds up to, counted from its bytes while it is written: with no part of the generator,
 * which made them, and none of the import, which is to be checked.
 */
import { type Column, isNumber } from './shape.js'

const comma = 0x2c
const newline = 0x0a
const quote = 0x22
const point = 0x2e
const zero = 0x30

/** Relationships of a node that begin, or end, there; and the sum over their first property. */
export interface Neighbours {
  rows: number
  sum: number
}

/** Where the field that begins at `start` ends: at its comma, or the end of its line. */
function fieldEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (bytes[at] === quote) {
    // A doubled quote ends one quoted piece, and begins the next.
    at = bytes.indexOf(quote, at + 1) + 1
    if (at === 0) throw new Error('a quoted field does not end')
  }
  while (at < bytes.length && bytes[at] !== comma && bytes[at] !== newline) at++
  return at
}

/** The decimal number from `start` up to `end`, which is not negative. */
function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0
  let unit = 1
  let hasPoint = false
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === point && !hasPoint) {
      hasPoint = true
      continue
    }
    if (byte < zero || byte > zero + 9) throw new Error('a number is not made of digits')
    digits = digits * 10 + (byte - zero)
    if (hasPoint) unit *= 10
  }
  return digits / unit
}

export class FileTotals {
  rows = 0
  readonly #columns: readonly Column[]
  readonly #isNumber: readonly boolean[]
  readonly #sums: Float64Array
  /** Nodes whose relationships are counted, as the file writes their keys. */
  readonly #nodes: readonly Uint8Array[]
  readonly from: readonly Neighbours[]
  readonly to: readonly Neighbours[]

  /** @param nodes keys to look for in the first two columns; none for nodes */
  constructor(columns: readonly Column[], nodes: readonly (string | number)[]) {
    this.#columns = columns
    this.#isNumber = columns.map(isNumber)
    this.#sums = new Float64Array(columns.length)
    this.#nodes = nodes.map((key) => Buffer.from(String(key)))
    this.from = nodes.map(() => ({ rows: 0, sum: 0 }))
    this.to = nodes.map(() => ({ rows: 0, sum: 0 }))
  }

  /** The sum over a column of numbers. */
  sum(name: string): number {
    return this.#sums[this.#columns.findIndex((column) => column.name === name)] as number
  }

  /** Counts whole rows. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at = this.#row(bytes, at)
  }

  /** Counts one row, and returns where the next one begins. */
  #row(bytes: Uint8Array, start: number): number {
    const last = this.#isNumber.length - 1
    let at = start
    let from = -1
    let to = -1
    for (let column = 0; column <= last; column++) {
      const end = fieldEnd(bytes, at)
      if (bytes[end] !== (column === last ? newline : comma)) {
        throw new Error(`row ${this.rows} of the file has not ${last + 1} columns`)
      }
      if (this.#isNumber[column] === true) {
        const value = numberAt(bytes, at, end)
        this.#sums[column] = (this.#sums[column] as number) + value
        if (column === 2 && (from >= 0 || to >= 0)) this.#count(from, to, value)
      }
      if (this.#nodes.length > 0 && column < 2) {
        const node = this.#nodeAt(bytes, at, end)
        if (column === 0) from = node
        else to = node
      }
      at = end + 1
    }
    this.rows++
    return at
  }

  /** Which of the nodes has its key there; -1: none. */
  #nodeAt(bytes: Uint8Array, start: number, end: number): number {
    for (let node = 0; node < this.#nodes.length; node++) {
      const key = this.#nodes[node] as Uint8Array
      let at = key.length
      if (at !== end - start) continue
      while (at > 0 && key[at - 1] === bytes[start + at - 1]) at--
      if (at === 0) return node
    }
    return -1
  }

  #count(from: number, to: number, value: number): void {
    for (const neighbours of [this.from[from], this.to[to]]) {
      if (neighbours === undefined) continue
      neighbours.rows++
      neighbours.sum += value
    }
  }
}
