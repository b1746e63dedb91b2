import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { airports, columns, MemoryGraph } from './memory-graph.test.fixture.js'
import { prepare } from './prepare.js'

/** The error of a statement: its code and details. */
async function errorOf(
  graph: MemoryGraph,
  text: string,
  parameters: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  try {
    await graph.rows(text, parameters)
  } catch (error) {
    if (isMillraceError(error)) return { code: error.code, ...error.details }
    throw error
  }
  throw new Error(`${text} was accepted`)
}

function words(): MemoryGraph {
  return new MemoryGraph({
    nodes: [
      { name: 'Word', columns: columns('id STRING, count INT64, seen DATE'), key: 0, rows: [] },
      {
        name: 'Page',
        columns: columns('id INT64, title STRING, at TIMESTAMP, ok BOOL, rank DOUBLE, small INT32'),
        key: 0,
        rows: [],
      },
    ],
    rels: [
      { name: 'On', from: 'Word', to: 'Page', columns: columns('times INT64'), rows: [] },
      { name: 'Next', from: 'Word', to: 'Word', columns: columns('times INT64'), rows: [] },
    ],
  })
}

describe('CREATE', () => {
  test('makes nodes and relationships, and gives them to RETURN', async () => {
    const graph = words()
    const rows = await graph.rows(
      "CREATE (a:Word {id: 'be', count: 1 + 1})-[r:On {times: 3}]->(p:Page {id: 7, title: $t}) RETURN a.id, a.count, r.times, p.title, a.seen",
      { t: 'Hamlet' },
    )
    expect(rows).toEqual([['be', 2, 3, 'Hamlet', null]])
    expect(await graph.rows('MATCH (a:Word)-[r]->(p:Page) RETURN a.id, r.times, p.id')).toEqual([
      ['be', 3, 7],
    ])
    expect(await graph.rows('MATCH (p:Page {id: 7})<-[r:On]-(a) RETURN a.id, r.times')).toEqual([['be', 3]])
  })

  test('patterns of one clause share their variables; anonymous parts are made too', async () => {
    const graph = words()
    await graph.rows(
      "CREATE (a:Word {id: 'a'}), (b:Word {id: 'b'}), (a)-[:Next]->(b), (b)<-[:Next]-(:Word {id: 'c'}), (a)-[:Next]->(a)",
    )
    expect(await graph.rows('MATCH (x:Word)-[:Next]->(y) RETURN x.id, y.id ORDER BY x.id, y.id')).toEqual([
      ['a', 'a'],
      ['a', 'b'],
      ['c', 'b'],
    ])
  })

  test('writes once for every row that was matched, and the rows go on', async () => {
    const graph = airports()
    const rows = await graph.rows(
      'MATCH (a:Airport) WHERE a.runways = 4 CREATE (c:City {id: a.runways * 100 + id(a), name: a.name})<-[s:Serves]-(a) RETURN a.iata, c.id, c.name, id(c)',
    )
    expect(rows).toEqual([
      ['SFO', 400, 'San Francisco', 1],
      ['JFK', 401, 'New York', 2],
    ])
    expect(await graph.value('MATCH (a)-[:Serves]->(c) RETURN count(*)')).toBe(3)
  })

  test('does not see what it makes itself', async () => {
    const graph = airports()
    await graph.rows('MATCH (a:City) CREATE (:City {id: a.id + 1})')
    await graph.rows('MATCH (a:City), (b:City) CREATE (:City {id: 100 + a.id * 10 + b.id})')
    expect(await graph.value('MATCH (c:City) RETURN count(*)')).toBe(6)
  })

  test('a match without names has as many rows as ever', async () => {
    const graph = airports()
    await graph.rows('MATCH (a:Airport {iata: $k}), (:Airport) CREATE (a)-[:Route]->(a)', { k: 'SBP' })
    expect(await graph.value("MATCH (a:Airport {iata: 'SBP'})-[:Route]->(a) RETURN count(*)")).toBe(5)
    expect(
      await graph
        .value('MATCH (:Airport)-[:Route]->() CREATE (:City {id: $x})', { x: 2 })
        .catch((error) => error.code),
    ).toBe('MILLRACE_DUPLICATE_KEY')
  })

  test('values become those of the column', async () => {
    const graph = words()
    const made = await graph
      .rows(
        "CREATE (p:Page {id: $id, at: $at, ok: $ok, rank: 3, small: -5}), (w:Word {id: 'x', seen: '2024-02-29'}) RETURN p.id, p.at, p.ok, p.rank, p.small, w.seen",
        { id: 2n ** 60n, at: new Date('2020-01-02T03:04:05.678Z'), ok: true },
      )
      .catch((error) => error)
    expect(made.code).toBe('MILLRACE_INT64_RANGE')
    expect(await graph.rows('MATCH (p:Page) RETURN p.at, p.ok, p.rank, p.small')).toEqual([
      [new Date('2020-01-02T03:04:05.678Z'), true, 3, -5],
    ])
    expect(await graph.value('MATCH (w:Word) RETURN w.seen')).toEqual(new Date('2024-02-29'))
    await graph.rows("CREATE (:Word {id: 'y', seen: $day})", { day: new Date('2001-01-01') })
    await graph.rows("CREATE (:Page {id: 1, at: date('2001-01-01'), title: NULL})")
    expect(await graph.value("MATCH (w:Word {id: 'y'}) RETURN w.seen")).toEqual(new Date('2001-01-01'))
    expect(await graph.rows('MATCH (p:Page {id: 1}) RETURN p.at, p.title')).toEqual([
      [new Date('2001-01-01'), null],
    ])
  })

  test.each([
    ['CREATE (:Page {id: $v})', 2.5, 'MILLRACE_VALUE'],
    ['CREATE (:Page {id: $v})', 'x', 'MILLRACE_VALUE'],
    ['CREATE (:Page {id: 1, small: $v})', 2 ** 31, 'MILLRACE_VALUE'],
    ['CREATE (:Page {id: 1, ok: $v})', 1, 'MILLRACE_VALUE'],
    ['CREATE (:Page {id: 1, title: $v})', 1, 'MILLRACE_VALUE'],
    ["CREATE (:Word {id: 'a', seen: $v})", 'soon', 'MILLRACE_VALUE'],
    ["CREATE (:Word {id: 'a', seen: $v})", new Date('2001-01-01T12:00:00Z'), 'MILLRACE_VALUE'],
    ["CREATE (:Word {id: 'a', count: $v})", [1], 'MILLRACE_VALUE'],
    ['CREATE (:Page {id: $v})', null, 'MILLRACE_NULL_KEY'],
    ['CREATE (:Page {id: $v}), (:Page {id: 3})', 3, 'MILLRACE_DUPLICATE_KEY'],
    ['CREATE (:Page {id: $other})', 3, 'MILLRACE_PARAMETER'],
  ])('%s with %s is refused', async (text, v, code) => {
    expect((await errorOf(words(), text, { v })).code).toBe(code)
  })

  test.each([
    ['CREATE (:Page {title: "x"})', 8, 'The new node has no key Page.id'],
    ['CREATE (:Pge {id: 1})', 10, 'There is no node table Pge'],
    ['CREATE (a {id: 1})', 8, 'A new node has one label'],
    ['CREATE (:Page {id: 1, id: 2})', 23, 'The property id is given twice'],
    ['CREATE (:Page {id: 1, titel: "x"})', 23, 'Page has no property titel'],
    ['CREATE (:Page {id: 1, ok: 1})', 27, 'INT64 cannot be stored in Page.ok of type BOOL'],
    ['CREATE (:Page {id: 1.0})', 20, 'DOUBLE cannot be stored in Page.id of type INT64'],
    ['CREATE (a:Page {id: 1})-[:On]->(:Page {id: 2})', 24, 'On does not join such nodes'],
    ["CREATE (a:Word {id: 'a'})-[:Next]-(:Word {id: 'b'})", 26, 'A new relationship has a direction'],
    ["CREATE (a:Word {id: 'a'})-[]->(:Word {id: 'b'})", 26, 'A new relationship has one type'],
    ["CREATE (a:Word {id: 'a'}), (a:Word {id: 'b'})", 28, 'a is there already'],
    ['MATCH (a:Word) CREATE (a)', 23, 'a is there already'],
    ["CREATE (a:Word {id: 'a', count: b.x})", 33, 'There is no variable b'],
    ["CREATE (a:Word {id: 'a'}), (b:Word {id: a.id})", 41, 'There is no variable a'],
    ['MATCH (a:Word) CREATE (b:Word {id: a})', 36, 'a node cannot be stored'],
  ])('%s', async (text, column, what) => {
    const error = await errorOf(words(), text)
    expect(error).toMatchObject({ code: 'MILLRACE_BINDING', column })
    expect(error.what).toContain(what)
  })
})

