/**
 * What is known of a table's columns before their values are made: what the schema says, what check
 * constraints ask for, what names stand for; in this order where they differ.
 */
import {
  type Column,
  type GeneratorOptions,
  microsPerDay,
  parseMoment,
  type SqlType,
  type Table,
} from '../schema/index.js'
import { earlierColumn, optionsByName } from './by-name.js'
import { type Comparison, type Fact, factsOfCheck, type Literal } from './check-parser.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Options = Mutable<GeneratorOptions>

export interface ColumnOptions {
  readonly byColumn: ReadonlyMap<string, GeneratorOptions>
  /** Check constraints that are more than can be told from their text. */
  readonly unknownChecks: readonly string[]
}

/** Options that say how values look, so that a name need not be guessed from. */
const deciding = [
  ...[
    'generator',
    'min',
    'max',
    'values',
    'value',
    'pattern',
    'template',
    'start',
    'end',
    'distribution',
    'after',
    'rules',
  ],
  ...[
    'formula',
    'copy',
    'lengthMin',
    'lengthMax',
    'words',
    'sentences',
    'paragraphs',
    'timePattern',
    'sorted',
    'intervalMicros',
  ],
] as const

function decides(options: GeneratorOptions): boolean {
  return deciding.some((name) => options[name] !== undefined)
}

/** @param nowMicros what `now()` in a constraint is taken for */
export function columnOptions(table: Table, nowMicros: number): ColumnOptions {
  const names = table.columns.map(({ name }) => name)
  const referring = new Set(table.foreignKeys.flatMap(({ columns }) => columns))
  const options = new Map<string, Options>()
  for (const column of table.columns) {
    const own = column.options
    const guessed: GeneratorOptions =
      decides(own) || referring.has(column.name) ? {} : optionsByName(column.name, column.type)
    options.set(column.name, { ...guessed, ...own })
  }
  addEarlier(table, names, options)
  const unknownChecks = table.columns.flatMap(({ type }) => unknownChecksWithin(type))
  const domainChecks = table.columns.flatMap(({ name, type }) =>
    type.check === undefined ? [] : [checkOf(type.check, name)],
  )
  const expressions = [...table.checks.map(({ expression }) => expression), ...domainChecks]
  for (const expression of expressions) {
    const facts = factsOfCheck(expression, names)
    if (facts === undefined) unknownChecks.push(expression)
    for (const fact of facts ?? [])
      if (!referring.has(fact.column)) applyFact(fact, table.columns, { options, nowMicros, referring })
  }
  return { byColumn: options, unknownChecks }
}

/** A domain's check as the check of a column. */
function checkOf(check: string, column: string): string {
  return check.replaceAll(/\bVALUE\b/gi, `"${column.replaceAll('"', '""')}"`)
}

/** The options of an element or a field, whose domain may have a check. */
export function domainOptions(type: SqlType, own: GeneratorOptions, nowMicros: number): GeneratorOptions {
  if (type.check === undefined) return own
  const name = 'value'
  const options = new Map<string, Options>([[name, { ...own }]])
  const context = { options, nowMicros, referring: new Set<string>() }
  for (const fact of factsOfCheck(checkOf(type.check, name), [name]) ?? [])
    applyFact(fact, [{ name, type, options: own }], context)
  return options.get(name)!
}

/** Checks of the domains that a type is made of, of which more is asked than can be told. */
function unknownChecksWithin(type: SqlType): string[] {
  const parts = [...(type.element ? [type.element] : []), ...(type.fields ?? []).map((field) => field.type)]
  return parts.flatMap((part) => [
    ...(part.check !== undefined && factsOfCheck(checkOf(part.check, 'value'), ['value']) === undefined
      ? [part.check]
      : []),
    ...unknownChecksWithin(part),
  ])
}

/** `updated_at` after `created_at`, unless the schema says otherwise. */
function addEarlier(table: Table, names: readonly string[], options: Map<string, Options>): void {
  for (const { name, type, options: own } of table.columns) {
    if (decides(own) || (type.kind !== 'timestamp' && type.kind !== 'date')) continue
    const earlier = table.columns.find((column) => column.name === earlierColumn(name, names))
    if (earlier === undefined || !['timestamp', 'date'].includes(earlier.type.kind)) continue
    options.set(name, { ...own, after: { column: earlier.name } })
  }
}

/** What of a column decides how a fact fits it. */
type Fitted = Pick<Column, 'name' | 'type' | 'options'>

interface FactContext {
  readonly options: Map<string, Options>
  readonly nowMicros: number
  readonly referring: ReadonlySet<string>
}

function applyFact(fact: Fact, columns: readonly Fitted[], context: FactContext): void {
  const column = columns.find(({ name }) => name === fact.column)!
  const options = context.options.get(fact.column)!
  const own = column.options
  switch (fact.kind) {
    case 'in':
      if (own.values === undefined && !isText(own)) replace(options, own, { values: fact.values })
      return
    case 'pattern':
      // Mail addresses are what most patterns of theirs ask for.
      if (decides(own) || (options.generator === 'email' && fact.pattern.includes('@'))) return
      replace(options, own, { pattern: withoutInlineFlags(fact.pattern) })
      return
    case 'length':
      applyLength(options, fact.operator, fact.value)
      return
    case 'null':
      if (fact.isNull) replace(options, own, { value: null })
      else options.nullFraction = 0
      return
    case 'compare':
      applyComparison(fact.operator, fact.value, { column, options, nowMicros: context.nowMicros })
      return
    case 'order':
      applyOrder(fact, columns, context)
  }
}

