/**
 * Binds LOAD FROM and CALL: rows from outside become columns, each a variable by its name.
 *
 * - What columns there are is asked of the `ExternalSources` that the statement is prepared with.
 * - Columns that the statement never names are not read, unless it says `*`.
 */
import { MillraceError } from '../../errors/index.js'
import type { ExternalRows, ExternalSources } from '../external.js'
import type { CallClause, Expression, LoadClause, Name, QueryStatement, SourceClause } from '../syntax/ast.js'
import type { Place } from '../syntax/place.js'
import { bindingError, suggestion } from './binding-error.js'
import { bindHeaders, bindOptions } from './schema.js'
import type { HandedColumn } from './scope.js'

export interface BoundSource {
  readonly kind: 'source'
  /** As errors name it. */
  readonly what: string
  readonly rows: ExternalRows
  /** Which of its columns are read, by index: those behind the columns of the input. */
  readonly read: readonly number[]
  readonly input: readonly HandedColumn[]
  readonly output: readonly HandedColumn[]
}

interface NamedColumn {
  readonly index: number
  readonly name: string
  readonly place: Place
}

/** @throws MillraceError `MILLRACE_BINDING`, `MILLRACE_UNSUPPORTED`, and what finding the rows raises */
export function bindSource(
  clause: SourceClause,
  statement: QueryStatement,
  input: readonly HandedColumn[],
  sources: ExternalSources | null,
): BoundSource {
  const { text } = statement
  if (sources === null) {
    const what = `${clause.kind === 'load' ? 'LOAD FROM' : 'CALL'} without anything to read from`
    throw new MillraceError('MILLRACE_UNSUPPORTED', { what, hint: 'Run it through a database.' })
  }
  const rows = clause.kind === 'load' ? filesOf(clause, text, sources) : callOf(clause, text, sources)
  const taken = new Set(input.map(({ name }) => name))
  const columns = columnsOf(clause, rows, text)
  const used = columns.filter(isReadBy(statement, taken, columns))
  for (const { name, place } of used) {
    if (!taken.has(name)) {
      taken.add(name)
      continue
    }
    const hint =
      'Rename the other one: WITH … AS name, or YIELD … AS name; LOAD WITH HEADERS renames columns.'
    throw bindingError(text, place, `${name} is used already`, hint)
  }
  const added = used.map(
    ({ index, name }): HandedColumn => ({
      name,
      property: null,
      type: rows.columns[index]!.type,
      tables: [],
    }),
  )
  const what = clause.kind === 'load' ? 'LOAD FROM' : clause.name.text
  return {
    kind: 'source',
    what,
    rows,
    read: used.map(({ index }) => index),
    input,
    output: [...input, ...added],
  }
}

function filesOf(clause: LoadClause, text: string, sources: ExternalSources): ExternalRows {
  return sources.files({
    sources: clause.sources,
    columns: clause.headers === null ? null : bindHeaders(clause.headers, text),
    options: bindOptions(clause.options, text),
  })
}

function callOf(clause: CallClause, text: string, sources: ExternalSources): ExternalRows {
  const name = sources.functions.find((known) => known === clause.name.text.toLowerCase())
  if (name === undefined) {
    const hint = suggestion(clause.name.text, sources.functions, 'functions of CALL')
    throw bindingError(text, clause.name.place, `There is no function ${clause.name.text} to CALL`, hint)
  }
  return sources.call({ name, args: clause.args, options: bindOptions(clause.options, text) })
}

/** The columns that become variables: all of them, or those of YIELD by the names that it gives them. */
function columnsOf(clause: SourceClause, { columns }: ExternalRows, text: string): NamedColumn[] {
  const { place } = clause
  if (clause.kind === 'load' || clause.yields === null) {
    return columns.map(({ name }, index) => ({ index, name, place }))
  }
  return clause.yields.map(({ column, alias }) => {
    const index = columns.findIndex(({ name }) => name === column.text)
    if (index !== -1) return { index, ...namedAs(alias ?? column) }
    const hint = suggestion(
      column.text,
      columns.map(({ name }) => name),
      'columns',
    )
    throw bindingError(text, column.place, `${clause.name.text} gives no column ${column.text}`, hint)
  })
}

function namedAs({ text, place }: { readonly text: string; readonly place: Place }) {
  return { name: text, place }
}

/**
 * Which columns are read: those that the statement names somewhere. All where a `*` stands for them, and
 * where it names what nothing is called: the error shows them.
 */
function isReadBy(
  statement: QueryStatement,
  known: ReadonlySet<string>,
  columns: readonly NamedColumn[],
): (column: NamedColumn) => boolean {
  if (statement.parts.some(({ projection }) => projection?.star)) return () => true
  const { asked, declared } = namesOf(statement)
  const names = new Set(columns.map(({ name }) => name))
  const isUnknown = (name: string): boolean => !names.has(name) && !declared.has(name) && !known.has(name)
  return [...asked].some(isUnknown) ? () => true : ({ name }) => asked.has(name)
}

/** Names that expressions of a statement use, and those that patterns, UNWIND and AS declare. */
function namesOf(statement: QueryStatement): { asked: Set<string>; declared: Set<string> } {
  const asked = new Set<string>()
  const declared = new Set<string>()
  const open: unknown[] = [...statement.parts]
  while (open.length > 0) {
    const part = open.pop() as Record<string, unknown>
    if (part.kind === 'variable') asked.add((part as Extract<Expression, { kind: 'variable' }>).name)
    for (const [key, child] of Object.entries(part)) {
      if (typeof child !== 'object' || child === null) continue
      if (key === 'variable' || key === 'alias') declared.add((child as Name).text)
      open.push(child)
    }
  }
  return { asked, declared }
}
