/** Generators of dates, times of day, timestamps and intervals. */
import { schemaError, unsatisfiable } from '../errors/index.js'
import {
  microsPerDay,
  microsPerSecond,
  parseDuration,
  parseMoment,
  parseSpan,
  timePatterns,
} from '../schema/index.js'
import {
  AfterSource,
  type Chooser,
  RangeSource,
  type Source,
  TimeCurve,
  TimeSource,
  UniformChooser,
} from '../values/index.js'
import { type Bounds, type ColumnContext, checkBounds, type Generator } from './generator.js'
import { numberBounds, scaleOf } from './number-generators.js'

/** The first and the last moment that dates can be written for: the years 1 to 9999. */
const momentMin = -62_135_596_800 * microsPerSecond
const momentMax = 253_402_300_799 * microsPerSecond

/** Digits behind the second that the column's values have. */
function secondDigits({ type, options }: ColumnContext): number {
  return type.secondDigits ?? Math.min(6, options.decimals ?? 0)
}

/** Microseconds between two values of the column. */
function gridOf(context: ColumnContext): number {
  return context.type.kind === 'date' ? microsPerDay : 10 ** (6 - secondDigits(context))
}

function momentOf(
  value: number | string | undefined,
  context: ColumnContext,
  name: string,
): number | undefined {
  if (value === undefined) return undefined
  const moment = typeof value === 'number' ? value * microsPerSecond : parseMoment(value, context.nowMicros)
  if (moment === undefined || moment < momentMin || moment > momentMax) {
    const expected = 'a moment such as 2024-01-31, 2024-01-31T12:00:00Z, now or now-30d'
    throw schemaError(`${context.path}.${name}`, `it is ${JSON.stringify(value)}`, expected)
  }
  return moment
}

/** The range of moments, in microseconds; the end does not belong to it. */
function momentBounds(context: ColumnContext): Bounds {
  const { options, type, nowMicros } = context
  // A unique day for each row: as many years as that takes.
  const needed =
    context.unique && type.kind === 'date' ? Math.min(1500, Math.ceil(context.rows / 365) + 1) : 0
  const years = Math.max(type.kind === 'date' ? 10 : 2, needed)
  const grid = gridOf(context)
  const isDay = (value: unknown) =>
    type.kind === 'date' || (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value.trim()))
  const from = momentOf(options.start ?? options.min, context, 'start')
  const given = options.end ?? options.max
  const to = momentOf(given, context, 'end')
  // A day that ends a range belongs to it.
  const end = to === undefined ? undefined : to + (isDay(given) ? microsPerDay : grid)
  const span = years * 365 * microsPerDay
  const start = from ?? Math.min(nowMicros, end ?? nowMicros) - span
  const last = end ?? (start < nowMicros ? nowMicros : start + span)
  checkBounds({ min: start, max: last - 1 }, context, (value) => new Date(value / 1000).toISOString())
  return { min: Math.ceil(start / grid) * grid, max: last }
}

/** Dates and timestamps along a curve. */
export function momentGenerator(context: ColumnContext): Generator {
  const { options, type, rows } = context
  const { min, max } = momentBounds(context)
  const { timePattern = options.pattern ?? 'uniform' } = options
  if (!timePatterns.includes(timePattern)) {
    throw schemaError(
      `${context.path}.pattern`,
      `it is ${JSON.stringify(timePattern)}`,
      `one of ${timePatterns.join(', ')}`,
    )
  }
  const unit = type.kind === 'date' ? microsPerDay : 1
  const grid = Math.max(gridOf(context), options.intervalMicros ?? 0)
  const digits = secondDigits(context)
  const fine = context.unique && type.kind === 'timestamp' && type.secondDigits === undefined ? 6 : digits
  const finest = type.kind === 'date' ? microsPerDay : 10 ** (6 - fine)
  return {
    domain: Math.floor((max - 1 - min) / finest) + 1,
    source: (chooser?: Chooser): Source => {
      if (chooser !== undefined) {
        return new RangeSource(chooser, min / unit, { step: finest / unit, scale: fine })
      }
      const curve = new TimeCurve(min, max, {
        pattern: timePattern,
        ...(options.peakHours !== undefined && { peakHours: options.peakHours }),
      })
      if (curve.isEmpty) {
        const [first, last] = [min, max - 1].map((micros) => new Date(micros / 1000).toISOString())
        const problem = `no moment of ${timePattern} lies between ${first} and ${last}`
        throw unsatisfiable(context.path, problem, 'Widen start and end, or choose another pattern.')
      }
      return new TimeSource(context.key('value'), curve, {
        grid,
        start: min,
        unit,
        digits,
        ...(options.sorted === true && { sortedRows: Math.max(1, rows) }),
      })
    },
  }
}

