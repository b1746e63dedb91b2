/**
 * When things happen: moments spread over a range by the day of the week, the season and the hour, as the
 * inverse of one growing function. So a share of 0 … 1 gives a moment, and growing shares growing moments.
 */
const dayMicros = 86_400_000_000
const hourMicros = 3_600_000_000

/** How moments are spread. */
export interface TimeShape {
  readonly pattern: string
  /** Hours of the day with three times as many; those of the pattern unless given. */
  readonly peakHours?: readonly number[]
}

/** Weights of the hours of a day, of the days of a week from Sunday on, of the months. */
function weightsOf({ pattern, peakHours }: TimeShape): {
  hours: number[]
  weekdays: number[]
  months: number[]
} {
  const hours = Array.from({ length: 24 }, () => 1)
  const weekdays = Array.from({ length: 7 }, () => 1)
  const months = Array.from({ length: 12 }, () => 1)
  if (pattern === 'business_hours') {
    return {
      hours: hours.map((_, hour) => (hour >= 9 && hour < 17 ? 1 : 0)),
      weekdays: [0, 1, 1, 1, 1, 1, 0],
      months,
    }
  }
  if (pattern === 'weekend') return { hours, weekdays: [3, 1, 1, 1, 1, 1, 3], months }
  if (pattern === 'daily_peak') {
    // A working day: quiet nights, a peak at noon and a higher one in the evening, unless the hours are
    // given.
    const bell = (hour: number, centre: number, width: number) =>
      Math.exp(-(((hour + 0.5 - centre) / width) ** 2))
    const day = hours.map((_, hour) => 0.15 + bell(hour, 12.5, 2.5) + 1.4 * bell(hour, 19, 2.5))
    const given = hours.map((_, hour) => (peakHours?.includes(hour) ? 3 : 1))
    return { hours: peakHours === undefined ? day : given, weekdays, months }
  }
  if (pattern === 'seasonal') {
    // One wave a year, highest in December.
    const wave = months.map((_, month) => 1 + 0.6 * Math.cos((2 * Math.PI * (month - 11)) / 12))
    return { hours, weekdays, months: wave }
  }
  return { hours, weekdays, months }
}

export class TimeCurve {
  readonly #start: number
  readonly #end: number
  readonly #isUniform: boolean
  /** The range has none of the hours and days that the pattern is made of. */
  readonly isEmpty: boolean
  readonly #firstDay: number
  /** `days[at]` is the share of all moments before day `firstDay + at`. */
  readonly #days: Float64Array
  /** Where in `days` to begin for a share, by its first 10 bits. */
  readonly #guide: Int32Array
  /** `hours[at]` is the share of a day's moments before hour `at`. */
  readonly #hours: Float64Array

  /** @param start microseconds since 1970 @param end behind the last moment; above `start` */
  constructor(start: number, end: number, shape: TimeShape) {
    this.#start = start
    this.#end = end
    this.#isUniform = shape.pattern === 'uniform'
    this.#firstDay = Math.floor(start / dayMicros)
    const { hours, weekdays, months } = weightsOf(shape)
    this.#hours = cumulative(hours)
    const length = Math.max(1, Math.ceil(end / dayMicros) - this.#firstDay)
    const weights = Array.from({ length: this.#isUniform ? 1 : length }, (_, at) => {
      const date = new Date((this.#firstDay + at) * 86_400_000)
      const whole = (weekdays[date.getUTCDay()] as number) * (months[date.getUTCMonth()] as number)
      return whole * this.#shareOfDay(this.#firstDay + at)
    })
    this.isEmpty = weights.every((weight) => weight === 0)
    this.#days = cumulative(weights)
    this.#guide = new Int32Array(1025)
    for (let slot = 0, day = 0; slot <= 1024; slot++) {
      while (day < weights.length - 1 && (this.#days[day + 1] as number) <= slot / 1024) day++
      this.#guide[slot] = day
    }
  }

  /** The moment before which a share `u` of all moments lies, in microseconds since 1970. */
  at(u: number): number {
    if (this.#isUniform)
      return Math.min(this.#end - 1, this.#start + Math.floor(u * (this.#end - this.#start)))
    const days = this.#days
    let day = this.#guide[Math.floor(u * 1024)] as number
    while (day < days.length - 2 && (days[day + 1] as number) <= u) day++
    const from = days[day] as number
    const inDay = (u - from) / ((days[day + 1] as number) - from)
    const [first, last] = this.#sharesAtEnds(this.#firstDay + day)
    const micros = this.#timeOfDay(first + inDay * (last - first))
    const moment = (this.#firstDay + day) * dayMicros + micros
    return Math.min(this.#end - 1, Math.max(this.#start, moment))
  }

  /** How much of a day's weight lies in the range: the first and the last day may be cut. */
  #shareOfDay(day: number): number {
    const [first, last] = this.#sharesAtEnds(day)
    return last - first
  }

  #sharesAtEnds(day: number): [number, number] {
    const begin = day * dayMicros
    const first = begin >= this.#start ? 0 : this.#shareBefore(this.#start - begin)
    const last = begin + dayMicros <= this.#end ? 1 : this.#shareBefore(this.#end - begin)
    return [first, last]
  }

  /** The share of a day's moments before `micros` of the day. */
  #shareBefore(micros: number): number {
    const hour = Math.min(23, Math.floor(micros / hourMicros))
    const from = this.#hours[hour] as number
    const inHour = micros / hourMicros - hour
    return from + inHour * ((this.#hours[hour + 1] as number) - from)
  }

  #timeOfDay(share: number): number {
    const hours = this.#hours
    let hour = 0
    while (hour < 23 && (hours[hour + 1] as number) <= share) hour++
    const from = hours[hour] as number
    const width = (hours[hour + 1] as number) - from
    return Math.floor((hour + (width > 0 ? Math.min(1, (share - from) / width) : 0)) * hourMicros)
  }
}

/** Running sums of `weights`, from 0 to 1. */
function cumulative(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const sums = new Float64Array(weights.length + 1)
  let sum = 0
  for (const [at, weight] of weights.entries()) {
    sum += weight
    sums[at + 1] = sum / total
  }
  sums[weights.length] = 1
  return sums
}
