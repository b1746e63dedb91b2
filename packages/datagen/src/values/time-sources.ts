/** Sources of moments and days. */
import { fillRowsMax } from '../limits.js'
import { fillUniform, type Key } from '../random/index.js'
import type { RowSet } from './row-set.js'
import { Source } from './source.js'
import type { TimeCurve } from './time-curve.js'

export interface TimeOptions {
  /** Moments lie on a grid of this many microseconds, from `start` on. */
  readonly grid: number
  readonly start: number
  /** What the lane counts: microseconds, or days of 86,400,000,000. */
  readonly unit: number
  /** Digits behind the second that are written. */
  readonly digits: number
  /** Rows of the table, when moments are to grow with the row's number. */
  readonly sortedRows?: number
}

/** Moments along a curve: at random, or growing with the row's number. */
export class TimeSource extends Source {
  readonly #key: Key
  readonly #curve: TimeCurve
  readonly #options: TimeOptions

  constructor(key: Key, curve: TimeCurve, options: TimeOptions) {
    super('numbers', { scale: options.digits, isPlain: true })
    this.#key = key
    this.#curve = curve
    this.#options = options
  }

  protected fill(set: RowSet): void {
    const { numbers } = this.lane
    const { grid, start, unit, sortedRows } = this.#options
    fillUniform(this.#key, set.rows, set.count, 0, numbers)
    if (sortedRows !== undefined) {
      for (let at = 0; at < set.count; at++) {
        numbers[at] = ((set.rows[at] as number) + (numbers[at] as number)) / sortedRows
      }
    }
    for (let at = 0; at < set.count; at++) {
      const moment = this.#curve.at(Math.min(1 - 2 ** -53, numbers[at] as number))
      const onGrid = start + Math.floor((moment - start) / grid) * grid
      numbers[at] = unit === 1 ? onGrid : Math.floor(onGrid / unit)
    }
  }
}

/** A value of another column, and a random distance above it. Where that is NULL, this is. */
export class AfterSource extends Source {
  readonly #key: Key
  readonly #before: Source
  readonly #factor: number
  readonly #min: number
  readonly #span: number
  readonly #grid: number
  readonly #limit: number
  readonly #uniform = new Float64Array(fillRowsMax)

  /**
   * @param options all in units of this source's lane; `factor` turns the other lane's units into them, and
   * `limit` is not passed unless the other value lies beyond it
   */
  constructor(
    key: Key,
    before: Source,
    options: {
      readonly factor: number
      readonly min: number
      readonly max: number
      readonly grid: number
      readonly limit: number
      readonly scale: number
    },
  ) {
    super('numbers', { scale: options.scale, isPlain: true })
    this.#key = key
    this.#before = before
    this.#factor = options.factor
    this.#min = options.min
    this.#grid = options.grid
    this.#span = Math.floor((options.max - options.min) / options.grid) + 1
    this.#limit = options.limit
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    const from = this.#before.read(set)
    fillUniform(this.#key, set.rows, set.count, 0, this.#uniform)
    for (let at = 0; at < set.count; at++) {
      if (from.hasNulls && from.nulls[at] === 1) {
        lane.setNull(at)
        continue
      }
      const base = Math.ceil((from.numbers[at] as number) * this.#factor)
      const room = Math.floor((this.#limit - base - this.#min) / this.#grid) + 1
      const span = Math.max(1, Math.min(this.#span, room))
      const distance = this.#min + Math.floor((this.#uniform[at] as number) * span) * this.#grid
      lane.numbers[at] = base + distance
    }
  }
}