describe('SET and REMOVE', () => {
  test('change properties of nodes and relationships', async () => {
    const graph = airports()
    expect(
      await graph.rows(
        "MATCH (a:Airport {iata: 'SFO'})-[r:Route]->(b) SET r.count = r.count * 2, r.since = NULL, b.name = upper(b.name) RETURN b.name, r.count, r.since",
      ),
    ).toEqual([
      ['NEW YORK', 20, null],
      ['CHICAGO', 40, null],
    ])
    await graph.rows("MATCH (a)<-[r:Route]-(b {iata: 'JFK'}) SET r.count = 31")
    await graph.rows(
      "MATCH (a:Airport {iata: 'SBP'}) SET a += {name: 'San Luis Obispo', hub: false} REMOVE a.runways, a.opened",
    )
    expect(
      await graph.rows("MATCH (a:Airport {iata: 'SBP'}) RETURN a.name, a.hub, a.runways, a.opened"),
    ).toEqual([['San Luis Obispo', false, null, null]])
    expect(await graph.rows('MATCH ()-[r:Route]->() RETURN r.count ORDER BY r.count')).toEqual([
      [5],
      [20],
      [31],
      [40],
      [null],
    ])
  })

  test('values are those of before the clause', async () => {
    const graph = airports()
    await graph.rows('MATCH (a:Airport) SET a.latitude = a.runways, a.runways = CAST(a.latitude AS INT64)')
    expect(await graph.rows("MATCH (a:Airport {iata: 'SFO'}) RETURN a.latitude, a.runways")).toEqual([
      [4, 38],
    ])
    // Both rows compute from 38.
    await graph.rows("MATCH (a:Airport {iata: 'SFO'})-[:Route]->() SET a.runways = a.runways + 1")
    expect(await graph.value("MATCH (a:Airport {iata: 'SFO'}) RETURN a.runways")).toBe(39)
    await graph.rows('MATCH (a:Airport), (c:City) SET a.runways = c.id SET a.runways = a.runways + 1')
    expect(await graph.value('MATCH (a:Airport) RETURN sum(a.runways)')).toBe(32)
  })

  test('a scan that is changed while it is read gives each node once', async () => {
    const graph = new MemoryGraph({
      groupRows: 3,
      nodes: [
        {
          name: 'N',
          columns: columns('id INT64, v INT64'),
          key: 0,
          rows: Array.from({ length: 5000 }, (_, id) => [id, id]),
        },
      ],
      rels: [],
    })
    await graph.rows('MATCH (n:N) WHERE n.v < 4000 SET n.v = n.v + 3000')
    expect(await graph.value('MATCH (n:N) RETURN sum(n.v)')).toBe((4999 * 5000) / 2 + 4000 * 3000)
  })

  test('nodes of several tables are set where all have the property', async () => {
    const graph = airports()
    await graph.rows("MATCH (n:Airport|City) SET n.name = label(n) + ' ' + CAST(id(n) AS STRING)")
    expect(await graph.rows('MATCH (n) RETURN n.name ORDER BY n.name')).toEqual(
      ['Airport 0', 'Airport 1', 'Airport 2', 'Airport 3', 'City 0'].map((name) => [name]),
    )
    expect(await errorOf(graph, 'MATCH (n:Airport|City) SET n.runways = 1')).toMatchObject({
      what: 'City has no property runways',
    })
    await graph.rows('MATCH (n) REMOVE n.runways')
    expect(await graph.value('MATCH (a:Airport) RETURN count(a.runways)')).toBe(0)
    expect(await errorOf(graph, 'MATCH (n:City) REMOVE n.runways')).toMatchObject({
      code: 'MILLRACE_BINDING',
    })
  })

  test('what is no node or relationship cannot be set', async () => {
    const graph = airports()
    expect(await errorOf(graph, 'WITH 1 AS x SET x.y = 2')).toMatchObject({
      what: 'x is neither a node nor a relationship',
    })
    expect(await errorOf(graph, 'MATCH (a:Airport) SET b.y = 2')).toMatchObject({
      what: 'There is no variable b',
    })
  })
})

