/**
 * Generators of what belongs to people and sites: names, mail addresses, user names, addresses of the web.
 */

import type { Key } from '../random/index.js'
import {
  type Chooser,
  ConcatSource,
  type Part,
  PoolSource,
  RangeSource,
  SiblingSource,
  type Source,
  UniformChooser,
} from '../values/index.js'
import { type ColumnContext, type Generator, ofSource } from './generator.js'
import { literal, pick, poolGenerator, splitChoice, value } from './text-parts.js'

/** Choices for texts with a number in them: any number of rows. */
const manyNumbers = 1_000_000_000_000

const number = (source: Source): Part => ({ kind: 'number', source, digits: 1 })

/** The number that tells texts apart; without need for it, one of few. */
function tellingNumber(context: ColumnContext, chooser: Chooser | undefined): Part {
  return number(new RangeSource(chooser ?? new UniformChooser(context.key('number'), 100), 1))
}

/** A name in letters for addresses: of the row's own name column, when there is one. */
function slug(context: ColumnContext, name: 'first_name' | 'last_name'): Source {
  const own = context.siblingMadeBy(name)
  const pool = context.pools.slugs(name, context.path)
  if (own !== undefined && own.source.lane.pool?.name === name) return new SiblingSource(own.source, pool)
  return new PoolSource(new UniformChooser(personKey(context, name), pool.size), pool)
}

/**
 * The key of a part of a person's name. Columns that speak of the same person share it: `author_name` and
 * `author_email`, but not `editor_name`.
 */
function personKey(context: ColumnContext, part: string): Key {
  const plain = context.name
    .toLowerCase()
    .replace(/(?:^|_)(?:full|display|screen|user|e)?_?(?:name|mail|mail_?address|login|handle)$/, '')
  return context.sharedKey(`person/${plain}/${part}`)
}

function name(context: ColumnContext, part: 'first_name' | 'last_name'): Source {
  const own = context.siblingMadeBy(part)
  if (own !== undefined) return own.source
  const pool = context.pools.pool(part, context.path)
  return new PoolSource(new UniformChooser(personKey(context, part), pool.size), pool)
}

const told = (make: (chooser?: Chooser) => Source): Generator => ({
  domain: manyNumbers,
  compact: true,
  source: make,
})

/** Domains for addresses that must be short: reserved for examples and tests. */
const shortDomains = ['example.com', 'x.test']

/**
 * `first.last12@example.org`; in a narrow column the first name alone, or a letter, before the number: an
 * address that is cut would be none.
 */
function email(context: ColumnContext): Generator {
  const { domain } = context.options
  const digits = context.unique ? String(context.rows).length : 2
  const room = (context.type.length ?? Number.POSITIVE_INFINITY) - digits - 1
  const [first, last] = (['first_name', 'last_name'] as const).map(
    (name) => context.pools.slugs(name, context.path).lengthMax,
  )
  const hosts =
    domain === undefined ? context.pools.pool('mail_domain', context.path).lengthMax : domain.length
  const host = () => (domain === undefined ? value(pick(context, 'mail_domain')) : literal(domain))
  const short = shortDomains.find((name) => name.length + 1 <= room) ?? 'x.test'
  const given = literal(domain ?? short)
  const parts = (): Part[][] => {
    if (first! + last! + 1 + hosts <= room) {
      return [
        [value(slug(context, 'first_name')), literal('.'), value(slug(context, 'last_name'))],
        [literal('@'), host()],
      ]
    }
    if (first! + (domain ?? short).length <= room)
      return [[value(slug(context, 'first_name'))], [literal('@'), given]]
    return [[literal('u')], [literal('@'), given]]
  }
  return told((chooser) => {
    const [before, after] = parts() as [Part[], Part[]]
    return new ConcatSource([...before, tellingNumber(context, chooser), ...after], {
      isPlain: domain === undefined || /^[\w.-]+$/.test(domain),
    })
  })
}

function username(context: ColumnContext): Generator {
  return told((chooser) => {
    const names = [value(slug(context, 'first_name')), literal('_'), value(slug(context, 'last_name'))]
    return new ConcatSource([...names, tellingNumber(context, chooser)], { isPlain: true })
  })
}

