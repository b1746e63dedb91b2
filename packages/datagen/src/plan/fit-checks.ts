/**
 * How the options of columns are fitted to what check constraints ask of them. Each function says whether its
 * fact holds in every row afterwards; of a fact that may not hold, the constraint is named in a note.
 *
 * What the schema itself says of a column's values is never changed, only narrowed.
 */
import {
  type Column,
  type GeneratorOptions,
  microsPerDay,
  parseMoment,
  parseSpan,
  type Scalar,
} from '../schema/index.js'
import type { Comparison, Fact, Literal } from './check-parser.js'
import { applyOrder } from './fit-order.js'
import { decides, deciding, type FactContext, type Fitted, listed, type Options, unitOf } from './fitting.js'

/** Fits the options of `columns` to `fact`. */
export function applyFact(fact: Fact, columns: readonly Fitted[], context: FactContext): boolean {
  if (fact.kind === 'order') return applyOrder(fact, columns, context)
  const column = columns.find(({ name }) => name === fact.column)!
  const options = context.options.get(fact.column)!
  const own = column.options
  const referenced = context.referring.get(fact.column)
  if (referenced !== undefined) return keyFulfils(fact, column, referenced)
  if (own.rules !== undefined && fact.kind !== 'null' && !rulesKeep(fact, own.rules)) return false
  const isText = column.type.kind === 'text'
  if (!isText && (fact.kind === 'pattern' || fact.kind === 'length')) return false
  switch (fact.kind) {
    case 'in':
      return applyList(options, own, fact.values)
    case 'pattern':
      return applyPattern(options, own, fact)
    case 'length':
      return applyLength(options, own, fact)
    case 'null':
      if (fact.isNull) replace(options, own, { value: null })
      else options.nullFraction = 0
      return true
    case 'compare':
      return applyComparison(fact.operator, fact.value, { column, options, context })
  }
}

/** What is known of the values of a key: that there is one, and that counters begin with 1. */
function keyFulfils(fact: Exclude<Fact, { kind: 'order' }>, column: Fitted, referenced: Column): boolean {
  if (fact.kind === 'null') return !fact.isNull && column.nullable === false
  if (fact.kind !== 'compare' || typeof fact.value !== 'number') return false
  const counts = referenced.type.serial === true && Object.keys(referenced.options).length === 0
  return (
    counts &&
    ['>', '>=', '<>'].includes(fact.operator) &&
    fact.value <= 1 &&
    compares(1, fact.operator, fact.value)
  )
}

/** Whether every value of a list fulfils `test`; NULL fulfils every check. */
function all(values: readonly Scalar[], test: (value: Exclude<Scalar, null>) => boolean): boolean {
  return values.every((value) => value === null || test(value))
}

/** Rules that say themselves which values there are, all of which fulfil the fact. */
function rulesKeep(fact: Fact, rules: NonNullable<GeneratorOptions['rules']>): boolean {
  return rules.every(({ options }) => {
    const values = listed(options)
    if (values !== undefined) return all(values, (value) => fulfils(value, fact))
    if (fact.kind !== 'compare' || fact.operator === '<>') return false
    return [options.min, options.max].every((bound) => bound === undefined || fulfils(bound, fact))
  })
}

function fulfils(value: Exclude<Scalar, null>, fact: Fact): boolean {
  switch (fact.kind) {
    case 'in':
      return fact.values.some((allowed) => String(allowed) === String(value))
    case 'pattern':
      return matches(String(value), fact)
    case 'length':
      return compares([...String(value)].length, fact.operator, fact.value)
    case 'compare':
      return compares(
        typeof fact.value === 'number' ? Number(value) : String(value),
        fact.operator,
        fact.value,
      )
    default:
      return false
  }
}

function compares(value: string | number, operator: Comparison, other: Literal): boolean {
  const bound = typeof value === 'number' ? Number(other) : String(other)
  switch (operator) {
    case '=':
      return value === bound
    case '<>':
      return value !== bound
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
  }
}

