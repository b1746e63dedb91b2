import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import type { LogicalType } from '../types/index.js'
import type { ExternalRows, ExternalSources } from './external.js'
import { airports } from './memory-graph.test.fixture.js'
import type { PartPlan, Step } from './plan/plan.js'
import { prepare } from './prepare.js'

const { catalog } = airports()

function errorOf(text: string): Record<string, unknown> {
  try {
    prepare(text, catalog)
  } catch (error) {
    if (isMillraceError(error)) return { code: error.code, ...error.details }
    throw error
  }
  throw new Error(`${text} was accepted`)
}

function stepsOf(text: string): readonly Step[] {
  const prepared = prepare(text, catalog)
  if (prepared.kind !== 'query') throw new Error('no query')
  return (prepared.plan.stages[0] as PartPlan).pipelines[0]!.steps
}

describe('tables', () => {
  test('the key may be named behind the columns or at its column', () => {
    const schema = {
      name: 'T',
      keyColumn: 1,
      columns: [
        { name: 'a', type: 'INT32' },
        { name: 'b', type: 'STRING' },
      ],
    }
    expect(prepare('CREATE NODE TABLE T(a INT, b STRING, PRIMARY KEY(b))', catalog)).toMatchObject({ schema })
    expect(
      prepare('CREATE NODE TABLE IF NOT EXISTS T(a INT32, b string PRIMARY KEY)', catalog),
    ).toMatchObject({
      schema,
      ifNotExists: true,
    })
  })

  test('a relationship table has ends and maybe properties', () => {
    expect(prepare('CREATE REL TABLE R(FROM A TO B, since DATE, MANY_MANY)', catalog)).toMatchObject({
      kind: 'createRelTable',
      schema: {
        kind: 'rel',
        name: 'R',
        fromTable: 'A',
        toTable: 'B',
        columns: [{ name: 'since', type: 'DATE' }],
      },
    })
    expect(prepare('CREATE REL TABLE R(FROM A TO A)', catalog)).toMatchObject({ schema: { columns: [] } })
  })

  test.each([
    ['CREATE NODE TABLE T(a INT64)', 'The node table T has no key', 19],
    ['CREATE NODE TABLE T(a INT64, PRIMARY KEY(b))', 'There is no column b', 42],
    ['CREATE NODE TABLE T(a DOUBLE PRIMARY KEY)', 'A DOUBLE column cannot be the key', 21],
    ['CREATE NODE TABLE T(a INT64 PRIMARY KEY, b INT64 PRIMARY KEY)', 'A node table has one key column', 42],
    ['CREATE NODE TABLE T(a INT64, a STRING, PRIMARY KEY(a))', 'The column a is declared twice', 30],
    ['CREATE NODE TABLE T(a FLOAT, PRIMARY KEY(a))', 'A FLOAT column cannot be the key', 42],
    ['CREATE NODE TABLE T(a FLOOT, PRIMARY KEY(a))', 'There is no type FLOOT', 23],
    ['CREATE NODE TABLE T(a DECIMAL(39,1), PRIMARY KEY(a))', 'There is no type DECIMAL(39,1)', 23],
    ['CREATE NODE TABLE T(a INT64[3], PRIMARY KEY(a))', 'INT64[3] is a list of fixed length', 23],
    ['CREATE NODE TABLE T(a INT64(3), PRIMARY KEY(a))', 'INT64 takes no parameters', 23],
  ])('%s', (text, what, column) => {
    expect(errorOf(text)).toMatchObject({ code: 'MILLRACE_BINDING', what, line: 1, column })
  })

  test('options of COPY come by their camel-case names', () => {
    const prepared = prepare(
      "COPY T FROM 'x' (HEADER, NULL_STRINGS=['NA'], fromColumn='a', on_failure=keep)",
      catalog,
    )
    expect(prepared).toMatchObject({ kind: 'copy', table: 'T', columns: null, sources: ['x'] })
    expect([...(prepared as { options: Map<string, unknown> }).options]).toEqual([
      ['header', true],
      ['nullStrings', ['NA']],
      ['fromColumn', 'a'],
      ['onFailure', 'keep'],
    ])
    expect(errorOf("COPY T FROM 'x' (HEADER, header=false)")).toMatchObject({
      code: 'MILLRACE_BINDING',
      column: 26,
    })
  })
})

