/** The generator of any column: what the schema asks for, else what its type stands for. */
import { schemaError } from '../errors/index.js'
import { arrayLengthDefault } from '../limits.js'
import { type GeneratorOptions, parseSqlType, type SqlType } from '../schema/index.js'
import {
  ArraySource,
  CaseSource,
  CompositeSource,
  type Field,
  FormulaSource,
  JsonSource,
  type LaneKind,
  NullableSource,
  NullSource,
  type Source,
  UuidSource,
} from '../values/index.js'
import { testOf } from './conditions.js'
import { parseFormula } from './formula.js'
import { type ColumnContext, type Generator, noColumn, ofSource, within } from './generator.js'
import { checkGenerator, momentNames, numberNames } from './generator-names.js'
import { checkListed } from './listed-forms.js'
import { enumGenerator, numberList } from './listed-numbers.js'
import { numberBounds, numberGenerator, scaleOf } from './number-generators.js'
import { patternGenerator, textGenerator } from './text-generators.js'
import { afterGenerator, momentGenerator, spanGenerator } from './time-generators.js'

/** The kind of lane that values of a type come in. */
function laneKindOf(type: SqlType): LaneKind {
  const isNumber = [
    'integer',
    'decimal',
    'double',
    'boolean',
    'date',
    'time',
    'timestamp',
    'interval',
  ].includes(type.kind)
  return isNumber ? 'numbers' : 'text'
}

/** The generator of a column, rules included. */
export function columnGenerator(context: ColumnContext): Generator {
  const { rules } = context.options
  const base = plainGenerator(context)
  if (rules === undefined || rules.length === 0) return base
  return ofSource(() => {
    const cases = rules.map((rule, index) => {
      const options = isOwn(rule.options) ? rule.options : { ...context.options, ...rule.options }
      const { rules: _, ...then } = options
      const inner = within(context, `rules[${index}]`, context.type, then)
      return { test: testOf(rule.when, context), source: withNulls(inner, plainGenerator(inner).source()) }
    })
    return new CaseSource(cases, base.source())
  })
}

/** A rule that says itself how its values are made. */
function isOwn(options: GeneratorOptions): boolean {
  return ['generator', 'values', 'value', 'pattern', 'template', 'formula', 'after', 'distribution'].some(
    (name) => Object.hasOwn(options, name),
  )
}

/** `source` with the fraction of NULLs that the options ask for. */
export function withNulls(context: ColumnContext, source: Source): Source {
  const fraction = context.options.nullFraction ?? 0
  return fraction === 0 ? source : new NullableSource(context.key('null'), source, fraction)
}

function plainGenerator(context: ColumnContext): Generator {
  const { options, type } = context
  if (options.value === null || options.generator === 'null') {
    return ofSource(
      () =>
        new NullSource(
          laneKindOf(type),
          type.kind === 'decimal' || type.kind === 'double' ? scaleOf(context) : 0,
        ),
    )
  }
  if (options.formula !== undefined) return formulaGenerator(context)
  if (options.after !== undefined) return afterGenerator(context)
  const listed = options.values ?? (options.value === undefined ? undefined : [options.value])
  if (listed !== undefined && laneKindOf(type) === 'numbers') return numberList(context, listed)
  checkListed(context)
  return byType(context)
}

function byType(context: ColumnContext): Generator {
  const { options, type } = context
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'double':
      checkGenerator(context, numberNames)
      return numberGenerator(context)
    case 'boolean':
      checkGenerator(context, ['boolean'])
      return numberList(
        context,
        [false, true],
        [1 - (options.trueFraction ?? 0.5), options.trueFraction ?? 0.5],
      )
    case 'date':
    case 'timestamp':
      checkGenerator(context, momentNames)
      return momentGenerator(context)
    case 'time':
    case 'interval':
      checkGenerator(context, ['time', 'interval', 'range'])
      return spanGenerator(context)
    case 'text':
      return textGenerator(context)
    case 'enum':
      return enumGenerator(context)
    case 'uuid':
      checkGenerator(context, ['uuid'])
      return options.pattern !== undefined || options.values !== undefined || options.value !== undefined
        ? textGenerator({ ...context, type: { kind: 'text', ddl: 'uuid' } })
        : { domain: Number.POSITIVE_INFINITY, source: () => new UuidSource(context.key('value')) }
    case 'inet':
    case 'macaddr':
    case 'bytea':
      return asText(context)
    case 'json':
      return jsonGenerator(context)
    case 'composite':
      return compositeGenerator(context)
    case 'array':
      return arrayGenerator(context)
  }
}

/** Types that are written as text of a certain form. */
function asText(context: ColumnContext): Generator {
  const { options, type } = context
  const text = { ...context, type: { kind: 'text', ddl: type.ddl } as const }
  const isOwnText =
    options.values !== undefined ||
    options.value !== undefined ||
    options.pattern !== undefined ||
    options.template !== undefined
  if (isOwnText) return textGenerator(text)
  if (type.kind === 'macaddr') return textGenerator({ ...text, options: { ...options, generator: 'mac' } })
  if (type.kind === 'bytea') {
    const length = options.lengthMax ?? 16
    return patternGenerator(context, `\\\\x[0-9a-f]{${length * 2}}`)
  }
  if (type.ddl === 'cidr')
    return patternGenerator(context, '10\\.(1\\d\\d|[1-9]\\d)\\.(1\\d\\d|[1-9]\\d)\\.0/24')
  return textGenerator({ ...text, options: { ...options, generator: options.generator ?? 'ip' } })
}

