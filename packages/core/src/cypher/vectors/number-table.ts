/** A hash table from numbers to ids, and the bound on ids that all interning shares. */
import { assert } from '../../errors/index.js'

/** Distinct values of one column, or combinations of columns. */
export const idsMax = 2 ** 26

/** In place of the id of a value that is not there. */
export const unknownId = 0xffff_ffff

/** States that another id can be given. */
export function checkCount(count: number): void {
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
