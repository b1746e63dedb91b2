import { describe, expect, test } from 'vitest'
import { MemoryBudget } from '../memory/index.js'
import { execute } from './execute.js'
import { airports, columns, MemoryGraph } from './memory-graph.test.fixture.js'
import { prepare } from './prepare.js'

const graph = airports()

describe('patterns', () => {
  test('a scan gives every node in file order', async () => {
    expect(await graph.rows('MATCH (a:Airport) RETURN a.iata')).toEqual([['SFO'], ['JFK'], ['ORD'], ['SBP']])
  })

  test('a relationship is followed forward, backward and either way', async () => {
    const q = (arrow: string) =>
      graph.rows(`MATCH (a:Airport {iata: 'SFO'})${arrow}(b) RETURN b.iata, r.count`)
    expect(await q('-[r:Route]->')).toEqual([
      ['JFK', 10],
      ['ORD', 20],
    ])
    expect(await q('<-[r:Route]-')).toEqual([
      ['JFK', 30],
      ['ORD', null],
    ])
    expect(await q('-[r:Route]-')).toHaveLength(4)
  })

  test('an undirected pattern meets a loop once', async () => {
    expect(await graph.rows("MATCH (a:Airport {iata: 'SBP'})-[r:Route]-(b) RETURN b.iata")).toEqual([['SBP']])
  })

  test('two hops may come back over the same relationship pair', async () => {
    const rows = await graph.rows(
      "MATCH (a:Airport {iata: 'SFO'})-[:Route]->(b)-[:Route]->(c) RETURN b.iata, c.iata ORDER BY b.iata",
    )
    expect(rows).toEqual([
      ['JFK', 'SFO'],
      ['ORD', 'SFO'],
    ])
  })

  test('a variable met again closes a cycle', async () => {
    const rows = await graph.rows(
      'MATCH (a:Airport)-[:Route]->(b)-[:Route]->(a) RETURN a.iata ORDER BY a.iata',
    )
    expect(rows.flat()).toEqual(['JFK', 'ORD', 'SBP', 'SFO', 'SFO'])
  })

  test('a node may be joined to itself in the pattern', async () => {
    expect(await graph.rows('MATCH (a:Airport)-[:Route]->(a) RETURN a.iata')).toEqual([['SBP']])
  })

  test('missing labels stand for every table the relationships allow', async () => {
    expect(await graph.value('MATCH (a)-[r]->(b) RETURN count(*)')).toBe(6)
    expect(await graph.rows('MATCH (a)-[r:Serves]->(b) RETURN label(a), label(b), b.name')).toEqual([
      ['Airport', 'City', 'New York'],
    ])
    expect(await graph.rows('MATCH (n) RETURN label(n), count(*) ORDER BY label(n)')).toEqual([
      ['Airport', 4],
      ['City', 1],
    ])
  })

  test('types can be alternatives', async () => {
    expect(await graph.value("MATCH (a:Airport {iata: 'JFK'})-[:Route|Serves]->(b) RETURN count(*)")).toBe(2)
    expect(await graph.value("MATCH (a:Airport {iata: 'JFK'})-[:Route|:Serves]->(b:City) RETURN b.id")).toBe(
      7,
    )
  })

  test('a property that only one table has is NULL in the other', async () => {
    expect(
      await graph.rows('MATCH (n:Airport|City) RETURN n.iata, n.name ORDER BY n.name DESC LIMIT 3'),
    ).toEqual([
      ['SBP', null],
      ['SFO', 'San Francisco'],
      ['JFK', 'New York'],
    ])
  })

  test('disconnected patterns give every combination', async () => {
    expect(await graph.value('MATCH (a:Airport), (b:Airport) RETURN count(*)')).toBe(16)
    expect(await graph.rows('MATCH (a:City), (b:Airport) WHERE b.runways > 4 RETURN a.id, b.iata')).toEqual([
      [7, 'ORD'],
    ])
  })

  test('disconnected patterns are joined by equality', async () => {
    const rows = await graph.rows('MATCH (a:Airport), (c:City) WHERE a.name = c.name RETURN a.iata, c.id')
    expect(rows).toEqual([['JFK', 7]])
  })

  test('several MATCH clauses are one pattern', async () => {
    const rows = await graph.rows(
      "MATCH (a:Airport)-[:Route]->(b) WHERE a.iata = 'SFO' MATCH (b)-[:Serves]->(c) RETURN b.iata, c.name",
    )
    expect(rows).toEqual([['JFK', 'New York']])
  })

  test('a key finds its node through the index, without reading the key column', async () => {
    const fresh = airports()
    expect(await fresh.rows('MATCH (a:Airport) WHERE a.iata = $from RETURN a.name', { from: 'ORD' })).toEqual(
      [['Chicago']],
    )
    expect(fresh.decoded).toEqual(['Airport.name'])
    expect(await fresh.rows('MATCH (a:Airport) WHERE a.iata = $from RETURN a.name', { from: null })).toEqual(
      [],
    )
    expect(await fresh.rows('MATCH (c:City {id: 7.0}) RETURN c.name')).toEqual([['New York']])
    expect(await fresh.rows('MATCH (c:City {id: 7.5}) RETURN c.name')).toEqual([])
  })

  test('counting reads no column at all', async () => {
    const fresh = airports()
    expect(await fresh.value('MATCH (a:Airport)-[r:Route]->(b) RETURN count(*)')).toBe(5)
    expect(await fresh.value('MATCH (a:Airport) RETURN count(*)')).toBe(4)
    expect(fresh.decoded).toEqual([])
  })

  test('row groups that cannot match are not read', async () => {
    const fresh = airports({ groupRows: 1 })
    expect(await fresh.rows('MATCH (a:Airport) WHERE a.latitude > 41.0 RETURN a.latitude')).toEqual([[41.9]])
    expect(fresh.decoded).toEqual(['Airport.latitude'])
    for (const condition of [
      "a.name = 'Chicago'",
      'a.latitude >= 41.9',
      '41.8 < a.latitude',
      'a.runways >= 7.5',
    ]) {
      expect(await fresh.rows(`MATCH (a:Airport) WHERE ${condition} RETURN a.iata`)).toEqual([['ORD']])
    }
  })
})

