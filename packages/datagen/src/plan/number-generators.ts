/** Generators of integers, decimals and doubles. */
import { schemaError, unsatisfiable } from '../errors/index.js'
import { decimalPlacesMax } from '../limits.js'
import {
  type Chooser,
  DistributionSource,
  DoubleRange,
  RangeSource,
  RowChooser,
  SkipChooser,
  type Source,
  UniformChooser,
  UniqueChooser,
} from '../values/index.js'
import { type Bounds, type ColumnContext, checkBounds, type Generator, ofSource } from './generator.js'

/** Digits that numbers hold exactly, before and behind the point together. */
const digitsMax = 15

/** Digits of the largest value that the column's options speak of, before the point. */
function wholeDigits({ type, options }: ColumnContext): number {
  const { distribution } = options
  const { mean = 0, deviation = 0 } = distribution ?? {}
  const reach =
    distribution?.type === 'lognormal'
      ? Math.exp(Math.min(30, mean + 4 * deviation))
      : Math.abs(mean) + 6 * deviation
  const bounds = [options.min, options.max, distribution?.min, distribution?.max].map((value) =>
    Math.abs(Number(value ?? 0)),
  )
  const most = Math.max(reach, type.kind === 'decimal' ? 10_000 : 999, ...bounds.filter(Number.isFinite))
  return Math.ceil(Math.log10(most + 1))
}

/** Places with which a thousand values lie between bounds that are close together; 0 for any others. */
function placesBetween({ min, max }: ColumnContext['options']): number {
  const span = Number(max) - Number(min)
  return span > 0 && span < 1 ? Math.ceil(-Math.log10(span)) + 3 : 0
}

/**
 * Decimal places of the column's lane: those of the type, unless there would be more digits than numbers
 * hold. A real has six digits in all.
 */
export function scaleOf(context: ColumnContext): number {
  const { type, options } = context
  if (type.kind === 'integer') return 0
  const between = type.scale === undefined && options.decimals === undefined ? placesBetween(options) : 0
  const usual = type.kind === 'decimal' ? 2 : type.single === true ? 3 : 6
  const places = type.scale ?? options.decimals ?? Math.max(usual, between)
  // Of small numbers all digits stand behind the point.
  if (between > usual && Math.max(Math.abs(Number(options.min)), Math.abs(Number(options.max))) < 1)
    return Math.min(places, decimalPlacesMax)
  const left = (type.single === true ? 6 : digitsMax) - wholeDigits(context)
  if (options.decimals !== undefined)
    return Math.min(places, decimalPlacesMax, Math.max(0, digitsMax - wholeDigits(context)))
  return Math.max(0, Math.min(places, decimalPlacesMax, left))
}

/** The values that the type can hold, as whole numbers of the unit. */
function typeBounds({ type }: ColumnContext, scale: number): Bounds {
  if (type.kind === 'integer') return { min: type.min!, max: type.max! }
  const whole = type.precision === undefined ? digitsMax : type.precision - (type.scale ?? 0)
  const max = 10 ** Math.min(digitsMax, whole + scale) - 1
  return { min: -max, max }
}

const defaultMax = { integer: 1_000_000, decimal: 10_000, double: 1000 } as const

/** A bound that the schema gives, as a number. */
function numberOf(
  value: number | string | undefined,
  context: ColumnContext,
  name: string,
): number | undefined {
  if (value === undefined) return undefined
  const number = typeof value === 'number' ? value : Number(value)
  if (Number.isFinite(number)) return number
  throw schemaError(`${context.path}.${name}`, `it is ${JSON.stringify(value)}`, 'a number')
}

/** The range of values that the column has, in units of its lane. */
export function numberBounds(context: ColumnContext): Bounds {
  const { options, type } = context
  const scale = scaleOf(context)
  const unit = 10 ** scale
  const limits = typeBounds(context, scale)
  const { distribution } = options
  const min = numberOf(options.min, context, 'min') ?? distribution?.min
  const max = numberOf(options.max, context, 'max') ?? distribution?.max
  // A unique column has values enough unless the schema says otherwise.
  const needed = context.unique ? (2 * context.rows) / unit : 0
  const span = Math.max(defaultMax[type.kind as keyof typeof defaultMax], needed)
  const isOpen = distribution !== undefined && distribution.type !== 'uniform' && distribution.type !== 'even'
  const low =
    min ??
    (isOpen && distribution.mean !== undefined && distribution.type === 'normal'
      ? limits.min / unit
      : distribution?.type === 'zipf'
        ? Math.min(1, max ?? 1)
        : max === undefined || max >= 0
          ? 0
          : max - span)
  const high =
    max ?? (isOpen && distribution.mean !== undefined ? limits.max / unit : Math.max(span, low + span))
  const bounds = {
    min: Math.max(limits.min, Math.ceil(low * unit - 1e-6)),
    max: Math.min(limits.max, Math.floor(high * unit + 1e-6)),
  }
  checkBounds(bounds, context, (value) => String(value / unit))
  return bounds
}

