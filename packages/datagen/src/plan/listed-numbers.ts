/** Generators of values that a schema lists, of types whose lanes are numbers; and of enums. */
import { schemaError } from '../errors/index.js'
import { microsPerDay, microsPerSecond, parseMoment, parseSpan, type Scalar } from '../schema/index.js'
import { ListNumbers, UniformChooser, WeightedChooser } from '../values/index.js'
import type { ColumnContext, Generator } from './generator.js'
import { scaleOf } from './number-generators.js'
import { listGenerator } from './text-generators.js'

/** Whether a number of the lane lies within the type. */
function holds(units: number, context: ColumnContext): boolean {
  const { kind, min, max, precision, scale = 0 } = context.type
  if (kind === 'integer') return units >= min! && units <= max!
  if (kind !== 'decimal' || precision === undefined) return true
  return Math.abs(units) / 10 ** scaleOf(context) < 10 ** (precision - scale)
}

/** A value that the schema writes, in the unit of the column's lane. */
function unitsOf(value: Scalar, context: ColumnContext): number {
  const { type } = context
  const units = (() => {
    if (type.kind === 'boolean') {
      const word = String(value).toLowerCase()
      return ['true', '1'].includes(word) ? 1 : ['false', '0'].includes(word) ? 0 : Number.NaN
    }
    if (type.kind === 'date' || type.kind === 'timestamp') {
      const moment = parseMoment(String(value), context.nowMicros)
      return moment === undefined
        ? Number.NaN
        : type.kind === 'date'
          ? Math.floor(moment / microsPerDay)
          : moment
    }
    if (type.kind === 'time' || type.kind === 'interval')
      return typeof value === 'number' ? value * microsPerSecond : (parseSpan(String(value)) ?? Number.NaN)
    return typeof value === 'boolean' ? Number.NaN : Math.round(Number(value) * 10 ** scaleOf(context))
  })()
  if (Number.isFinite(units) && holds(units, context)) return units
  throw schemaError(
    `${context.path}.values`,
    `${JSON.stringify(value)} is no ${type.ddl}`,
    `values of type ${type.ddl}`,
  )
}

/** @throws MillraceError when a value is none of the column's type */
export function numberList(
  context: ColumnContext,
  values: readonly Scalar[],
  weights = context.options.weights,
): Generator {
  const isNumeric = ['integer', 'decimal', 'double'].includes(context.type.kind)
  const list = Float64Array.from(values, (value) => unitsOf(value, context))
  return {
    domain: new Set(list).size === list.length ? list.length : 0,
    source: (chooser) => {
      const key = context.key('value')
      const own =
        weights === undefined ? new UniformChooser(key, list.length) : new WeightedChooser(key, weights)
      return new ListNumbers(chooser ?? own, list, isNumeric ? scaleOf(context) : 0)
    },
  }
}

/** @throws MillraceError when a value is none of the enum's */
export function enumGenerator(context: ColumnContext): Generator {
  const { options, type } = context
  const allowed = type.values as readonly string[]
  const values = (options.values ?? (options.value === undefined ? allowed : [options.value])).map(String)
  const wrong = values.find((value) => !allowed.includes(value))
  if (wrong !== undefined) {
    throw schemaError(
      `${context.path}.values`,
      `${JSON.stringify(wrong)} is no value of ${type.ddl}`,
      `one of ${allowed.join(', ')}`,
    )
  }
  return listGenerator(context, values, options.weights)
}
