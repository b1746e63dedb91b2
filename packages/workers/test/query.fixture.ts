/**
 * A small random graph as arrays and as CSV, and a loader that cuts it into many row groups and runs.
 *
 * Rows of the arrays stand in the order of their loads, so that an index is the offset in the table.
 */
import type { Database } from '@millrace/workers'
import { writeFile } from './support.js'

export interface Person {
  readonly key: string
  readonly big: bigint | null
  readonly small: number | null
  readonly score: number | null
  readonly flag: boolean | null
  readonly name: string | null
  readonly day: Date | null
  readonly seen: Date | null
}

export interface Place {
  readonly id: bigint
  readonly name: string | null
  readonly size: number | null
}

/** Ends are indices of the arrays. */
export interface Rel {
  readonly from: number
  readonly to: number
}

export interface Knows extends Rel {
  readonly weight: bigint | null
  readonly note: string | null
  readonly since: Date | null
}

export interface Visits extends Rel {
  readonly rating: number | null
}

export interface Graph {
  readonly people: readonly Person[]
  readonly places: readonly Place[]
  readonly knows: readonly Knows[]
  readonly visits: readonly Visits[]
}

/** A small fixed random function, so that a failure can be seen again. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed * 2654435761
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return this.#state / 2 ** 32
  }

  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }

  /** `value`, or NULL for one in six. */
  orNull<T>(value: T): T | null {
    return this.below(6) === 0 ? null : value
  }

  shuffled<T>(values: readonly T[]): T[] {
    const mixed = [...values]
    for (let at = mixed.length - 1; at > 0; at--) {
      const other = this.below(at + 1)
      ;[mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!]
    }
    return mixed
  }
}

const names = [
  '',
  'Ada',
  'ada',
  'Ægir',
  'a,b',
  'say "hi"',
  'two\nlines',
  'Zoë',
  '東京',
  "it's",
  'NULL',
  ' pad ',
]
const bigs = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n]

export interface GraphOptions {
  readonly people: number
  readonly places: number
  readonly knows: number
  readonly visits: number
  /** Keys ascend, as in files that were sorted. */
  readonly sorted: boolean
}

export function makeGraph(random: Random, options: GraphOptions): Graph {
  const order = (keys: number[]): number[] => (options.sorted ? keys : random.shuffled(keys))
  const keys = (count: number): number[] => order(Array.from({ length: count }, (_, at) => at * 3 + 1))
  const people = keys(options.people).map(
    (key): Person => ({
      key: `p${String(key).padStart(5, '0')}`,
      big: random.orNull(random.below(4) === 0 ? random.pick(bigs) : BigInt(random.below(50) - 10)),
      small: random.orNull(random.below(30) - 15),
      score: random.orNull(random.pick([0.5, -2.25, 1e-7, 12345.678, 1e21, random.below(10)])),
      flag: random.orNull(random.below(2) === 0),
      name: random.orNull(random.pick(names)),
      day: random.orNull(new Date((random.below(40_000) - 10_000) * 86_400_000)),
      seen: random.orNull(new Date(random.below(2 ** 31) * 997)),
    }),
  )
  const places = keys(options.places).map(
    (key): Place => ({
      id: BigInt(key) - 20n,
      name: random.orNull(random.pick(names)),
      size: random.orNull(random.below(40) - 10),
    }),
  )
  // Some nodes have many relationships, and many have none.
  const end = (count: number): number => Math.floor(random.next() ** 2 * count)
  const knows = Array.from({ length: options.knows }, (_, at): Knows => {
    const from = end(options.people)
    const weight = random.orNull(BigInt(random.below(100)))
    const since = random.orNull(new Date(random.below(20_000) * 86_400_000))
    return {
      from,
      to: at % 9 === 0 ? from : random.below(options.people),
      weight,
      note: random.orNull(random.pick(names)),
      since,
    }
  })
  const visits = Array.from(
    { length: options.visits },
    (): Visits => ({
      from: random.below(options.people),
      to: end(options.places),
      rating: random.orNull(random.below(50) / 10),
    }),
  )
  return { people, places, knows, visits }
}