describe('DELETE', () => {
  test('relationships go, and every way to them says so', async () => {
    const graph = airports({ chunkRows: 1 })
    expect(await graph.value("MATCH (:Airport {iata: 'SFO'})-[r:Route]->() DELETE r RETURN count(*)")).toBe(2)
    expect(await graph.value('MATCH (a:Airport)-[:Route]->() RETURN count(*)')).toBe(3)
    expect(await graph.value('MATCH (a:Airport)<-[:Route]-() RETURN count(*)')).toBe(3)
    expect(await graph.value('MATCH (a:Airport)-[:Route]-() RETURN count(*)')).toBe(5)
    expect(await graph.rows("MATCH (b:Airport {iata: 'JFK'})<-[r:Route]-(a) RETURN a.iata")).toEqual([])
    expect(
      await graph.rows('MATCH (a)-[r:Route]->(b) RETURN a.iata, b.iata, r.count ORDER BY a.iata'),
    ).toEqual([
      ['JFK', 'SFO', 30],
      ['ORD', 'SFO', null],
      ['SBP', 'SBP', 5],
    ])
    expect(await graph.rows('MATCH (a:Airport)-[:Route]->(b)-[:Route]->(a) RETURN a.iata')).toEqual([['SBP']])
  })

  test('a node with relationships stays, unless DETACH or the clause takes them along', async () => {
    const graph = airports()
    const refused = await errorOf(graph, "MATCH (a:Airport {iata: 'ORD'}) DELETE a")
    expect(refused).toMatchObject({ code: 'MILLRACE_NODE_IN_USE', table: 'Airport', by: 'Route' })
    await graph.rows("MATCH (a:Airport {iata: 'SBP'})-[r]->() DELETE a, r")
    await graph.rows("MATCH (a:Airport {iata: 'ORD'}) DETACH DELETE a")
    expect(await graph.rows('MATCH (a:Airport) RETURN a.iata')).toEqual([['SFO'], ['JFK']])
    expect(await graph.value('MATCH (a:Airport) RETURN count(*)')).toBe(2)
    expect(await graph.value('MATCH ()-[r:Route]->() RETURN count(*)')).toBe(2)
    expect(await graph.rows("MATCH (a:Airport {iata: 'ORD'}) RETURN a")).toEqual([])
    expect(await graph.rows("MATCH (a:Airport) WHERE a.iata IN ['ORD', 'SFO'] RETURN a.iata")).toEqual([
      ['SFO'],
    ])
  })

  test('nodes of all tables at once', async () => {
    const graph = airports()
    await graph.rows('MATCH (n) DETACH DELETE n')
    expect(await graph.value('MATCH (n) RETURN count(*)')).toBe(0)
    expect(await graph.value('MATCH ()-[r]->() RETURN count(*)')).toBe(0)
  })

  test('the key of a deleted node is free again', async () => {
    const graph = airports()
    await graph.rows(
      "MATCH (a:Airport {iata: 'ORD'}) DETACH DELETE a CREATE (b:Airport {iata: 'ORD', runways: 1})",
    )
    expect(await graph.rows("MATCH (a:Airport {iata: 'ORD'}) RETURN id(a), a.runways, a.name")).toEqual([
      [4, 1, null],
    ])
  })

  test('rows may name the same thing twice', async () => {
    const graph = airports()
    await graph.rows("MATCH (a:Airport {iata: 'SFO'})-[r:Route]-(b) DELETE r")
    await graph.rows('MATCH (a:Airport), (b:Airport) DETACH DELETE a, b, a')
    expect(await graph.value('MATCH (a:Airport) RETURN count(*)')).toBe(0)
  })

  test('what was deleted cannot be read or written in the same statement, only counted', async () => {
    const gone = { code: 'MILLRACE_DELETED' }
    const start = "MATCH (a:Airport {iata: 'SBP'})-[r:Route]->() "
    expect(await errorOf(airports(), `${start}DETACH DELETE a RETURN a.name`)).toMatchObject(gone)
    expect(await errorOf(airports(), `${start}DETACH DELETE a RETURN a`)).toMatchObject(gone)
    expect(await errorOf(airports(), `${start}DELETE r RETURN r.count`)).toMatchObject(gone)
    expect(await errorOf(airports(), `${start}DELETE r SET r.count = 1`)).toMatchObject(gone)
    expect(await errorOf(airports(), `${start}DETACH DELETE a SET a.name = 'x'`)).toMatchObject(gone)
    expect(await errorOf(airports(), `${start}DETACH DELETE a CREATE (a)-[:Route]->(a)`)).toMatchObject(gone)
    expect(await airports().rows(`${start}DETACH DELETE a RETURN count(a), id(a)`)).toEqual([[1, 3]])
  })
})

