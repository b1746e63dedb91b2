/**
 * Queries over files, against the arrays that the files were made of: every answer is computed a second time
 * by trying all combinations.
 */
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import {
  type Graph,
  type Knows,
  loadGraph,
  makeGraph,
  type Person,
  Random,
  type Visits,
} from './query.fixture.js'
import { withDatabase } from './support.js'

type Value = unknown

/** A row as text; numbers and bigints of the same value are one. */
function textOf(row: readonly Value[]): string {
  return JSON.stringify(
    row.map((value) => {
      if (value === undefined) throw new Error('a value is missing')
      if (value instanceof Date) return value.toISOString()
      return typeof value === 'bigint' || typeof value === 'number' ? `#${value}` : value
    }),
  )
}

async function answer(
  db: Database,
  text: string,
  parameters: Record<string, unknown> = {},
): Promise<string[]> {
  const rows = await db.query(text, parameters, { int64: 'bigint' }).toArray()
  return rows.map((row) => textOf(Object.values(row)))
}

/** The rows of the query are those, as often as they are there. */
async function expectRows(
  db: Database,
  text: string,
  parameters: Record<string, unknown>,
  rows: readonly Value[][],
) {
  const found = await answer(db, text, parameters)
  expect(found.sort(), `${text} ${textOf(Object.values(parameters))}`).toEqual(rows.map(textOf).sort())
}

/** The rows of the query are those, in this order. */
async function expectOrder(db: Database, text: string, rows: readonly Value[][], parameters = {}) {
  expect(await answer(db, text, parameters), text).toEqual(rows.map(textOf))
}

/** −1, 0 or 1; strings by code point, NULL undefined. */
function compare(a: Value, b: Value): number | undefined {
  if (a === null || b === null) return undefined
  if (typeof a === 'string') return Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b as string)))
  const [x, y] = [a, b] as [number, number]
  return x < y ? -1 : x > y ? 1 : 0
}

const operators: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function holds(operator: string, a: Value, b: Value): boolean {
  const order = compare(a, b)
  return order !== undefined && operators[operator]!(order)
}

/** Orders as ORDER BY does: NULL last, or first when descending. */
function byKeys<T>(...keys: [(item: T) => Value, 'up' | 'down'][]) {
  return (a: T, b: T): number => {
    for (const [key, direction] of keys) {
      const [x, y] = [key(a), key(b)]
      const order = compare(x, y) ?? Number(x === null) - Number(y === null)
      if (order !== 0) return direction === 'up' ? order : -order
    }
    return 0
  }
}

const columns = ['key', 'big', 'small', 'score', 'flag', 'name', 'day', 'seen'] as const

function cells(person: Person): Value[] {
  return columns.map((column) => person[column])
}

const allColumns = columns.map((column) => `a.${column}`).join(', ')

async function checkScans(db: Database, graph: Graph, random: Random) {
  const { people } = graph
  await expectOrder(db, `MATCH (a:Person) RETURN ${allColumns}`, people.map(cells))
  for (const column of columns) {
    await expectOrder(
      db,
      `MATCH (a:Person) WHERE a.${column} IS NULL RETURN a.key`,
      people.filter((p) => p[column] === null).map((p) => [p.key]),
    )
    if (column === 'flag') continue
    const value = random.pick(people)[column]
    for (const operator of Object.keys(operators)) {
      const cast = column === 'day' ? 'CAST($value AS DATE)' : '$value'
      const parameter = value instanceof Date && column === 'day' ? value.toISOString().slice(0, 10) : value
      const rows = people.filter((p) => holds(operator, p[column], value)).map(cells)
      const text = `MATCH (a:Person) WHERE a.${column} ${operator} ${cast} RETURN ${allColumns}`
      await expectRows(db, text, { value: parameter }, rows)
    }
  }
  const [low, high] = [random.below(20) - 15, random.below(20) - 5]
  await expectRows(
    db,
    'MATCH (a:Person) WHERE $low <= a.small < $high OR a.flag RETURN a.key',
    { low, high },
    people
      .filter((p) => (holds('>=', p.small, low) && holds('<', p.small, high)) || p.flag === true)
      .map((p) => [p.key]),
  )
}

