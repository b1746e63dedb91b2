import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../../errors/index.js'
import type { Expression, QueryStatement } from './ast.js'
import { parse, splitStatements } from './parse.js'
import { StatementGrammar } from './statement-grammar.js'
import { allTokens, makeLexer } from './tokens.js'

/** The details of the error that parsing raises. */
function errorOf(text: string): Record<string, unknown> {
  try {
    parse(text)
  } catch (error) {
    if (isMillraceError(error)) return { code: error.code, ...error.details }
    throw error
  }
  throw new Error(`${text} was accepted`)
}

/** An expression with its operators in parentheses: what binds how. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'operator':
      return `(${expression.operator} ${expression.operands.map(shape).join(' ')})`
    case 'literal':
      return expression.type === 'STRING' ? JSON.stringify(expression.value) : String(expression.value)
    case 'property':
      return `${shape(expression.target)}.${expression.name.text}`
    case 'call':
      return `${expression.name}(${expression.star ? '*' : expression.args.map(shape).join(', ')})`
    case 'list':
      return `[${expression.items.map(shape).join(', ')}]`
    case 'parameter':
      return `$${expression.name}`
    case 'variable':
      return expression.name
    default:
      return expression.kind
  }
}

function shapeOf(text: string): string {
  const query = parse(`RETURN ${text}`) as QueryStatement
  return shape(query.parts[0]!.projection!.items[0]!.expression)
}

test('the grammar is without ambiguities', () => {
  expect(() => new StatementGrammar(true)).not.toThrow()
})

test('every token can be met, and says rightly whether it spans lines', () => {
  expect(() => makeLexer(true)).not.toThrow()
  const spansLines = (pattern: unknown): boolean =>
    ['\n', '`\n`', '$`\n`', "'\n'", '/*\n*/', 'a\nb'].some((text) =>
      pattern instanceof RegExp ? (text.match(pattern)?.[0].includes('\n') ?? false) : false,
    )
  for (const { name, PATTERN, LINE_BREAKS } of allTokens) {
    expect([name, LINE_BREAKS]).toEqual([name, spansLines(PATTERN)])
  }
})

describe('expressions', () => {
  test.each([
    ['1 + 2 * 3 ^ 2', '(+ 1 (* 2 (^ 3 2)))'],
    ['10 - 2 - 3', '(- (- 10 2) 3)'],
    ['-2 ^ 2', '(^ -2 2)'],
    ['- a.x', '(negate a.x)'],
    ['a OR b AND NOT c XOR d', '(or a (xor (and b (not c)) d))'],
    ['NOT NOT a', '(not (not a))'],
    ['1 < x <= 3', '(and (< 1 x) (<= x 3))'],
    ['a.x<-1', '(< a.x -1)'],
    ['a.x IS NOT NULL = true', '(= (isNotNull a.x) true)'],
    ["a.x + 1 IN [1, 2] AND b STARTS WITH 'x'", '(and (in (+ a.x 1) [1, 2]) (startsWith b "x"))'],
    ["a ENDS WITH 'x' OR a CONTAINS $p", '(or (endsWith a "x") (contains a $p))'],
    ['count(*)', 'count(*)'],
    ['COUNT(DISTINCT a.b)', 'count(a.b)'],
    ['a <> 1', '(<> a 1)'],
    ['a != 1', '(<> a 1)'],
    ['.5 + 1e3 + 1.5E-2', '(+ (+ 0.5 1000) 0.015)'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['(1 + 2) * 3', '(* (+ 1 2) 3)'],
    ['`odd name`.`a``b`', 'odd name.a`b'],
  ])('%s is %s', (text, expected) => {
    expect(shapeOf(text)).toBe(expected)
  })

  test('conditions joined by OR and AND may be many', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `a.id = ${index}`)
    expect(shapeOf(many.join(' OR '))).toMatch(/^\(or \(= a.id 0\) \(= a.id 1\)/)
    expect(shapeOf('a AND b AND c')).toBe('(and a b c)')
  })

  test('strings resolve escapes and keep unknown ones', () => {
    expect(shapeOf(String.raw`'it\'s\n\t\\ \u00e9 \U0001F600 C:\data "x"'`)).toBe(
      JSON.stringify('it\'s\n\t\\ é 😀 C:\\data "x"'),
    )
    expect(shapeOf('"it\'s"')).toBe('"it\'s"')
  })

  test('keywords are names where only a name can stand', () => {
    expect(shapeOf('a.order')).toBe('a.order')
    expect(shapeOf('a.`in`')).toBe('a.in')
    expect(parse('MATCH (n:Order {end: 1})-[:IN]->(m) RETURN n.desc AS limit')).toBeDefined()
    expect(
      parse('CREATE NODE TABLE Table(key STRING, from STRING, primary INT64, PRIMARY KEY(key))'),
    ).toBeDefined()
  })
})

