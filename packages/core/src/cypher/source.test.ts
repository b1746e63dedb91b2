/** LOAD FROM and CALL over rows that are made up: what a statement makes of whatever is read from outside. */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import type { LogicalType } from '../types/index.js'
import { execute } from './execute.js'
import type { CallRequest, ExternalRows, ExternalSources, FileRequest } from './external.js'
import { airports } from './memory-graph.test.fixture.js'
import { prepare } from './prepare.js'
import { PendingQuery } from './result/pending-query.js'
import { vectorOfLanes } from './vectors/lanes.js'
import type { Vector } from './vectors/vector.js'

type Lane = number | string | null
type Table = Readonly<Record<string, readonly [LogicalType, ...Lane[]]>>

/** Files and functions in memory; keeps what it is asked. */
class MadeUp implements ExternalSources {
  readonly functions = ['numbers']
  readonly requests: (FileRequest | CallRequest)[] = []
  /** Names of the columns of each reading. */
  readonly readings: string[][] = []
  batches = 0
  open = 0
  /** Times that it was asked for more before what it waited for had happened. */
  askedEarly = 0
  readonly #files: Readonly<Record<string, Table>>
  readonly #batchRows: number

  constructor(files: Readonly<Record<string, Table>>, batchRows = 2) {
    this.#files = files
    this.#batchRows = batchRows
  }

  files(request: FileRequest): ExternalRows {
    this.requests.push(request)
    return this.#rows(this.#files[request.sources[0]!]!)
  }

  call(request: CallRequest): ExternalRows {
    this.requests.push(request)
    const count = request.args[0] as number
    return this.#rows({ n: ['INT64', ...Array.from({ length: count }, (_, i) => i)], s: ['STRING'] })
  }