async function checkKeys(db: Database, graph: Graph, random: Random) {
  for (let time = 0; time < 8; time++) {
    const key = time % 4 === 3 ? 'nobody' : random.pick(graph.people).key
    const rows = graph.people.flatMap((p, offset) => (p.key === key ? [[offset, ...cells(p)]] : []))
    await expectRows(db, `MATCH (a:Person {key: $key}) RETURN id(a), ${allColumns}`, { key }, rows)
    const id = time % 4 === 3 ? 2n ** 62n : random.pick(graph.places).id
    const places = graph.places.filter((p) => p.id === id).map((p) => [p.id, p.name, p.size])
    const ids = [id, id, 2n ** 62n, null, ...graph.places.slice(0, time).map((p) => p.id)]
    await expectOrder(
      db,
      'MATCH (p:Place) WHERE p.id IN $ids RETURN p.id, p.name',
      graph.places.filter((p) => ids.includes(p.id)).map((p) => [p.id, p.name]),
      { ids },
    )
    const keys = graph.people.slice(time).flatMap((p, at) => (at % 7 === 0 ? [p.key, 'nobody'] : []))
    await expectRows(
      db,
      'MATCH (a:Person)<-[r:Knows]-(b) WHERE a.key IN $keys RETURN a.key, b.key',
      { keys },
      graph.knows
        .filter((k) => keys.includes(graph.people[k.to]!.key))
        .map((k) => [graph.people[k.to]!.key, graph.people[k.from]!.key]),
    )
    await expectRows(db, 'MATCH (p:Place) WHERE $id = p.id RETURN p.id, p.name, p.size', { id }, places)
  }
}

function knowsCells({ weight, note, since }: Knows): Value[] {
  return [weight, note, since]
}

async function checkHops(db: Database, graph: Graph, random: Random) {
  const { people, places, knows, visits } = graph
  const person = (index: number): Person => people[index]!
  const wanted = 'a.key, r.weight, r.note, r.since, b.key, b.name'
  const all = knows.map((k) => [person(k.from).key, ...knowsCells(k), person(k.to).key, person(k.to).name])
  await expectRows(db, `MATCH (a:Person)-[r:Knows]->(b:Person) RETURN ${wanted}`, {}, all)
  await expectRows(db, `MATCH (b)<-[r:Knows]-(a) RETURN ${wanted}`, {}, all)
  for (let time = 0; time < 4; time++) {
    const index = time === 0 ? random.pick(knows).from : random.below(people.length)
    const { key } = person(index)
    const out = knows.filter((k) => k.from === index)
    const into = knows.filter((k) => k.to === index)
    await expectRows(
      db,
      'MATCH (a:Person {key: $key})-[r:Knows]->(b) RETURN r.weight, r.note, r.since, b.key, b.big',
      { key },
      out.map((k) => [...knowsCells(k), person(k.to).key, person(k.to).big]),
    )
    await expectRows(
      db,
      'MATCH (a:Person {key: $key})<-[r:Knows]-(b) RETURN r.weight, r.note, r.since, b.key, b.big',
      { key },
      into.map((k) => [...knowsCells(k), person(k.from).key, person(k.from).big]),
    )
    const ends = [...out.map((k) => k.to), ...into.filter((k) => k.from !== k.to).map((k) => k.from)]
    const either = 'MATCH (:Person {key: $key})-[:Knows]-(b) RETURN b.key'
    await expectRows(
      db,
      either,
      { key },
      ends.map((end) => [person(end).key]),
    )
    await expectRows(db, 'MATCH (:Person {key: $key})-[:Knows]->() RETURN count(*)', { key }, [[out.length]])
    await expectRows(db, 'MATCH (:Person {key: $key})<-[:Knows]-() RETURN count(*)', { key }, [[into.length]])
  }
  const rating = random.pick(visits).rating ?? 2.5
  await expectRows(
    db,
    'MATCH (p:Place)<-[v:Visits]-(a) WHERE v.rating >= $rating RETURN p.id, v.rating, a.key',
    { rating },
    visits
      .filter((v) => holds('>=', v.rating, rating))
      .map((v) => [places[v.to]!.id, v.rating, person(v.from).key]),
  )
}

/** Every pair of relationships where the second begins at `end` of the first. */
function pairs<A, B>(first: readonly A[], second: readonly B[], meets: (a: A, b: B) => boolean): [A, B][] {
  return first.flatMap((a) => second.filter((b) => meets(a, b)).map((b): [A, B] => [a, b]))
}

