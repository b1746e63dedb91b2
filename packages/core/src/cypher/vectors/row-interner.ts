/** Numbers distinct rows: the ids of their columns' values, combined two by two. */
import type { ValueType } from '../expression/types.js'
import { type Interner, internerFor } from './interner.js'
import { idsMax, NumberTable, unknownId } from './number-table.js'
import type { WorkVector } from './vector.js'

function doubled(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** Numbers combinations of rows' values in several columns. Once frozen, new ones get `unknownId`. */
export class RowInterner {
  readonly #columns: Interner[]
  readonly #pairs: NumberTable[] = []
  /** For each pair table: the two ids that each of its ids combines. */
  readonly #left: Uint32Array[] = []
  readonly #right: Uint32Array[] = []
  #frozen = false

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

  /** From now on nothing is kept of rows that are new. */
  freeze(): void {
    this.#frozen = true
    for (const column of this.#columns) column.freeze()
  }

  /** One id a row; there is at least one column. */
  intern(vectors: readonly WorkVector[]): Uint32Array {
    let ids: Uint32Array = this.#columns[0]!.intern(vectors[0]!)
    for (let pair = 0; pair < this.#pairs.length; pair++) {
      const right = this.#columns[pair + 1]!.intern(vectors[pair + 1]!)
      ids = this.#frozen ? this.#find(pair, ids, right) : this.#combine(pair, ids, right)
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

  #find(pair: number, left: Uint32Array, right: Uint32Array): Uint32Array {
    const table = this.#pairs[pair]!
    const ids = new Uint32Array(left.length).fill(unknownId)
    for (let row = 0; row < ids.length; row++) {
      if (left[row] === unknownId || right[row] === unknownId) continue
      const id = table.find(left[row]! * idsMax + right[row]!)
      if (id >= 0) ids[row] = id
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
