/**
 * Texts by template: `INV-{{year}}-{{seq:6}}`, also `{year}`; placeholders are counters, digits, columns,
 * pools.
 */
import { schemaError } from '../errors/index.js'
import { recipes } from '../pools/index.js'
import { microsPerDay } from '../schema/index.js'
import {
  AlphabetSource,
  type Chooser,
  ConcatSource,
  type Part,
  PoolSource,
  RangeSource,
  RowChooser,
  UniformChooser,
  UuidSource,
} from '../values/index.js'
import type { ColumnContext, Generator } from './generator.js'

const alphabets: Readonly<Record<string, string>> = {
  hex: '0123456789abcdef',
  alphanumeric: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  alnum: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  alpha: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  letters: 'abcdefghijklmnopqrstuvwxyz',
}

const counters = ['seq', 'sequence', 'row', 'row_number']
const randoms = ['rand', 'random', 'digits']

interface Piece {
  readonly literal: string
  readonly name?: string
  readonly width?: number
}

function piecesOf(template: string): Piece[] {
  const pattern = template.includes('{{')
    ? /\{\{\s*([\p{L}_][^{}:]*?)\s*(?::\s*(\d+))?\s*\}\}/gu
    : /\{([\w.]+)(?::(\d+))?\}/g
  const pieces: Piece[] = []
  let end = 0
  for (const match of template.matchAll(pattern)) {
    if (match.index > end) pieces.push({ literal: template.slice(end, match.index) })
    const [whole, name = '', width] = match
    pieces.push({ literal: '', name, ...(width !== undefined && { width: Number(width) }) })
    end = match.index + whole.length
  }
  if (end < template.length) pieces.push({ literal: template.slice(end) })
  return pieces
}

/** A template's values; unique when it counts, or has random digits enough. */
export function templateGenerator(context: ColumnContext): Generator {
  const pieces = piecesOf(context.options.template ?? '')
  const has = (names: readonly string[]) =>
    pieces.some(({ name }) => name !== undefined && names.includes(name))
  const isUnique = has(counters) || has(['uuid'])
  const random = pieces.find(({ name }) => name !== undefined && randoms.includes(name))
  return {
    domain: isUnique
      ? Number.POSITIVE_INFINITY
      : random === undefined
        ? 0
        : 10 ** Math.min(15, random.width ?? 4),
    source: (chooser) =>
      new ConcatSource(
        pieces.map((piece, index) =>
          partOf(piece, context, { index, chooser: piece === random ? chooser : undefined }),
        ),
      ),
  }
}

const literal = (text: string): Part => ({ kind: 'literal', bytes: Buffer.from(text) })

function partOf(
  { literal: text, name, width }: Piece,
  context: ColumnContext,
  { index, chooser }: { readonly index: number; readonly chooser: Chooser | undefined },
): Part {
  if (name === undefined) {
    if (!/\{\{\s*[\p{L}_]/u.test(text)) return literal(text)
    const problem = `${JSON.stringify(text)} is no placeholder`
    throw schemaError(`${context.path}.template`, problem, 'placeholders such as {{seq:6}} or {{year}}')
  }
  const key = context.key(`template/${index}`)
  const textType = { kind: 'text', ddl: 'text' } as const
  if (counters.includes(name)) {
    const start = typeof context.options.start === 'number' ? context.options.start : 1
    const digitsMax = String(start + context.rows).length
    return { kind: 'number', source: new RangeSource(new RowChooser(), start), digits: width ?? 1, digitsMax }
  }
  if (randoms.includes(name)) {
    const size = 10 ** Math.min(15, width ?? 4)
    return {
      kind: 'number',
      source: new RangeSource(chooser ?? new UniformChooser(key, size), 0),
      digits: width ?? 4,
      digitsMax: Math.min(15, width ?? 4),
    }
  }
  const alphabet = Object.hasOwn(alphabets, name) ? alphabets[name] : undefined
  if (alphabet !== undefined)
    return { kind: 'value', source: new AlphabetSource(key, alphabet, width ?? 8), type: textType }
  if (name === 'uuid') return { kind: 'value', source: new UuidSource(key), type: textType }
  const now = new Date(context.nowMicros / 1000).toISOString()
  const moments: Record<string, string> = {
    year: now.slice(0, 4),
    month: now.slice(5, 7),
    day: now.slice(8, 10),
    date: now.slice(0, 10),
  }
  if (Object.hasOwn(moments, name)) return literal(moments[name] as string)
  if (name === 'timestamp') {
    const seconds = Math.floor(context.nowMicros / 1_000_000)
    const span = (365 * microsPerDay) / 1_000_000
    return {
      kind: 'number',
      source: new RangeSource(new UniformChooser(key, span), seconds - span),
      digits: 1,
    }
  }
  return namedPart(name, context, index)
}

/** A column of the row, or a pool. */
function namedPart(name: string, context: ColumnContext, index: number): Part {
  if (name !== context.name && context.columns.includes(name)) {
    const { source, type } = context.sibling(name)
    return { kind: 'value', source, type }
  }
  if (Object.hasOwn(recipes, name) || name.startsWith('faker.')) {
    const pool = context.pools.pool(name, context.path)
    const chooser = new UniformChooser(context.key(`template/${index}`), pool.size)
    return { kind: 'value', source: new PoolSource(chooser, pool), type: { kind: 'text', ddl: 'text' } }
  }
  const others = ['uuid', 'year', 'month', 'day', 'date', 'timestamp']
  const known = [...counters, ...randoms, ...Object.keys(alphabets), ...others]
  throw schemaError(
    `${context.path}.template`,
    `there is no placeholder ${name}`,
    `one of ${known.join(', ')}, a column of the table, or a generator of names`,
  )
}
