/**
 * `millrace import <db> <file…> --table T`: sniffs, creates the table if it is absent, loads, says what was
 * done.
 */
import { existsSync } from 'node:fs'
import { withGuessedType } from '@millrace/workers/internal'
import { UsageError } from '../errors/index.js'
import { type CopyOptions, Database, type ImportResult, type ImportSource } from '../index.js'
import { LoadProgress, visible, visibleLines } from '../terminal/index.js'
import type { CommandContext } from './context.js'
import { copyOptions, type ImportCommandOptions, sniffOptions } from './import-command.js'
import { interrupted, reportImport } from './import-report.js'
import { openSource } from './import-source.js'
import { checkRequest, createTableStatement, namedColumns, type TableRequest } from './import-table.js'
import { Interrupt } from './interrupt.js'
import { databaseOptions } from './options.js'
import { commandToResume } from './resume-command.js'
import { quoteName } from './schema-text.js'

/** Characters of the statement that an import shows. */
const statementCharactersMax = 4000

/** Loads `files` into a table of the database at `path`. */
export async function importFiles(
  path: string,
  files: readonly string[],
  options: ImportCommandOptions,
  context: CommandContext,
): Promise<void> {
  const request = tableRequest(options)
  // Before the database is made: a mistake in the command or in a file's name leaves nothing behind.
  if (request === undefined && !existsSync(path)) throw noTable(options.table)
  const interrupt = new Interrupt()
  try {
    const { source, sniffed } = await openSource(files, sniffOptions(options), context.stdin, interrupt)
    const create =
      request && createTableStatement(request, namedColumns(sniffed, options.columns), options.type)
    await using db = await Database.open(path, databaseOptions(options))
    const isNew = await ensureTable(db, options.table, request, create)
    if (isNew) context.stderr.write(`${shownStatement(create)}\n`)
    try {
      const result = await load(db, source, copyOptions(options, sniffed), {
        table: options.table,
        showProgress: options.progress,
        context,
        interrupt,
      })
      reportImport(result, context.stderr)
      if (isNew && result.dryRun) await dropNewTable(db, options.table, context)
    } catch (error) {
      if (isNew) await dropNewTable(db, options.table, context)
      const isGiven = (column: string) => !isNew || options.type?.has(column) === true
      throw withGuessedType(error, sniffed, isGiven, remedyFor)
    }
  } finally {
    interrupt.dispose()
    // A pipe that may go on for ever must not keep a process that is done.
    if (files.includes('-')) context.stdin.destroy()
  }
}

/** How to give a column another type than was guessed. */
function remedyFor(column: string): string {
  return `give it another with --type ${JSON.stringify(`${column}=STRING`)}`
}

/** The statement that made the table, not longer than one reads. */
function shownStatement(statement: string | undefined): string {
  const text = visibleLines(statement ?? '')
  return text.length <= statementCharactersMax ? text : `${text.slice(0, statementCharactersMax)} …`
}

/** Makes the table if it is absent. True: it was made. */
async function ensureTable(
  db: Database,
  name: string,
  request: TableRequest | undefined,
  create: string | undefined,
): Promise<boolean> {
  const table = db.catalog.tables.find((candidate) => candidate.name === name)
  if (table !== undefined) {
    if (request !== undefined) checkRequest(request, db.catalog, table)
    return false
  }
  if (create === undefined) throw noTable(name)
  await db.run(create)
  return true
}

function noTable(table: string): UsageError {
  return new UsageError(
    `there is no table ${table}`,
    'To create it, name its key with --key, or the tables it joins with --from and --to.',
  )
}

/** Without the table that was made for a load that failed, the database is as it was before. */
async function dropNewTable(db: Database, name: string, context: CommandContext): Promise<void> {
  const table = db.catalog.tables.find((candidate) => candidate.name === name)
  if (table === undefined || table.rowCount > 0) return
  try {
    await db.run(`DROP TABLE ${quoteName(name)}`)
  } catch {
    // What made the load fail is what the user must hear of; it stands in the way of this too.
    context.stderr.write(`The new table ${visible(name)} could not be removed again; it is empty.\n`)
  }
}

/** What table is to be made if it is absent; undefined when the command line does not say. */
function tableRequest(options: ImportCommandOptions): TableRequest | undefined {
  const { table, key, from, to, fromColumn, toColumn } = options
  if ((from === undefined) !== (to === undefined)) {
    throw new UsageError('--from and --to belong together', 'Give both node tables of the relationships.')
  }
  if (key !== undefined && from !== undefined) {
    throw new UsageError(
      '--key is for node tables, --from and --to are for relationships',
      'Give one or the other.',
    )
  }
  if (key !== undefined) return { kind: 'node', table, key }
  if (from === undefined || to === undefined) return undefined
  return {
    kind: 'rel',
    table,
    from,
    to,
    ...(fromColumn !== undefined && { fromColumn }),
    ...(toColumn !== undefined && { toColumn }),
  }
}

interface LoadContext {
  readonly table: string
  readonly showProgress: boolean
  readonly context: CommandContext
  readonly interrupt: Interrupt
}

async function load(
  db: Database,
  source: ImportSource,
  options: CopyOptions,
  { table, showProgress, context, interrupt }: LoadContext,
): Promise<ImportResult> {
  const progress = new LoadProgress({ label: visible(table), stream: context.stderr, enabled: showProgress })
  let result: ImportResult | undefined
  try {
    result = await db.copyFrom(table, source, {
      ...options,
      signal: interrupt.signal,
      onProgress: progress.update,
    })
    return result
  } catch (error) {
    if (interrupt.received === undefined) throw error
    throw interrupted(interrupt.received, error, commandToResume(context.commandLine))
  } finally {
    progress.stop(result !== undefined)
  }
}
