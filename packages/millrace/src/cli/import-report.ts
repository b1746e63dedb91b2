/** What an import did, in a few lines for a person. */
import { isMillraceError } from '@millrace/core'
import { InterruptedError } from '../errors/index.js'
import type { ImportError, ImportResult } from '../index.js'
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
  for (const error of result.errors.slice(0, errorsShownMax)) stream.write(`  ${visible(errorLine(error))}\n`)
  if (errorCount > Math.min(result.errors.length, errorsShownMax)) {
    stream.write(`  … ${formatCount(errorCount - Math.min(result.errors.length, errorsShownMax))} more\n`)
  }
}

function shownColumns(names: readonly string[]): string {
  const more = names.length - columnsShownMax
  return (
    visible(names.slice(0, columnsShownMax).join(', ')) + (more > 0 ? ` and ${formatCount(more)} more` : '')
  )
}

function errorLine({ file, line, column, kind, message }: ImportError): string {
  return `${file}:${line}${column === undefined ? '' : ` (${column})`}: ${kind}: ${message}`
}
