/**
 * Changes of single values of one column, in order: so that whoever keeps a patched column need only look at
 * what came since. The last change of a row is the one that counts.
 */
import type { Value } from './value.js'

export class Patches {
  /** Node offsets or positions, and their values, in the order in which they were changed. */
  readonly rows: number[] = []
  readonly values: Value[] = []
  readonly #latest = new Map<number, number>()

  get count(): number {
    return this.rows.length
  }

  add(row: number, value: Value): void {
    this.#latest.set(row, this.rows.length)
    this.rows.push(row)
    this.values.push(value)
  }

  /** The value that `row` has now; undefined when it was not changed. */
  valueOf(row: number): Value | undefined {
    const at = this.#latest.get(row)
    return at === undefined ? undefined : this.values[at]!
  }

  /** Rows that were changed, each once, with the value that each has now. */
  *latest(): Generator<[row: number, value: Value]> {
    for (const [row, at] of this.#latest) yield [row, this.values[at]!]
  }

  clone(): Patches {
    const copy = new Patches()
    for (const [index, row] of this.rows.entries()) copy.add(row, this.values[index]!)
    return copy
  }
}