describe('names and types', () => {
  test.each([
    ['MATCH (a:Airprt) RETURN a', 10, 'There is no node table Airprt', 'Did you mean Airport?'],
    ['MATCH (a:Route) RETURN a', 10, 'There is no node table Route', 'Route is a relationship table'],
    ['MATCH (a)-[:Airport]->(b) RETURN a', 13, 'There is no relationship table Airport', 'is a node table'],
    ['MATCH (a:Airport) RETURN a.itaa', 28, 'Airport has no property itaa', 'Did you mean iata?'],
    ['MATCH (abc:Airport) RETURN abd', 28, 'There is no variable abd', 'Did you mean abc?'],
    ['RETURN lowr("x")', 8, 'There is no function lowr', 'Did you mean lower?'],
    [
      'MATCH (a:City)-[:Route]->(b) RETURN a',
      15,
      'No relationship table joins such nodes',
      '(:Airport)-[:Route]',
    ],
    ['MATCH (a:Airport) WHERE a.iata > 3 RETURN a', 32, 'STRING cannot be compared with INT64 by >', 'CAST'],
    ['MATCH (a:Airport) WHERE a.name RETURN a', 25, 'A condition must be BOOL, not STRING', 'Compare'],
    ['MATCH (a:Airport) WHERE count(*) > 1 RETURN a', 25, 'count cannot stand here', 'WITH'],
    ['MATCH (a:Airport) RETURN sum(count(*))', 30, 'count stands inside another aggregate', 'two steps'],
    [
      'MATCH (a:Airport) RETURN a.name, a.latitude + count(*)',
      34,
      'This is neither aggregated',
      'of its own',
    ],
    ['MATCH (a:Airport) RETURN sum(a.name)', 26, 'sum takes numbers, not STRING', ''],
    ['RETURN 1 AND true', 10, 'AND takes BOOL, not INT64', ''],
    ['RETURN 9223372036854775808', 8, '9223372036854775808 is beyond INT64', 'DOUBLE'],
    ['MATCH (a:Airport) RETURN a.iata LIMIT a.runways', 39, 'LIMIT takes a whole number', ''],
    ['RETURN 1 SKIP -1', 15, 'SKIP takes a whole number', ''],
    ['MATCH (a:Airport) RETURN DISTINCT a.iata ORDER BY a.name', 51, 'ORDER BY behind DISTINCT', 'Return'],
    ['MATCH (a:Airport)-[a]->(b) RETURN a', 20, 'a is used already', 'another name'],
    ['MATCH (a)-[r:Route]->(b), (r) RETURN a', 28, 'r is not a node', 'another name'],
    ['MATCH (a:Airport) WITH a.name RETURN 1', 24, 'A column of WITH needs a name', 'AS name'],
    ['WITH 1 AS x, 2 AS x RETURN x', 19, 'WITH has two columns named x', ''],
    ['RETURN *', 1, 'There is nothing for * to stand for', ''],
    ["RETURN date('2023-02-29')", 8, "'2023-02-29' is not a DATE", 'YYYY-MM-DD'],
    ["MATCH (a:Airport) WHERE a.opened > 'soon' RETURN a", 34, "'soon' is not a DATE", 'YYYY-MM-DD'],
    ['MATCH (a:Airport) RETURN a + 1', 28, '+ takes', ''],
    ['MATCH (a:Airport) RETURN CAST(a AS STRING)', 26, 'a node cannot be converted to STRING', ''],
  ])('%s', (text, column, what, hint) => {
    const error = errorOf(text)
    expect(error).toMatchObject({ code: 'MILLRACE_BINDING', line: 1, column })
    expect(error.what).toContain(what)
    expect(error.hint).toContain(hint)
  })

  test('columns of one name are told apart, * stands for all names', () => {
    const columns = (text: string) => (prepare(text, catalog) as { columns: unknown[] }).columns
    expect(columns('RETURN 1, 1, 1.5 AS x')).toEqual([
      { name: '1', type: 'INT64' },
      { name: '1_2', type: 'INT64' },
      { name: 'x', type: 'DOUBLE' },
    ])
    expect(columns('MATCH (a:Airport)-[r:Route]->() RETURN *')).toEqual([
      { name: 'a', type: 'NODE' },
      { name: 'r', type: 'REL' },
    ])
    expect(columns('RETURN $x')).toEqual([{ name: '$x', type: 'ANY' }])
  })
})