async function checkPatterns(db: Database, graph: Graph) {
  const { people, places, knows, visits } = graph
  const person = (index: number): Person => people[index]!
  const twoHops = pairs<Knows, Visits>(knows, visits, (k, v) => k.to === v.from)
  await expectRows(
    db,
    'MATCH (a)-[k:Knows]->(b)-[v:Visits]->(p:Place) WHERE a.small < b.small RETURN a.key, k.weight, v.rating, p.name',
    {},
    twoHops
      .filter(([k]) => holds('<', person(k.from).small, person(k.to).small))
      .map(([k, v]) => [person(k.from).key, k.weight, v.rating, places[v.to]!.name]),
  )
  await expectRows(
    db,
    'MATCH (a:Person)-[:Knows]->(b)-[r:Knows]->(a) RETURN a.key, b.key, r.note',
    {},
    pairs(knows, knows, (one, two) => one.to === two.from && two.to === one.from).map(([one, two]) => [
      person(one.from).key,
      person(one.to).key,
      two.note,
    ]),
  )
  await expectRows(db, 'MATCH (a)-[r]->(b) RETURN label(a), type(r), label(b), id(a), id(b)', {}, [
    ...knows.map(({ from, to }) => ['Person', 'Knows', 'Person', from, to]),
    ...visits.map(({ from, to }) => ['Person', 'Visits', 'Place', from, to]),
  ])
  await expectRows(
    db,
    'MATCH (a:Person), (p:Place) WHERE a.small = p.size AND a.name = p.name RETURN a.key, p.id',
    {},
    pairs(people, places, (a, p) => holds('=', a.small, p.size) && holds('=', a.name, p.name)).map(
      ([a, p]) => [a.key, p.id],
    ),
  )
  const found = await db
    .query('MATCH (a:Person)-[r:Visits]->(p) RETURN a, p', {}, { int64: 'bigint' })
    .toArray()
  const nodes = visits.map(({ from, to }) => [
    { _id: BigInt(from), _label: 'Person', ...person(from) },
    { _id: BigInt(to), _label: 'Place', ...places[to]! },
  ])
  const asText = (row: Value): string =>
    JSON.stringify(row, (_, value) =>
      typeof value === 'bigint' || typeof value === 'number' ? `#${value}` : value,
    )
  const sorted = (node: object): object =>
    Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)))
  expect(found.map(({ a, p }) => asText([sorted(a as object), sorted(p as object)])).sort()).toEqual(
    nodes.map(([a, p]) => asText([sorted(a!), sorted(p!)])).sort(),
  )
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

function sumOf(values: readonly (bigint | null)[]): bigint | null {
  const present = values.filter((value) => value !== null)
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0n)
}

function extreme(values: readonly Value[], sign: 1 | -1): Value {
  return values.reduce((best, value) => {
    if (best === null) return value
    return value !== null && compare(value, best)! * sign > 0 ? value : best
  }, null)
}

async function checkGroups(db: Database, graph: Graph) {
  const { people, knows } = graph
  const groups = [...grouped(knows, (k) => people[k.to]!.key)]
  await expectRows(
    db,
    `MATCH (a)-[r:Knows]->(b) RETURN b.key, count(*), count(r.note), count(DISTINCT r.note), sum(r.weight),
      min(r.since), max(a.seen), min(a.name)`,
    {},
    groups.map(([key, rels]) => [
      key,
      rels.length,
      rels.filter(({ note }) => note !== null).length,
      new Set(rels.flatMap(({ note }) => note ?? [])).size,
      sumOf(rels.map(({ weight }) => weight)),
      extreme(
        rels.map(({ since }) => since),
        -1,
      ),
      extreme(
        rels.map(({ from }) => people[from]!.seen),
        1,
      ),
      extreme(
        rels.map(({ from }) => people[from]!.name),
        -1,
      ),
    ]),
  )
  const many = new Set(groups.filter(([, rels]) => rels.length > 3).map(([key]) => key))
  await expectRows(
    db,
    'MATCH ()-[:Knows]->(b) WITH b, count(*) AS n WHERE n > 3 MATCH (b)-[r:Knows]->(c) RETURN b.key, n, c.key, r.weight',
    {},
    knows
      .filter(({ from }) => many.has(people[from]!.key))
      .map(({ from, to, weight }) => {
        const { key } = people[from]!
        return [key, groups.find(([other]) => other === key)![1].length, people[to]!.key, weight]
      }),
  )
  const names = [...new Set(people.map(({ name, flag }) => textOf([name, flag])))]
  expect((await answer(db, 'MATCH (a:Person) RETURN DISTINCT a.name, a.flag')).sort()).toEqual(names.sort())
}

