/** The shell's own commands, which begin with a dot. */
import type { Database } from '../index.js'
import { type OutputFormat, outputFormats } from '../output/index.js'
import { formatCount, visibleLines } from '../terminal/index.js'
import { tableText } from './schema-text.js'

export const shellHelp = `Statements end with ; and may span lines.
.help             this text
.tables           tables with their rows
.schema [table]   the statements that create the tables
.format [name]    how results are printed: ${outputFormats.join(', ')}
.quit             leave (Ctrl-D too)
`

/** What a dot command may read and change. */
export interface ShellState {
  readonly db: Database
  format: OutputFormat
}

/** What came of a dot command: text to print, or the wish to leave. */
export type DotOutcome =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: string; readonly hint: string }
  | { readonly kind: 'quit' }

/** Runs the dot command in `line`. */
export function runDotCommand(line: string, state: ShellState): DotOutcome {
  const [command, argument] = line.trim().replace(/;$/, '').split(/\s+/)
  switch (command) {
    case '.help':
      return text(shellHelp)
    case '.tables':
      return text(tablesText(state))
    case '.schema':
      return schema(state, argument)
    case '.format':
      return format(state, argument)
    case '.quit':
    case '.exit':
      return { kind: 'quit' }
    default:
      return problem(`there is no command ${command}`, '.help lists them.')
  }
}

function text(lines: string): DotOutcome {
  return { kind: 'text', text: visibleLines(lines) }
}

function problem(what: string, hint: string): DotOutcome {
  return { kind: 'problem', problem: what, hint }
}

function tablesText({ db }: ShellState): string {
  const tables = db.catalog.tables
  const width = Math.max(0, ...tables.map(({ name }) => name.length))
  return tables
    .map(
      (table) =>
        `${table.name.padEnd(width)}  ${table.kind.padEnd(4)}  ${formatCount(rowsIn(db, table))} rows\n`,
    )
    .join('')
}

/** Rows as of the last commit, without deleted ones. */
function rowsIn(db: Database, table: Database['catalog']['tables'][number]): number {
  const { snapshot } = db
  return (table.kind === 'node' ? snapshot.nodes(table) : snapshot.rels(table)).liveRowCount
}

function schema({ db }: ShellState, name: string | undefined): DotOutcome {
  const tables = db.catalog.tables.filter((table) => name === undefined || table.name === name)
  if (name !== undefined && tables.length === 0)
    return problem(`there is no table ${name}`, '.tables lists them.')
  return text(tables.map((table) => `${tableText(db.catalog, table)};\n`).join(''))
}

function format(state: ShellState, name: string | undefined): DotOutcome {
  if (name === undefined) return text(`${state.format}\n`)
  const found = outputFormats.find((known) => known === name)
  if (found === undefined) {
    return problem(`there is no format ${name}`, `There are ${outputFormats.join(', ')}.`)
  }
  state.format = found
  return text('')
}