describe('plans', () => {
  test('a key starts, wherever it stands in the pattern', () => {
    const steps = stepsOf(
      "MATCH (a:Airport)-[r:Route]->(b:Airport) WHERE b.iata = 'SFO' RETURN a.name, r.count",
    )
    expect(steps.map(({ kind }) => kind)).toEqual(['lookup', 'expand', 'relProperties', 'nodeProperties'])
    expect(steps[1]).toMatchObject({ direction: 'backward' })
  })

  test('keys in a list are looked up, unless one key alone leads there', () => {
    const list = stepsOf('MATCH (a:Airport)-[:Route]->(b) WHERE a.iata IN $list RETURN b.name')
    expect(list[0]).toMatchObject({ kind: 'lookup', isList: true, key: { kind: 'parameter' } })
    const one = stepsOf("MATCH (a:Airport) WHERE a.iata IN ['SFO', 'JFK'] AND a.iata = $x RETURN a.name")
    expect(one.map(({ kind }) => kind)).toEqual(['lookup', 'nodeProperties', 'filter', 'nodeProperties'])
    expect(one[0]).toMatchObject({ isList: false })
    for (const other of ['NOT a.iata IN $list', "a.name IN ['x']", "a.iata IN ['SFO'] OR a.hub"]) {
      expect(stepsOf(`MATCH (a:Airport) WHERE ${other} RETURN a.iata`)[0]!.kind).toBe('scan')
    }
  })

  test('a condition is checked as soon as it can be', () => {
    const steps = stepsOf('MATCH (a:Airport)-[:Route]->(b)-[:Route]->(c) WHERE a.runways > 3 RETURN c.name')
    expect(steps.map(({ kind }) => kind)).toEqual([
      'scan',
      'nodeProperties',
      'filter',
      'expand',
      'expand',
      'nodeProperties',
    ])
  })

  test('what nobody needs is not made', () => {
    const steps = stepsOf('MATCH (a:Airport)-[r:Route]->(b) RETURN count(*)')
    expect(steps).toMatchObject([
      { kind: 'scan' },
      { kind: 'expand', neighbour: null, rel: null, reads: [], live: [] },
    ])
  })

  test('disconnected patterns are joined by their keys, looked up where they can be', () => {
    const joined = stepsOf('MATCH (a:Airport), (c:City) WHERE a.name = c.name RETURN a.iata')
    expect(joined.at(-1)).toMatchObject({ kind: 'join', buildKeys: [{}], probeKeys: [{}] })
    const lookedUp = stepsOf('MATCH (a:Airport), (c:City) WHERE a.runways = c.id RETURN a.iata, c.name')
    expect(lookedUp.map(({ kind }) => kind)).toContain('lookup')
  })

  test('a plan is plain data', () => {
    const prepared = prepare('MATCH (a:Airport)-[r:Route]->(b) WHERE a.iata = $x RETURN b', catalog)
    if (prepared.kind !== 'query') throw new Error('no query')
    expect(structuredClone(prepared.plan)).toEqual(prepared.plan)
  })
})

describe('documentation', () => {
  const text = readFileSync(new URL('../../../../docs/cypher.md', import.meta.url), 'utf8')
  const lines = [...text.matchAll(/```cypher\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!.trim().split('\n'),
  )
  const statements: string[] = []
  let open = ''
  for (const line of lines) {
    open += `${line}\n`
    // A query ends with the line that has its RETURN, or a clause that writes.
    const ends =
      /^CALL \w+\([^)]*\)$|^(DROP|COPY|CHECKPOINT|BEGIN|COMMIT|ROLLBACK)|\b(RETURN|CREATE|MERGE|SET|REMOVE|DELETE)\b/
    if (!ends.test(line)) continue
    statements.push(open.trim())
    open = ''
  }

  // What the examples read from files.
  const read = (columns: readonly (readonly [string, LogicalType])[]): ExternalRows => ({
    columns: columns.map(([name, type]) => ({ name, type })),
    read: () => [],
  })
  const sources: ExternalSources = {
    functions: ['sniff_csv'],
    files: () =>
      read([
        ...([
          ['name', 'STRING'],
          ['city', 'STRING'],
          ['age', 'INT64'],
        ] as const),
        ...([
          ['code', 'STRING'],
          ['visits', 'INT64'],
        ] as const),
      ]),
    call: () =>
      read([
        ['columns', 'STRING'],
        ['prompt', 'STRING'],
      ]),
  }

  test('there are examples', () => {
    expect(statements.length).toBeGreaterThan(20)
  })

  test.each(statements)('%s', (statement) => {
    expect(prepare(statement, catalog, sources)).toBeDefined()
  })
})