/** Whether a text matches; no, where that cannot be told. */
function matches(text: string, { matching, isCaseless }: Extract<Fact, { kind: 'pattern' }>): boolean {
  try {
    return new RegExp(matching, isCaseless ? 'iu' : 'u').test(text)
  } catch {
    return false
  }
}

function applyList(options: Options, own: GeneratorOptions, values: readonly Literal[]): boolean {
  const given = listed(own)
  if (given !== undefined)
    return all(given, (value) => values.some((allowed) => String(allowed) === String(value)))
  const isMade = ['pattern', 'template', 'generator', 'formula', 'after', 'copy'] as const
  if (isMade.some((name) => own[name] !== undefined)) return false
  const numbers = [own.min, own.max, own.distribution].some((bound) => bound !== undefined)
  if (!numbers) replace(options, own, { values })
  return !numbers
}

/** Addresses of both forms that the generator makes. */
const mailAddresses = [
  'ann.lee7@example.com',
  'u12@x.test',
  'max1@mail.example.org',
  'eve_ann.o3@example.net',
]

function applyPattern(
  options: Options,
  own: GeneratorOptions,
  fact: Extract<Fact, { kind: 'pattern' }>,
): boolean {
  const given = listed(own)
  if (given !== undefined) return all(given, (value) => matches(String(value), fact))
  const isMail = options.generator === 'email' && own.domain === undefined
  if (isMail && mailAddresses.every((address) => matches(address, fact))) return true
  if (decides(own)) return own.pattern !== undefined && unanchored(own.pattern) === unanchored(fact.pattern)
  replace(options, own, { pattern: fact.pattern })
  return true
}

const unanchored = (pattern: string): string => pattern.replace(/^\^/, '').replace(/\$$/, '')

/** Takes `instead` for what a name stood for; what the schema says about NULLs stays. */
function replace(options: Options, own: GeneratorOptions, instead: GeneratorOptions): void {
  for (const name of deciding) if (own[name] === undefined) delete options[name]
  Object.assign(options, instead)
}

function applyLength(
  options: Options,
  own: GeneratorOptions,
  { operator, value }: Extract<Fact, { kind: 'length' }>,
): boolean {
  const given = listed(own)
  if (given !== undefined) return all(given, (text) => compares([...String(text)].length, operator, value))
  if (operator === '<>') return false
  const low = operator === '>' ? value + 1 : operator === '>=' || operator === '=' ? value : undefined
  const high = operator === '<' ? value - 1 : operator === '<=' || operator === '=' ? value : undefined
  if (low !== undefined && low > 1) options.lengthMin = Math.max(options.lengthMin ?? 0, low)
  if (high !== undefined) options.lengthMax = Math.min(options.lengthMax ?? high, high)
  // No generator makes empty texts.
  const isAny = (options.lengthMin ?? 0) <= 1
  const isMade = own.pattern !== undefined || own.template !== undefined
  if (isMade) return isAny && high === undefined
  // Names and words are as long as they are; letters can be counted.
  if (!isAny && options.pattern === undefined) delete options.generator
  return true
}

interface Compared {
  readonly column: Fitted
  readonly options: Options
  readonly context: FactContext
}

function applyComparison(operator: Comparison, value: Literal, compared: Compared): boolean {
  const { column, options } = compared
  const { type, options: own } = column
  const given = listed(own)
  if (given !== undefined && !['date', 'timestamp', 'time', 'interval'].includes(type.kind))
    return all(given, (one) => fulfils(one, { kind: 'compare', column: column.name, operator, value }))
  if (operator === '=' || (operator === '<>' && typeof value === 'boolean')) {
    if (given !== undefined || own.formula !== undefined || own.copy !== undefined) return false
    replace(options, own, { value: operator === '=' ? value : !value })
    return true
  }
  switch (type.kind) {
    case 'date':
    case 'timestamp':
      return given === undefined && boundMoment(operator, value, compared)
    case 'time':
    case 'interval':
      return given === undefined && boundSpan(operator, value, options)
    case 'integer':
    case 'decimal':
    case 'double':
      return own.copy === undefined && typeof value === 'number' && boundNumber(operator, value, compared)
    default:
      // No text is empty unless the schema lists it.
      return operator === '<>' && value === '' && own.pattern === undefined && own.template === undefined
  }
}

