/** What an import did, in a few lines for a person. */
import { isMillraceError } from '@millrace/core'
import { InterruptedError } from '../errors/index.js'
import type { ImportResult, QueryResult } from '../index.js'
import {
  coloursFor,
  formatByteRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatRowRate,
  formatRows,
  type MaybeTerminal,
  visible,
} from '../terminal/index.js'

/** Ignored columns that are named. */
const columnsShownMax = 50

type RefusedRow = QueryResult['refused'][number]['errors'][number]

/** Errors that are shown; the result names how many there were. */
const errorsShownMax = 10

/**
 * The error of an import that `signal` stopped with `error`. `again` is what to type, to the letter, to go on
 * where rows are kept.
 */
export function interrupted(signal: string, error: unknown, again: string): InterruptedError {
  if (!isMillraceError(error, 'MILLRACE_LOAD_STOPPED')) {
    return new InterruptedError(signal, 'nothing of the import was kept', error)
  }
  const { rows, place } = error.details
  return new InterruptedError(signal, `${formatRows(Number(rows))} are kept, up to ${place}`, error, again)
}

/** Writes the summary of `result` to `stream`. */
export function reportImport(result: ImportResult, stream: MaybeTerminal): void {
  const colours = coloursFor(stream)
  const { rowsImported, rowsSkipped, rowsResumed, bytesProcessed, errorCount, elapsedMs } = result
  if (result.alreadyLoaded) {
    stream.write(`${colours.bold(visible(result.table))}: everything was loaded before, nothing to do\n`)
    return
  }
  stream.write(
    `${colours.bold(visible(result.table))}: ${formatRows(rowsImported)}, ${formatBytes(bytesProcessed)} in ${formatDuration(elapsedMs)} ` +
      `(${formatRowRate(rowsImported, elapsedMs)}, ${formatByteRate(bytesProcessed, elapsedMs)})\n`,
  )
  if (result.dryRun) stream.write(`${colours.bold('dry run')}: this would be loaded; nothing was\n`)
  if (rowsResumed > 0) stream.write(`resumed after ${formatRows(rowsResumed)} of an earlier import\n`)
  if (result.ignoredColumns.length > 0) {
    stream.write(`${colours.yellow('ignored columns')}: ${shownColumns(result.ignoredColumns)}\n`)
  }
  if (rowsSkipped > 0 || errorCount > 0) {
    stream.write(
      `${colours.yellow(`${formatRows(rowsSkipped)} skipped`)}, ${formatCount(errorCount)} ${errorCount === 1 ? 'error' : 'errors'}\n`,
    )
  }
  for (const warning of result.warnings) stream.write(`${colours.red('warning')}: ${visible(warning)}\n`)
  writeErrors(result, stream)
}

/** Says what a query has left out of the files that it read. */
export function reportRefused(refused: QueryResult['refused'], stream: MaybeTerminal): void {
  const colours = coloursFor(stream)
  for (const { source, errorCount, errors } of refused) {
    const records = errorCount === 1 ? 'record' : 'records'
    const left = colours.yellow(`${formatCount(errorCount)} ${records} left out`)
    stream.write(`${colours.bold(visible(source))}: ${left}\n`)
    writeErrors({ errorCount, errors }, stream)
  }
}

function writeErrors(
  { errorCount, errors }: Pick<QueryResult['refused'][number], 'errorCount' | 'errors'>,
  stream: MaybeTerminal,
): void {
  for (const error of errors.slice(0, errorsShownMax)) stream.write(`  ${visible(errorLine(error))}\n`)
  const more = errorCount - Math.min(errors.length, errorsShownMax)
  if (more > 0) stream.write(`  … ${formatCount(more)} more\n`)
}

function shownColumns(names: readonly string[]): string {
  const more = names.length - columnsShownMax
  return (
    visible(names.slice(0, columnsShownMax).join(', ')) + (more > 0 ? ` and ${formatCount(more)} more` : '')
  )
}

function errorLine({ file, line, column, kind, message }: RefusedRow): string {
  return `${file}:${line}${column === undefined ? '' : ` (${column})`}: ${kind}: ${message}`
}
