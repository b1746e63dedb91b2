/**
 * What a column says about its values, in one form. The same things can be said on the column itself, in
 * `generator` as an object, and in `generator_config`; names that other tools use are understood, too.
 */
import { schemaError } from '../errors/index.js'
import { parseDuration } from './durations.js'
import type { Condition, Distribution, GeneratorOptions, Rule, Scalar } from './model.js'
import { joinPath } from './structure.js'

export type Raw = Readonly<Record<string, unknown>>

export const timePatterns = ['uniform', 'business_hours', 'daily_peak', 'seasonal', 'weekend']
const distributionNames: Readonly<Record<string, Distribution['type']>> = {
  uniform: 'uniform',
  normal: 'normal',
  gaussian: 'normal',
  lognormal: 'lognormal',
  log_normal: 'lognormal',
  'log-normal': 'lognormal',
  poisson: 'poisson',
  zipf: 'zipf',
  power_law: 'zipf',
  exponential: 'exponential',
  even: 'even',
}
const timeSeriesNames = ['timeseries', 'time_series']

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The options of the column (or rule, or element) `raw` at `path`. */
export function generatorOptions(raw: Raw, path: string): GeneratorOptions {
  const named = raw.generator
  const inner = typeof named === 'object' && named !== null ? (named as Raw) : {}
  const config = (raw.generator_config ?? {}) as Raw
  const given: Raw = { ...raw, ...inner, ...config }
  const name = typeof named === 'string' ? named : typeof inner.type === 'string' ? inner.type : undefined
  const options: Mutable<GeneratorOptions> = {}
  if (name !== undefined) nameGenerator(options, name, given)
  takeValues(options, given, path)
  takePattern(options, given, path)
  takeDistribution(options, given, path)
  takePlain(options, given, path)
  takeRelations(options, given, path)
  checkTexts(options, path)
  return options
}

function nameGenerator(options: Mutable<GeneratorOptions>, name: string, given: Raw): void {
  const distribution = Object.hasOwn(distributionNames, name) ? distributionNames[name] : undefined
  if (distribution !== undefined && given.distribution === undefined) {
    options.distribution = distributionOf({ ...given, type: distribution })
  } else options.generator = name
}

/** `values`, `weights`, also as one map, also within a distribution of type `weighted`. */
function takeValues(options: Mutable<GeneratorOptions>, given: Raw, path: string): void {
  const weighted = given.distribution as Raw | undefined
  const isWeighted = weighted?.type === 'weighted'
  const values = (isWeighted ? weighted.values : undefined) ?? given.values
  const weights = (isWeighted ? weighted.weights : undefined) ?? given.weights
  if (given.value !== undefined) options.value = given.value as Scalar
  if (Array.isArray(values)) options.values = values as Scalar[]
  else if (values !== undefined) fromMap(options, values as Record<string, number>)
  if (Array.isArray(weights)) options.weights = weights as number[]
  else if (weights !== undefined && options.values === undefined)
    fromMap(options, weights as Record<string, number>)
  else if (weights !== undefined) {
    const map = weights as Record<string, number>
    const names = options.values!.map(String)
    const unknown = Object.keys(map).find((name) => !names.includes(name))
    if (unknown !== undefined) {
      const problem = `${JSON.stringify(unknown)} is none of the values`
      throw schemaError(joinPath(path, 'weights'), problem, `one of ${names.join(', ')}`)
    }
    options.weights = names.map((name) => map[name] ?? 0)
  }
  if (isWeighted && options.values === undefined) {
    throw schemaError(
      joinPath(path, 'distribution'),
      'it has no values',
      'weights as a map of value to weight',
    )
  }
  checkWeights(options, path)
  if (options.values?.includes(null) === true) takeNulls(options)
}

function checkWeights(options: GeneratorOptions, path: string): void {
  if (options.weights === undefined) return
  if (options.values !== undefined && options.weights.length !== options.values.length) {
    const problem = `there are ${options.weights.length} weights for ${options.values.length} values`
    throw schemaError(joinPath(path, 'weights'), problem, 'a weight for each value')
  }
  if (!options.weights.some((weight) => weight > 0)) {
    throw schemaError(joinPath(path, 'weights'), 'all weights are 0', 'a weight above 0')
  }
}

