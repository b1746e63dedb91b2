/**
 * Does the model's actions to a database of the real engine, as its users do: statements, transactions, CSV.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Parameters } from '@millrace/core/query'
import type { Cell } from '../graph-model/column-of-cells.js'
import {
  type Action,
  type DatabaseModel,
  isLoad,
  isMeaningful,
  type Load,
  type Outcome,
  performPart,
  relsToLoad,
  type Write,
} from './model.js'
import { outcomeOf } from './simulated-database.js'
import { statementOf, tableStatements } from './statements.js'

/** What runs statements: a database, or a transaction of it. */
interface Runner {
  run(statement: string, parameters?: Parameters): Promise<unknown>
}

/** The part of a database that actions need. This package stands below the engine, and cannot name it. */
export interface DatabaseUnderTest extends Runner {
  transaction<T>(action: (transaction: Runner) => Promise<T>): Promise<T>
  checkpoint(): Promise<void>
}

function fieldOf(cell: Cell): string {
  if (cell === null) return ''
  return typeof cell === 'string' ? `"${cell.replaceAll('"', '""')}"` : String(cell)
}

function csvOf(header: string, rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows.map((row) => row.map(fieldOf).join(','))].map((line) => `${line}\n`).join('')
}

function fileOf(model: DatabaseModel, load: Load): { readonly table: string; readonly text: string } {
  if (load.kind === 'loadPeople') {
    const rows = load.people.map(({ id, name, score }) => [id, name, score])
    return { table: 'Person', text: csvOf('id,name,score', rows) }
  }
  const rows = relsToLoad(model, load.rels).map(({ from, to, tag, note }) => [from, to, tag, note])
  return { table: load.table, text: csvOf('from,to,tag,note', rows) }
}

async function runPart(
  runner: Runner,
  folder: string,
  model: DatabaseModel,
  part: Write | Load,
): Promise<Outcome> {
  if (!isLoad(part)) {
    if (!isMeaningful(model, part)) return 'done'
    const { text, parameters } = statementOf(model, part)
    return await outcomeOf(() => runner.run(text, parameters))
  }
  const { table, text } = fileOf(model, part)
  const path = join(folder, 'load.csv')
  writeFileSync(path, text)
  return await outcomeOf(() => runner.run(`COPY ${table} FROM '${path}' (HEADER=true)`))
}

/** Thrown to have a transaction rolled back. */
class Rollback extends Error {}

async function runTransaction(
  database: DatabaseUnderTest,
  folder: string,
  model: DatabaseModel,
  { parts, rollback }: Extract<Action, { kind: 'transaction' }>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  try {
    await database.transaction(async (transaction) => {
      let seen = model
      for (const part of parts) {
        outcomes.push(await runPart(transaction, folder, seen, part))
        seen = performPart(seen, part).model
      }
      if (rollback) throw new Rollback()
    })
  } catch (error) {
    if (!(error instanceof Rollback)) throw error
  }
  return outcomes
}

/**
 * Does `action`, but for reopening, to a database that is as `model` says. Files to load go to `folder`,
 * whose path has no quotes.
 */
export async function performOn(
  database: DatabaseUnderTest,
  folder: string,
  model: DatabaseModel,
  action: Exclude<Action, { kind: 'reopen' }>,
): Promise<Outcome[]> {
  switch (action.kind) {
    case 'createTable':
      return [await outcomeOf(() => database.run(tableStatements[action.table]))]
    case 'dropTable':
      return [await outcomeOf(() => database.run(`DROP TABLE ${action.table}`))]
    case 'write':
      return [await runPart(database, folder, model, action.write)]
    case 'load':
      return [await runPart(database, folder, model, action.load)]
    case 'transaction':
      return await runTransaction(database, folder, model, action)
    case 'checkpoint':
      await database.checkpoint()
      return ['done']
  }
}