/** Times of day and intervals: whole seconds of a range. */
export function spanGenerator(context: ColumnContext): Generator {
  const { options, type } = context
  const isTime = type.kind === 'time'
  const parse = (value: number | string | undefined, name: string): number | undefined => {
    if (value === undefined) return undefined
    const micros = typeof value === 'number' ? value * microsPerSecond : parseSpan(value)
    if (micros !== undefined) return micros
    throw schemaError(
      `${context.path}.${name}`,
      `it is ${JSON.stringify(value)}`,
      isTime ? 'a time such as 09:30' : 'a span such as 90m or 7d',
    )
  }
  const min = parse(options.start ?? options.min, 'min') ?? 0
  const max =
    parse(options.end ?? options.max, 'max') ??
    (isTime ? microsPerDay - microsPerSecond : min + 30 * microsPerDay)
  const grid = gridOf(context)
  checkBounds({ min, max }, context, (value) => `${value / microsPerSecond} s`)
  const size = Math.floor((max - min) / grid) + 1
  return {
    domain: size,
    source: (chooser) =>
      new RangeSource(chooser ?? new UniformChooser(context.key('value'), size), min, {
        step: grid,
        scale: secondDigits(context),
      }),
  }
}

/** @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` when the largest distance is below the smallest */
function checkDistance(low: number, high: number | undefined, { path, options }: ColumnContext): void {
  if (high === undefined || low <= high) return
  throw schemaError(
    `${path}.after`,
    `min ${options.after?.min} is above max ${options.after?.max}`,
    'min ≤ max',
  )
}

/** Values above those of another column of the row. */
export function afterGenerator(context: ColumnContext): Generator {
  const { options, type, nowMicros } = context
  const { column, min, max } = options.after!
  const before = context.sibling(column)
  const isMoment = ['date', 'timestamp'].includes(type.kind)
  if (
    isMoment !== ['date', 'timestamp'].includes(before.type.kind) ||
    before.source.lane.kind !== 'numbers'
  ) {
    throw schemaError(
      `${context.path}.after`,
      `${column} is ${before.type.ddl}, the column itself ${type.ddl}`,
      'two dates or two numbers',
    )
  }
  if (!isMoment) {
    const scale = scaleOf(context)
    const unit = 10 ** scale
    const distance = (value: number | string | undefined, fallback: number) =>
      Math.round(Number(value ?? fallback) * unit)
    const limit =
      options.max === undefined
        ? (type.max ?? numberBounds({ ...context, options: {} }).max)
        : numberBounds(context).max
    const low = distance(min, 0)
    checkDistance(low, max === undefined ? undefined : distance(max, 0), context)
    return {
      domain: 0,
      source: () =>
        new AfterSource(context.key('value'), before.source, {
          factor: unit / 10 ** before.source.scale,
          min: low,
          max: Math.max(low, distance(max, Number(min ?? 0) + 100)),
          grid: 1,
          limit,
          scale,
        }),
    }
  }
  const unit = type.kind === 'date' ? microsPerDay : 1
  const span = (value: number | string | undefined, name: string): number | undefined => {
    if (value === undefined) return undefined
    const micros =
      typeof value === 'number'
        ? value * (type.kind === 'date' ? microsPerDay : microsPerSecond)
        : parseDuration(value)
    if (micros !== undefined) return Math.ceil(micros / unit)
    throw schemaError(
      `${context.path}.after.${name}`,
      `it is ${JSON.stringify(value)}`,
      'a span such as 90m or 7d',
    )
  }
  const low = span(min, 'min') ?? 0
  checkDistance(low, span(max, 'max'), context)
  const high = Math.max(low, span(max, 'max') ?? low + (90 * microsPerDay) / unit)
  const end = momentOf(options.end ?? options.max, context, 'end')
  return {
    domain: 0,
    source: () =>
      new AfterSource(context.key('value'), before.source, {
        factor: (before.type.kind === 'date' ? microsPerDay : 1) / unit,
        min: low,
        max: high,
        grid: gridOf(context) / unit,
        limit: Math.floor((end ?? (max === undefined ? nowMicros : momentMax)) / unit),
        scale: secondDigits(context),
      }),
  }
}
