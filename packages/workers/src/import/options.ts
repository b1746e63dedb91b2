/**
 * The options of an import, as `copyFrom` takes them and as `COPY … (OPTION=value)` writes them: checked,
 * with defaults.
 */
import { resolve } from 'node:path'
import { type BlobFormat, MillraceError, nearestName, rejectsPathBytesMax } from '@millrace/core/base'
import { type Dialect, makeDialect } from '../csv/index.js'
import {
  batchRowsMax,
  blockBytesMax,
  commitBytesDefault,
  gzipBytesDefault,
  gzipRatioDefault,
  maxRowBytesDefault,
  rowBytesMax,
  threadsMax,
} from '../limits.js'
import type { GzipLimits } from './packed-source.js'
import type { ImportProgress } from './result.js'
import { type TextDecoding, textDecodingOf } from './text-decoding.js'

/** What `copyFrom` takes besides the table and the source. */
export interface CopyOptions {
  /** The first record names the columns. Default true. */
  header?: boolean
  /** One byte between fields. Default `,`. */
  delimiter?: string
  /** The same as `delimiter`. */
  delim?: string
  /** One byte around fields that hold delimiters or line ends; `''` for none. Default `"`. */
  quote?: string
  /** The byte before a quote that stands for itself. Default the quote, doubled. */
  escape?: string
  /** A record that begins with this byte is a comment; `''` for none. Default none. */
  comment?: string
  /**
   * What the source is written in: `utf-8` (default), `utf-16`, `utf-16le`, `utf-16be`, `latin-1`,
   * `windows-1252` or another label of the WHATWG Encoding Standard. Everything but UTF-8 is decoded on the
   * caller's thread before it is parsed.
   */
  encoding?: string
  /**
   * Bytes that are not of the encoding: `error` (default) refuses the record (or, when the source is decoded,
   * the source); `replace` writes U+FFFD for them.
   */
  encodingErrors?: 'error' | 'replace'
  /** Physical lines to leave out before the header. Default 0. */
  skip?: number
  /** Unquoted fields equal to one of these are NULL, besides empty ones. Default none. */
  nullStrings?: readonly string[]
  /**
   * STRING: a quoted text that is empty, or equals a null string, is NULL too. Default false: it is a text.
   */
  quotedNulls?: boolean
  /** STRING: an empty unquoted field is NULL. Default true; false makes it the empty text. */
  emptyAsNull?: boolean
  /** Spaces and tabs around a field, or around its quotes, are no part of it. Default false. */
  trim?: boolean
  /** Fields that are missing at the end of a record are NULL. Default false: the record is refused. */
  nullPadding?: boolean
  /** Between the whole and the broken part of a number. Default `.`. */
  decimalSeparator?: string
  /** Between groups of three digits of a number's whole part; `''` for none. Default none. */
  thousandsSeparator?: string
  /**
   * How dates are written: `iso` (default), `us`, `european`, `german`, `compact`, `epoch`, `epoch_ms`, or a
   * format in the manner of strptime such as `%d.%m.%Y`.
   */
  dateFormat?: string
  /** The same for timestamps, such as `%d.%m.%Y %H:%M:%S`; also `rfc2822`. */
  timestampFormat?: string
  /** DOUBLE and FLOAT take `inf`, `infinity` and `nan`, in any case. Default false: they are errors. */
  nonFinite?: boolean
  /** How BLOBs are written: `hex` (default) or `base64`. */
  blobFormat?: BlobFormat
  /**
   * Whether what is not said of how the file is written is guessed from it: delimiter, quote, escape,
   * comment, header, lines before it, formats of dates. Default: an import guesses nothing, whatever reads
   * CSV without a table does.
   */
  autoDetect?: boolean
  /** Where something is guessed: records to look at, at most, at each place of the file. */
  sampleSize?: number
  /** The columns of the file in order, when there is no header or not to go by it. */
  columns?: readonly string[]
  /** Relationships: the column with the source's key. */
  fromColumn?: string
  /** Relationships: the column with the destination's key. */
  toColumn?: string
  /** Leave refused records out and go on, instead of stopping at the first. Default false. */
  ignoreErrors?: boolean
  /** With `ignoreErrors`: stop once more records than this were refused. Default: never. */
  maxErrors?: number
  /**
   * What becomes of the rows before an error or an abort: `rollback` (default) takes all of them back; `keep`
   * commits on the way, so that those before the last commit stay and the load can be resumed. With `resume:
   * true` the default is `keep`.
   */
  onFailure?: 'rollback' | 'keep'
  /**
   * True: go on where a load of the same source that was kept has ended; load from the beginning when none
   * was begun; do nothing when it was loaded to its end. False: give up an unfinished load of the table.
   */
  resume?: boolean
  /** With `keep`: bytes of input after which to commit. Default 256 MiB; at least every 30 seconds. */
  commitSize?: number
  /**
   * Parse and check everything, keys and endpoints too, count it, and take it back: the database stays as it
   * is. Default false.
   */
  dryRun?: boolean
  /** With `ignoreErrors`: write every refused record to this file, as CSV. */
  rejects?: string
  /** Times its size that a packed file, gzip or Zstandard, may unpack to. Default 250, from 64 MiB on. */
  gzipRatioMax?: number
  /** Bytes that a packed file, gzip or Zstandard, may unpack to. Default 1 TiB. */
  gzipBytesMax?: number
  /** Bytes of the longest record. Default 2 MiB. */
  maxRowBytes?: number
  /**
   * Bytes of input a parse worker takes at a time. Default 6 MiB; for relationships 4 MiB, without strings
   * 2 MiB; less when the memory budget is small.
   */
  blockSize?: number
  /**
   * Rows of a batch at most. Default 100,000; more where endpoints are looked up among very many keys.
   */
  batchSize?: number
  /**
   * Parse workers, at most: fewer where the memory budget is too small for them, and for inputs that are too
   * small to be worth their start. Default as given to `Database.open`.
   */
  threads?: number
  /**
   * Bytes this import may use for slots, workers, index and CSR build. Default as given to `Database.open`.
   */
  memoryBudget?: number
  /** Stops the import; what it loaded is rolled back. */
  signal?: AbortSignal
  /** Called at least every 100,000 rows. */
  onProgress?: (progress: ImportProgress) => void
}