describe('grouping and order', () => {
  test('columns that do not aggregate group', async () => {
    const rows = await graph.rows(
      'MATCH (a:Airport)-[r:Route]->(b) RETURN a.iata, count(*), sum(r.count), avg(r.count), min(r.count), max(r.count)',
    )
    expect(rows).toEqual([
      ['SFO', 2, 30, 15, 10, 20],
      ['JFK', 1, 30, 30, 30, 30],
      ['ORD', 1, null, null, null, null],
      ['SBP', 1, 5, 5, 5, 5],
    ])
  })

  test('without rows there is one group without keys, and none with them', async () => {
    const none = "MATCH (a:Airport) WHERE a.iata = 'XXX'"
    expect(
      await graph.rows(
        `${none} RETURN count(*), count(a.name), sum(a.runways), min(a.name), collect(a.name)`,
      ),
    ).toEqual([[0, 0, null, null, []]])
    expect(await graph.rows(`${none} RETURN a.iata, count(*)`)).toEqual([])
  })

  test('DISTINCT inside and outside aggregates', async () => {
    expect(await graph.value('MATCH (a:Airport) RETURN count(DISTINCT a.runways)')).toBe(3)
    expect(await graph.value('MATCH (a:Airport) RETURN sum(DISTINCT a.runways)')).toBe(14)
    expect((await graph.rows('MATCH (a:Airport) RETURN DISTINCT a.runways, a.hub')).length).toBe(3)
  })

  test('a column may compute with aggregates and keys', async () => {
    const rows = await graph.rows(
      'MATCH (a:Airport)-[r:Route]->(b) RETURN a.runways, a.runways * 10 + count(*) AS x ORDER BY x',
    )
    expect(rows).toEqual([
      [2, 21],
      [4, 43],
      [8, 81],
    ])
  })

  test('groups can be nodes, and ordered by their properties', async () => {
    const rows = await graph
      .query('MATCH (a:Airport)-[:Route]->(b) RETURN a, count(*) AS n ORDER BY a.name, n')
      .toArray()
    expect(rows.map((row) => (row.a as { iata: string }).iata)).toEqual(['ORD', 'JFK', 'SFO', 'SBP'])
  })

  test('NULL comes last, and first when descending', async () => {
    const q = (direction: string) =>
      graph.rows(`MATCH (a:Airport) RETURN a.iata ORDER BY a.name ${direction}`)
    expect((await q('')).flat()).toEqual(['ORD', 'JFK', 'SFO', 'SBP'])
    expect((await q('DESC')).flat()).toEqual(['SBP', 'SFO', 'JFK', 'ORD'])
  })

  test('SKIP and LIMIT, as numbers and parameters', async () => {
    expect(await graph.rows('MATCH (a:Airport) RETURN a.iata SKIP 1 LIMIT 2')).toEqual([['JFK'], ['ORD']])
    expect(
      await graph.rows('MATCH (a:Airport) RETURN a.iata ORDER BY a.iata DESC SKIP $s LIMIT $l', {
        s: 1,
        l: 1,
      }),
    ).toEqual([['SBP']])
    expect(await graph.rows('MATCH (a:Airport) RETURN a.iata LIMIT 0')).toEqual([])
    await expect(graph.rows('MATCH (a:Airport) RETURN a.iata LIMIT $l', { l: -1 })).rejects.toMatchObject({
      code: 'MILLRACE_PARAMETER',
    })
  })

  test('LIMIT ends the reading', async () => {
    const fresh = airports({ groupRows: 1 })
    await fresh.rows('MATCH (a:Airport) RETURN a.iata LIMIT 2')
    expect(fresh.decoded).toHaveLength(2)
  })

  test('WITH groups, filters and goes on matching', async () => {
    const rows = await graph.rows(
      'MATCH (a:Airport)-[r:Route]->() WITH a, count(*) AS n WHERE n > 1 OR a.iata = "JFK" ' +
        'MATCH (a)-[:Route]->(b) RETURN a.iata, n, b.iata ORDER BY b.iata',
    )
    expect(rows).toEqual([
      ['SFO', 2, 'JFK'],
      ['SFO', 2, 'ORD'],
      ['JFK', 1, 'SFO'],
    ])
    expect(await graph.rows('WITH 3 AS x, $y AS y RETURN x + y', { y: 4 })).toEqual([[7]])
    expect(await graph.rows('WITH 4 AS x MATCH (a:Airport) WHERE a.runways = x RETURN a.iata')).toEqual([
      ['SFO'],
      ['JFK'],
    ])
    expect(await graph.rows('WITH "JFK" AS x MATCH (a:Airport {iata: x}) RETURN a.name')).toEqual([
      ['New York'],
    ])
  })

  test('a relationship handed on keeps its properties', async () => {
    const rows = await graph.rows(
      'MATCH (a)-[r:Route]->(b) WITH r ORDER BY r.count DESC LIMIT 2 RETURN r.count, id(r)',
    )
    expect(rows.map((row) => row[0])).toEqual([null, 30])
  })
})

