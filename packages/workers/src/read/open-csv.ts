/** Opens a source for reading without a database: finds out how it is written, and which columns it has. */
import { assert, MillraceError } from '@millrace/core/base'
import { namesOfColumns, type ParseColumn, type SniffedCsv } from '../csv/index.js'
import type { GuessedTypes } from '../errors/index.js'
import {
  ColumnNames,
  type CopyOptions,
  decoded,
  type FilesFound,
  findFiles,
  guessedTypes,
  type ImportSource,
  InputFeed,
  knownOf,
  type OpenedInput,
  openFirst,
  type ResolvedOptions,
  readHeader,
  resolveOptions,
  resolveSource,
  ringBytesFor,
  StreamInput,
  sniffFiles,
  sniffStream,
  sourceOfStream,
  withSniffed,
} from '../import/index.js'
import {
  memoryBudgetDefault,
  readPartBytes,
  readSampleBytes,
  readStreamBlockBytesDefault,
  readStreamSampleBytes,
} from '../limits.js'
import type { ParsePool } from '../threads/index.js'
import type { ReadOptions } from './read-options.js'

/** A source that is open, its header read. */
export interface OpenedCsv {
  readonly options: ResolvedOptions
  readonly feed: InputFeed
  readonly columns: readonly ParseColumn[]
  /** What was guessed of it; columns have the names that batches give them. */
  readonly guessed: GuessedTypes
  /** Names of columns whose type was given. */
  readonly given: ReadonlySet<string>
  /** Null for a stream. */
  readonly files: FilesFound | null
  /** Bytes that a ring has taken of the budget. */
  readonly ringBytes: number
  /** As asked for, or what the ring was made for; null to choose. */
  readonly blockSize: number | null
  /** The workers, which load while the source is looked at. */
  readonly pool: ParsePool
}

/** Closes what is open, and ends the workers. No task may be running. */
export async function closeCsv({ feed, pool }: OpenedCsv): Promise<void> {
  feed.close()
  await pool.close()
}

function splitOptions(options: ReadOptions): { own: ReadOptions; copy: CopyOptions } {
  const { columns, names, types, int64, reuse, ...copy } = options
  if (int64 !== undefined && int64 !== 'number' && int64 !== 'bigint') {
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'int64',
      value: JSON.stringify(int64),
      expected: "'number' or 'bigint'",
    })
  }
  if (reuse !== undefined && typeof reuse !== 'boolean') {
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'reuse',
      value: JSON.stringify(reuse),
      expected: 'true or false',
    })
  }
  return { own: { ...(columns && { columns }), ...(names && { names }), ...(types && { types }) }, copy }
}

/** Less than others look at: whoever reads waits for it. */
const sampleBytes = {
  headBytes: readSampleBytes,
  partBytes: readPartBytes,
  streamBytes: readStreamSampleBytes,
}

/** Blocks that a ring holds: one for each thread, and those that wait. */
const ringBlocks = 6

function ringOf(options: ResolvedOptions): SharedArrayBuffer {
  const block = options.blockSize ?? readStreamBlockBytesDefault
  return new SharedArrayBuffer(ringBytesFor(options.threads + ringBlocks, block, options.maxRowBytes))
}

/**
 * Opens `source`.
 * @param pool the workers, which are started already; null where their number cannot be right. Ended when
 *   there is an error.
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE`, `MILLRACE_NOT_CSV`, `MILLRACE_CSV_HEADER`,
 *   `MILLRACE_MISSING_COLUMN`, `MILLRACE_ARGUMENT`; the signal's reason
 */
export async function openCsv(
  source: ImportSource,
  given: ReadOptions,
  pool: ParsePool | null,
  signal: AbortSignal,
): Promise<OpenedCsv> {
  try {
    const { own, copy } = splitOptions(given)
    const defaults = { threads: pool?.threads ?? 1, memoryBudget: memoryBudgetDefault }
    const asked = resolveOptions(copy, defaults)
    assert(pool !== null && pool.threads === asked.threads, 'as many workers as threads were asked for')
    return { ...(await openSource(source, own, copy, asked, signal)), pool }
  } catch (error) {
    await pool?.close()
    throw error
  }
}