/** Options with every default in place. */
export interface ResolvedOptions {
  /** Header, skip and dialect are to be guessed as far as they are not said. */
  readonly autoDetect: boolean
  readonly header: boolean
  readonly dialect: Dialect
  /** Null: the source is UTF-8. */
  readonly decoding: TextDecoding | null
  readonly skip: number
  readonly columns: readonly string[] | null
  /** Columns that a file without a header is said to have; null: nothing is said. */
  readonly columnsKnown: number | null
  /** Whether it has no more than these. */
  readonly columnsAreAll: boolean
  readonly fromColumn: string | null
  readonly toColumn: string | null
  readonly ignoreErrors: boolean
  readonly maxErrors: number
  readonly keep: boolean
  /** Undefined: not said. */
  readonly resume: boolean | undefined
  readonly commitSize: number
  readonly dryRun: boolean
  readonly rejects: string | null
  readonly gzip: GzipLimits
  readonly maxRowBytes: number
  readonly blockSize: number | null
  readonly batchSize: number | null
  readonly threads: number
  readonly memoryBudget: number
  readonly signal: AbortSignal | null
  readonly onProgress: ((progress: ImportProgress) => void) | null
}

function refuse(what: string, value: unknown, expected: string): never {
  throw new MillraceError('MILLRACE_ARGUMENT', {
    what,
    value: JSON.stringify(value) ?? String(value),
    expected,
  })
}

function wholeNumber(what: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    refuse(what, value, `a whole number from ${min} to ${max}`)
  }
  return value
}

function flag(what: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') refuse(what, value, 'true or false')
  return value
}

function names(what: string, value: unknown): readonly string[] | null {
  if (value === undefined) return null
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string'))
    refuse(what, value, 'a list of strings')
  return list
}

