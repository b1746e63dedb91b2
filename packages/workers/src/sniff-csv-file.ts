import type { SniffedCsv } from './csv/index.js'
import type { ImportSource, SniffFileOptions } from './import/index.js'

/**
 * Guesses delimiter, header, column names and types of CSV files from the beginning of the first one.
 * @param source a path, a glob or a list of them
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when there is no such file, `MILLRACE_NOT_CSV`,
 *   `MILLRACE_ARGUMENT` for a stream or a pipe
 */
export async function sniffCsvFile(
  source: ImportSource,
  options: SniffFileOptions = {},
): Promise<SniffedCsv> {
  const engine = await import('./engine.js')
  return await engine.sniffCsvFile(source, options)
}