async function openSource(
  source: ImportSource,
  own: ReadOptions,
  copy: CopyOptions,
  asked: ResolvedOptions,
  signal: AbortSignal,
): Promise<Omit<OpenedCsv, 'pool'>> {
  const resolved = await resolveSource(source, null, signal)
  const known = knownOf(copy)
  const files = resolved.kind === 'files' ? findFiles(resolved.paths, () => {}) : null
  const isStreamed = files === null || files.anyPacked || asked.decoding !== null
  const ring = isStreamed ? ringOf(asked) : null
  const blockSize = asked.blockSize ?? (isStreamed ? readStreamBlockBytesDefault : null)
  const optionsFor = (sniffed: SniffedCsv): ResolvedOptions => ({
    ...withSniffed(asked, sniffed),
    columnsKnown: own.names?.length || null,
    // Those that are not named have names all the same.
    columnsAreAll: false,
  })
  if (resolved.kind === 'files') {
    const { paths } = files!
    const sniffed = sniffFiles(paths, known, asked.decoding, sampleBytes)
    const options = optionsFor(sniffed)
    const opening = { options, ring, checksum: null }
    const first = await openFirst(paths, opening, signal)
    const feed = new InputFeed(first, paths, opening)
    return finish(feed, () => columnsOf(first, sniffed, own), sniffed, { options, files, ring, blockSize })
  }
  const bytes = sourceOfStream(resolved.stream, resolved.name)
  const input = new StreamInput(asked.decoding === null ? bytes : decoded(bytes, asked.decoding), ring!, null)
  let first: OpenedInput
  let sniffed: SniffedCsv
  let options: ResolvedOptions
  try {
    sniffed = await sniffStream(input, known, signal)
    options = optionsFor(sniffed)
    first = await readHeader(input, 0, options, signal)
  } catch (error) {
    input.close()
    throw error
  }
  const feed = new InputFeed(first, [], { options, ring, checksum: null })
  return finish(feed, () => columnsOf(first, sniffed, own), sniffed, { options, files, ring, blockSize })
}

function finish(
  feed: InputFeed,
  pick: () => PickedColumns,
  { sampledRows, sampledPlaces }: SniffedCsv,
  rest: {
    readonly options: ResolvedOptions
    readonly files: FilesFound | null
    readonly ring: SharedArrayBuffer | null
    readonly blockSize: number | null
  },
): Omit<OpenedCsv, 'pool'> {
  const { ring, ...others } = rest
  try {
    const { columns, given } = pick()
    const guessed = { columns, sampledRows, sampledPlaces }
    return { ...others, feed, columns, guessed, given, ringBytes: ring?.byteLength ?? 0 }
  } catch (error) {
    feed.close()
    throw error
  }
}

interface PickedColumns {
  readonly columns: readonly ParseColumn[]
  readonly given: ReadonlySet<string>
}

/**
 * What the columns are called. Fewer names than there are columns may have been meant to pick some: none of
 * them goes to a column before the one that the header calls so.
 */
function calledAs({ shape }: OpenedInput, named: readonly string[] = []): string[] {
  const { file, header, fieldCount } = shape
  const refused = (value: string, expected: string) =>
    new MillraceError('MILLRACE_ARGUMENT', { what: 'names', value, expected })
  if (named.length > fieldCount) {
    const expected = `at most ${fieldCount}, which is how many columns ${file} has`
    throw refused(`${named.length} names`, expected)
  }
  const behind = new Set(header?.slice(named.length))
  const moved = named.find((name) => behind.has(name))
  if (moved !== undefined) {
    throw refused(
      moved,
      `what the first columns of ${file} are called; its ${moved} is behind them: columns picks some`,
    )
  }
  return namesOfColumns(Array.from({ length: fieldCount }, (_, i) => named[i] ?? header?.[i] ?? ''))
}

/** The columns to parse, as they are to come. */
function columnsOf(first: OpenedInput, sniffed: SniffedCsv, own: ReadOptions): PickedColumns {
  const { file, header } = first.shape
  const names = calledAs(first, own.names)
  const byName = new ColumnNames(file, names, header !== null && own.names === undefined)
  const types = new Map(Object.entries(own.types ?? {}).map(([name, type]) => [byName.require(name), type]))
  const guessed = guessedTypes(calledAs(first), sniffed)
  const picked = own.columns?.map((name) => byName.require(name)) ?? names.map((_, i) => i)
  const columns = picked.map((csvIndex) => {
    const type = types.get(csvIndex) ?? guessed[csvIndex]!
    return { csvIndex, name: names[csvIndex]!, type, nullable: true }
  })
  return { columns, given: new Set([...types.keys()].map((csvIndex) => names[csvIndex]!)) }
}