describe('MERGE', () => {
  test('finds a node by its key, or makes it', async () => {
    const graph = words()
    const merge =
      'MERGE (w:Word {id: $id}) ON CREATE SET w.count = 1 ON MATCH SET w.count = w.count + 1 RETURN w.count'
    expect(await graph.value(merge, { id: 'to' })).toBe(1)
    expect(await graph.value(merge, { id: 'to' })).toBe(2)
    expect(await graph.value(merge, { id: 'be' })).toBe(1)
    expect(await graph.rows('MATCH (w:Word) RETURN w.id, w.count')).toEqual([
      ['to', 2],
      ['be', 1],
    ])
  })

  test('each row sees what the rows before it made', async () => {
    const graph = words()
    const text = 'to be or not to be to'
    await graph.rows(
      'UNWIND $words AS word MERGE (w:Word {id: word}) ON CREATE SET w.count = 1 ON MATCH SET w.count = w.count + 1',
      { words: text.split(' ') },
    )
    expect(await graph.rows('MATCH (w:Word) RETURN w.id, w.count ORDER BY w.id')).toEqual([
      ['be', 2],
      ['not', 1],
      ['or', 1],
      ['to', 3],
    ])
  })

  test('other properties of the pattern must fit as well', async () => {
    const graph = words()
    await graph.rows("MERGE (w:Word {id: 'a', count: 5})")
    expect(await graph.value("MERGE (w:Word {id: 'a', count: 5}) RETURN w.count")).toBe(5)
    expect(await errorOf(graph, "MERGE (w:Word {id: 'a', count: 6})")).toMatchObject({
      code: 'MILLRACE_DUPLICATE_KEY',
    })
    expect(await errorOf(graph, 'MERGE (w:Word {id: NULL})')).toMatchObject({ code: 'MILLRACE_NULL_KEY' })
  })

  test('a relationship between nodes that are there', async () => {
    const graph = words()
    await graph.rows("CREATE (:Word {id: 'a'}), (:Word {id: 'b'})")
    const merge = (arrow: string) =>
      graph.rows(
        `MATCH (a:Word {id: 'a'}), (b:Word {id: 'b'}) MERGE ${arrow} ON CREATE SET r.times = 1 ON MATCH SET r.times = r.times + 1 RETURN r.times`,
      )
    expect(await merge('(a)-[r:Next]->(b)')).toEqual([[1]])
    expect(await merge('(a)-[r:Next]->(b)')).toEqual([[2]])
    expect(await merge('(b)<-[r:Next]-(a)')).toEqual([[3]])
    expect(await merge('(b)-[r:Next]-(a)')).toEqual([[4]])
    expect(await merge('(b)-[r:Next]->(a)')).toEqual([[1]])
    expect(await merge('(b)-[r:Next]-(a)').then((rows) => rows.toSorted())).toEqual([[2], [5]])
    expect(await merge('(a)-[r:Next {times: 5}]->(b)')).toEqual([[6]])
    expect(await merge('(a)-[r:Next {times: 50}]->(b)')).toEqual([[1]])
    expect(await graph.value('MATCH ()-[r:Next]->() RETURN count(*)')).toBe(3)
  })

  test('a path is found whole, or made whole but for what is bound', async () => {
    const graph = words()
    const merge = "MATCH (w:Word {id: 'a'}) MERGE (w)-[r:On {times: 1}]->(p:Page {id: 1}) RETURN id(r), id(p)"
    await graph.rows("CREATE (:Word {id: 'a'})")
    expect(await graph.rows(merge)).toEqual([[0, 0]])
    expect(await graph.rows(merge)).toEqual([[0, 0]])
    await graph.rows('MATCH ()-[r:On]->() DELETE r')
    expect(await errorOf(graph, merge)).toMatchObject({ code: 'MILLRACE_DUPLICATE_KEY' })
  })

  test.each([
    ['MERGE (w:Word {count: 1})', 'MILLRACE_UNSUPPORTED'],
    ['MATCH (w:Word) MERGE (w)', 'MILLRACE_BINDING'],
    ["MERGE (w:Word {id: 'a'}) ON CREATE SET x.count = 1", 'MILLRACE_BINDING'],
    ["MERGE (w:Word {id: 'a'}) ON CREATE SET w.count = 'x'", 'MILLRACE_BINDING'],
  ])('%s is refused', async (text, code) => {
    expect((await errorOf(words(), text)).code).toBe(code)
  })
})