describe('statements', () => {
  test('comments, case and a trailing semicolon do not matter', () => {
    expect(parse('checkpoint ; // done')).toMatchObject({ kind: 'checkpoint' })
    expect(parse('/* a; b */ drop TABLE if EXISTS T;')).toMatchObject({ kind: 'dropTable', ifExists: true })
  })

  test('a column is named by its text', () => {
    const query = parse('RETURN a.iata,  avg( f.delay ) AS mean, count(*)') as QueryStatement
    expect(query.parts[0]!.projection!.items.map(({ text, alias }) => alias?.text ?? text)).toEqual([
      'a.iata',
      'mean',
      'count(*)',
    ])
  })

  test('COPY takes options with or without = and value', () => {
    expect(
      parse(
        "COPY T(a, b) FROM ['x.csv', 'y.csv'] (HEADER, DELIM='|', SKIP 2, IGNORE_ERRORS=false, NULL_STRINGS=['NA',''])",
      ),
    ).toMatchObject({
      columns: [{ text: 'a' }, { text: 'b' }],
      sources: ['x.csv', 'y.csv'],
      options: [
        { name: { text: 'HEADER' }, value: true },
        { name: { text: 'DELIM' }, value: '|' },
        { name: { text: 'SKIP' }, value: 2 },
        { name: { text: 'IGNORE_ERRORS' }, value: false },
        { name: { text: 'NULL_STRINGS' }, value: ['NA', ''] },
      ],
    })
  })

  test('COPY takes a query in place of files', () => {
    const copy = parse("COPY T(a) FROM (LOAD FROM 'x.csv' (HEADER) WHERE a > 1 RETURN a) (IGNORE_ERRORS)")
    expect(copy).toMatchObject({
      kind: 'copy',
      columns: [{ text: 'a' }],
      sources: [],
      query: { kind: 'query', parts: [{ readings: [{ kind: 'load', sources: ['x.csv'] }] }] },
      options: [{ name: { text: 'IGNORE_ERRORS' }, value: true }],
    })
    expect(() => parse('COPY T FROM (MATCH (a)')).toThrow(/RETURN/)
    expect(() => parse('COPY T FROM ()')).toThrow()
  })

  test('statements are split at semicolons outside strings, names and comments', () => {
    expect(splitStatements("RETURN 1; RETURN ';' /* ; */; // ;\n;RETURN `;`")).toEqual([
      'RETURN 1',
      "RETURN ';' /* ; */",
      'RETURN `;`',
    ])
    expect(splitStatements(' ; // nothing\n')).toEqual([])
    expect(splitStatements("RETURN 1; RETURN 'open; RETURN 2")).toEqual([
      'RETURN 1',
      "RETURN 'open; RETURN 2",
    ])
  })

  test('a text of more words and signs than a statement may have is not cut into statements, and refused soon', () => {
    for (const piece of ['1;', ';', '1 ', "'a' "]) {
      const text = piece.repeat(Math.floor(2 ** 20 / piece.length))
      const before = process.cpuUsage()
      expect(() => splitStatements(text), piece).toThrow(/more than 200000 words and signs/)
      const { user, system } = process.cpuUsage(before)
      expect(user + system, piece).toBeLessThan(1_000_000)
    }
    expect(splitStatements('RETURN 1;'.repeat(60_000))).toHaveLength(60_000)
  })
})