function boundNumber(operator: Comparison, value: number, { column, options, context }: Compared): boolean {
  const { options: own } = column
  const unit = unitOf(column)
  if (operator === '<>') return keepOff(value, unit, { own, options, column })
  const isLow = operator === '>' || operator === '>='
  const bound = value + (operator === '>' ? unit : operator === '<' ? -unit : 0)
  // What comes after another column has only its largest value bounded.
  if (isLow && options.after !== undefined) {
    const before = context.options.get(options.after.column)
    return before?.distribution === undefined && Number(before?.min ?? 0) >= bound
  }
  const name = isLow ? 'min' : 'max'
  const other = isLow ? 'max' : 'min'
  const current = options[name]
  options[name] =
    current === undefined
      ? bound
      : isLow
        ? Math.max(Number(current), bound)
        : Math.min(Number(current), bound)
  const opposite = options[other]
  const isEmpty = opposite !== undefined && (isLow ? Number(opposite) < bound : Number(opposite) > bound)
  // What a name stood for gives way; bounds of the schema and of other checks do not.
  if (isEmpty && own[other] === undefined && !context.bounded.has(column.name)) delete options[other]
  context.bounded.add(column.name)
  return true
}

/** Numbers other than `value`: one end of their range moves, if that is where it lies, or it is left out. */
function keepOff(
  value: number,
  unit: number,
  { own, options, column }: { own: GeneratorOptions; options: Options; column: Fitted },
): boolean {
  const low = Number(options.min ?? 0)
  const high = options.max === undefined ? Number.POSITIVE_INFINITY : Number(options.max)
  const isFitted = options.formula === undefined && options.after === undefined
  if (!isFitted || column.type.serial === true) return value < 1 && column.type.serial === true
  if (value < low || value > high) return options.distribution === undefined
  if (value === low && own.min === undefined) options.min = value + unit
  else if (value === high && own.max === undefined) options.max = value - unit
  else if (options.distribution === undefined && options.format === undefined)
    options.except = [...(options.except ?? []), value]
  else return false
  return true
}

function boundMoment(operator: Comparison, value: Literal, { column, options, context }: Compared): boolean {
  const { nowMicros } = context
  const moment = typeof value === 'string' ? parseMoment(value, nowMicros) : undefined
  const isLow = operator === '>' || operator === '>='
  if (moment === undefined || operator === '<>' || (isLow && options.after !== undefined)) return false
  const isDay = column.type.kind === 'date'
  const grid = isDay ? microsPerDay : 1_000_000
  const shifted = moment + (operator === '>' ? grid : operator === '<' ? -grid : 0)
  const text = new Date(Math.round(shifted / 1000)).toISOString().slice(0, isDay ? 10 : 19)
  const bounds = isLow ? (['start', 'min'] as const) : (['end', 'max'] as const)
  const current = bounds.map((name) => options[name]).find((given) => given !== undefined)
  const given = typeof current === 'string' ? parseMoment(current, nowMicros) : undefined
  if (given === undefined || (isLow ? given < shifted : given > shifted)) options[bounds[0]] = text
  return true
}

/** Times of day and intervals, in whole seconds. */
function boundSpan(operator: Comparison, value: Literal, options: Options): boolean {
  const micros = typeof value === 'string' ? parseSpan(value) : undefined
  if (micros === undefined || operator === '<>' || options.after !== undefined) return false
  const seconds = micros / 1_000_000 + (operator === '>' ? 1 : operator === '<' ? -1 : 0)
  const isLow = operator === '>' || operator === '>='
  const name = isLow ? 'min' : 'max'
  const current = [options[isLow ? 'start' : 'end'], options[name]].find((given) => given !== undefined)
  const given = typeof current === 'string' ? (parseSpan(current) ?? Number.NaN) / 1_000_000 : current
  const isTighter = given === undefined || (isLow ? given < seconds : given > seconds)
  if (isTighter) {
    options[name] = seconds
    delete options[isLow ? 'start' : 'end']
  }
  return true
}