/** NULL as one of the values: a fraction of the rows, and not one that is chosen. */
function takeNulls(options: Mutable<GeneratorOptions>): void {
  const values = options.values as readonly Scalar[]
  const weights = options.weights ?? values.map(() => 1)
  const sum = (of: readonly number[]) => of.reduce((total, weight) => total + weight, 0)
  const kept = values
    .map((value, at) => ({ value, weight: weights[at] as number }))
    .filter(({ value }) => value !== null)
  if (sum(kept.map(({ weight }) => weight)) === 0) {
    delete options.values
    delete options.weights
    options.value = null
    return
  }
  options.values = kept.map(({ value }) => value)
  if (options.weights !== undefined) options.weights = kept.map(({ weight }) => weight)
  options.nullFraction = 1 - sum(kept.map(({ weight }) => weight)) / sum(weights)
}

function fromMap(options: Mutable<GeneratorOptions>, map: Record<string, number>): void {
  options.values = Object.keys(map)
  options.weights = Object.values(map)
}

/** `pattern` is a regular expression, but the pattern of a time series, and an object may hold a template. */
function takePattern(options: Mutable<GeneratorOptions>, given: Raw, path: string): void {
  const { pattern } = given
  const isTimes = timeSeriesNames.includes(options.generator ?? '')
  if (typeof given.time_pattern === 'string') options.timePattern = given.time_pattern
  if (typeof given.template === 'string') options.template = given.template
  if (typeof given.regex === 'string') options.pattern = given.regex
  if (typeof pattern === 'string') {
    if (isTimes && !timePatterns.includes(pattern)) {
      const problem = `it is ${JSON.stringify(pattern)}`
      throw schemaError(joinPath(path, 'pattern'), problem, `one of ${timePatterns.join(', ')}`)
    }
    if (isTimes) options.timePattern = pattern
    else options.pattern = pattern
  } else if (pattern !== undefined) {
    const { template, regex, pattern: nested } = pattern as Record<string, string | undefined>
    if (template !== undefined) options.template = template
    const expression = regex ?? nested
    if (expression !== undefined) options.pattern = expression
  }
}

function distributionOf(raw: Raw): Distribution {
  const first = (...names: string[]) =>
    names.map((name) => raw[name]).find((value): value is number => typeof value === 'number')
  const entries = {
    mean: first('mean', 'mu', 'lambda'),
    deviation: first('std_dev', 'stddev', 'sigma'),
    exponent: first('exponent', 'alpha', 's'),
    min: first('min'),
    max: first('max'),
  }
  const given = Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
  return { type: distributionNames[String(raw.type)] ?? 'uniform', ...given }
}

function takeDistribution(options: Mutable<GeneratorOptions>, given: Raw, path: string): void {
  const { distribution } = given
  if (distribution === undefined) return
  const raw: Raw = typeof distribution === 'string' ? { ...given, type: distribution } : (distribution as Raw)
  if (raw.type === 'weighted') return
  options.distribution = parseDistribution(raw, joinPath(path, 'distribution'))
}

/** A distribution as a name or an object. */
export function parseDistribution(value: unknown, path: string): Distribution {
  const distribution = distributionOf(typeof value === 'string' ? { type: value } : (value as Raw))
  const { type, mean, deviation, min, max } = distribution
  if (type === 'poisson' && (mean === undefined || mean < 0)) {
    throw schemaError(path, 'a Poisson distribution has no mean', 'mean, a number ≥ 0')
  }
  if (type === 'exponential' && mean !== undefined && mean <= 0) {
    throw schemaError(path, `the mean is ${mean}`, 'a mean above 0')
  }
  if (type === 'normal' && (mean === undefined) !== (deviation === undefined)) {
    throw schemaError(path, 'mean and std_dev belong together', 'both of them, or neither')
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw schemaError(path, `min ${min} is above max ${max}`, 'min ≤ max')
  }
  return distribution
}

const plainNames = {
  min: 'min',
  max: 'max',
  start: 'start',
  end: 'end',
  increment: 'increment',
  peak_hours: 'peakHours',
  sorted: 'sorted',
  null_fraction: 'nullFraction',
  null_probability: 'nullFraction',
  true_fraction: 'trueFraction',
  true_probability: 'trueFraction',
  formula: 'formula',
  min_length: 'lengthMin',
  max_length: 'lengthMax',
  words: 'words',
  sentences: 'sentences',
  sentences_per_paragraph: 'sentences',
  paragraphs: 'paragraphs',
  decimals: 'decimals',
  precision: 'decimals',
  domain: 'domain',
  format: 'format',
} as const

