/**
 * Guesses delimiter, quote, escape, comments and line ends. Each candidate is tried on the sample; the one in
 * which most records have as many fields as most wins, and the usual one where several do as well.
 */
import { sniffPaddingBytes } from '../limits.js'
import { type Dialect, type DialectOptions, makeDialect } from './dialect.js'
import { readRows, readRowsStrictly, type Sample, type StrictRows } from './sample.js'

/** A dialect that was tried, and what the sample's records are in it. */
export interface TriedDialect {
  readonly dialect: Dialect
  readonly rows: string[][]
  readonly strictly: StrictRows
}

/** What is compared of candidates. */
interface Candidate extends TriedDialect {
  /** The share of records that have as many fields as most; 0 when that is but one field. */
  readonly alike: number
  /** The same, more of it for more fields. */
  readonly fitness: number
}

/** From the most usual to the least. */
const delimiters = [',', ';', '\t', '|', '\x1f', '\x01', '^', '~']

/** How much better another quoting or comment must do than the usual one. */
const clearlyBetter = 0.001

/**
 * Fields of most records, the more of them where as many records have either; and how many records have them.
 */
export function usualWidth(widths: readonly number[]): { width: number; alike: number } {
  const counts = new Map<number, number>()
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1)
  let [width, alike] = [0, 0]
  for (const [each, count] of counts) {
    if (count > alike || (count === alike && each > width)) [width, alike] = [each, count]
  }
  return { width, alike }
}

/** How well a dialect fits records of these widths. */
function fitnessOf(widths: readonly number[]): { alike: number; fitness: number } {
  const { width, alike } = usualWidth(widths)
  const share = width < 2 ? 0 : alike / widths.length
  return { alike: share, fitness: share * (1 + width / 1000) }
}

/**
 * The sample in a dialect. csv-parser reads its first records, which takes many times as long as what the
 * import reads. It takes any quote for an opening one; where that makes other records of the text than the
 * import will, the import's count.
 */
function tryDialect(sample: Sample, dialect: Dialect): Candidate {
  const { text } = sample
  const strictly = readRowsStrictly(sample, dialect)
  const { widths } = strictly
  const fit = fitnessOf(widths)
  // csv-parser trims nothing but ends, and knows but one line end in a file.
  if (dialect.trim || lineEndOf(text) === 'mixed') return { dialect, strictly, rows: strictly.rows(), ...fit }
  const { end, records } = strictly.head
  const found = readRows({ ...sample, text: text.subarray(0, end) }, dialect)
  const isSame = found.length === records && found.every(({ length }, i) => length === widths[i])
  const rows = strictly.rows()
  return { dialect, strictly, rows: isSame ? [...found, ...rows.slice(records)] : rows, ...fit }
}

