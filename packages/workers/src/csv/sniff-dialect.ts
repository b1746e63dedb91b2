/**
 * Guesses delimiter, quote, escape, comments and line ends. Each candidate is tried on the sample; the one in
 * which most records have as many fields as the first wins, and the usual one where several do as well.
 */
import { type Dialect, type DialectOptions, makeDialect } from './dialect.js'
import { readRows, readRowsStrictly } from './sample.js'

/** A dialect that was tried, and what the sample's records are in it. */
export interface TriedDialect {
  readonly dialect: Dialect
  readonly rows: string[][]
}

/** From the most usual to the least. */
const delimiters = [',', ';', '\t', '|', '\x1f', '^', '~']

/** How much better another quoting or comment must do than the usual one. */
const clearlyBetter = 0.001

/** How many records have as many fields as most; nothing when that is but one field. */
function fitness(rows: readonly string[][]): number {
  const counts = new Map<number, number>()
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1)
  let [width, alike] = [0, 0]
  for (const [length, count] of counts) if (count > alike) [width, alike] = [length, count]
  if (width < 2) return 0
  return (alike / rows.length) * (1 + width / 1000)
}

/**
 * The records of `text` in a dialect, as whoever sees more of them: csv-parser, which has `found` them, or
 * the import.
 */
function rowsIn(
  text: Buffer,
  dialect: Dialect,
  skip: number,
  found = readRows(text, dialect, skip),
): { rows: string[][]; badQuotes: number } {
  const strictly = readRowsStrictly(text, dialect, skip)
  // csv-parser takes any quote for an opening one; where that makes other records of the text than the import
  // will, the import's count.
  const rows = strictly.rowCount > found.length ? strictly.rows() : found
  return { rows, badQuotes: strictly.badQuotes }
}

/** Which other quotings are worth trying on the text. */
function quotings(text: Buffer, options: DialectOptions): DialectOptions[] {
  const tried: DialectOptions[] = []
  const add = (quote: string, before: string) => {
    const isOpen = options.quote === undefined || options.quote === quote
    const fits = options.escape === undefined || options.escape === before
    if (isOpen && fits) tried.push({ quote, escape: before })
  }
  if (text.includes('\\"')) add('"', '\\')
  if (text.includes("'")) {
    add("'", "'")
    if (text.includes("\\'")) add("'", '\\')
  }
  return tried
}

/**
 * Every field that begins with a single quote ends with one, and there are such fields, but no others quoted.
 */
function isSingleQuoted(rows: readonly string[][]): boolean {
  let quoted = 0
  for (const row of rows) {
    for (const cell of row) {
      if (!cell.startsWith("'")) continue
      if (cell.length < 2 || !cell.endsWith("'")) return false
      quoted++
    }
  }
  return quoted > 0
}

function findDelimiter(text: Buffer, options: DialectOptions, skip: number): TriedDialect {
  const taken = [options.quote, options.comment]
  const free = delimiters
    .filter((each) => !taken.includes(each))
    // What does not occur separates nothing. The first stands for a single column.
    .filter((each, i) => i === 0 || text.includes(each))
  const given = options.delimiter === undefined ? free : [options.delimiter]
  let best: (TriedDialect & { readonly fitness: number }) | undefined
  for (const delimiter of given) {
    const dialect = makeDialect({ ...options, delimiter })
    const rows = readRows(text, dialect, skip)
    const fits = fitness(rows)
    if (best === undefined || fits > best.fitness) best = { dialect, rows, fitness: fits }
  }
  return best!
}

/** What the sample is written in, as far as `options` leave it open. */
export function findDialect(text: Buffer, options: DialectOptions, skip: number): TriedDialect {
  let best = findDelimiter(text, options, skip)
  let { rows, badQuotes } = rowsIn(text, best.dialect, skip, best.rows)
  best = { ...best, rows }
  for (const quoting of quotings(text, options)) {
    const tried = findDelimiter(text, { ...options, ...quoting }, skip)
    const found = rowsIn(text, tried.dialect, skip, tried.rows)
    const better = fitness(found.rows) - fitness(rows)
    const fewer = found.badQuotes < badQuotes && better >= 0
    const isSingle = quoting.quote === "'" && badQuotes === 0 && isSingleQuoted(rows) && better >= 0
    if (found.badQuotes <= badQuotes && (fewer || isSingle || better > clearlyBetter)) {
      best = { dialect: tried.dialect, rows: found.rows }
      rows = found.rows
      badQuotes = found.badQuotes
    }
  }
  return withComments(text, options, skip, best)
}

/** `best`, or the same with comments where lines that begin with `#` are no records of the others' kind. */
function withComments(text: Buffer, options: DialectOptions, skip: number, best: TriedDialect): TriedDialect {
  if (options.comment !== undefined || !best.rows.some(([first]) => first?.startsWith('#'))) return best
  const dialect = { ...best.dialect, comment: 0x23 }
  if (dialect.delimiter === dialect.comment || dialect.quote === dialect.comment) return best
  const { rows } = rowsIn(text, dialect, skip)
  return fitness(rows) > fitness(best.rows) + clearlyBetter ? { dialect, rows } : best
}

/** How lines end: `\n`, `\r\n`, `\r`, or several of them. */
export type LineEnd = '\n' | '\r\n' | '\r' | 'mixed'

/** How the lines of `text` end, those within quotes included; `\n` where there is none. */
export function lineEndOf(text: Buffer): LineEnd {
  const found = new Set<LineEnd>()
  for (let at = 0; at < text.length && found.size < 2; at++) {
    if (text[at] === 0x0a) found.add('\n')
    if (text[at] !== 0x0d) continue
    const isPair = text[at + 1] === 0x0a
    found.add(isPair ? '\r\n' : '\r')
    if (isPair) at++
  }
  const [only = '\n'] = found
  return found.size > 1 ? 'mixed' : only
}
