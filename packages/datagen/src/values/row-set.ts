/**
 * Row numbers whose values are made together. Each filling has a number of its own, by which work is shared.
 */
import { fillRowsMax } from '../limits.js'

let versions = 0

export class RowSet {
  /** Numbers of rows, from 0 on, in any order. */
  readonly rows = new Float64Array(fillRowsMax)
  count = 0
  /** Changes with every filling; no two fillings of the thread have the same. */
  version = 0

  /** The set is about to hold other rows. */
  renew(count: number): void {
    this.count = count
    this.version = ++versions
  }

  /** The rows from `first` on. */
  fillFrom(first: number, count: number): void {
    for (let at = 0; at < count; at++) this.rows[at] = first + at
    this.renew(count)
  }
}