const known = [
  ...[
    'header',
    'delimiter',
    'delim',
    'quote',
    'escape',
    'comment',
    'skip',
    'nullStrings',
    'columns',
    'fromColumn',
  ],
  ...['toColumn', 'ignoreErrors', 'maxErrors', 'onFailure', 'resume', 'rejects', 'maxRowBytes', 'blockSize'],
  ...['batchSize', 'threads', 'memoryBudget', 'signal', 'onProgress'],
  ...['commitSize', 'gzipRatioMax', 'gzipBytesMax'],
  ...['quotedNulls', 'emptyAsNull', 'trim', 'nullPadding', 'decimalSeparator', 'thousandsSeparator'],
  ...['dateFormat', 'timestampFormat', 'encoding', 'encodingErrors', 'dryRun', 'nonFinite', 'blobFormat'],
  ...['autoDetect', 'sampleSize'],
]

/** What others call options that are here, too. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['sep', 'delimiter'],
  ['separator', 'delimiter'],
  ['null', 'nullStrings'],
  ['nullstr', 'nullStrings'],
  ['nullValue', 'nullStrings'],
])

/**
 * Refuses names of options that are not among `own`.
 * @param where behind the list of those there are
 * @throws MillraceError `MILLRACE_ARGUMENT`
 */
export function refuseUnknown(names: Iterable<string>, own: readonly string[], where = ''): void {
  for (const name of names) {
    if (own.includes(name)) continue
    const other = otherNames.get(name)
    const near = other !== undefined && own.includes(other) ? other : nearestName(name, own)
    const expected = near ?? `one of ${own.join(', ')}${where}`
    throw new MillraceError('MILLRACE_ARGUMENT', { what: 'the option', value: name, expected })
  }
}

/** The text of an option, if it is given. */
function text(what: string, value: unknown): string | undefined {
  if (value !== undefined && value !== null && typeof value !== 'string') refuse(what, value, 'a string')
  return value ?? undefined
}

function blobFormat(value: unknown): BlobFormat {
  if (value === undefined) return 'hex'
  if (value !== 'hex' && value !== 'base64') refuse('blobFormat', value, "'hex' or 'base64'")
  return value
}

function dialectOf(options: CopyOptions): Dialect {
  // Null stands for none, like an empty string.
  const byte = (name: 'quote' | 'escape' | 'comment') =>
    options[name] === null ? null : text(name, options[name])
  return makeDialect({
    delimiter: text('delimiter', options.delimiter ?? options.delim),
    quote: byte('quote'),
    escape: byte('escape'),
    comment: byte('comment'),
    nullStrings: names('nullStrings', options.nullStrings) ?? undefined,
    quotedNulls: flag('quotedNulls', options.quotedNulls, false),
    emptyAsNull: flag('emptyAsNull', options.emptyAsNull, true),
    trim: flag('trim', options.trim, false),
    nullPadding: flag('nullPadding', options.nullPadding, false),
    decimalSeparator: text('decimalSeparator', options.decimalSeparator),
    thousandsSeparator: text('thousandsSeparator', options.thousandsSeparator),
    nonFinite: flag('nonFinite', options.nonFinite, false),
    blobFormat: blobFormat(options.blobFormat),
    dateFormat: text('dateFormat', options.dateFormat),
    timestampFormat: text('timestampFormat', options.timestampFormat),
  })
}

/** The decoding that options ask for; null: none. @throws MillraceError `MILLRACE_ARGUMENT` */
export function decodingOf(options: Pick<CopyOptions, 'encoding' | 'encodingErrors'>): TextDecoding | null {
  const { encodingErrors } = options
  if (encodingErrors !== undefined && encodingErrors !== 'error' && encodingErrors !== 'replace') {
    refuse('encodingErrors', encodingErrors, "'error' or 'replace'")
  }
  return textDecodingOf(text('encoding', options.encoding) ?? 'utf-8', encodingErrors === 'replace')
}

function keeps(value: unknown, fallback: boolean): boolean {
  if (value !== undefined && value !== 'rollback' && value !== 'keep') {
    refuse('onFailure', value, "'rollback' or 'keep'")
  }
  return value === undefined ? fallback : value === 'keep'
}

