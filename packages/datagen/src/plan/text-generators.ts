/** Generators of text: by name, by pattern, from lists of values, running text. */
import { schemaError, unsatisfiable } from '../errors/index.js'
import { recipes } from '../pools/index.js'
import {
  AlphabetSource,
  type Chooser,
  ConcatSource,
  FitSource,
  fitPattern,
  type Pattern,
  PatternSource,
  PoolSource,
  parsePattern,
  poolTexts,
  type Source,
  settlePattern,
  shortestOf,
  UniformChooser,
  UniquePatternSource,
  UuidSource,
  WeightedChooser,
  WordsSource,
} from '../values/index.js'
import { type ColumnContext, type Generator, ofSource } from './generator.js'
import { numberGenerator } from './number-generators.js'
import { personGenerators } from './person-generators.js'
import { templateGenerator } from './template.js'
import { fittingPool, poolGenerator, roomOf, value } from './text-parts.js'

/** Texts that a pattern matches, whatever the column holds. */
export function patternGenerator(context: ColumnContext, text: string): Generator {
  return generatorOf(context, parsePattern(text, `${context.path}.pattern`))
}

/** Texts that the column's own pattern matches, and that are short enough for it. */
function ownPattern(context: ColumnContext, text: string): Generator {
  const path = `${context.path}.pattern`
  const pattern = parsePattern(text, path)
  const { length = Number.POSITIVE_INFINITY, ddl } = context.type
  const fitted = pattern.lengthMax <= length ? pattern : fitPattern(pattern, length)
  if (fitted !== undefined) return generatorOf(context, fitted)
  const problem = `its texts have at least ${shortestOf(pattern.root)} characters, more than ${ddl} holds`
  throw unsatisfiable(path, problem, 'Widen the column, or shorten the pattern.')
}

function generatorOf(context: ColumnContext, pattern: Pattern): Generator {
  const settled = settlePattern(pattern)
  return {
    domain: settled.size,
    source: (chooser) =>
      chooser === undefined
        ? new PatternSource(context.key('value'), pattern)
        : new UniquePatternSource(context.key('value'), chooser, settled),
  }
}

/** One of given texts. */
export function listGenerator(
  context: ColumnContext,
  values: readonly string[],
  weights?: readonly number[],
): Generator {
  const { length = Number.POSITIVE_INFINITY, ddl } = context.type
  const long = values.find((text) => [...text].length > length)
  if (long !== undefined) {
    const problem = `${JSON.stringify(long)} has ${[...long].length} characters`
    throw schemaError(`${context.path}.values`, problem, `texts that fit in ${ddl}`)
  }
  const pool = context.pools.own(`list:${JSON.stringify(values)}`, values)
  return {
    domain: new Set(values).size === values.length ? values.length : 0,
    source: (chooser) => {
      const key = context.key('value')
      const own =
        weights === undefined ? new UniformChooser(key, values.length) : new WeightedChooser(key, weights)
      return new PoolSource(chooser ?? own, pool)
    },
  }
}

/** Sentences and paragraphs; told apart by a code at their end where each must occur once. */
function words(
  context: ColumnContext,
  shape: { words: readonly [number, number]; sentences: number; paragraphs: number },
): Generator {
  const { options, type } = context
  const limit = Math.min(options.lengthMax ?? 1_000_000, type.length ?? 1_000_000)
  const [wordsMin, wordsMax] = options.words === undefined ? shape.words : [options.words, options.words]
  return ofSource(
    () =>
      new WordsSource(context.key('value'), context.pools.pool('word', context.path), {
        wordsMin,
        wordsMax,
        sentences: options.sentences ?? shape.sentences,
        paragraphs: options.paragraphs ?? shape.paragraphs,
        // Letters of the words are ASCII: a byte is a character.
        bytesMax: limit,
      }),
  )
}

/** Texts between two lengths, without regard to words. */
function lettersGenerator(context: ColumnContext): Generator {
  const { options, type } = context
  const max = Math.min(
    type.length ?? Number.POSITIVE_INFINITY,
    options.lengthMax ?? Math.max(options.lengthMin ?? 0, 20),
  )
  const min = Math.min(max, options.lengthMin ?? Math.min(5, max))
  return patternGenerator(context, `[a-z]{${min},${max}}`)
}