  #rows(table: Table): ExternalRows {
    const columns = Object.entries(table).map(([name, [type]]) => ({ name, type }))
    const rows = Object.values(table)[0]!.length - 1
    const lanes = (index: number, from: number): Vector => {
      const [type, ...values] = Object.values(table)[index]!
      const part = Array.from({ length: Math.min(this.#batchRows, rows - from) }, (_, i) => values[from + i])
      return vectorOfLanes(
        type,
        part.map((lane) => lane ?? null),
      ) as Vector
    }
    const self = this
    return {
      columns,
      *read(indexes) {
        self.readings.push(indexes.map((index) => columns[index]!.name))
        self.open++
        try {
          for (let from = 0; from < rows; from += self.#batchRows) {
            self.batches++
            const count = Math.min(self.#batchRows, rows - from)
            yield { rows: count, columns: indexes.map((index) => lanes(index, from)) }
            let happened = false
            const until = delay(2).then(() => {
              happened = true
            })
            yield { rows: 0, columns: [], until }
            if (!happened) self.askedEarly++
          }
        } finally {
          self.open--
        }
      },
    }
  }
}

const people: Table = {
  name: ['STRING', 'Ann', 'Bob', 'Cid', null, 'Bob'],
  age: ['INT64', 40, 31, null, 7, 25],
  from: ['STRING', 'SFO', 'JFK', 'XXX', 'SFO', 'ORD'],
}

const graph = airports()

function sources(): MadeUp {
  return new MadeUp({ 'people.csv': people, 'none.csv': { a: ['INT64'] } })
}

async function rows(statement: string, from: MadeUp = sources()): Promise<unknown[][]> {
  const prepared = prepare(statement, graph.catalog, from)
  if (prepared.kind !== 'query') throw new Error('no query')
  const start = () => execute(prepared.plan, graph)
  const found = await new PendingQuery(prepared.columns, start, { int64: 'number' }).toArray()
  expect(from.open, 'what was read is closed').toBe(0)
  expect(from.askedEarly, 'what it waits for is waited for').toBe(0)
  return found.map((row) => Object.values(row))
}

function errorOf(statement: string): unknown {
  try {
    prepare(statement, graph.catalog, sources())
  } catch (error) {
    if (isMillraceError(error))
      return { code: error.code, what: error.details.what, hint: error.details.hint }
    throw error
  }
  throw new Error('accepted')
}

describe('LOAD FROM', () => {
  test('gives every row, in order, and * is all columns', async () => {
    const prepared = prepare("LOAD FROM 'people.csv' RETURN *", graph.catalog, sources())
    expect(prepared).toMatchObject({
      columns: [
        { name: 'name', type: 'STRING' },
        { name: 'age', type: 'INT64' },
        { name: 'from', type: 'STRING' },
      ],
      plan: { isExternal: true, writes: false },
    })
    expect(await rows("LOAD FROM 'people.csv' RETURN *")).toEqual([
      ['Ann', 40, 'SFO'],
      ['Bob', 31, 'JFK'],
      ['Cid', null, 'XXX'],
      [null, 7, 'SFO'],
      ['Bob', 25, 'ORD'],
    ])
  })

  test('filters, groups, orders, and removes doubles', async () => {
    expect(await rows("LOAD FROM 'people.csv' WHERE age > 20 RETURN name, age * 2 ORDER BY age")).toEqual([
      ['Bob', 50],
      ['Bob', 62],
      ['Ann', 80],
    ])
    expect(await rows("LOAD FROM 'people.csv' RETURN name, count(*), max(age) ORDER BY name")).toEqual([
      ['Ann', 1, 40],
      ['Bob', 2, 31],
      ['Cid', 1, null],
      [null, 1, 7],
    ])
    expect(
      await rows("LOAD FROM 'people.csv' RETURN DISTINCT `from` ORDER BY `from` SKIP 1 LIMIT 2"),
    ).toEqual([['ORD'], ['SFO']])
    expect(await rows("LOAD FROM 'people.csv' WITH name, age WHERE age < 35 RETURN count(name)")).toEqual([
      [2],
    ])
    expect(await rows("LOAD FROM 'none.csv' RETURN *")).toEqual([])
    expect(await rows("LOAD FROM 'none.csv' RETURN count(*), sum(a)")).toEqual([[0, null]])
  })

  test('reads only the columns that are named', async () => {
    const from = sources()
    expect(await rows("LOAD FROM 'people.csv' WHERE age = 40 RETURN upper(name)", from)).toEqual([['ANN']])
    expect(await rows("LOAD FROM 'people.csv' RETURN count(*)", from)).toEqual([[5]])
    expect(from.readings).toEqual([['name', 'age'], []])
  })

  test('LIMIT ends the reading', async () => {
    const from = sources()
    expect(await rows("LOAD FROM 'people.csv' RETURN age LIMIT 2", from)).toEqual([[40], [31]])
    expect(from.batches).toBe(1)
  })

  test('finds nodes by what was read, whichever comes first', async () => {
    const after =
      "LOAD FROM 'people.csv' MATCH (a:Airport) WHERE a.iata = `from` RETURN name, a.name ORDER BY age DESC"
    expect(await rows(after)).toEqual([
      ['Ann', 'San Francisco'],
      ['Bob', 'New York'],
      ['Bob', 'Chicago'],
      [null, 'San Francisco'],
    ])
    const before =
      "MATCH (a:Airport) LOAD FROM 'people.csv' WHERE a.iata = `from` RETURN name, a.name ORDER BY age DESC"
    expect(await rows(before)).toEqual(await rows(after))
  })

  test('every row of the input meets every row of the file, which is read once', async () => {
    const from = sources()
    const pairs = await rows("UNWIND [1, 2, 3] AS x LOAD FROM 'people.csv' RETURN x, age", from)
    expect(pairs).toHaveLength(15)
    expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(15)
    expect(from.readings).toEqual([['age']])
    expect(await rows("LOAD FROM 'people.csv' LOAD FROM 'none.csv' RETURN count(*)")).toEqual([[0]])
  })

  test('says what was asked: sources, columns with types, options by their names', async () => {
    const from = sources()
    await rows("LOAD FROM 'people.csv' RETURN age", from)
    expect(from.requests).toEqual([{ sources: ['people.csv'], columns: null, options: new Map() }])
    const asked = new MadeUp({ 'people.csv': { a: ['INT64'] } })
    prepare(
      "LOAD WITH HEADERS (a INT64) FROM ['people.csv', 'x*.csv'] (HEADER, DELIM '|', null_strings=['NA']) RETURN a",
      graph.catalog,
      asked,
    )
    expect(asked.requests).toEqual([
      {
        sources: ['people.csv', 'x*.csv'],
        columns: [{ name: 'a', type: 'INT64' }],
        options: new Map<string, unknown>([
          ['header', true],
          ['delim', '|'],
          ['nullStrings', ['NA']],
        ]),
      },
    ])
  })
})

describe('CALL', () => {
  test('alone it gives all columns; with YIELD those that are named', async () => {
    expect(await rows('CALL numbers(2)')).toEqual([
      [0, null],
      [1, null],
    ])
    expect(await rows('CALL Numbers(3) WHERE n > 1')).toEqual([[2, null]])
    expect(await rows('CALL numbers(3) RETURN *;')).toHaveLength(3)
    expect(await rows('CALL numbers(3) YIELD n AS x RETURN sum(x)')).toEqual([[3]])
    expect(await rows('CALL numbers(2) YIELD n AS x CALL numbers(2) YIELD n WHERE n = x RETURN *')).toEqual([
      [0, 0],
      [1, 1],
    ])
  })

  test('arguments may have names', async () => {
    const from = sources()
    await rows("CALL numbers(1, DELIM = '|', header := true)", from)
    const options = new Map<string, unknown>([
      ['delim', '|'],
      ['header', true],
    ])
    expect(from.requests).toEqual([{ name: 'numbers', args: [1], options }])
  })
})

describe('mistakes', () => {
  test.each([
    ["LOAD FROM 'people.csv' RETURN agge", 'There is no variable agge', 'age'],
    ["MATCH (name:Airport) LOAD FROM 'people.csv' RETURN *", 'name is used already', 'Rename'],
    ["LOAD FROM 'people.csv' (HEADER=true, header=false) RETURN *", 'The option header is given twice', ''],
    ['CALL nombers(1)', 'There is no function nombers to CALL', 'numbers'],
    ['CALL numbers(1) YIELD m RETURN m', 'numbers gives no column m', 'Did you mean n?'],
    ["LOAD WITH HEADERS (a NUMBER) FROM 'a' RETURN *", 'There is no type NUMBER', ''],
  ])('%s', (statement, what, hint) => {
    expect(errorOf(statement)).toEqual({
      code: 'MILLRACE_BINDING',
      what: expect.stringContaining(what),
      hint: expect.stringContaining(hint),
    })
  })

  test.each([
    "LOAD FROM 'people.csv'",
    'LOAD FROM people RETURN *',
    'CALL numbers RETURN *',
    'CALL numbers(1) MATCH (a:Airport)',
  ])('%s is no statement', (statement) => {
    expect(errorOf(statement)).toMatchObject({ code: 'MILLRACE_SYNTAX' })
  })

  test('without anything to read from', () => {
    expect(() => prepare("LOAD FROM 'a.csv' RETURN *", graph.catalog)).toThrow('LOAD FROM')
  })
})
