/** What generators of text are put together from. */
import type { SqlType } from '../schema/index.js'
import {
  type Chooser,
  ConcatSource,
  type Part,
  type Pool,
  PoolSource,
  poolTexts,
  RangeSource,
  type Source,
  UniformChooser,
} from '../values/index.js'
import type { ColumnContext, Generator } from './generator.js'

export const textType: SqlType = { kind: 'text', ddl: 'text' }

export const literal = (text: string): Part => ({ kind: 'literal', bytes: Buffer.from(text) })
export const value = (source: Source, type: SqlType = textType): Part => ({ kind: 'value', source, type })

/** Numbers that may stand behind texts to tell them apart: enough for any table. */
const suffixes = 1_000_000_000

/** The whole number above a choice's pool entry. */
class Split implements Chooser {
  readonly #chooser: Chooser
  readonly #size: number
  readonly #isEntry: boolean

  constructor(chooser: Chooser, size: number, isEntry: boolean) {
    this.#chooser = chooser
    this.#size = size
    this.#isEntry = isEntry
  }

  choose(...[set, out]: Parameters<Chooser['choose']>): void {
    this.#chooser.choose(set, out)
    for (let at = 0; at < set.count; at++) {
      const choice = out[at] as number
      const above = Math.floor(choice / this.#size)
      out[at] = this.#isEntry ? choice - above * this.#size : above
    }
  }
}

/** The entry and the number behind it that `chooser` chooses from a pool of `size`. */
export function splitChoice(chooser: Chooser, size: number): { entry: Chooser; number: Source } {
  return {
    entry: new Split(chooser, size, true),
    number: new RangeSource(new Split(chooser, size, false), 1),
  }
}

/** Entries of a pool: as they are, or told apart by a number behind them where each must occur once. */
export function poolGenerator(context: ColumnContext, pool: Pool, separator = ' '): Generator {
  return {
    domain: pool.size * suffixes,
    compact: true,
    source: (chooser) => {
      if (chooser === undefined)
        return new PoolSource(new UniformChooser(context.key('value'), pool.size), pool)
      const { entry, number } = splitChoice(chooser, pool.size)
      return new ConcatSource([
        value(new PoolSource(entry, pool)),
        { kind: 'suffix', source: number, separator: Buffer.from(separator) },
      ])
    },
  }
}

/**
 * The most characters that a text of the column may have: of its type, or fewer if something else asks for
 * that.
 */
export function roomOf({ type, options }: ColumnContext): number | undefined {
  const room = Math.min(
    type.length ?? Number.POSITIVE_INFINITY,
    options.lengthMax ?? Number.POSITIVE_INFINITY,
  )
  return Number.isFinite(room) ? room : undefined
}

/**
 * A pool without the entries that are longer than the column is; all of them cut when none is short enough.
 */
export function fittingPool(context: ColumnContext, pool: Pool): Pool {
  const length = roomOf(context)
  if (length === undefined || pool.lengthMax <= length) return pool
  const texts = poolTexts(pool)
  const short = texts.filter((text) => [...text].length <= length)
  const entries =
    short.length > 0 ? short : [...new Set(texts.map((text) => [...text].slice(0, length).join('').trim()))]
  return context.pools.own(`${pool.name}/${length}`, entries)
}

/** An entry of a pool, without regard to uniqueness. */
export function pick(context: ColumnContext, name: string, purpose = name): Source {
  const pool = context.pools.pool(name, context.path)
  return new PoolSource(new UniformChooser(context.key(purpose), pool.size), pool)
}
