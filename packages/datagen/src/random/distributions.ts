/**
 * Distributions as functions of numbers in [0, 1): each draw of a row gives the same value, whoever asks.
 *
 * - Normal: the inverse of its distribution function (Wichura's AS 241, about 16 digits), so that one number
 *   is enough and a range cuts the curve instead of piling values up at its ends.
 * - Weights: Vose's alias method. Poisson: its cumulative table. Zipf: rejection-inversion (Hörmann and
 *   Derflinger, 1996), which needs no table for any size and takes a few draws.
 */

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let at = coefficients.length - 1; at >= 0; at--) sum = sum * x + (coefficients[at] as number)
  return sum
}

const centralTop = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
]
const centralBottom = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852546,
]
const middleTop = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
]
const middleBottom = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
]
const tailTop = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
]
const tailBottom = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
]

/** The standard normal value below which a share `u` of all values lies; `u` is in (0, 1). */
export function normalQuantile(u: number): number {
  const q = u - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(centralTop, r)) / polynomial(centralBottom, r)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? u : 1 - u))
  const value =
    r <= 5
      ? polynomial(middleTop, r - 1.6) / polynomial(middleBottom, r - 1.6)
      : polynomial(tailTop, r - 5) / polynomial(tailBottom, r - 5)
  return q < 0 ? -value : value
}

/** The share of standard normal values below `x` (Numerical Recipes' erfc, relative error below 1.2e-7). */
export function normalShare(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const t = 2 / (2 + z)
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277,
  ]
  const tail = 0.5 * t * Math.exp(-z * z + polynomial(series, t))
  return x < 0 ? tail : 1 - tail
}

/** Picks an index by weight in constant time (Vose's alias method). */
export class AliasTable {
  readonly size: number
  readonly #share: Float64Array
  readonly #alias: Int32Array

  /** @param weights numbers ≥ 0, at least one of them above 0 */
  constructor(weights: readonly number[]) {
    const size = weights.length
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const scaled = weights.map((weight) => (weight * size) / total)
    this.size = size
    this.#share = new Float64Array(size).fill(1)
    this.#alias = Int32Array.from({ length: size }, (_, index) => index)
    const small: number[] = []
    const large: number[] = []
    for (const [index, share] of scaled.entries()) (share < 1 ? small : large).push(index)
    while (small.length > 0 && large.length > 0) {
      const less = small.pop() as number
      const more = large.pop() as number
      this.#share[less] = scaled[less] as number
      this.#alias[less] = more
      const left = (scaled[more] as number) + (scaled[less] as number) - 1
      scaled[more] = left
      if (left < 1) small.push(more)
      else large.push(more)
    }
    // What rounding leaves over is whole, unless its weight is nothing.
    for (const index of small) {
      if (weights[index] !== 0) continue
      this.#share[index] = 0
      this.#alias[index] = weights.findIndex((weight) => weight > 0)
    }
  }

  /** The index for `u` in [0, 1). */
  pick(u: number): number {
    const place = u * this.size
    const index = Math.floor(place)
    return place - index < (this.#share[index] as number) ? index : (this.#alias[index] as number)
  }
}

/** Values of the table of a Poisson distribution; beyond this mean a normal curve stands in for it. */
const poissonTableMeanMax = 500

/** Counts of independent events: the number below which a share of all counts lies. */
export class Poisson {
  readonly #mean: number
  /** `cumulative[k]` is the share of counts ≤ k; empty where the normal curve stands in. */
  readonly #cumulative: Float64Array

  constructor(mean: number) {
    this.#mean = mean
    if (mean > poissonTableMeanMax) {
      this.#cumulative = new Float64Array(0)
      return
    }
    const length = Math.ceil(mean + 12 * Math.sqrt(mean) + 20)
    this.#cumulative = new Float64Array(length)
    let share = Math.exp(-mean)
    let sum = 0
    for (let count = 0; count < length; count++) {
      sum += share
      this.#cumulative[count] = sum
      share *= mean / (count + 1)
    }
  }

  /** The count for `u` in [0, 1). */
  pick(u: number): number {
    const table = this.#cumulative
    if (table.length === 0) {
      const value = this.#mean + Math.sqrt(this.#mean) * normalQuantile(u === 0 ? 2 ** -54 : u)
      return Math.max(0, Math.round(value))
    }
    let low = 0
    let high = table.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((table[middle] as number) > u) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** log1p(x) / x, and expm1(x) / x: right near 0 too. */
function logShare(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x * (0.5 - x * (1 / 3 - 0.25 * x))
}
function expShare(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x * 0.5 * (1 + (x / 3) * (1 + 0.25 * x))
}

/** Ranks 1 … size, rank k in proportion to k^-exponent. */
export class Zipf {
  readonly #size: number
  readonly #exponent: number
  readonly #first: number
  readonly #last: number
  readonly #squeeze: number

  /** @param size at least 1 @param exponent above 0 */
  constructor(size: number, exponent: number) {
    this.#size = size
    this.#exponent = exponent
    this.#first = this.#integral(1.5) - 1
    this.#last = this.#integral(size + 0.5)
    this.#squeeze = 2 - this.#inverse(this.#integral(2.5) - this.#weight(2))
  }

  /** The rank that the numbers of `draw` give; `draw(0)`, `draw(1)`, … are independent and in [0, 1). */
  pick(draw: (number: number) => number): number {
    for (let number = 0; number < 64; number++) {
      const u = this.#last + draw(number) * (this.#first - this.#last)
      const x = this.#inverse(u)
      const rank = Math.min(this.#size, Math.max(1, Math.round(x)))
      if (rank - x <= this.#squeeze || u >= this.#integral(rank + 0.5) - this.#weight(rank)) return rank
    }
    return 1
  }

  #weight(x: number): number {
    return Math.exp(-this.#exponent * Math.log(x))
  }

  #integral(x: number): number {
    const log = Math.log(x)
    return expShare((1 - this.#exponent) * log) * log
  }

  #inverse(x: number): number {
    const t = Math.max(-1, x * (1 - this.#exponent))
    return Math.exp(logShare(t) * x)
  }
}