function isDryRun({ dryRun, onFailure, resume }: CopyOptions): boolean {
  const isDry = flag('dryRun', dryRun, false)
  if (isDry && (onFailure === 'keep' || resume !== undefined)) {
    refuse('dryRun', dryRun, 'it without onFailure keep and without resume: nothing is kept')
  }
  return isDry
}

function rejectsPath(value: unknown, ignoreErrors: boolean): string | null {
  if (value === undefined) return null
  if (typeof value !== 'string' || value === '') refuse('rejects', value, 'the path of a file')
  // The path it is written aside at is longer.
  if (Buffer.byteLength(resolve(value)) > rejectsPathBytesMax - 16) {
    refuse('rejects', value, `a path of at most ${rejectsPathBytesMax - 16} bytes`)
  }
  if (!ignoreErrors) refuse('rejects', value, 'it together with ignoreErrors: records are refused only then')
  return resolve(value)
}

/** @throws MillraceError `MILLRACE_ARGUMENT` */
export function checkSampleSize(records: unknown): void {
  if (records !== undefined) wholeNumber('sampleSize', records as number, 1, Number.MAX_SAFE_INTEGER)
}

/**
 * Checks `options` and fills in the defaults.
 * @throws MillraceError `MILLRACE_ARGUMENT` naming the option, its value and what it may be
 */
export function resolveOptions(
  options: CopyOptions,
  defaults: { threads: number; memoryBudget: number },
): ResolvedOptions {
  refuseUnknown(Object.keys(options), known)
  checkSampleSize(options.sampleSize)
  const ignoreErrors = flag('ignoreErrors', options.ignoreErrors, false)
  const columns = names('columns', options.columns)
  const resume = options.resume === undefined ? undefined : flag('resume', options.resume, false)
  return {
    autoDetect: flag('autoDetect', options.autoDetect, false),
    header: flag('header', options.header, true),
    dialect: dialectOf(options),
    decoding: decodingOf(options),
    skip: wholeNumber('skip', options.skip ?? 0, 0, 1_000_000),
    columns,
    columnsKnown: columns?.length ?? null,
    columnsAreAll: true,
    fromColumn: options.fromColumn ?? null,
    toColumn: options.toColumn ?? null,
    ignoreErrors,
    maxErrors:
      options.maxErrors === undefined
        ? Number.POSITIVE_INFINITY
        : wholeNumber('maxErrors', options.maxErrors, 0, Number.MAX_SAFE_INTEGER),
    keep: keeps(options.onFailure, resume === true),
    resume,
    commitSize: wholeNumber(
      'commitSize',
      options.commitSize ?? commitBytesDefault,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    dryRun: isDryRun(options),
    rejects: rejectsPath(options.rejects, ignoreErrors),
    gzip: {
      ratioMax: wholeNumber('gzipRatioMax', options.gzipRatioMax ?? gzipRatioDefault, 1, gzipBytesDefault),
      bytesMax: wholeNumber(
        'gzipBytesMax',
        options.gzipBytesMax ?? gzipBytesDefault,
        1,
        Number.MAX_SAFE_INTEGER,
      ),
    },
    maxRowBytes: wholeNumber('maxRowBytes', options.maxRowBytes ?? maxRowBytesDefault, 1, rowBytesMax),
    blockSize:
      options.blockSize === undefined ? null : wholeNumber('blockSize', options.blockSize, 1, blockBytesMax),
    batchSize:
      options.batchSize === undefined ? null : wholeNumber('batchSize', options.batchSize, 1, batchRowsMax),
    threads: wholeNumber('threads', options.threads ?? defaults.threads, 1, threadsMax),
    memoryBudget: wholeNumber(
      'memoryBudget',
      options.memoryBudget ?? defaults.memoryBudget,
      1 << 20,
      Number.MAX_SAFE_INTEGER,
    ),
    signal: options.signal ?? null,
    onProgress: options.onProgress ?? null,
  }
}
