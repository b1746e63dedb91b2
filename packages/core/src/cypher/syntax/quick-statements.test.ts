import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Statement } from './ast.js'
import { quickStatement } from './quick-statements.js'
import { StatementGrammar } from './statement-grammar.js'
import { statementLexer } from './tokens.js'

const grammar = new StatementGrammar()

/** What the grammar reads; null when it refuses the text. */
function byGrammar(text: string): Statement | null {
  const { tokens, errors } = statementLexer().tokenize(text)
  grammar.input = tokens
  const statement = grammar.parseStatement(text)
  return errors.length > 0 || grammar.errors.length > 0 ? null : statement
}

const plain = [
  'CREATE NODE TABLE Town(id INT64, name STRING, PRIMARY KEY(id))',
  'create node table if not exists Town (\n  id INT64 PRIMARY KEY,\n\tname STRING\n) ;;\n',
  'CREATE NODE TABLE PRIMARY(PRIMARY KEY, KEY STRING PRIMARY KEY)',
  'CREATE NODE TABLE T(a INT64, PRIMARY KEY(a, b), PRIMARY KEY(c))',
  'CREATE NODE TABLE T(primary key primary key)',
  'CREATE REL TABLE Road(FROM Town TO Town)',
  'CREATE REL TABLE IF NOT EXISTS Road(FROM Town TO Town, since DATE, to INT64)',
  "COPY Town FROM 'a.csv'",
  'COPY Town(id, name) FROM ["a.csv", \'b c.csv\'];',
  "  COPY FROM FROM ''",
]

const notPlain = [
  'CREATE NODE TABLE `Town`(id INT64, PRIMARY KEY(id))',
  'CREATE NODE TABLE Städte(id INT64, PRIMARY KEY(id))',
  'CREATE REL TABLE Road(FROM Town TO Town, MANY_ONE)',
  "COPY Town FROM 'a.csv' (HEADER = true)",
  "COPY Town FROM 'it\\'s.csv'",
  "COPY Town FROM 'a.csv' // all of it",
  'DROP TABLE Town',
  'CHECKPOINT',
  'MATCH (t) RETURN t',
  '',
  ';',
]

const mistaken = [
  'CREATE NODE TABLE Town(id INT64, name STRING',
  'CREATE NODE TABLE Town()',
  'CREATE NODE TABLE Town(id INT64,)',
  'CREATE NODE TABLE IF NOT Town(id INT64)',
  'CREATE NODE TABLE many_many(id INT64)',
  'CREATE REL TABLE Road(FROM Town)',
  'COPY Town FROM',
  'COPY Town FROM a.csv',
  "COPY Town FROM 'a.csv' 'b.csv'",
  "COPY Town() FROM 'a.csv'",
  'CREATE NODE TABLE Town(id INT64) COPY',
]

describe('statements read without the grammar', () => {
  test.each(plain)('%j is read as the grammar reads it', (text) => {
    expect(quickStatement(text)).not.toBeNull()
    expect(quickStatement(text)).toEqual(byGrammar(text))
  })

  test.each(notPlain)('%j is left to the grammar', (text) => {
    expect(quickStatement(text)).toBeNull()
  })

  test.each(mistaken)('%j is left to the grammar, whose error it is', (text) => {
    expect(quickStatement(text)).toBeNull()
    expect(byGrammar(text)).toBeNull()
  })

  test('whatever is read, the grammar reads in the same way', () => {
    const words = [
      ...['CREATE', 'NODE', 'REL', 'TABLE', 'IF', 'NOT', 'EXISTS', 'PRIMARY', 'KEY', 'FROM', 'TO', 'COPY'],
      ...['(', ')', ',', ';', '[', ']', "'a'", '"b"', 'name', 'INT64', 'ONE_MANY', '=', '1', '`q`', '//'],
    ]
    const starts = ['CREATE NODE TABLE T(a B', 'CREATE REL TABLE T(FROM A TO B', 'COPY T FROM', '']
    const texts = fc.tuple(
      fc.constantFrom(...starts),
      fc.array(fc.tuple(fc.constantFrom(' ', '\n', '\t', ''), fc.constantFrom(...words)), { maxLength: 9 }),
    )
    fc.assert(
      fc.property(texts, ([start, tail]) => {
        const text = start + tail.map(([blank, word]) => blank + word).join('')
        const quick = quickStatement(text)
        if (quick !== null) expect(quick).toEqual(byGrammar(text))
      }),
      { numRuns: 2000 },
    )
  })
})