async function checkOrder(db: Database, graph: Graph) {
  const people = graph.people.toSorted(
    byKeys<Person>([(p) => p.name, 'up'], [(p) => p.score, 'down'], [(p) => p.key, 'up']),
  )
  const text = 'MATCH (a:Person) RETURN a.key, a.name, a.score ORDER BY a.name, a.score DESC, a.key'
  const rows = people.map((p) => [p.key, p.name, p.score])
  await expectOrder(db, text, rows)
  await expectOrder(db, `${text} SKIP 5 LIMIT 12`, rows.slice(5, 17))
  const byDay = graph.knows.toSorted(
    byKeys<Knows>([(k) => k.since, 'down'], [(k) => k.weight, 'up'], [(k) => k.note, 'up']),
  )
  await expectOrder(
    db,
    'MATCH ()-[r:Knows]->() RETURN r.since, r.weight, r.note ORDER BY r.since DESC, r.weight, r.note LIMIT 20',
    byDay.slice(0, 20).map((k) => [k.since, k.weight, k.note]),
  )
}

async function checkAll(db: Database, graph: Graph, seed: number) {
  const random = new Random(seed)
  await checkScans(db, graph, random)
  await checkKeys(db, graph, random)
  await checkHops(db, graph, random)
  await checkPatterns(db, graph)
  await checkGroups(db, graph)
  await checkOrder(db, graph)
}

/** Seed; nodes and relationships; rows of a batch; loads; sorted keys. */
const cases = [
  { seed: 1, people: 40, places: 15, knows: 120, visits: 60, batchSize: 100_000, loads: 1, sorted: true },
  { seed: 2, people: 90, places: 20, knows: 260, visits: 90, batchSize: 7, loads: 1, sorted: false },
  { seed: 3, people: 120, places: 30, knows: 300, visits: 100, batchSize: 16, loads: 3, sorted: true },
  { seed: 4, people: 70, places: 33, knows: 240, visits: 130, batchSize: 5, loads: 4, sorted: false },
]

describe('queries over files give what trying all combinations gives', () => {
  it.each(cases)('graph $seed: batches of $batchSize, loads: $loads, sorted: $sorted', async (options) => {
    const { seed } = options
    const made = makeGraph(new Random(seed), options)
    const name = `graph${seed}.mill`
    const graph = await withDatabase(
      async (db) => {
        const loaded = await loadGraph(db, made, options)
        for (const table of db.catalog.tables) {
          if (table.kind === 'rel') expect(table.runs).toHaveLength(options.loads)
          else expect(table.groups.length).toBeGreaterThanOrEqual(table.rowCount / options.batchSize)
        }
        await checkAll(db, loaded, seed)
        return loaded
      },
      { name },
    )
    await withDatabase(async (db) => await checkAll(db, graph, seed + 100), { name, readOnly: true })
  })
})

describe('a query that runs long', () => {
  const endless =
    'MATCH (a:Person), (b:Person), (c:Person), (d:Person), (e:Person) WHERE a.small + e.small > 99 RETURN count(*)'

  async function withPeople(action: (db: Database) => Promise<void>) {
    const options = { people: 400, places: 1, knows: 1, visits: 1, sorted: true }
    await withDatabase(async (db) => {
      await loadGraph(db, makeGraph(new Random(9), options), { loads: 1, batchSize: 100 })
      await action(db)
    })
  }

  it('ends when its signal is aborted, and the next one runs', async () => {
    await withPeople(async (db) => {
      const reason = new Error('enough')
      for (const start of [
        (signal: AbortSignal) => db.run(endless, {}, { signal }),
        (signal: AbortSignal) => db.query(endless, {}, { signal }).toArray(),
      ]) {
        const stop = new AbortController()
        setTimeout(() => stop.abort(reason), 20)
        await expect(start(stop.signal)).rejects.toBe(reason)
      }
      expect(await answer(db, 'MATCH (a:Person) RETURN count(*)')).toEqual(['["#400"]'])
    })
  })

  it('ends when the database is closed', async () => {
    await withPeople(async (db) => {
      const rows = db.query(endless).toArray()
      const outcome = expect(rows).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
      setTimeout(() => db.close(), 20)
      await outcome
    })
  })
})