function fullName(context: ColumnContext): Generator {
  const first = context.pools.pool('first_name', context.path)
  const last = context.pools.pool('last_name', context.path)
  const pairs = first.size * last.size
  return {
    domain: pairs,
    source: (chooser) => {
      if (chooser === undefined) {
        return new ConcatSource([
          value(name(context, 'first_name')),
          literal(' '),
          value(name(context, 'last_name')),
        ])
      }
      const { entry, number: rest } = splitChoice(chooser, first.size)
      const lasts = new PoolSource({ choose: (set, out) => lessOne(rest, set, out) }, last)
      return new ConcatSource([value(new PoolSource(entry, first)), literal(' '), value(lasts)])
    },
  }
}

/** `splitChoice` counts from 1 on. */
function lessOne(source: Source, ...[set, out]: Parameters<Chooser['choose']>): void {
  const { numbers } = source.read(set)
  for (let at = 0; at < set.count; at++) out[at] = (numbers[at] as number) - 1
}

function webAddress(context: ColumnContext, parts: (word: Source) => Part[]): Generator {
  return told((chooser) => {
    const telling = chooser === undefined ? [] : [literal('-'), tellingNumber(context, chooser)]
    const [before, ...after] = parts(pick(context, 'domain_word'))
    return new ConcatSource([before as Part, after[0] as Part, ...telling, ...after.slice(1)])
  })
}

function slugWords(context: ColumnContext): Generator {
  return told((chooser) => {
    const words = [value(pick(context, 'adjective')), literal('-'), value(pick(context, 'noun'))]
    return new ConcatSource(
      chooser === undefined ? words : [...words, literal('-'), tellingNumber(context, chooser)],
    )
  })
}

function address(context: ColumnContext): Generator {
  const house = new RangeSource(new UniformChooser(context.key('house'), 1999), 1)
  const street = () => value(pick(context, 'street'))
  const isNumberFirst = /^(?:en|fr|he|th|zh|ja|ko)/.test(context.locale)
  return told((chooser) => {
    // A number that occurs once takes the place of the house's.
    const at = number(chooser === undefined ? house : new RangeSource(chooser, 1))
    return new ConcatSource(isNumberFirst ? [at, literal(' '), street()] : [street(), literal(' '), at])
  })
}

/** Tables whose rows are people, goods, firms, places: what `name` means in them. */
const nameOfTable: readonly (readonly [RegExp, string])[] = [
  [
    /(?:user|people|person|customer|employee|patient|doctor|physician|author|member|student|teacher|contact|client|staff|account_holder|provider|actor|player)s?$/i,
    'full_name',
  ],
  [/(?:product|item|good|article|plan)s?$/i, 'product_name'],
  [
    /(?:compan(?:y|ies)|organi[sz]ations?|vendors?|suppliers?|merchants?|tenants?|brands?|shops?|stores?|hospitals?|clinics?|banks?|teams?)$/i,
    'company',
  ],
  [/(?:cit(?:y|ies)|towns?)$/i, 'city'],
  [/(?:countr(?:y|ies)|nations?)$/i, 'country'],
  [/departments?$/i, 'department'],
]

function plainName(context: ColumnContext): Generator {
  const meant = nameOfTable.find(([table]) => table.test(context.table))?.[1]
  if (meant === 'full_name') return fullName(context)
  if (meant !== undefined) return poolGenerator(context, context.pools.pool(meant, context.path))
  return told((chooser) => {
    const words = [value(pick(context, 'adjective')), literal(' '), value(pick(context, 'noun'))]
    return new ConcatSource(
      chooser === undefined ? words : [...words, literal(' '), tellingNumber(context, chooser)],
    )
  })
}

/** Generators of text by name, each made for a column. */
export const personGenerators: Readonly<Record<string, (context: ColumnContext) => Generator>> = {
  email,
  username,
  full_name: fullName,
  name: plainName,
  address,
  street_address: address,
  slug: slugWords,
  url: (context) =>
    webAddress(context, (word) => [literal('https://'), value(word), literal('.example.com')]),
  image_url: (context) =>
    webAddress(context, (word) => [literal('https://images.example.com/'), value(word), literal('.jpg')]),
  domain_name: (context) =>
    webAddress(context, (word) => [literal('www.'), value(word), literal('.example.com')]),
  title: (context) => poolGenerator(context, context.pools.pool('catch_phrase', context.path)),
  constant: (context) => ofSource(() => new ConcatSource([literal(String(context.options.value ?? ''))])),
}