interface CounterOptions {
  readonly start?: number | undefined
  readonly increment?: number | undefined
  readonly shuffled?: boolean
}

const serialNames = ['serial', 'sequence', 'autoincrement', 'auto_increment', 'row_number', 'seq', 'shuffled']

/** Numbers that count the rows, from `start` on; in random order if `shuffled` says so. */
export function counter(
  context: ColumnContext,
  { start = 1, increment = 1, shuffled = false }: CounterOptions,
): Generator {
  const { type, rows } = context
  const last = start + increment * Math.max(0, rows - 1)
  if (type.kind === 'integer' && (last > type.max! || last < type.min!)) {
    throw schemaError(
      context.path,
      `${rows} rows count up to ${last}, beyond ${type.ddl}`,
      'bigint, or fewer rows',
    )
  }
  const unit = 10 ** scaleOf(context)
  return {
    domain: Number.POSITIVE_INFINITY,
    source: () => {
      const order = shuffled ? new UniqueChooser(context.key('value'), rows) : new RowChooser()
      return new RangeSource(order, start * unit, { step: increment * unit, scale: scaleOf(context) })
    },
  }
}

/** The places of `values` among the numbers from `first` to `last`, ascending; all but `values` in units. */
function placesOf(
  values: readonly number[] = [],
  { first, last, step, unit }: Readonly<Record<'first' | 'last' | 'step' | 'unit', number>>,
): number[] {
  // A decimal times a power of ten is a whole number but for the last digits.
  const units = values.map((value) => Math.round(value * unit * 1e6) / 1e6)
  const places = units
    .filter((value) => value >= first && value <= last)
    .map((value) => (value - first) / step)
  return [...new Set(places.filter(Number.isInteger))].sort((a, b) => a - b)
}

/** A number column's values. */
export function numberGenerator(context: ColumnContext): Generator {
  const { options, type } = context
  const { generator = '', distribution } = options
  if (
    serialNames.includes(generator) ||
    (type.serial === true && generator === '' && distribution === undefined)
  ) {
    return counter(context, {
      start: numberOf(options.start, context, 'start'),
      increment: options.increment,
      shuffled: generator === 'shuffled',
    })
  }
  const scale = scaleOf(context)
  if (options.format === 'full' && type.kind === 'double') return fullDoubles(context)
  const { min, max } = numberBounds(context)
  // Whole numbers in a column that has decimal places.
  const isWhole = generator === 'integer_range' || generator === 'integer'
  const step = isWhole ? 10 ** scale : 1
  const first = Math.ceil(min / step) * step
  const skipped = placesOf(options.except, { first, last: max, step, unit: 10 ** scale })
  const size = Math.floor((max - first) / step) + 1 - skipped.length
  if (size === 0) {
    const problem = `check constraints rule out every value from ${min / 10 ** scale} to ${max / 10 ** scale}`
    throw unsatisfiable(context.path, problem, 'Widen min and max, or correct the check constraints.')
  }
  const range = { min: min / 10 ** scale, max: max / 10 ** scale, scale: isWhole ? 0 : scale }
  return {
    domain: size,
    source: (chooser?: Chooser): Source => {
      if (chooser === undefined && distribution !== undefined && distribution.type !== 'uniform') {
        return new DistributionSource(context.key('value'), distribution, range)
      }
      const chosen = chooser ?? new UniformChooser(context.key('value'), size)
      const kept =
        skipped.length === 0
          ? chosen
          : new SkipChooser(
              chosen,
              skipped.toSorted((a, b) => a - b),
            )
      return new RangeSource(kept, first, {
        step,
        scale,
      })
    },
  }
}

/** The largest number that a real holds. */
const realMax = 3.4028234663852886e38

/** Doubles with all their digits. */
function fullDoubles(context: ColumnContext): Generator {
  const { options, type } = context
  const largest = type.single === true ? realMax : Number.MAX_VALUE
  const [min, max] = [
    numberOf(options.min, context, 'min') ?? 0,
    numberOf(options.max, context, 'max') ?? 1,
  ].map((bound) => Math.max(-largest, Math.min(largest, bound))) as [number, number]
  checkBounds({ min, max }, context, String)
  return ofSource(() => new DoubleRange(context.key('value'), min, max, type.single === true))
}
