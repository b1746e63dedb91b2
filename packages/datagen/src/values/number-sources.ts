/** Sources of numbers: counters, chosen from a range, drawn from a distribution. */

import {
  fillUniform,
  type Key,
  normalQuantile,
  normalShare,
  Poisson,
  uniformAt,
  Zipf,
} from '../random/index.js'
import type { Distribution } from '../schema/index.js'
import type { RowSet } from './row-set.js'
import { type Chooser, Source } from './source.js'

/** `first + step * choice`, as whole numbers of the column's unit. */
export class RangeSource extends Source {
  readonly #chooser: Chooser
  readonly #first: number
  readonly #step: number

  constructor(
    chooser: Chooser,
    first: number,
    options: { readonly step?: number; readonly scale?: number } = {},
  ) {
    super('numbers', { scale: options.scale ?? 0, isPlain: true })
    this.#chooser = chooser
    this.#first = first
    this.#step = options.step ?? 1
  }

  protected fill(set: RowSet): void {
    const { numbers } = this.lane
    this.#chooser.choose(set, numbers)
    for (let at = 0; at < set.count; at++) numbers[at] = this.#first + (numbers[at] as number) * this.#step
  }
}

/** One of given numbers. */
export class ListNumbers extends Source {
  readonly #chooser: Chooser
  readonly #list: Float64Array

  /** @param list in the unit of the column's lane */
  constructor(chooser: Chooser, list: Float64Array, scale: number) {
    super('numbers', { scale, isPlain: true })
    this.#chooser = chooser
    this.#list = list
  }

  protected fill(set: RowSet): void {
    const { numbers } = this.lane
    this.#chooser.choose(set, numbers)
    for (let at = 0; at < set.count; at++) numbers[at] = this.#list[numbers[at] as number] as number
  }
}

/** Doubles over a range, with all their digits. */
export class DoubleRange extends Source {
  readonly #key: Key
  readonly #min: number
  readonly #span: number
  /** What bounds are divided by, whose distance no double holds. */
  readonly #divisor: number
  readonly #single: boolean

  constructor(key: Key, min: number, max: number, single: boolean) {
    super('doubles', { isPlain: true })
    this.#key = key
    this.#divisor = Number.isFinite(max - min) ? 1 : 2
    this.#min = min / this.#divisor
    this.#span = max / this.#divisor - this.#min
    this.#single = single
  }

  protected fill(set: RowSet): void {
    const { numbers } = this.lane
    fillUniform(this.#key, set.rows, set.count, 0, numbers)
    for (let at = 0; at < set.count; at++) {
      const value = (this.#min + (numbers[at] as number) * this.#span) * this.#divisor
      numbers[at] = this.#single ? Math.fround(value) : value
    }
  }
}

/** What a distribution is bounded by and rounded to. */
export interface NumberRange {
  /** Bounds of the value itself, not of its unit. */
  readonly min: number
  readonly max: number
  /** Decimal places that values are rounded to. */
  readonly scale: number
}

/** The value of a distribution for a draw in [0, 1), before bounds and rounding. */
type Curve = (u: number, row: number) => number

const tiny = 2 ** -54

/** The normal curve, cut where the bounds are. */
function normalCurve(mean: number, deviation: number, low: number, high: number): Curve {
  if (deviation === 0) return () => mean
  const from = low === Number.NEGATIVE_INFINITY ? 0 : normalShare((low - mean) / deviation)
  const to = high === Number.POSITIVE_INFINITY ? 1 : normalShare((high - mean) / deviation)
  return (u) => {
    const share = from + u * (to - from)
    return mean + deviation * normalQuantile(Math.min(1 - tiny, Math.max(tiny, share)))
  }
}

function curveOf(distribution: Distribution, key: Key, { min, max, scale }: NumberRange): Curve {
  const { type, mean, deviation, exponent } = distribution
  const middle = (min + max) / 2
  switch (type) {
    case 'normal':
      return normalCurve(mean ?? middle, deviation ?? (max - min) / 6, min, max)
    case 'lognormal': {
      // Unless they are given, most values lie in the lower third of the range.
      const logOf = (value: number) => (value > 0 ? Math.log(value) : Number.NEGATIVE_INFINITY)
      const sigma = deviation ?? 0.75
      const mu =
        mean ??
        (min > 0 ? Math.log(min) + (Math.log(max) - Math.log(min)) / 3 : Math.log(Math.max(max, 1)) / 2)
      const curve = normalCurve(mu, sigma, logOf(min), logOf(max))
      return (u) => Math.exp(curve(u, 0))
    }
    case 'poisson': {
      const poisson = new Poisson(mean ?? middle)
      return (u) => poisson.pick(u)
    }
    case 'exponential': {
      const scaleOf = mean ?? (max - min) / 5
      const share = 1 - Math.exp(-(max - min) / scaleOf)
      return (u) => min - scaleOf * Math.log1p(-u * share)
    }
    case 'zipf': {
      const unit = 10 ** -scale
      const zipf = new Zipf(Math.max(1, Math.round((max - min) / unit) + 1), exponent ?? 1)
      return (_, row) => min + (zipf.pick((draw) => uniformAt(key, row, draw)) - 1) * unit
    }
    default:
      return (u) => min + u * (max - min)
  }
}

/** Numbers of a distribution, within bounds, rounded to a number of places. */
export class DistributionSource extends Source {
  readonly #key: Key
  readonly #curve: Curve
  readonly #unit: number
  readonly #min: number
  readonly #max: number

  constructor(key: Key, distribution: Distribution, range: NumberRange) {
    super('numbers', { scale: range.scale, isPlain: true })
    this.#key = key
    this.#curve = curveOf(distribution, key, range)
    this.#unit = 10 ** range.scale
    this.#min = Math.ceil(range.min * this.#unit - 1e-9)
    this.#max = Math.floor(range.max * this.#unit + 1e-9)
  }

  protected fill(set: RowSet): void {
    const { numbers } = this.lane
    fillUniform(this.#key, set.rows, set.count, 0, numbers)
    for (let at = 0; at < set.count; at++) {
      const value = Math.round(this.#curve(numbers[at] as number, set.rows[at] as number) * this.#unit)
      numbers[at] = Math.min(this.#max, Math.max(this.#min, value))
    }
  }
}
