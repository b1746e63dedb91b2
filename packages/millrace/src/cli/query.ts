/**
 * `millrace query <db> [statement…]`: runs statements from the arguments, or from stdin, and prints what they
 * return.
 */
import { existsSync } from 'node:fs'
import { UsageError } from '../errors/index.js'
import { Database } from '../index.js'
import { isTerminal } from '../terminal/index.js'
import type { CommandContext } from './context.js'
import { Interrupt } from './interrupt.js'
import { databaseOptions } from './options.js'
import type { QueryCommandOptions } from './query-command.js'
import { isQuery, runStatement, warnOfOpenTransaction } from './statement.js'
import { statementsFrom, statementsOf } from './statement-source.js'

/** Runs the `given` statements, or those on stdin, against the database at `path`. */
export async function query(
  path: string,
  given: readonly string[],
  options: QueryCommandOptions,
  context: CommandContext,
): Promise<void> {
  if (given.length === 0 && isTerminal(context.stdin)) throw noStatement()
  if (options.spreadsheetSafe && options.format !== 'csv') {
    throw new UsageError('--spreadsheet-safe is about CSV', 'Add --format csv, or leave it out.')
  }
  const interrupt = new Interrupt()
  try {
    const statements = given.length > 0 ? statementsOf(given) : statementsFrom(context.stdin, interrupt)
    let db: Database | undefined
    try {
      for await (const statement of statements) {
        db ??= await open(path, statement, options)
        await runStatement(db, statement, {
          context,
          parameters: options.param,
          format: options.format,
          spreadsheetSafe: options.spreadsheetSafe ?? false,
          interrupt,
          progress: options.progress,
        })
      }
      if (db !== undefined) warnOfOpenTransaction(db, context)
    } finally {
      await db?.close()
    }
    if (db === undefined) throw noStatement()
  } finally {
    interrupt.dispose()
  }
}

/**
 * Opens the database. A question to a file that is not there is a mistake in its name, not the wish for an
 * empty one.
 */
async function open(path: string, first: string, options: QueryCommandOptions): Promise<Database> {
  const mustExist = !existsSync(path) && isQuery(first)
  return await Database.open(path, { ...databaseOptions(options), ...(mustExist && { readOnly: true }) })
}

function noStatement(): UsageError {
  return new UsageError(
    'there is no statement to run',
    'Give statements as arguments or on stdin; for a prompt, use millrace shell.',
  )
}