describe('clauses that write', () => {
  const updatesOf = (text: string) => (parse(text) as QueryStatement).parts[0]!.updates

  test('a query ends with RETURN or with a clause that writes', () => {
    for (const text of ['CREATE (:A {id: 1})', 'MATCH (a:A) DELETE a', 'MERGE (a:A {id: 1}) RETURN a.id']) {
      expect(parse(text)).toMatchObject({ kind: 'query' })
    }
    for (const text of ['MATCH (a:A)', 'UNWIND [1] AS x', 'MATCH (a:A) WITH a']) {
      expect(errorOf(text)).toMatchObject({ code: 'MILLRACE_SYNTAX', expected: 'RETURN' })
    }
    expect(errorOf('RETURN 1 CREATE (:A {id: 1})')).toMatchObject({
      code: 'MILLRACE_SYNTAX',
      found: 'CREATE',
    })
  })

  test('what reads behind what writes begins a part', () => {
    const { parts } = parse('CREATE (a:A {id: 1}) MATCH (b:A) SET b.x = 1') as QueryStatement
    expect(parts.map(({ readings, updates }) => [readings.length, updates.length])).toEqual([
      [0, 1],
      [1, 1],
    ])
  })

  test('REMOVE sets NULL, and += sets one property after the other', () => {
    expect(updatesOf('MATCH (a:A) REMOVE a.x, a.y')).toMatchObject([
      {
        kind: 'set',
        assignments: [{ property: { text: 'x' }, value: { value: null } }, { property: { text: 'y' } }],
      },
    ])
    expect(updatesOf('MATCH (a:A) SET a += {x: 1, y: $y}, a.z = 2')).toMatchObject([
      {
        assignments: [{ property: { text: 'x' } }, { property: { text: 'y' } }, { property: { text: 'z' } }],
      },
    ])
  })

  test('MERGE takes ON CREATE SET and ON MATCH SET in any order', () => {
    expect(
      updatesOf('MERGE (a:A {id: 1}) ON MATCH SET a.x = 1, a.y = 2 ON CREATE SET a.z = 3'),
    ).toMatchObject([{ kind: 'merge', onMatch: [{}, {}], onCreate: [{}] }])
  })

  test('the words of these clauses are still names', () => {
    expect(parse('MATCH (set:Set {on: 1}) RETURN set.delete AS merge, set.begin AS read')).toBeDefined()
    expect(parse('MATCH (remove:A) DETACH DELETE remove')).toBeDefined()
  })

  test('transactions', () => {
    expect(parse('begin transaction')).toMatchObject({ kind: 'begin', readOnly: false })
    expect(parse('BEGIN TRANSACTION READ ONLY;')).toMatchObject({ kind: 'begin', readOnly: true })
    expect(parse('COMMIT')).toMatchObject({ kind: 'commit' })
    expect(parse('ROLLBACK')).toMatchObject({ kind: 'rollback' })
  })
})

