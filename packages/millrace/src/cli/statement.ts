/**
 * Runs one statement for `query` and `shell`: rows go to stdout as they come, what a load did goes to stderr.
 */
import { parse, type Statement } from '@millrace/core/query'
import { InterruptedError } from '../errors/index.js'
import type { Database, ImportResult } from '../index.js'
import { type OutputFormat, printerOf } from '../output/index.js'
import { coloursFor, formatDuration, formatRows, isTerminal, LoadProgress } from '../terminal/index.js'
import type { CommandContext } from './context.js'
import { interrupted, reportImport, reportRefused } from './import-report.js'
import type { Interrupt } from './interrupt.js'
import { copyToResume } from './resume-command.js'

export interface RunOptions {
  readonly context: CommandContext
  readonly parameters: Readonly<Record<string, unknown>>
  readonly format: OutputFormat
  readonly spreadsheetSafe: boolean
  readonly interrupt: Interrupt
  /** Whether to show how a load is getting on. */
  readonly progress: boolean
}

/** Says on stderr that a transaction which was begun ends without COMMIT. */
export function warnOfOpenTransaction(db: Database, context: CommandContext): void {
  if (!db.inTransaction) return
  context.stderr.write('The transaction was not committed: what it wrote is rolled back.\n')
}

/** True when `statement` only reads. A statement that cannot be parsed is none. */
export function isQuery(statement: string): boolean {
  try {
    const parsed = parse(statement)
    return parsed.kind === 'query' && !writes(parsed)
  } catch {
    return false
  }
}

type Query = Extract<Statement, { kind: 'query' }>

function writes({ parts }: Query): boolean {
  return parts.some(({ updates }) => updates.length > 0)
}

/**
 * Runs `statement` and prints what it returns.
 * @throws InterruptedError when a signal came while it ran
 */
export async function runStatement(db: Database, statement: string, options: RunOptions): Promise<void> {
  const parsed = parse(statement)
  if (parsed.kind === 'query') await runQuery(db, statement, parsed, options)
  else if (parsed.kind === 'copy') await runCopy(db, statement, options)
  else await db.run(statement, options.parameters)
}

async function runQuery(db: Database, statement: string, query: Query, options: RunOptions): Promise<void> {
  const { interrupt, parameters } = options
  try {
    if (query.parts.at(-1)!.projection !== null) await printQuery(db, statement, options)
    else await db.run(statement, parameters, { signal: interrupt.signal })
  } catch (error) {
    if (interrupt.received === undefined || error instanceof InterruptedError) throw error
    const kept = writes(query)
      ? 'nothing of the statement was kept'
      : 'the rest of the result was not printed'
    throw new InterruptedError(interrupt.received, kept, error)
  }
}

async function printQuery(db: Database, statement: string, options: RunOptions): Promise<void> {
  const { context, interrupt } = options
  const startedAt = performance.now()
  const printer = printerOf(options.format, coloursFor(context.stdout), options)
  const { signal } = interrupt
  const result = db.query(statement, options.parameters, { int64: 'bigint', signal })
  let rows = 0
  for await (const row of result) {
    if (rows++ === 0) await context.data.write(printer.begin(result.columns))
    await context.data.write(printer.row(row))
    if (signal.aborted) break
  }
  if (interrupt.received !== undefined) {
    throw new InterruptedError(interrupt.received, 'the rest of the result was not printed')
  }
  if (rows === 0) await context.data.write(printer.begin(result.columns))
  await context.data.write(printer.end())
  await context.data.flush()
  reportRefused(result.refused, context.stderr)
  if (options.format === 'table' && isTerminal(context.stdout)) {
    context.stderr.write(`${formatRows(rows)} in ${formatDuration(performance.now() - startedAt)}\n`)
  }
}

async function runCopy(db: Database, statement: string, options: RunOptions): Promise<void> {
  const { context, interrupt } = options
  const progress = new LoadProgress({ label: 'COPY', stream: context.stderr, enabled: options.progress })
  let result: ImportResult | undefined
  try {
    result = (await db.run(statement, options.parameters, {
      signal: interrupt.signal,
      onProgress: progress.update,
    })) as ImportResult
  } catch (error) {
    if (interrupt.received === undefined) throw error
    throw interrupted(interrupt.received, error, copyToResume(statement))
  } finally {
    progress.stop(result !== undefined)
  }
  reportImport(result, context.stderr)
}