/** PostgreSQL's `\y`, `\m` and `(?i)` have no counterpart here. */
function withoutInlineFlags(pattern: string): string {
  return pattern.replace(/^\(\?[a-z]+\)/, '').replace(/\\[mMyY]/g, '')
}

function isText(options: GeneratorOptions): boolean {
  return options.pattern !== undefined || options.template !== undefined || options.generator !== undefined
}

/** Takes `instead` for what a name stood for; what the schema says about NULLs stays. */
function replace(options: Options, own: GeneratorOptions, instead: GeneratorOptions): void {
  for (const name of deciding) if (own[name] === undefined) delete options[name]
  Object.assign(options, instead)
}

function applyLength(options: Options, operator: Comparison, value: number): void {
  const low = operator === '>' ? value + 1 : operator === '>=' || operator === '=' ? value : undefined
  const high = operator === '<' ? value - 1 : operator === '<=' || operator === '=' ? value : undefined
  if (low !== undefined && low > 1) options.lengthMin = Math.max(options.lengthMin ?? 0, low)
  if (high !== undefined) options.lengthMax = Math.min(options.lengthMax ?? high, high)
  // Names and words are as long as they are; letters can be counted.
  if ((options.lengthMin ?? 0) > 1 && options.pattern === undefined && options.values === undefined)
    delete options.generator
}

interface Compared {
  readonly column: Fitted
  readonly options: Options
  readonly nowMicros: number
}

function applyComparison(
  operator: Comparison,
  value: Literal,
  { column, options, nowMicros }: Compared,
): void {
  const { type, options: own } = column
  if (type.kind === 'date' || type.kind === 'timestamp') {
    const moment = typeof value === 'string' ? parseMoment(value, nowMicros) : undefined
    if (moment !== undefined) boundMoment(operator, moment, { column, options, nowMicros })
    return
  }
  const isNumber = ['integer', 'decimal', 'double'].includes(type.kind)
  if (operator === '=') {
    if (own.values === undefined && own.value === undefined) replace(options, own, { value })
    return
  }
  if (!isNumber || typeof value !== 'number') return
  const unit =
    type.kind === 'integer'
      ? 1
      : 10 ** -Math.min(type.scale ?? own.decimals ?? (type.kind === 'decimal' ? 2 : 3), 15)
  if (operator === '<>') {
    if (Number(options.min ?? 0) === value && own.min === undefined) options.min = value + unit
    return
  }
  const isLow = operator === '>' || operator === '>='
  const bound = value + (operator === '>' ? unit : operator === '<' ? -unit : 0)
  const name = isLow ? 'min' : 'max'
  const other = isLow ? 'max' : 'min'
  const given = options[name]
  options[name] =
    given === undefined ? bound : isLow ? Math.max(Number(given), bound) : Math.min(Number(given), bound)
  const opposite = options[other]
  const isEmpty = opposite !== undefined && (isLow ? Number(opposite) < bound : Number(opposite) > bound)
  if (isEmpty && own[other] === undefined) delete options[other]
}

function boundMoment(operator: Comparison, moment: number, { column, options, nowMicros }: Compared): void {
  const grid = column.type.kind === 'date' ? microsPerDay : 1_000_000
  const shifted = moment + (operator === '>' ? grid : operator === '<' ? -grid : 0)
  const text = new Date(Math.round(shifted / 1000))
    .toISOString()
    .slice(0, column.type.kind === 'date' ? 10 : 19)
  const current = (value: number | string | undefined) =>
    typeof value === 'string' ? parseMoment(value, nowMicros) : undefined
  if (operator === '>' || operator === '>=') {
    const given = current(options.start)
    if (given === undefined || given < shifted) options.start = text
  } else if (operator === '<' || operator === '<=') {
    const given = current(options.end)
    if (given === undefined || given > shifted) options.end = text
  }
}

/** `start_date < end_date`: the larger one comes after the smaller one, by at least as much as `<` needs. */
function applyOrder(
  fact: Extract<Fact, { kind: 'order' }>,
  columns: readonly Fitted[],
  { options, referring }: FactContext,
): void {
  if (fact.operator === '<>' || fact.operator === '=') return
  const isLess = fact.operator === '<' || fact.operator === '<='
  const [earlier, later] = isLess ? [fact.column, fact.other] : [fact.other, fact.column]
  const laterColumn = columns.find(({ name }) => name === later)!
  const before = options.get(earlier)!
  const after = options.get(later)!
  if (referring.has(later) || before.after?.column === later || laterColumn.options.after !== undefined)
    return
  const isStrict = fact.operator === '<' || fact.operator === '>'
  const { kind, scale = 0 } = laterColumn.type
  const unit = kind === 'date' ? '1d' : kind === 'timestamp' ? '1s' : kind === 'integer' ? 1 : 10 ** -scale
  const { min: _, start: __, distribution: ___, generator: ____, ...rest } = after
  options.set(later, { ...rest, after: { column: earlier, ...(isStrict && { min: unit }) } })
  // The smaller one keeps above the bound of the other, and must leave room below its largest value.
  if (typeof after.min === 'number' && before.min === undefined) before.min = after.min
  if (typeof after.max === 'number' && before.max === undefined)
    before.max = after.max - (isStrict ? Number(unit) : 0)
}