describe('syntax errors name place, finding and expectation', () => {
  test.each([
    ['MATCH (a:Airport RETURN a', 1, 18, 'RETURN', "')'"],
    ['MATCH (a) RETRUN a', 1, 11, 'RETRUN', 'RETURN'],
    ['MATCH (a)\n WHERE a.x = = 2 RETURN a', 2, 14, '=', 'an expression'],
    ['RETURN 1 +', 1, 11, 'the end of the statement', 'an expression'],
    ['CREATE TABLE x', 1, 8, 'TABLE', "NODE, REL or '('"],
    ['CREATE NODE TABLE T(id, name STRING)', 1, 23, ',', 'a type'],
    ['CREATE NODE TABLE T(id INT64 PRIMARY, x STRING)', 1, 37, ',', 'KEY'],
    ['CREATE REL TABLE R(FROM A, x INT64)', 1, 26, ',', 'TO'],
    ['COPY T FROM x', 1, 13, 'x', "a string, '[' or '('"],
    ['RETURN CASE 1 END', 1, 15, 'END', 'WHEN'],
    ['MATCH (a)-[r:]->(b) RETURN a', 1, 14, ']', 'a name'],
    ["RETURN 'abc", 1, 8, 'an unclosed string', "a closing '"],
    ['RETURN `abc', 1, 8, 'an unclosed name', 'a closing `'],
    ['RETURN 1 /* abc', 1, 10, 'an unclosed comment', 'a closing */'],
    ['RETURN 1 ? 2', 1, 10, 'the character "?"', 'a word, number or symbol'],
    ['RETURN a b', 1, 10, 'b', 'the end of the statement'],
  ])('%s', (text, line, column, found, expected) => {
    expect(errorOf(text)).toMatchObject({ code: 'MILLRACE_SYNTAX', line, column, found, expected })
  })

  test('the excerpt marks the place with carets, also in a long line', () => {
    expect(errorOf('MATCH (a) RETRUN a').excerpt).toBe('  MATCH (a) RETRUN a\n            ^^^^^^')
    expect(errorOf('\n\n').excerpt).toBe('  \n  ^')
    const long = `RETURN ${'x + '.repeat(100)} ) + ${'y + '.repeat(100)}`
    const [line, carets] = String(errorOf(long).excerpt).split('\n')
    expect(line!.length).toBeLessThan(110)
    expect(line![carets!.indexOf('^')]).toBe(')')
  })

  test.each([
    ['OPTIONAL MATCH (a) RETURN a', 'OPTIONAL MATCH'],
    ['MATCH (a)-[:R*1..3]->(b) RETURN a', 'A relationship of variable length'],
    ['RETURN 1 UNION RETURN 2', 'UNION'],
    ["COPY (MATCH (a) RETURN a) TO 'a.csv' (HEADER=true)", 'COPY … TO'],
    ["COPY T TO 'a.csv'", 'COPY … TO'],
  ])('%s: not there yet is told apart from wrong', (text, what) => {
    expect(errorOf(text)).toMatchObject({ code: 'MILLRACE_UNSUPPORTED', what })
  })

  test('an overlong statement is refused before it is read', () => {
    expect(errorOf(`RETURN ${'1 + '.repeat(300_000)}1`)).toMatchObject({ code: 'MILLRACE_ARGUMENT' })
  })

  test.each(['1 ', '(', ';', '-', "''", '`', '1,', '\\', 'a.'])(
    'a statement of ever so many %j is refused before it holds up others',
    (token) => {
      const before = process.cpuUsage()
      expect(errorOf(token.repeat(Math.floor(1_000_000 / token.length)))).toMatchObject({
        code: 'MILLRACE_ARGUMENT',
      })
      const { user, system } = process.cpuUsage(before)
      expect(user + system).toBeLessThan(2_000_000)
    },
  )

  test('a long text of few words is read', () => {
    expect(parse(`RETURN '${'x'.repeat(500_000)}' // ${'comment '.repeat(20_000)}`).kind).toBe('query')
  })

  test('an empty name says so', () => {
    expect(errorOf('MATCH (a:``) RETURN a')).toMatchObject({ found: 'an empty name', column: 10 })
  })

  test('deep nesting is refused, not a stack overflow', () => {
    const deep = `RETURN ${'('.repeat(20_000)}1${')'.repeat(20_000)}`
    expect(errorOf(deep)).toMatchObject({ code: 'MILLRACE_SYNTAX', column: 108 })
    expect(errorOf(`RETURN ${'- '.repeat(5000)}1`).code).toBe('MILLRACE_SYNTAX')
    expect(errorOf(`RETURN ${'CASE WHEN '.repeat(5000)}1`).code).toBe('MILLRACE_SYNTAX')
    expect(shapeOf(`${'('.repeat(99)}1${')'.repeat(99)}`)).toBe('1')
  })
})