export const schema = [
  `CREATE NODE TABLE Person(key STRING, big INT64, small INT32, score DOUBLE, flag BOOL, name STRING,
    day DATE, seen TIMESTAMP, PRIMARY KEY(key))`,
  'CREATE NODE TABLE Place(name STRING, id INT64, size INT32, PRIMARY KEY(id))',
  'CREATE REL TABLE Knows(FROM Person TO Person, weight INT64, note STRING, since DATE)',
  'CREATE REL TABLE Visits(FROM Person TO Place, rating DOUBLE)',
]

type Cell = string | number | bigint | boolean | Date | null

function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (cell instanceof Date) {
    const text = cell.toISOString()
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.replace('T', ' ').replace('Z', '')
  }
  const text = String(cell)
  return text === '' || /[",\n ]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function csv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows.map((row) => row.map(cellText))].map((cells) => `${cells.join(',')}\n`).join('')
}

/** A timestamp is never written as a day alone. */
function timestampText(value: Date | null): string | null {
  return value === null ? null : value.toISOString().replace('T', ' ').replace('Z', '')
}

/**
 * Loads the graph: nodes in `loads` loads, relationships of the nodes that are there after each; batches (and
 * so row groups) of `batchSize` rows.
 * @returns the graph with its relationships in the order of their loads
 */
export async function loadGraph(
  db: Database,
  graph: Graph,
  options: { loads: number; batchSize: number },
): Promise<Graph> {
  const { loads, batchSize } = options
  for (const statement of schema) await db.run(statement)
  let file = 0
  const load = async (table: string, columns: string[], rows: readonly (readonly Cell[])[]) => {
    const path = writeFile(`${table}${file++}.csv`, csv(columns, rows))
    await db.copyFrom(table, path, { batchSize, header: true })
  }
  const personRow = (p: Person) =>
    [p.key, p.big, p.small, p.score, p.flag, p.name, p.day, timestampText(p.seen)] as const
  const loaded = { knows: [] as Knows[], visits: [] as Visits[] }
  const upTo = (count: number, part: number): number => Math.ceil((count * part) / loads)
  for (let part = 1; part <= loads; part++) {
    const [people, places] = [graph.people, graph.places].map((all) => [
      upTo(all.length, part - 1),
      upTo(all.length, part),
    ]) as [[number, number], [number, number]]
    const columns = ['key', 'big', 'small', 'score', 'flag', 'name', 'day', 'seen']
    await load('Person', columns, graph.people.slice(...people).map(personRow))
    // The file's columns stand in another order than the table's.
    const placeRows = graph.places.slice(...places).map((p) => [p.id, p.size, p.name] as const)
    await load('Place', ['id', 'size', 'name'], placeRows)
    const isNew = (rel: Rel, ends: number, all: readonly Rel[]): boolean =>
      !all.includes(rel) && (part === loads || (rel.from < people[1] && rel.to < ends))
    const knows = graph.knows.filter((rel) => isNew(rel, people[1], loaded.knows))
    const visits = graph.visits.filter((rel) => isNew(rel, places[1], loaded.visits))
    loaded.knows.push(...knows)
    loaded.visits.push(...visits)
    const keyOf = (index: number) => graph.people[index]!.key
    await load(
      'Knows',
      ['from', 'to', 'weight', 'note', 'since'],
      knows.map((k) => [keyOf(k.from), keyOf(k.to), k.weight, k.note, k.since]),
    )
    await load(
      'Visits',
      ['from', 'to', 'rating'],
      visits.map((v) => [keyOf(v.from), graph.places[v.to]!.id, v.rating]),
    )
  }
  return { ...graph, ...loaded }
}
