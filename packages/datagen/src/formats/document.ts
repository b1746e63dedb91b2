/**
 * A document: the pieces of which an output is made, in order. Texts are as they are; rows are made by
 * workers.
 *
 * Parts: the pieces are cut at places that depend on the numbers of rows only, never within an INSERT
 * statement. A text belongs to the part with the row behind it, the last texts to the last part; so all parts
 * one after the other are the whole, byte for byte.
 */
import { type Projection, tablesInOrder } from '../plan/index.js'
import { quoteIdentifier, type Table } from '../schema/index.js'
import { type DumpFacts, dumpHead, dumpTail } from './ddl.js'
import type { FormatName } from './dialect.js'
import { columnList } from './row-writer.js'

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'rows'
      readonly table: Table
      readonly first: number
      readonly end: number
      readonly projection?: Projection
    }

/** One file, or one stream. */
export interface Document {
  /** The table of a CSV file; absent for dumps, which hold all tables. */
  readonly table?: Table
  readonly pieces: readonly Piece[]
}

/** What decides a document, besides its data. */
export interface DocumentOptions {
  readonly format: FormatName
  /** Rows of an INSERT statement. */
  readonly insertRows: number
  /** CSV: with a line of names. */
  readonly header: boolean
  /** Only these tables; absent: all. */
  readonly tables?: readonly string[]
  /** Part `index` of `count`, from 1 on. */
  readonly part?: { readonly index: number; readonly count: number }
}

/** The documents of a plan: a CSV file for each table, or one dump. */
export function documentsOf(facts: DumpFacts, options: DocumentOptions): Document[] {
  const isWanted = ({ name }: Table) => options.tables === undefined || options.tables.includes(name)
  const tables = tablesInOrder(facts.schema).filter(isWanted)
  const cut = (pieces: readonly Piece[]) => partOf(pieces, options)
  if (options.format === 'csv') {
    return tables.map((table) => ({
      table,
      pieces: cut([...headerOf(table, options), rowsOf(table, facts)]),
    }))
  }
  const data = tables.flatMap((table) => dataOf(table, facts, options.format))
  // A choice of tables is their data alone: what they refer to may be elsewhere.
  const isWhole = options.tables === undefined
  const head: Piece[] = isWhole ? [{ kind: 'text', text: dumpHead(facts) }] : []
  const tail: Piece[] = isWhole ? [{ kind: 'text', text: dumpTail(facts) }] : []
  return [{ pieces: cut([...head, ...data, ...tail]) }]
}

function rowsOf(table: Table, facts: DumpFacts): Piece {
  return { kind: 'rows', table, first: 0, end: facts.rowsOf(table) }
}

function headerOf(table: Table, { header }: DocumentOptions): Piece[] {
  if (!header) return []
  const names = table.columns.map(({ name }) =>
    /[",\r\n]/.test(name) || name === '' ? `"${name.replaceAll('"', '""')}"` : name,
  )
  return [{ kind: 'text', text: `${names.join(',')}\n` }]
}

function dataOf(table: Table, facts: DumpFacts, format: FormatName): Piece[] {
  if (facts.rowsOf(table) === 0) return []
  if (format === 'sql') return [rowsOf(table, facts), { kind: 'text', text: '\n' }]
  const head = `COPY ${quoteIdentifier(table.name)} (${columnList(table)}) FROM stdin;\n`
  return [{ kind: 'text', text: head }, rowsOf(table, facts), { kind: 'text', text: '\\.\n\n' }]
}

function partOf(pieces: readonly Piece[], { part, format, insertRows }: DocumentOptions): readonly Piece[] {
  if (part === undefined) return pieces
  const total = pieces.reduce((sum, piece) => sum + (piece.kind === 'rows' ? piece.end - piece.first : 0), 0)
  const grain = format === 'sql' ? insertRows : 1
  const from = Math.floor((total * (part.index - 1)) / part.count)
  const to = Math.floor((total * part.index) / part.count)
  const isLast = part.index === part.count
  const own: Piece[] = []
  let before = 0
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      if (before >= total ? isLast : before >= from && before < to) own.push(piece)
      continue
    }
    const rows = piece.end - piece.first
    // Cuts fall on whole statements of the table.
    const place = (cut: number) =>
      cut >= before + rows ? rows : Math.max(0, Math.floor((cut - before) / grain) * grain)
    const [first, end] = [place(from), place(to)]
    if (end > first) own.push({ ...piece, first: piece.first + first, end: piece.first + end })
    before += rows
  }
  return own
}
