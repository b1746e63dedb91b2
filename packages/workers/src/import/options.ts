/**
 * The options of an import, as `copyFrom` takes them and as `COPY … (OPTION=value)` writes them: checked,
 * with defaults.
 */
import { MillraceError } from '@millrace/core/internal'
import { type Dialect, makeDialect } from '../csv/index.js'
import { batchRowsMax, blockBytesMax, maxRowBytesDefault, rowBytesMax, threadsMax } from '../limits.js'
import type { ImportProgress } from './result.js'

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
  /** Physical lines to leave out before the header. Default 0. */
  skip?: number
  /** Unquoted fields equal to one of these are NULL, besides empty ones. Default none. */
  nullStrings?: readonly string[]
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
  /** What becomes of the rows before an error or an abort. Default, and so far the only one: `rollback`. */
  onFailure?: 'rollback' | 'keep'
  resume?: boolean
  rejects?: string
  /** Bytes of the longest record. Default 2 MiB. */
  maxRowBytes?: number
  /** Bytes of input a parse worker takes at a time. Default 4 MiB, less when the memory budget is small. */
  blockSize?: number
  /**
   * Rows of a batch at most. Default 100,000; more where endpoints are looked up among very many keys.
   */
  batchSize?: number
  /**
   * Parse workers, at most: fewer where the memory budget is too small for them. Default as given to
   * `Database.open`.
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
  readonly header: boolean
  readonly dialect: Dialect
  readonly skip: number
  readonly columns: readonly string[] | null
  readonly fromColumn: string | null
  readonly toColumn: string | null
  readonly ignoreErrors: boolean
  readonly maxErrors: number
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

const known = new Set([
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
])

function checkNotYet(options: CopyOptions): void {
  const hint = 'Load again with onFailure: "rollback" (the default) and without it'
  if (options.onFailure === 'keep') {
    throw new MillraceError('MILLRACE_UNSUPPORTED', { what: 'onFailure: "keep"', hint })
  }
  if (options.resume === true) throw new MillraceError('MILLRACE_UNSUPPORTED', { what: 'resume', hint })
  if (options.rejects !== undefined)
    throw new MillraceError('MILLRACE_UNSUPPORTED', { what: 'rejects', hint })
  if (options.onFailure !== undefined && options.onFailure !== 'rollback') {
    refuse('onFailure', options.onFailure, "'rollback'")
  }
}

/**
 * Checks `options` and fills in the defaults.
 * @throws MillraceError `MILLRACE_ARGUMENT` naming the option, its value and what it may be
 */
export function resolveOptions(
  options: CopyOptions,
  defaults: { threads: number; memoryBudget: number },
): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) refuse('the option', name, `one of ${[...known].join(', ')}`)
  }
  checkNotYet(options)
  const ignoreErrors = flag('ignoreErrors', options.ignoreErrors, false)
  return {
    header: flag('header', options.header, true),
    dialect: makeDialect({
      delimiter: options.delimiter ?? options.delim,
      quote: options.quote,
      escape: options.escape,
      comment: options.comment,
      nullStrings: names('nullStrings', options.nullStrings) ?? undefined,
    }),
    skip: wholeNumber('skip', options.skip ?? 0, 0, 1_000_000),
    columns: names('columns', options.columns),
    fromColumn: options.fromColumn ?? null,
    toColumn: options.toColumn ?? null,
    ignoreErrors,
    maxErrors:
      options.maxErrors === undefined
        ? Number.POSITIVE_INFINITY
        : wholeNumber('maxErrors', options.maxErrors, 0, Number.MAX_SAFE_INTEGER),
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
