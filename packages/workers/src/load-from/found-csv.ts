/** Finds the files of a LOAD FROM, and what their columns are: as the statement says, else as they look. */
import type { ExternalColumn, ExternalOptions } from '@millrace/core/query'
import type { SniffedCsv, SniffOptions } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import {
  type AllowedPaths,
  findPaths,
  OpenedFile,
  type OpenedInput,
  openPlainFile,
  type ResolvedOptions,
  requireUnpacked,
  type SourcePath,
  sniffPlainFile,
} from '../import/index.js'
import { readSampleBytes, sniffPartBytes } from '../limits.js'
import { knownOf } from '../read/index.js'
import { loadFromOptions } from './options.js'

/** Files with the same columns, as they were when they were looked at. */
export interface FoundCsv {
  readonly paths: readonly SourcePath[]
  /** With the dialect and the header that were found. */
  readonly options: ResolvedOptions
  readonly sniffed: SniffedCsv
  readonly shape: OpenedInput['shape']
  /** Bytes of the first file. */
  readonly size: number
  readonly lineBytes: number | null
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
  const paths = findPaths(request.sources, allowed)
  const sniffed = sniffPlain(paths[0]!, knownOf(given))
  const options = { ...resolved, dialect: sniffed.dialect, header: sniffed.header }
  const opened = openPlainFile(paths[0]!, 0, options)
  opened.input.close()
  const { shape, lineBytes } = opened
  const isGiven = request.columns !== null
  const columns = request.columns ?? guessedColumns(shape, sniffed)
  if (columns.length !== shape.fieldCount) {
    const problem = `it has ${shape.fieldCount} columns, but LOAD WITH HEADERS names ${columns.length}`
    throw workersError('MILLRACE_CSV_HEADER', { place: shape.file, problem })
  }
  return { paths, options, sniffed, shape, size: opened.input.size ?? 0, lineBytes, columns, isGiven }
}

const sampleSize = { headBytes: readSampleBytes, partBytes: sniffPartBytes }

function sniffPlain(source: SourcePath, known: SniffOptions): SniffedCsv {
  const file = new OpenedFile(source)
  try {
    requireUnpacked(file)
    return sniffPlainFile(file, known, sampleSize)
  } finally {
    file.close()
  }
}

function guessedColumns({ header, fieldCount }: FoundCsv['shape'], sniffed: SniffedCsv): ExternalColumn[] {
  const names = distinctNames(Array.from({ length: fieldCount }, (_, i) => header?.[i] || `column${i}`))
  return names.map((name, i) => ({ name, type: sniffed.columns[i]?.type ?? 'STRING' }))
}

/** Columns of the same name are numbered, as those of results are: `a`, `a_2`. However many there are. */
function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  const numbers = new Map<string, number>()
  return names.map((name) => {
    let distinct = name
    let number = numbers.get(name) ?? 1
    while (taken.has(distinct)) distinct = `${name}_${++number}`
    numbers.set(name, number)
    taken.add(distinct)
    return distinct
  })
}
