/** Random actions, few keys, so that they meet. Shrinks; the same seed gives the same actions. */
import fc from 'fast-check'
import type { Person, Rel } from '../graph-model/graph-model.js'
import { type Action, type Load, tableNames, type Write } from './model.js'

/** Among them those whose lanes are zeros, and one beyond 2^53. */
const id = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 9n }) },
  { weight: 1, arbitrary: fc.constantFrom(-1n, 2n ** 60n) },
  { weight: 3, arbitrary: fc.bigInt({ min: 10n, max: 60n }) },
)
const cityName = fc.constantFrom('', 'Ulm', 'Überlingen', 'a', 'b', 'c')
const text = fc.option(
  fc.oneof(
    fc.constantFrom(
      '',
      'x',
      'naïve',
      '🛩️',
      'a "quoted", text\nof two lines',
      'and again, and again, '.repeat(12),
    ),
    fc.integer({ min: 0, max: 9999 }).map((number) => `text ${number}`),
  ),
)
const score = fc.option(fc.constantFrom(0, -0.5, 1e300, 3.25, 1 / 3))
const tag = fc.bigInt({ min: 0n, max: 40n })

const person: fc.Arbitrary<Person> = fc.record({ id, name: text, score })

const rel: fc.Arbitrary<Rel> = fc
  .tuple(fc.boolean(), id, id, cityName, tag, text)
  .map(([knows, from, to, city, relTag, note]) => ({
    kind: knows ? ('Knows' as const) : ('Lives' as const),
    from,
    to: knows ? to : city,
    tag: relTag,
    note,
  }))

/** People with ascending keys, as files have them, or in any order, some of them twice. */
const people = fc.oneof(
  fc.array(person, { maxLength: 8 }),
  fc
    .uniqueArray(person, { maxLength: 30, selector: ({ id: key }) => key })
    .map((rows) => rows.sort((a, b) => (a.id < b.id ? -1 : 1))),
)

const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('createPerson' as const), person }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('createCity' as const),
      city: fc.record({ name: cityName, size: fc.option(id), capital: fc.option(fc.boolean()) }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('createRel' as const), rel }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('createPeople' as const), people }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mergePerson' as const), id, name: text }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('mergeKnows' as const), from: id, to: id, tag, note: text }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('setPerson' as const),
      id,
      change: fc.record({ name: text, score }, { requiredKeys: [] }),
    }),
  },
  fc.record({
    kind: fc.constant('setCity' as const),
    name: cityName,
    change: fc.record({ size: fc.option(id), capital: fc.option(fc.boolean()) }, { requiredKeys: [] }),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('setRel' as const), tag, note: text }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rekeyPerson' as const), id, to: id }) },
  fc.record({ kind: fc.constant('rekeyCity' as const), name: cityName, to: cityName }),
  fc.record({ kind: fc.constant('deletePerson' as const), id }),
  fc.record({ kind: fc.constant('deleteAlone' as const), id }),
  fc.record({ kind: fc.constant('deleteCity' as const), name: cityName }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deleteRel' as const), tag }) },
)

const load: fc.Arbitrary<Load> = fc.oneof(
  fc.record({ kind: fc.constant('loadPeople' as const), people }),
  fc
    .tuple(fc.constantFrom('Knows' as const, 'Lives' as const), fc.array(rel, { maxLength: 12 }))
    .map(([table, rels]) => ({
      kind: 'loadRels' as const,
      table,
      rels: rels.filter(({ kind }) => kind === table),
    })),
)

const table = fc.constantFrom(...tableNames)

/** One action, whatever there is already. */
export const databaseAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('write' as const), write }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('load' as const), load }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('transaction' as const),
      parts: fc.array(fc.oneof({ weight: 5, arbitrary: write }, { weight: 1, arbitrary: load }), {
        maxLength: 6,
      }),
      rollback: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('createTable' as const), table }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dropTable' as const), table }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
)

/** What a test begins with: all tables, some of them with rows. */
export const firstActions: readonly Action[] = [
  ...tableNames.map((name) => ({ kind: 'createTable', table: name }) as const),
  {
    kind: 'load',
    load: {
      kind: 'loadPeople',
      people: [0n, 1n, 2n, 5n].map((key) => ({ id: key, name: `text ${key}`, score: Number(key) / 4 })),
    },
  },
]

/** The action with this number in the endless row that belongs to `seed`: first those that every row has. */
export function actionAt(seed: number, number: number): Action {
  const first = firstActions[number]
  if (first !== undefined) return first
  return fc.sample(databaseAction, { seed: (Math.imul(seed, 0x9e3779b1) + number) | 0, numRuns: 1 })[0]!
}
