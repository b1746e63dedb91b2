/**
 * Pools of names and words, drawn from faker once and for all: the same for every seed of the data, so that a
 * row's name depends on its row alone. Runs on the caller's thread; workers get the bytes.
 */
import type { Faker } from '@faker-js/faker'
import { schemaError } from '../errors/index.js'
import { poolEntriesMax } from '../limits.js'
import { streamKey } from '../random/index.js'
import { makePool, type Pool, poolTexts } from '../values/index.js'
import { type Recipe, recipes } from './recipes.js'

/** Pools by name; shared by all that make values of a schema. */
export interface PoolSource {
  /** @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` at `path` for a name that stands for nothing */
  pool(name: string, path: string): Pool
  /** The pool whose entries are those of `name` in lower-case ASCII letters, in the same places. */
  slugs(name: string, path: string): Pool
  /** A pool of given entries. */
  own(name: string, entries: readonly string[]): Pool
}

const drawsOfFunction = 2000

/** Pools that were drawn in this thread, by locale: they never change. */
const drawn = new Map<string, Map<string, Pool>>()

/** Pools drawn from faker's data of one locale. */
export class PoolDrawer implements PoolSource {
  readonly pools: Map<string, Pool>
  readonly #faker: Faker | undefined
  /** What this thread has drawn of the locale before. */
  readonly #drawn: Map<string, Pool>

  private constructor(faker: Faker | undefined, pools: Map<string, Pool>, before: Map<string, Pool>) {
    this.#faker = faker
    this.pools = pools
    this.#drawn = before
  }

  /** @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` when faker has no such locale */
  static async forLocale(locale: string): Promise<PoolDrawer> {
    const before = drawn.get(locale) ?? new Map<string, Pool>()
    drawn.set(locale, before)
    return new PoolDrawer(await loadFaker(locale), new Map(), before)
  }

  /** The pools that another thread has drawn. */
  static ofDrawn(pools: Map<string, Pool>): PoolDrawer {
    return new PoolDrawer(undefined, pools, new Map())
  }

  pool(name: string, path: string): Pool {
    return this.#kept(name, () => {
      const recipe = Object.hasOwn(recipes, name) ? (recipes[name] as Recipe) : this.#function(name, path)
      return this.#draw(name, recipe)
    })
  }

  slugs(name: string, path: string): Pool {
    return this.#kept(`slug:${name}`, () => poolTexts(this.pool(name, path)).map(slugOf))
  }

  own(name: string, entries: readonly string[]): Pool {
    return this.#kept(name, () => entries, false)
  }

  #kept(name: string, make: () => readonly string[], isOfLocale = true): Pool {
    const kept = this.pools.get(name)
    if (kept !== undefined) return kept
    const pool = (isOfLocale ? this.#drawn.get(name) : undefined) ?? makePool(name, make())
    this.pools.set(name, pool)
    if (isOfLocale) this.#drawn.set(name, pool)
    return pool
  }

  #draw(name: string, { draws, draw }: Recipe): string[] {
    const faker = this.#faker as Faker
    const { k0, k1 } = streamKey(0, 'pool', name)
    faker.seed([k0 >>> 0, k1 >>> 0])
    const entries = new Set<string>()
    for (let number = 0; number < draws && entries.size < poolEntriesMax; number++) {
      const entry = String(draw(faker)).replaceAll('\0', '').trim()
      if (entry !== '') entries.add(entry)
    }
    return [...entries]
  }

  /** `faker.commerce.productName`: any of faker's functions that needs no arguments. */
  #function(name: string, path: string): Recipe {
    const [root, module = '', method = ''] = name.split('.')
    const owner =
      root === 'faker'
        ? (this.#faker as unknown as Record<string, Record<string, unknown>>)[module]
        : undefined
    const draw = owner?.[method]
    if (typeof draw !== 'function' || typeof owner !== 'object') {
      throw schemaError(
        path,
        `there is no generator ${name}`,
        `${generatorsExpected}, or a function such as faker.commerce.productName`,
      )
    }
    return {
      draws: drawsOfFunction,
      draw: () => {
        const value: unknown = draw.call(owner)
        if (typeof value === 'string' || typeof value === 'number') return String(value)
        throw schemaError(path, `${name} makes no texts`, 'a function that makes texts')
      },
    }
  }
}

const generatorsExpected = `one of ${Object.keys(recipes).join(', ')}`

/** Letters that Unicode does not take apart. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
  đ: 'd',
  ł: 'l',
  þ: 'th',
  ð: 'd',
  ı: 'i',
}

/** `Zoë O'Neil` as `zoeoneil`; what has no Latin letter as a digest of itself. */
function slugOf(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßæøœđłþðı]/g, (letter) => letters[letter] as string)
    .replace(/[^a-z0-9]/g, '')
  if (plain !== '') return plain
  const { k0 } = streamKey(0, text)
  return `u${(k0 >>> 0).toString(36)}`
}

async function loadFaker(locale: string): Promise<Faker> {
  const candidates = [locale, locale.replace(/_.*$/, '')]
  for (const name of candidates) {
    if (!/^[a-z]{2,3}(?:_[A-Za-z]+)*$/.test(name)) continue
    try {
      const module = (await import(`@faker-js/faker/locale/${name}`)) as { readonly faker: Faker }
      return module.faker
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED' && !isMissing(error))
        throw error
    }
  }
  throw schemaError(
    'locale',
    `there are no names for ${locale}`,
    'a locale of faker such as en, de, fr, ja or pt_BR',
  )
}

function isMissing(error: unknown): boolean {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String((error as { code?: unknown }).code))
}