describe('UNWIND', () => {
  test('gives a row for each item, of lists, parameters and collected values', async () => {
    const graph = airports()
    expect(await graph.rows('UNWIND [3, 1, 2.5] AS x RETURN x, x * 2')).toEqual([
      [3, 6],
      [1, 2],
      [2.5, 5],
    ])
    expect(await graph.rows('UNWIND $list AS x RETURN x ORDER BY x', { list: ['b', null, 'a'] })).toEqual([
      ['a'],
      ['b'],
      [null],
    ])
    expect(await graph.rows('UNWIND $list AS x RETURN x', { list: [] })).toEqual([])
    expect(await graph.rows('UNWIND $list AS x RETURN x', { list: null })).toEqual([])
    expect(await graph.rows('UNWIND [] AS x RETURN x')).toEqual([])
    expect(await graph.rows('UNWIND [1, 2] AS x UNWIND [10, 20] AS y RETURN x + y')).toEqual([
      [11],
      [21],
      [12],
      [22],
    ])
    expect(
      await graph.rows(
        'MATCH (a:Airport) WITH a.runways AS r, collect(a.iata) AS names UNWIND names AS name RETURN r, name',
      ),
    ).toEqual([
      [4, 'SFO'],
      [4, 'JFK'],
      [8, 'ORD'],
      [2, 'SBP'],
    ])
    expect(
      await graph.rows('UNWIND $keys AS key MATCH (a:Airport {iata: key}) RETURN a.name', {
        keys: ['JFK', 'XXX', 'ORD'],
      }),
    ).toEqual([['New York'], ['Chicago']])
    expect(
      await graph.rows(
        'MATCH (a:Airport) WHERE a.hub UNWIND [1, 2] AS x MATCH (a)-[:Route]->(b) RETURN a.iata, x, b.iata ORDER BY a.iata, x, b.iata LIMIT 3',
      ),
    ).toEqual([
      ['JFK', 1, 'SFO'],
      ['JFK', 2, 'SFO'],
      ['ORD', 1, 'SFO'],
    ])
  })

  test('lists that are computed are unwound too', async () => {
    const graph = airports()
    expect(await graph.rows('UNWIND range(1, 3) AS x RETURN x')).toEqual([[1], [2], [3]])
    expect(await graph.rows('UNWIND range(5, 0, -2) AS x RETURN x')).toEqual([[5], [3], [1]])
    expect(await graph.rows('UNWIND coalesce($x, [7]) AS x RETURN x', { x: null })).toEqual([[7]])
    expect(await graph.rows('WITH $x AS list UNWIND list AS x RETURN x', { x: ['a', 'b'] })).toEqual([
      ['a'],
      ['b'],
    ])
    expect(await graph.rows('UNWIND NULL AS x RETURN x')).toEqual([])
    expect(
      await graph.value('MATCH (a:Airport) WITH a.runways AS n UNWIND range(1, n) AS x RETURN count(*)'),
    ).toBe(18)
    expect(
      await graph.value('UNWIND range(1, 5000) AS x UNWIND range(0, 2) AS y RETURN sum(x * 10 + y)'),
    ).toBe(5001 * 2500 * 30 + 15000)
    expect(
      await graph.value('UNWIND range(1, 3000) AS x UNWIND [1, 2, 3] AS y RETURN count(DISTINCT x * 10 + y)'),
    ).toBe(9000)
    expect((await errorOf(graph, 'UNWIND range(1, 9, 0) AS x RETURN x')).code).toBe('MILLRACE_EVALUATION')
    expect((await errorOf(graph, 'UNWIND range(1, 900000000) AS x RETURN x')).code).toBe(
      'MILLRACE_EVALUATION',
    )
  })

  test('maps give their properties: rows in bulk', async () => {
    const graph = words()
    const rows = Array.from({ length: 5000 }, (_, id) => ({
      id,
      title: `t${id}`,
      rank: id % 2 ? id : id + 0.5,
    }))
    expect(
      await graph.value(
        'UNWIND $rows AS row CREATE (p:Page {id: row.id, title: row.title, rank: row.rank, ok: row.ok}) RETURN count(*)',
        { rows },
      ),
    ).toBe(5000)
    expect(await graph.rows('MATCH (p:Page) WHERE p.id >= 4998 RETURN p.id, p.title, p.rank, p.ok')).toEqual([
      [4998, 't4998', 4998.5, null],
      [4999, 't4999', 4999, null],
    ])
    await graph.rows("CREATE (:Word {id: 'w'})")
    await graph.rows(
      'UNWIND $links AS l WITH l WHERE l.times > 1 MATCH (w:Word {id: l.from}), (p:Page {id: l.to}) CREATE (w)-[:On {times: l.times}]->(p)',
      {
        links: [
          { from: 'w', to: 1, times: 1 },
          { from: 'w', to: 2, times: 2 },
          { from: 'x', to: 2, times: 2 },
        ],
      },
    )
    expect(await graph.rows('MATCH (w)-[r:On]->(p) RETURN w.id, r.times, p.id')).toEqual([['w', 2, 2]])
    expect(
      await graph.rows('UNWIND $rows AS r WITH r AS s, r.x AS y RETURN y', { rows: [{ x: 1 }, null, {}] }),
    ).toEqual([[1], [null], [null]])
  })

  test('names from strangers are only data', async () => {
    const graph = words()
    const rows = [JSON.parse('{"id": 1, "__proto__": 2, "constructor": 3}')]
    expect(
      await graph.rows('UNWIND $rows AS r RETURN r.id, r.constructor, r.`__proto__`, r.toString', { rows }),
    ).toEqual([[1, 3, 2, null]])
  })

  test.each([
    ['UNWIND $x AS x RETURN x', { x: 5 }, 'MILLRACE_PARAMETER'],
    ['UNWIND $x AS x RETURN x', {}, 'MILLRACE_PARAMETER'],
    ['UNWIND $x AS x RETURN x', { x: [1, 'a'] }, 'MILLRACE_EVALUATION'],
    ['UNWIND $x AS x RETURN x', { x: [[1]] }, 'MILLRACE_EVALUATION'],
    ['UNWIND $x AS x RETURN x', { x: [{}] }, 'MILLRACE_PARAMETER'],
    ['UNWIND $x AS x RETURN x.y', { x: [1] }, 'MILLRACE_PARAMETER'],
    ['UNWIND $x AS x RETURN x.y, x', { x: [{}] }, 'MILLRACE_BINDING'],
    ['UNWIND [1, "a"] AS x RETURN x', {}, 'MILLRACE_BINDING'],
    ['UNWIND 5 AS x RETURN x', {}, 'MILLRACE_BINDING'],
    ['UNWIND [1] AS x RETURN x.y', {}, 'MILLRACE_BINDING'],
    ['MATCH (a:Word) UNWIND [a.id] AS x RETURN x', {}, 'MILLRACE_BINDING'],
    ['UNWIND [1] AS x UNWIND [2] AS x RETURN x', {}, 'MILLRACE_BINDING'],
    ['WITH 5 AS x UNWIND $y AS z RETURN z.a + x', { y: [{ a: 'b' }] }, 'MILLRACE_BINDING'],
  ])('%s with %o is refused', async (text, parameters, code) => {
    expect((await errorOf(words(), text, parameters)).code).toBe(code)
  })
})