function takePlain(options: Mutable<GeneratorOptions>, given: Raw, path: string): void {
  const target = options as Record<string, unknown>
  for (const [from, to] of Object.entries(plainNames)) if (given[from] !== undefined) target[to] = given[from]
  if (given.length !== undefined) {
    options.lengthMin = given.length as number
    options.lengthMax = given.length as number
  }
  const { lengthMin = 0, lengthMax = lengthMin } = options
  if (lengthMin > lengthMax) {
    throw schemaError(
      joinPath(path, 'min_length'),
      `it is ${lengthMin}, above max_length`,
      `at most ${lengthMax}`,
    )
  }
}

function takeRelations(options: Mutable<GeneratorOptions>, given: Raw, path: string): void {
  if (typeof given.after === 'string') options.after = { column: given.after }
  else if (given.after !== undefined) {
    const { column, min, max } = given.after as NonNullable<GeneratorOptions['after']>
    options.after = { column, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
  }
  if (given.copy !== undefined) {
    const { foreign_key: foreignKey, column } = given.copy as Record<string, string>
    options.copy = { foreignKey: foreignKey as string, column: column as string }
  }
  if (given.interval !== undefined) {
    const micros = parseDuration(given.interval as string)
    if (micros === undefined || micros <= 0) {
      throw schemaError(
        joinPath(path, 'interval'),
        `it is ${JSON.stringify(given.interval)}`,
        'a span such as 15m, 1h or 1d',
      )
    }
    options.intervalMicros = micros
  }
  if (given.rules !== undefined) {
    const rulesPath = joinPath(path, 'rules')
    options.rules = (given.rules as Raw[]).map((rule, index) =>
      ruleOf(rule, joinPath(rulesPath, String(index))),
    )
  }
  if (given.element !== undefined)
    options.element = generatorOptions(given.element as Raw, joinPath(path, 'element'))
  if (given.fields !== undefined) {
    const entries = Object.entries(given.fields as Record<string, Raw>)
    options.fields = Object.fromEntries(
      entries.map(([name, field]) => {
        const type = typeof field.type === 'string' ? { type: field.type } : {}
        return [name, { ...generatorOptions(field, joinPath(joinPath(path, 'fields'), name)), ...type }]
      }),
    )
  }
}

function ruleOf(raw: Raw, path: string): Rule {
  const conditions = Object.entries((raw.if ?? raw.when ?? {}) as Raw)
  const then = raw.then as Raw
  const options = generatorOptions(then, joinPath(path, 'then'))
  return {
    when: conditions.flatMap(([column, value]) => conditionsOf(column, value)),
    options: then.null === true ? { value: null } : options,
  }
}

function conditionsOf(column: string, value: unknown): Condition[] {
  if (value === null) return [{ column, test: 'isNull', values: [] }]
  if (Array.isArray(value)) return [{ column, test: 'in', values: value as Scalar[] }]
  if (typeof value !== 'object') return [{ column, test: 'in', values: [value as Scalar] }]
  const tests = {
    equals: 'in',
    in: 'in',
    not: 'notIn',
    not_in: 'notIn',
    lt: 'less',
    gt: 'greater',
    lte: 'atMost',
    gte: 'atLeast',
  } as const
  return Object.entries(value as Raw).map(([name, operand]) => {
    if (name === 'is_null')
      return { column, test: operand === true ? 'isNull' : 'notNull', values: [] } as const
    return { column, test: tests[name as keyof typeof tests], values: [operand].flat() as Scalar[] }
  })
}

/** PostgreSQL's texts cannot hold the character NUL. */
function checkTexts(options: GeneratorOptions, path: string): void {
  const texts = [...(options.values ?? []), options.value, options.pattern, options.template, options.domain]
  const found = texts.find((text) => typeof text === 'string' && text.includes('\0'))
  if (found !== undefined) throw schemaError(path, 'a text holds the character NUL', 'texts without \\u0000')
}