/** The masks of telephone numbers: those of the locale, any digit but the first free. */
function phone(context: ColumnContext): Generator {
  const { format } = context.options
  if (format === 'e164') return patternGenerator(context, '\\+1[2-9][0-9]{2}[2-9][0-9]{6}')
  if (format === 'us') return patternGenerator(context, '\\([2-9][0-9]{2}\\) [2-9][0-9]{2}-[0-9]{4}')
  const entries = poolTexts(context.pools.pool('phone', context.path)).slice(0, 12)
  const masks = entries.map((entry) => {
    let digits = 0
    return [...entry]
      .map((letter) =>
        /\d/.test(letter)
          ? digits++ === 0
            ? letter
            : '[0-9]'
          : letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'),
      )
      .join('')
  })
  return patternGenerator(context, [...new Set(masks)].join('|'))
}

const sentenceShape = { words: [4, 10], sentences: 1, paragraphs: 1 } as const

const textGenerators: Readonly<Record<string, (context: ColumnContext) => Generator>> = {
  ...personGenerators,
  phone,
  word: (context) =>
    poolGenerator(context, fittingPool(context, context.pools.pool('word', context.path)), ''),
  words: (context) => words(context, { words: [2, 5], sentences: 0, paragraphs: 1 }),
  sentence: (context) => words(context, sentenceShape),
  sentences: (context) => words(context, { ...sentenceShape, sentences: 2 }),
  paragraph: (context) => words(context, { ...sentenceShape, sentences: 5 }),
  paragraphs: (context) => words(context, { ...sentenceShape, sentences: 5, paragraphs: 3 }),
  lorem: (context) => words(context, { ...sentenceShape, sentences: 3 }),
  lorem_ipsum: (context) => words(context, { ...sentenceShape, sentences: 3 }),
  text: (context) =>
    context.options.lengthMin === undefined
      ? words(context, { ...sentenceShape, sentences: 2 })
      : lettersGenerator(context),
  letters: lettersGenerator,
  uuid: (context) => ({
    domain: Number.POSITIVE_INFINITY,
    source: () => new UuidSource(context.key('value')),
  }),
  hex: (context) => {
    const length = context.options.lengthMax ?? Math.min(32, context.type.length ?? 32)
    return patternGenerator(context, `[0-9a-f]{${Math.min(length, context.type.length ?? length)}}`)
  },
  alphanumeric: (context) =>
    ofSource(
      () =>
        new AlphabetSource(
          context.key('value'),
          'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789',
          Math.min(context.options.lengthMax ?? 16, context.type.length ?? 16),
        ),
    ),
  ip: (context) =>
    patternGenerator(
      context,
      '10\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d)\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d)\\.(25[0-4]|2[0-4]\\d|1\\d\\d|[1-9]\\d)',
    ),
  ipv4: (context) => textGenerators.ip!(context),
  ip_address: (context) => textGenerators.ip!(context),
  ipv6: (context) =>
    patternGenerator(context, '2001:db8:[1-9a-f][0-9a-f]{3}:[1-9a-f][0-9a-f]{3}::[1-9a-f][0-9a-f]{3}'),
  mac: (context) =>
    patternGenerator(context, '02:[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}'),
  iban: (context) => patternGenerator(context, 'DE[0-9]{20}'),
  card_number: (context) => patternGenerator(context, '4[0-9]{15}'),
  password_hash: (context) => patternGenerator(context, '\\$2b\\$10\\$[A-Za-z0-9./]{53}'),
  numeric_string: (context) => patternGenerator(context, `[0-9]{${context.options.lengthMax ?? 10}}`),
}

/** The generators of texts, by name. */
export const generatorNames: readonly string[] = [
  ...new Set([...Object.keys(textGenerators), ...Object.keys(recipes)]),
].sort()

const numberNames = [
  'integer_range',
  'integer',
  'range',
  'decimal_range',
  'float_range',
  'serial',
  'sequence',
  'row_number',
]

