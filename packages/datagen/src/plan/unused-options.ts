/**
 * What a schema says of a column that means nothing there: options that values of its type do not have, and
 * bounds beyond the type. They are left out, and told in a note.
 */
import { type Column, type GeneratorOptions, joinPath, type SqlType, type TypeKind } from '../schema/index.js'

type OptionName = keyof GeneratorOptions

const ranges: readonly OptionName[] = [
  'min',
  'max',
  'decimals',
  'distribution',
  'start',
  'increment',
  'format',
]
const lengths: readonly OptionName[] = ['lengthMin', 'lengthMax']
const written: readonly OptionName[] = ['pattern', 'template']
const moments: readonly OptionName[] = [
  ...(['start', 'end', 'min', 'max', 'decimals', 'pattern'] as const),
  ...(['timePattern', 'peakHours', 'sorted', 'intervalMicros'] as const),
]
const spans: readonly OptionName[] = ['start', 'end', 'min', 'max', 'decimals']

/** What values of each kind are made by, besides what all have. */
const optionsOf: Readonly<Record<TypeKind, readonly OptionName[]>> = {
  integer: ranges,
  decimal: ranges,
  double: ranges,
  boolean: ['trueFraction'],
  text: [...written, ...lengths, ...ranges, 'words', 'sentences', 'paragraphs', 'domain'],
  date: moments,
  timestamp: moments,
  time: spans,
  interval: spans,
  uuid: written,
  json: ['fields', 'template'],
  bytea: [...written, ...lengths],
  inet: written,
  macaddr: written,
  enum: [],
  composite: ['fields'],
  array: [...lengths, 'element'],
}

const ofAll: readonly OptionName[] = [
  ...(['generator', 'values', 'weights', 'value', 'nullFraction'] as const),
  ...(['after', 'rules', 'formula', 'copy'] as const),
]

/** Names of options as schemas write them. */
const namesInSchema: Partial<Record<OptionName, string>> = {
  lengthMin: 'min_length',
  lengthMax: 'max_length',
  timePattern: 'time_pattern',
  peakHours: 'peak_hours',
  intervalMicros: 'interval',
  trueFraction: 'true_fraction',
}

/** The kinds of values that an array has in the end. */
function kindsOf(type: SqlType): readonly TypeKind[] {
  return type.element === undefined ? [type.kind] : [type.kind, ...kindsOf(type.element)]
}

/** Notes on what `column` says in vain. */
export function unusedOptions({ path, type, options }: Column): string[] {
  const used = [...ofAll, ...kindsOf(type).flatMap((kind) => optionsOf[kind])]
  const unused = (Object.keys(options) as OptionName[]).filter((name) => !used.includes(name))
  return [
    ...unused.map((name) => {
      const place = joinPath(path, namesInSchema[name] ?? name)
      return `${place}: it says nothing of values of type ${type.ddl}, and is left out`
    }),
    ...boundsBeyond(path, type, options),
  ]
}

/** Bounds of numbers that the type does not hold. */
function boundsBeyond(path: string, type: SqlType, { min, max }: GeneratorOptions): string[] {
  const { precision, scale = 0 } = type
  const largest = type.max ?? (precision === undefined ? undefined : 10 ** (precision - scale))
  if (largest === undefined || (precision !== undefined && precision > 15)) return []
  const smallest = type.min ?? -largest
  const notes = Object.entries({ min, max }).filter(
    ([, bound]) => typeof bound === 'number' && (bound > largest || bound < smallest),
  )
  return notes.map(
    ([name, bound]) => `${joinPath(path, name)}: ${bound} is beyond ${type.ddl}, whose own bound is taken`,
  )
}