describe('tables of many batches', () => {
  const nodes = Array.from({ length: 5000 }, (_, k) => [k, (k * 7919) % 1000, `name ${k % 37}`] as const)
  const rels = Array.from({ length: 40_000 }, (_, at) => {
    const value = (at * 48_271) % 65_537
    return [value % 5000, (value * 31) % 5000, value] as [number, number, number]
  })
  const large = new MemoryGraph({
    groupRows: 400,
    chunkRows: 700,
    runRows: 25_000,
    nodes: [{ name: 'N', columns: columns('k INT64, x INT64, s STRING'), key: 0, rows: nodes }],
    rels: [{ name: 'R', from: 'N', to: 'N', columns: columns('v INT64'), rows: rels }],
  })
  const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

  test('properties of scattered nodes and of relationships met backward', async () => {
    const forward = 'MATCH (a:N)-[r:R]->(b) RETURN sum(b.x), sum(r.v), count(DISTINCT b.s), count(*)'
    const sums = [sumOf(rels.map(([, to]) => nodes[to]![1])), sumOf(rels.map(([, , value]) => value)), 37]
    expect(await large.rows(forward)).toEqual([[...sums, rels.length]])
    const into = rels.filter(([, to]) => nodes[to]![1] < 300)
    const backward = 'MATCH (a:N)<-[r:R]-(b) WHERE a.x < 300 RETURN sum(r.v), sum(b.x), min(b.s), count(*)'
    const expected = [
      sumOf(into.map(([, , v]) => v)),
      sumOf(into.map(([from]) => nodes[from]![1])),
      'name 0',
      into.length,
    ]
    expect(await large.rows(backward)).toEqual([expected])
  })

  test('the first rows of an order are those of the whole order', async () => {
    const ordered = rels
      .map(([from, , value]) => [value, nodes[from]![1]] as const)
      .sort(([a, x], [b, y]) => b - a || x - y)
    const query = 'MATCH (a:N)-[r:R]->(b) RETURN r.v, a.x ORDER BY r.v DESC, a.x'
    expect(await large.rows(`${query} SKIP 3000 LIMIT 5`)).toEqual(ordered.slice(3000, 3005))
    expect(await large.rows(query)).toEqual(ordered)
  })

  test('two hops are as many as the degrees say', async () => {
    const out = new Float64Array(5000)
    for (const [from] of rels) out[from]!++
    const expected = sumOf(rels.map(([, to]) => out[to]!))
    expect(await large.value('MATCH (a:N)-[:R]->(b)-[:R]->(c) RETURN count(*)')).toBe(expected)
    expect(await large.value('MATCH (a:N)-[:R]->(b)-[:R]->(c) RETURN count(c.x)')).toBe(expected)
  })

  test('what operators keep is bounded by the budget', async () => {
    const prepared = prepare('MATCH (a:N)-[r:R]->(b) RETURN a.k, b.k, count(*)', large.catalog)
    if (prepared.kind !== 'query') throw new Error('no query')
    const budget = new MemoryBudget(200_000)
    expect(() => [...execute(prepared.plan, large, {}, { budget })]).toThrow(
      expect.objectContaining({ code: 'MILLRACE_MEMORY_BUDGET' }),
    )
    expect(budget.reservedBytes).toBe(0)
  })

  test.each([
    // The two ends of the pattern may be either way round: two pipelines read what WITH hands on.
    ['WITH', 'MATCH (a:N)-[:R]->(b) WITH a, b MATCH (a)-[r:R]-(c) WHERE c.k < 0 RETURN count(r.v)'],
    ['ORDER BY', 'MATCH (a:N)-[r:R]->(b) RETURN a.k, b.k ORDER BY r.v'],
    ['a join', 'MATCH (a:N)-[:R]->(b), (c:N)-[:R]->(d) WHERE b.x = c.x RETURN count(d.k)'],
  ])('what %s keeps is within the budget too', (_, text) => {
    const prepared = prepare(text, large.catalog)
    if (prepared.kind !== 'query') throw new Error('no query')
    const budget = new MemoryBudget(150_000)
    expect(() => [...execute(prepared.plan, large, {}, { budget })]).toThrow(
      expect.objectContaining({ code: 'MILLRACE_MEMORY_BUDGET' }),
    )
    expect(budget.reservedBytes).toBe(0)
  })
})

