/** Finds the files of a LOAD FROM, and what their columns are: as the statement says, else as they look. */
import type { ExternalColumn, ExternalOptions } from '@millrace/core/query'
import { namesOfColumns, type SniffedCsv } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import {
  type AllowedPaths,
  findFiles,
  findPaths,
  guessedTypes,
  headerOf,
  type InputHeader,
  knownOf,
  type ResolvedOptions,
  type SourcePath,
  sniffFiles,
  withSniffed,
} from '../import/index.js'
import { readSampleBytes, readStreamSampleBytes, sniffPartBytes } from '../limits.js'
import { loadFromOptions } from './options.js'

/** Files with the same columns, as they were when they were looked at. */
export interface FoundCsv {
  readonly paths: readonly SourcePath[]
  /** With the dialect and the header that were found. */
  readonly options: ResolvedOptions
  readonly sniffed: SniffedCsv
  /** Of the first file that has one. */
  readonly header: InputHeader
  readonly columns: readonly ExternalColumn[]
  /** Whether the statement says the types. */
  readonly isGiven: boolean
}

/** What a statement says of its files. */
export interface CsvRequest {
  /** As errors name the clause. */
  readonly what: string
  readonly sources: readonly string[]
  readonly columns: readonly ExternalColumn[] | null
  readonly options: ExternalOptions
}

/**
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE`, `MILLRACE_PATH_NOT_ALLOWED`, `MILLRACE_NOT_CSV`,
 *   `MILLRACE_CSV_HEADER`, `MILLRACE_ARGUMENT`
 */
export function findCsv(request: CsvRequest, allowed: AllowedPaths | null): FoundCsv {
  const { given, resolved } = loadFromOptions(request.what, request.options)
  const paths = findFiles(findPaths(request.sources, allowed), () => {}).paths
  const sniffed = sniffFiles(paths, knownOf(given), resolved.decoding, sampleBytes)
  const isGiven = request.columns !== null
  const columnsKnown = request.columns?.length ?? null
  const options = { ...withSniffed(resolved, sniffed), columnsKnown }
  const header = headerOf(paths, options)
  const columns = request.columns ?? guessedColumns(header.shape, sniffed)
  requireAll(columns, header.shape)
  return { paths, options, sniffed, header, columns, isGiven }
}

const sampleBytes = {
  headBytes: readSampleBytes,
  partBytes: sniffPartBytes,
  streamBytes: readStreamSampleBytes,
}

function requireAll(columns: readonly ExternalColumn[], shape: InputHeader['shape']): void {
  const { file, header, fieldCount } = shape
  if (columns.length === fieldCount) return
  const what = header === null ? 'its first record has' : 'it has'
  const found = fieldCount === 1 ? '1 field' : `${fieldCount} fields`
  const problem = `${what} ${found}, but LOAD WITH HEADERS names ${columns.length}`
  throw workersError('MILLRACE_CSV_HEADER', { place: file, problem })
}

function guessedColumns({ header, fieldCount }: InputHeader['shape'], sniffed: SniffedCsv): ExternalColumn[] {
  const names = namesOfColumns(header ?? Array<string>(fieldCount).fill(''))
  const types = guessedTypes(names, sniffed)
  return names.map((name, i) => ({ name, type: types[i]! }))
}