describe('clauses one after the other', () => {
  test('each sees what the ones before it wrote', async () => {
    const graph = words()
    const rows = await graph.rows(
      `CREATE (a:Word {id: 'a', count: 1})
       SET a.count = a.count + 1
       WITH a MATCH (w:Word) WHERE w.count = 2
       MERGE (w)-[n:Next]->(a) ON CREATE SET n.times = w.count
       WITH a, n DELETE n
       CREATE (a)-[m:Next {times: 9}]->(a)
       RETURN a.count, m.times`,
    )
    expect(rows).toEqual([[2, 9]])
    expect(await graph.rows('MATCH ()-[n:Next]->() RETURN n.times')).toEqual([[9]])
  })

  test('what RETURN does with the rows, it does behind writes too', async () => {
    const graph = airports()
    expect(
      await graph.rows(
        'MATCH (a:Airport) SET a.runways = coalesce(a.runways, 0) + 1 RETURN a.runways AS n, count(*) ORDER BY n DESC LIMIT 2',
      ),
    ).toEqual([
      [9, 1],
      [5, 2],
    ])
    expect(
      await graph.rows(
        'MATCH (a:Airport) WITH a ORDER BY a.iata LIMIT 1 SET a.name = $n RETURN a.iata, a.name',
        { n: 'x' },
      ),
    ).toEqual([['JFK', 'x']])
  })

  test('a plan says whether it writes, and what it gives', () => {
    const { catalog } = words()
    const planOf = (text: string) => {
      const prepared = prepare(text, catalog)
      if (prepared.kind !== 'query') throw new Error('no query')
      return prepared
    }
    expect(planOf('MATCH (a:Word) RETURN a').plan.writes).toBe(false)
    expect(planOf('MATCH (a:Word) SET a.count = 1')).toMatchObject({ columns: [], plan: { writes: true } })
    expect(planOf('MERGE (a:Word {id: $id}) RETURN a.id AS id, a').columns).toEqual([
      { name: 'id', type: 'STRING' },
      { name: 'a', type: 'NODE' },
    ])
    const { plan } = planOf(
      'UNWIND $x AS r MERGE (a:Word {id: r.id})-[n:Next]->(a) ON MATCH SET n.times = id(a) RETURN n',
    )
    expect(structuredClone(plan)).toEqual(plan)
  })
})
