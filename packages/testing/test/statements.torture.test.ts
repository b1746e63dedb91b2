/**
 * Statements from anybody: the parser and the planner end soon, with a statement or an error of the
 * catalogue.
 */
import { applyChange, type Catalog, emptyCatalog, isMillraceError, planTable } from '@millrace/core/internal'
import { parse, prepare, splitStatements } from '@millrace/core/query'
import { expectBounded, mutate, type Random, torture } from '@millrace/testing'
import { describe, expect, it } from 'vitest'

function makeCatalog(): Catalog {
  const person = planTable(emptyCatalog, {
    kind: 'node',
    name: 'Person',
    columns: [
      { name: 'id', type: 'INT64' },
      { name: 'name', type: 'STRING' },
      { name: 'born', type: 'DATE' },
    ],
    keyColumn: 0,
  })
  const nodes = applyChange(emptyCatalog, { kind: 'createTable', table: person })
  const knows = planTable(nodes, {
    kind: 'rel',
    name: 'Knows',
    fromTable: 'Person',
    toTable: 'Person',
    columns: [{ name: 'since', type: 'DATE' }],
  })
  return applyChange(nodes, { kind: 'createTable', table: knows })
}

const catalog = makeCatalog()

const corpus = [
  'CREATE NODE TABLE IF NOT EXISTS T(id INT64, `a b` STRING, d DOUBLE, PRIMARY KEY(id))',
  'CREATE REL TABLE R(FROM Person TO Person, weight DOUBLE, MANY_ONE)',
  'DROP TABLE IF EXISTS Person',
  "COPY Person(id, name) FROM ['a.csv', 'b*.csv'] (HEADER=true, DELIM='|', NULL_STRINGS=['', 'NA'], IGNORE_ERRORS)",
  'CHECKPOINT;',
  'MATCH (p:Person) WHERE p.id = $id AND p.name STARTS WITH "A" RETURN p.name AS name, count(*) ORDER BY name DESC SKIP 2 LIMIT 10',
  'MATCH (a:Person)-[k:Knows]->(b:Person)<-[:Knows]-(c:Person) WHERE a.id <> c.id RETURN DISTINCT a, b.name, k.since',
  "MATCH (p:Person) WITH p.name AS n, collect(p.id) AS ids WHERE size(ids) > 1 UNWIND ids AS i RETURN n, i + 1.5e3 * -2 % 7 ^ 2, CASE WHEN i > 3 THEN 'x' ELSE null END",
  "RETURN date('2020-02-29'), [1, 2, 3][0], 'it\\'s', \"\\u00e9\", 0x1f, true XOR NOT false /* c */ // d",
  'OPTIONAL MATCH (p:Person {id: 7}) RETURN coalesce(p.name, toString(p.born)) IN ["a", null]',
]

const words = [
  ...corpus.flatMap((text) => text.match(/\w+|[^\s\w]|\s+/g) ?? []),
  ...['MERGE', 'SET', 'DELETE', 'BEGIN TRANSACTION', 'COMMIT', 'UNION', '`', "'", '"', '/*', '--', '$', '\0'],
  ...[
    '((((((((((',
    '[[[[[[[[',
    '- - - - -',
    'NOT NOT NOT ',
    '9'.repeat(400),
    '1e999',
    '\ud800',
    '😀',
    '..',
    '<--',
  ],
]

const oneOf = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!

function soup(random: Random): string {
  return Array.from({ length: 1 + random.below(60) }, () => oneOf(words, random)).join(
    random.chance() ? ' ' : '',
  )
}

/** A statement with a part repeated: what makes lexers and parsers slow. */
function repeated(random: Random): string {
  const text = oneOf(corpus, random)
  const from = random.below(text.length)
  const part = text.slice(from, from + 1 + random.below(12))
  return text.slice(0, from) + part.repeat(1 + random.below(3000)) + text.slice(from)
}

function mutated(random: Random): string {
  return Buffer.from(mutate(Buffer.from(oneOf(corpus, random)), random)).toString('utf8')
}

function expectRead(text: string): void {
  expectBounded(() => parse(text))
  expectBounded(() => splitStatements(text))
  expectBounded(() => prepare(text, catalog))
}

describe('a statement', () => {
  it('of the corpus is understood, or refused as not supported', () => {
    const codes = corpus.map((text) => {
      const outcome = expectBounded(() => parse(text))
      return 'code' in outcome ? outcome.code : 'parsed'
    })
    expect(codes.filter((code) => code === 'parsed').length).toBeGreaterThanOrEqual(6)
  })

  it('that was damaged is read or refused soon', async () => {
    await torture(300, ({ random }) => expectRead(mutated(random)))
  })

  it('of any words in any order is read or refused soon', async () => {
    await torture(300, ({ random }) => expectRead(soup(random)))
  })

  it('that repeats itself is read or refused soon', async () => {
    await torture(40, ({ random }) => expectRead(repeated(random)))
  })

  it('of great length is read or refused soon, whatever is repeated in it', () => {
    const length = 1 << 17
    for (const part of [
      '(',
      '[',
      '{',
      '-',
      '- ',
      'NOT ',
      'a.',
      "'",
      '`',
      '/*',
      ' ',
      '1+',
      'CASE ',
      '<',
      'a,',
      '\\',
      '\n',
    ]) {
      const text = `RETURN ${part.repeat(Math.floor(length / part.length))}`
      const before = process.cpuUsage()
      for (const read of [parse, splitStatements]) {
        try {
          read(text)
        } catch (error) {
          if (!isMillraceError(error) || error.code === 'MILLRACE_INTERNAL') {
            throw new Error(`${JSON.stringify(part)}: ${String(error)}`, { cause: error })
          }
        }
      }
      const { user, system } = process.cpuUsage(before)
      expect(user + system, JSON.stringify(part)).toBeLessThan(10_000_000)
    }
  })
})