describe('keys in a list', () => {
  const graph = airports()

  test('each node comes once, in the order of the table', async () => {
    const list = ['JFK', 'SFO', 'nowhere', 'JFK', null]
    for (const text of ['$list', "['JFK', 'SFO', 'nowhere', 'JFK', NULL]"]) {
      const rows = await graph.rows(`MATCH (a:Airport) WHERE a.iata IN ${text} RETURN a.iata, a.runways`, {
        list,
      })
      expect(rows).toEqual([
        ['SFO', 4],
        ['JFK', 4],
      ])
    }
    expect(await graph.rows('MATCH (a:Airport) WHERE a.iata IN [] RETURN a')).toEqual([])
    expect(await graph.rows('MATCH (a:Airport) WHERE a.iata IN $list RETURN a', { list: null })).toEqual([])
  })

  test('every row of what was matched before comes with all of them', async () => {
    const rows = await graph.rows(
      "MATCH (c:City) WITH c MATCH (a:Airport)-[:Route]->(b) WHERE a.iata IN ['SFO', 'ORD'] RETURN c.id, a.iata, b.iata",
    )
    expect(rows).toEqual([
      [7, 'SFO', 'JFK'],
      [7, 'SFO', 'ORD'],
      [7, 'ORD', 'SFO'],
    ])
  })

  test('more nodes than a batch holds', async () => {
    const rows = Array.from({ length: 9000 }, (_, k) => [k, k % 10])
    const many = new MemoryGraph({
      nodes: [{ name: 'T', columns: columns('k INT64, x INT64'), key: 0, rows }],
      rels: [],
      groupRows: 4000,
    })
    const list = Array.from({ length: 5000 }, (_, at) => 8999 - at)
    expect(await many.rows('MATCH (t:T) WHERE t.k IN $list RETURN t.k, t.x', { list })).toEqual(
      rows.slice(4000),
    )
    expect(
      await many.value('MATCH (t:T), (u:T) WHERE t.k IN $list AND u.k IN [1, 2] RETURN count(*)', { list }),
    ).toBe(10_000)
    expect(await many.rows('MATCH (t:T) WHERE t.k IN [2.0, 2.5] RETURN t.k')).toEqual([[2]])
  })

  test('what cannot be compared with the key is refused', async () => {
    await expect(
      graph.rows('MATCH (a:Airport) WHERE a.iata IN $list RETURN a', { list: [1] }),
    ).rejects.toMatchObject({
      code: 'MILLRACE_BINDING',
    })
    await expect(
      graph.rows('MATCH (a:Airport) WHERE a.iata IN $list RETURN a', { list: 'SFO' }),
    ).rejects.toMatchObject({
      code: 'MILLRACE_BINDING',
    })
  })
})
