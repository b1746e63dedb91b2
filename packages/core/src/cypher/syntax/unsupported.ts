/** Clauses of Cypher that people write and Millrace does not have yet: told apart from typing errors. */

import { MillraceError } from '../../errors/index.js'
import type { IToken } from './chevrotain.js'

const seeDocs = 'See docs/cypher.md for what there is.'

const writeRows = 'Use a query and write its rows, as millrace query with --format csv does.'

/** Words that begin a clause that is not there, with what to do instead. */
const hints: Readonly<Record<string, string>> = {
  OPTIONAL: 'Run a second query for what may be missing.',
  UNION: 'Run the queries one after the other.',
  ALTER: 'Create a new table and load into it.',
  EXPORT: writeRows,
  IMPORT: 'Use COPY … FROM.',
  EXPLAIN: 'Run the query itself.',
  PROFILE: 'Run the query itself.',
  FOREACH: seeDocs,
}

/**
 * The error for a clause that is not there, when that is what the parser stumbled over; else undefined.
 * @param first of the statement
 */
export function unsupportedClause(
  wrong: IToken,
  expected: string,
  first: IToken | undefined,
): MillraceError | undefined {
  const word = wrong.image.toUpperCase()
  if (first?.image.toUpperCase() === 'COPY' && (expected === 'a name' ? word === '(' : word === 'TO')) {
    return unsupported('COPY … TO', writeRows)
  }
  if (wrong.image === '*' && expected.includes("']'")) {
    return unsupported('A relationship of variable length', 'Write the hops out: (a)-[:R]->()-[:R]->(b).')
  }
  const hint = Object.hasOwn(hints, word) ? hints[word] : undefined
  if (hint === undefined) return undefined
  return unsupported(word === 'OPTIONAL' ? 'OPTIONAL MATCH' : word, hint)
}

function unsupported(what: string, hint: string): MillraceError {
  return new MillraceError('MILLRACE_UNSUPPORTED', { what, hint })
}
