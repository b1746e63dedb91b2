/** `millrace generate --into name.mill`: tables become nodes and relationships, loaded as they are made. */
import { existsSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { Generation, Settings } from '@millrace/datagen'
import { UsageError } from '../errors/index.js'
import { Database, type Transaction } from '../index.js'
import { coloursFor, formatDuration, formatRows, LoadProgress, visible } from '../terminal/index.js'
import type { CommandContext } from './context.js'
import { type GraphTable, graphOf } from './graph-mapping.js'

export interface IntoOptions extends Settings {
  readonly signal: AbortSignal
  readonly showProgress: boolean
}

/**
 * Loads the data into the database at `path`, in one transaction: all of it, or none. A database that was
 * made for it is removed again when it fails.
 */
export async function generateInto(
  data: Generation,
  path: string,
  options: IntoOptions,
  context: CommandContext,
): Promise<void> {
  const startedMs = performance.now()
  const isNew = !existsSync(path)
  const tables = graphOf(data.schema)
  const db = await Database.open(path)
  let isDone = false
  try {
    checkAbsent(db, tables)
    const rows = await db.transaction((transaction) => loadAll(transaction, data, tables, options, context))
    isDone = true
    await db.close()
    const elapsed = formatDuration(performance.now() - startedMs)
    context.stderr.write(
      `${coloursFor(context.stderr).bold(visible(path))}: ${tables.length} tables, ${formatRows(rows)} in ${elapsed}\n`,
    )
  } finally {
    // What failed is what is told; closing again does nothing.
    await db.close().catch(() => {})
    if (!isDone && isNew)
      for (const ending of ['', '-wal', '.tmp']) rmSync(`${path}${ending}`, { force: true })
  }
}

/** Makes and fills the tables. @returns the rows that were loaded */
async function loadAll(
  transaction: Transaction,
  data: Generation,
  tables: readonly GraphTable[],
  options: IntoOptions,
  context: CommandContext,
): Promise<number> {
  const reader = await data.projections(options.jobs === undefined ? {} : { jobs: options.jobs })
  let rows = 0
  try {
    for (const table of tables) {
      await transaction.run(table.createStatement)
      const bytes = await withBytes(reader.read(table.source, table.projection, options.signal))
      if (bytes === undefined) continue
      const source = Readable.from(bytes, { objectMode: false })
      rows += await load(transaction, table, source, options, context)
    }
  } finally {
    await reader.close()
  }
  return rows
}

function checkAbsent(db: Database, tables: readonly GraphTable[]): void {
  const taken = tables.find(({ name }) => db.catalog.tables.some((table) => table.name === name))
  if (taken === undefined) return
  throw new UsageError(`the database has a table ${taken.name} already`, 'Drop it, or name another database.')
}

/** The same bytes again; undefined when there are none, which is no file that could be loaded. */
async function withBytes(
  chunks: AsyncGenerator<Uint8Array>,
): Promise<AsyncGenerator<Uint8Array> | undefined> {
  for (;;) {
    const { done, value } = await chunks.next()
    if (done === true) return undefined
    if (value.length === 0) continue
    return (async function* () {
      yield value
      yield* chunks
    })()
  }
}

/** @returns the rows that were loaded */
async function load(
  transaction: Transaction,
  table: GraphTable,
  source: Readable,
  options: IntoOptions,
  context: CommandContext,
): Promise<number> {
  const progress = new LoadProgress({
    label: visible(table.name),
    stream: context.stderr,
    enabled: options.showProgress,
  })
  let isDone = false
  try {
    const { rowsImported } = await transaction.copyFrom(table.name, source, {
      header: false,
      signal: options.signal,
      onProgress: progress.update,
    })
    isDone = true
    return rowsImported
  } finally {
    progress.stop(isDone)
  }
}