/** A text column's values, as long as they get. */
function anyText(context: ColumnContext): Generator {
  const { options, type } = context
  const { generator, values, weights } = options
  if (values !== undefined) return listGenerator(context, values.map(String), weights)
  if (options.value !== undefined) return listGenerator(context, [String(options.value)])
  if (options.template !== undefined) return templateGenerator(context)
  if (options.pattern !== undefined) return ownPattern(context, options.pattern)
  if (generator !== undefined && (numberNames.includes(generator) || options.distribution !== undefined))
    return numberText(context)
  if (options.distribution !== undefined && options.distribution.type !== 'uniform')
    return numberText(context)
  if (generator !== undefined) return namedText(context, generator)
  if (options.lengthMin !== undefined) return lettersGenerator(context)
  if (type.length !== undefined && type.length <= 12)
    return lettersGenerator({
      ...context,
      options: { ...options, lengthMin: Math.min(3, type.length), lengthMax: type.length },
    })
  return type.length === undefined
    ? (textGenerators.text as (c: ColumnContext) => Generator)(context)
    : (textGenerators.words as (c: ColumnContext) => Generator)(context)
}

/** Numbers in a column of texts. */
function numberText(context: ColumnContext): Generator {
  const type = {
    kind: 'integer',
    ddl: 'bigint',
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
  } as const
  const inner = numberGenerator({ ...context, type })
  const { start, increment = 1 } = context.options
  const largest = Math.abs(Number(start ?? 1)) + Math.abs(increment) * context.rows
  const isCounter = inner.domain === Number.POSITIVE_INFINITY
  return {
    ...inner,
    source: (chooser) =>
      new ConcatSource([value(inner.source(chooser), type)], {
        isPlain: true,
        ...(isCounter && { lengthMax: String(-largest).length }),
      }),
  }
}

function namedText(context: ColumnContext, generator: string): Generator {
  if (Object.hasOwn(textGenerators, generator))
    return (textGenerators[generator] as (c: ColumnContext) => Generator)(context)
  if (!Object.hasOwn(recipes, generator) && !generator.startsWith('faker.')) {
    const known = [...generatorNames, 'enum', 'pattern', 'template']
    const expected = `one of ${known.join(', ')}, or a function such as faker.commerce.productName`
    throw schemaError(`${context.path}.generator`, `there is no generator ${generator} for texts`, expected)
  }
  return poolGenerator(context, fittingPool(context, context.pools.pool(generator, context.path)))
}

/** A text column's values, within its length. Unique ones that would be cut are codes instead. */
export function textGenerator(context: ColumnContext): Generator {
  const made = anyText(context)
  const length = roomOf(context)
  const code = () => patternGenerator(context, `[a-z0-9]{${Math.min(length ?? 16, 16)}}`)
  if (made.domain === 0 && context.unique) return isOwnChoice(context) ? made : code()
  if (length === undefined) return made
  const isTooLong = (source: Source) => source.lengthMax > length
  if (!context.unique) {
    return { ...made, source: (chooser?: Chooser) => fitted(made.source(chooser), length, isTooLong) }
  }
  const longest = made.source(
    made.domain === Number.POSITIVE_INFINITY ? undefined : new UniformChooser(context.key('probe'), 1),
  )
  if (!isTooLong(longest) || fitsInRows(made, context, length)) return made
  if (isOwnChoice(context)) {
    const problem = `unique values of up to ${longest.lengthMax} characters do not fit in ${context.type.ddl}`
    throw unsatisfiable(context.path, problem, 'Widen the column, or choose a generator of shorter values.')
  }
  return code()
}

/** Numbers behind a text are counted as long as any; those of the table's rows may be shorter. */
function fitsInRows(made: Generator, context: ColumnContext, length: number): boolean {
  if (made.compact !== true) return false
  const probe = made.source(new UniformChooser(context.key('probe'), 1))
  const digits = String(context.rows).length
  return probe.lengthMax - 16 + digits <= length
}

/** The schema says itself how the values look. */
function isOwnChoice({ options }: ColumnContext): boolean {
  return (
    options.values !== undefined ||
    options.pattern !== undefined ||
    options.template !== undefined ||
    options.value !== undefined
  )
}

function fitted(source: Source, length: number, isTooLong: (source: Source) => boolean): Source {
  if (!isTooLong(source)) return source
  return source.lane.kind === 'pool' || source.lane.kind === 'text' ? new FitSource(source, length) : source
}