/** A field in quotes that has spaces between them and a delimiter or a line end, on either side. */
const paddedQuotes =
  /[,;:|^~\t][ \t]+(["'])(?:(?!\1)[^\\]|\1\1|\\.)*\1[ \t]*(?:[,;:|^~\t\r\n]|$)|["'][ \t]+[,;:|^~\r\n]/s

/** Whether nothing is said of how fields are quoted. */
function isQuotingOpen(options: DialectOptions): boolean {
  return options.quote === undefined && options.escape === undefined
}

/** Which other quotings are worth trying on the text. */
function quotings(text: Buffer, options: DialectOptions): DialectOptions[] {
  const tried: DialectOptions[] = []
  const start = text.toString('latin1', 0, sniffPaddingBytes)
  const isPadded = options.trim === undefined && isQuotingOpen(options) && paddedQuotes.test(start)
  const add = (quote: string, before: string) => {
    const isOpen = options.quote === undefined || options.quote === quote
    const fits = options.escape === undefined || options.escape === before
    if (!isOpen || !fits) return
    if (quote !== '"' || before !== '"') tried.push({ quote, escape: before })
    if (isPadded) tried.push({ quote, escape: before, trim: true })
  }
  add('"', '"')
  if (text.includes('\\"')) add('"', '\\')
  if (text.includes("'")) {
    add("'", "'")
    if (text.includes("\\'")) add("'", '\\')
  }
  return tried
}

/**
 * Every field that begins with a single quote ends with one, and there are such fields, but none in other
 * quotes.
 */
function isSingleQuoted({ rows, strictly }: Candidate): boolean {
  if (strictly.badQuotes > 0 || strictly.quotedFields > 0) return false
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

/** A number with a decimal comma, perhaps in groups of thousands, or an amount of some currency or unit. */
const decimalComma =
  /^(?:\p{Sc} ?)?[-+]?(?:\d*|\d{1,3}(?:\.\d{3})+),\d+(?:e[-+]?\d+)?(?:[ \u00a0\u202f]?(?:\p{Sc}|%|[a-z]{3}))?$/iu
const plainNumber = /^[-+]?\d*(?:\.\d+)?(?:e[-+]?\d+)?$/i

/** How many columns hold nothing but numbers below a record that may be a header. All records are alike. */
function numberColumns({ rows }: Candidate): number {
  const [first = []] = rows
  const below = rows.length > 1 ? rows.slice(1) : rows
  const isNumber = (cell: string) => plainNumber.test(cell) || decimalComma.test(cell)
  return first.filter((_, i) => below.every((row) => isNumber(row[i]!))).length
}

/**
 * Whether `other` separates better than `one`, which is more usual. Of two that do as well, the one that
 * leaves quotes around fields and numbers whole is better.
 */
function isFitter(other: Candidate, one: Candidate): boolean {
  // By a wrong delimiter, most quotes may be wrong, and the few records left all alike.
  const fitOf = ({ fitness, strictly: { widths, badQuotes } }: Candidate) =>
    widths.length === 0 ? 0 : (fitness * widths.length) / (widths.length + badQuotes)
  const better = fitOf(other) - fitOf(one)
  if (better !== 0 || one.alike < 1) return better > 0
  const moreQuoted = other.strictly.quotedFields - one.strictly.quotedFields
  if (moreQuoted !== 0) return moreQuoted > 0
  return numberColumns(other) > numberColumns(one)
}

/**
 * Whether the commas by which `fittest` separates are those of numbers in `other`, which separates all
 * records alike: `1,5;2,5`. Semicolons and tabs stand there where commas stand in numbers.
 */
function hasDecimalCommas(other: Candidate, fittest: Candidate): boolean {
  const isUsual = other.dialect.delimiter === 0x3b || other.dialect.delimiter === 0x09
  if (fittest.dialect.delimiter !== 0x2c || !isUsual || other.alike < 1) return false
  return other.rows.every((row) => row.every((cell) => !cell.includes(',') || decimalComma.test(cell)))
}

function findDelimiter(sample: Sample, options: DialectOptions): Candidate {
  const { text } = sample
  const taken = [options.quote, options.comment]
  const free = delimiters.filter((each) => !taken.includes(each))
  // What does not occur separates nothing. The first stands for a single column.
  const given = free.filter((each, i) => i === 0 || text.includes(each))
  const tried = (options.delimiter === undefined ? given : [options.delimiter]).map((delimiter) =>
    tryDialect(sample, makeDialect({ ...options, delimiter })),
  )
  const fittest = tried.reduce((one, other) => (isFitter(other, one) ? other : one))
  const best = tried.find((each) => hasDecimalCommas(each, fittest)) ?? fittest
  const isProse = best.fitness === 0 && best.strictly.widths.some((width) => width > 1)
  const absent = free.find((each) => !text.includes(each))
  if (options.delimiter !== undefined || !isProse || absent === undefined) return best
  // Most lines are one field, and the delimiters in others are text.
  return tryDialect(sample, makeDialect({ ...options, delimiter: absent }))
}

/** One column, all of it in quotes but for its name: what is in them separates nothing. */
function isQuotedColumn({ strictly }: Candidate): boolean {
  const { badQuotes, quotedFields, widths } = strictly
  const isQuoted = badQuotes === 0 && quotedFields > 0 && quotedFields >= widths.length - 1
  return isQuoted && widths.every((width) => width === 1)
}

/**
 * Whether `other` has the same records as `best`, which has no quotes: all of them alike, some in quotes, and
 * none of these wrong.
 */
function isWhollyQuoted({ strictly, alike }: Candidate, best: Candidate): boolean {
  const isClean = alike === 1 && strictly.badQuotes === 0 && strictly.quotedFields > 0
  return isClean && best.strictly.quotedFields === 0 && strictly.widths.length === best.strictly.widths.length
}

/** Whether `other` reads the sample better than `best`, which is the more usual quoting. */
function isBetterQuoting(other: Candidate, best: Candidate): boolean {
  if (isQuotedColumn(best)) return false
  if (isQuotedColumn(other) && best.strictly.quotedFields === 0) return true
  const [quoted, quotedBefore] = [other.strictly.quotedFields, best.strictly.quotedFields]
  const isSameQuote = other.dialect.quote === best.dialect.quote
  if (isWhollyQuoted(other, best)) return true
  // Delimiters in quotes that count as text make more fields, and leave no quotes to be wrong.
  if (!isSameQuote && quotedBefore > quoted) return other.alike - best.alike > clearlyBetter
  const isOwn = isSameQuote || quotedBefore === 0
  const isPadded = other.dialect.trim && isOwn && quoted > quotedBefore
  // Delimiters in quotes that spaces stand around made more fields of the records before.
  const better = isPadded && other.fitness > 0 ? other.alike - best.alike : other.fitness - best.fitness
  const [bad, badBefore] = [other.strictly.badQuotes, best.strictly.badQuotes]
  if (bad > badBefore || better < 0) return false
  const isSingle = String.fromCharCode(other.dialect.quote) === "'" && isSingleQuoted(best)
  return bad < badBefore || isSingle || isPadded || better > clearlyBetter
}

/** What the sample is written in, as far as `options` leave it open. */
export function findDialect(sample: Sample, options: DialectOptions): TriedDialect {
  const best = findQuoting(sample, options)
  if (options.comment !== undefined || !mayHaveComments(sample.text)) return best
  if ([options.delimiter, options.quote, options.escape].includes('#')) return best
  // Comments have delimiters and quotes of their own, or none: without them others may be found.
  const tried = findQuoting(sample, { ...options, comment: '#' })
  return isBetterCommented(tried, best) ? tried : best
}

/** Whether some line begins as comments mostly do. */
function mayHaveComments(text: Buffer): boolean {
  return text[0] === 0x23 || text.includes('\n#') || text.includes('\r#')
}

/** Whether `tried` reads more records alike than `best`, or leaves out nothing but what `best` refuses. */
function isBetterCommented(tried: Candidate, best: Candidate): boolean {
  const isSame = tried.strictly.widths.length === best.strictly.widths.length
  const isCleaner = isSame && tried.strictly.badQuotes < best.strictly.badQuotes
  return tried.fitness > best.fitness + clearlyBetter || (isCleaner && tried.fitness >= best.fitness)
}

/** Delimiter, quote and escape, where comments are what `options` say. */
function findQuoting(sample: Sample, options: DialectOptions): Candidate {
  let best = findDelimiter(sample, options)
  for (const quoting of quotings(sample.text, options)) {
    const tried = findDelimiter(sample, { ...options, ...quoting })
    if (isBetterQuoting(tried, best)) best = tried
  }
  return withoutQuotes(sample, options, best)
}

/**
 * `best`, or the same without quoting, where quotes stand at the beginning of texts more often than around
 * them.
 */
function withoutQuotes(sample: Sample, options: DialectOptions, best: Candidate): Candidate {
  const { textBehindQuote, quotedFields } = best.strictly
  if (!isQuotingOpen(options) || textBehindQuote <= quotedFields) return best
  const tried = findDelimiter(sample, { ...options, quote: '' })
  return tried.fitness >= best.fitness ? tried : best
}

/** How lines end: `\n`, `\r\n`, `\r`, or several of them. */
export type LineEnd = '\n' | '\r\n' | '\r' | 'mixed'

/** How the lines of `text` end, those within quotes included; `\n` where there is none. */
export function lineEndOf(text: Buffer): LineEnd {
  if (!text.includes(0x0d)) return '\n'
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