function formulaGenerator(context: ColumnContext): Generator {
  const path = `${context.path}.formula`
  const { columns, compute } = parseFormula(context.options.formula as string, path)
  const missing = columns.find((name) => !context.columns.includes(name))
  if (missing !== undefined) throw noColumn(missing, context.columns, path)
  const isNumber = ['integer', 'decimal', 'double'].includes(context.type.kind)
  if (!isNumber) throw schemaError(path, `the column is ${context.type.ddl}`, 'a column of numbers')
  const scale = scaleOf(context)
  const { min, max } = numberBounds({
    ...context,
    options: { ...context.options, min: context.options.min ?? -1e15, max: context.options.max ?? 1e15 },
  })
  return ofSource(() => {
    const inputs = columns.map((name) => {
      const { source, type } = context.sibling(name)
      if (['integer', 'decimal', 'double', 'boolean'].includes(type.kind)) return source
      throw schemaError(path, `${name} is ${type.ddl}`, 'columns of numbers')
    })
    return new FormulaSource(inputs, compute, { min: min / 10 ** scale, max: max / 10 ** scale, scale })
  })
}

/** What a JSON column holds unless the schema says it. */
const jsonFields: NonNullable<GeneratorOptions['fields']> = {
  key: { generator: 'word', type: 'text' },
  count: { type: 'integer', min: 0, max: 1000 },
  active: { type: 'boolean' },
}

/** The type of a field of JSON that does not name one. */
function fieldType(field: GeneratorOptions & { readonly type?: string }): string {
  if (field.type !== undefined) return field.type
  if (field.fields !== undefined) return 'jsonb'
  if (field.values?.every((value) => typeof value === 'number'))
    return field.values.every(Number.isInteger) ? 'bigint' : 'double precision'
  if (typeof field.min === 'number' || typeof field.max === 'number')
    return Number.isInteger(field.min ?? field.max) ? 'bigint' : 'double precision'
  return 'text'
}

function jsonGenerator(context: ColumnContext): Generator {
  const { options } = context
  const text = { kind: 'text', ddl: 'text' } as const
  if (options.values !== undefined || options.value !== undefined)
    return textGenerator({ ...context, type: text })
  if (options.template !== undefined) return textGenerator({ ...context, type: text })
  checkGenerator(context, ['json', 'jsonb', 'object'])
  const fields = Object.entries(options.fields ?? jsonFields)
  return ofSource(
    () =>
      new JsonSource(
        fields.map(([name, field]) => fieldOf({ ...context, isInJson: true }, name, fieldType(field), field)),
      ),
  )
}

function fieldOf(
  context: ColumnContext,
  name: string,
  typeName: string,
  { type: _, ...options }: GeneratorOptions & { readonly type?: string },
): Field {
  const type = parseSqlType(typeName, context.types)
  if (type === undefined)
    throw schemaError(`${context.path}.fields.${name}.type`, `it is ${typeName}`, 'a type')
  const inner = within(context, `fields.${name}`, type, options)
  return { name, type, source: withNulls(inner, columnGenerator(inner).source()) }
}

function compositeGenerator(context: ColumnContext): Generator {
  const { options, type } = context
  const fields = type.fields as NonNullable<SqlType['fields']>
  return ofSource(
    () =>
      new CompositeSource(
        fields.map(({ name, type: fieldSqlType }) => {
          const inner = within(context, `fields.${name}`, fieldSqlType, options.fields?.[name] ?? {})
          return { name, type: fieldSqlType, source: withNulls(inner, columnGenerator(inner).source()) }
        }),
      ),
  )
}

function arrayGenerator(context: ColumnContext): Generator {
  const { options, type } = context
  const element = type.element as SqlType
  // An array in an array has elements: PostgreSQL's arrays of several dimensions are boxes.
  const fewest = context.arraysInArray === undefined ? 0 : 1
  const max = options.lengthMax ?? Math.max(options.lengthMin ?? fewest, arrayLengthDefault)
  const sharedBy = context.arraysInArray ?? 1
  const length = { min: Math.min(max, Math.max(fewest, options.lengthMin ?? 0)), max, sharedBy }
  // What the column says of values is said of its elements.
  const { lengthMin: _, lengthMax: __, nullFraction: ___, element: own, ...rest } = options
  const isWords = element.kind === 'text' && Object.keys(own ?? rest).length === 0
  const elementOptions = own ?? (isWords ? { generator: 'word' } : rest)
  return ofSource(() => {
    const inner = {
      ...within(context, 'element', element, elementOptions),
      arraysInArray: element.kind === 'array' ? Math.max(1, max) * sharedBy : undefined,
    }
    if (element.kind === 'array' && (inner.options.nullFraction ?? 0) > 0) {
      throw schemaError(`${inner.path}.null_fraction`, 'an array in an array is not NULL', '0')
    }
    const source = withNulls(inner, columnGenerator(inner).source())
    const style = context.isInJson === true ? 'json' : 'sql'
    return new ArraySource(context.key('length'), source, element, { ...length, style })
  })
}
