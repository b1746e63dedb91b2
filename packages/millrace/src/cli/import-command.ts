/**
 * What the command line of `millrace import` offers, and what of it `copyFrom` takes. The work is in
 * `import`, loaded when it is asked for.
 */
import { type LogicalType, namedTypeNames, typeOfName } from '@millrace/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CopyOptions } from '../index.js'
import type { CommandContext } from './context.js'
import {
  addCommonOptions,
  bytesOption,
  type CommonOptions,
  characterOption,
  commaSeparated,
  positiveInteger,
  separatorOption,
  wholeNumber,
} from './options.js'

export interface ImportCommandOptions extends CommonOptions {
  readonly table: string
  readonly key?: string
  readonly from?: string
  readonly to?: string
  readonly type?: ReadonlyMap<string, LogicalType>
  readonly header?: boolean
  readonly delimiter?: string
  readonly quote?: string
  readonly escape?: string
  readonly comment?: string
  readonly skip?: number
  readonly nullStrings?: string[]
  readonly autoDetect?: boolean
  readonly sampleSize?: number
  readonly encoding?: string
  readonly encodingErrors?: 'error' | 'replace'
  readonly quotedNulls?: boolean
  readonly emptyAsNull?: boolean
  readonly trim?: boolean
  readonly nullPadding?: boolean
  readonly decimalSeparator?: string
  readonly thousandsSeparator?: string
  readonly dateFormat?: string
  readonly timestampFormat?: string
  readonly columns?: string[]
  readonly fromColumn?: string
  readonly toColumn?: string
  readonly nonFinite?: boolean
  readonly blobFormat?: 'hex' | 'base64'
  readonly ignoreErrors?: boolean
  readonly maxErrors?: number
  readonly onFailure?: 'rollback' | 'keep'
  readonly resume?: boolean
  readonly commitSize?: number
  readonly dryRun?: boolean
  readonly rejects?: string
  readonly gzipRatioMax?: number
  readonly gzipBytesMax?: number
  readonly maxRowBytes?: number
  readonly blockSize?: number
  readonly batchSize?: number
}

/** Adds the command to `program`. */
export function addImportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .summary('load CSV files into a table')
    .description(
      'Loads CSV files, also packed with gzip or Zstandard, into a table: all or nothing, or with --on-failure keep as far as it ' +
        'comes, to be resumed. The table is created after the first file if it is absent: ' +
        'a node table with --key, a relationship table with --from and --to.',
    )
    .argument('<db>', 'the database file; created when it is absent')
    .argument('<file...>', 'CSV files or globs, loaded in this order; - for stdin')
  addTableOptions(command)
  addDialectOptions(command)
  addLoadOptions(command)
  addCommonOptions(command).action(async (path: string, files: string[], options: ImportCommandOptions) => {
    const [{ importFiles }, { withFlagNames }] = await Promise.all([
      import('./import.js'),
      import('./flag-names.js'),
    ])
    await importFiles(path, files, options, context).catch((error: unknown) => {
      throw withFlagNames(error, command)
    })
  })
}

function addTableOptions(command: Command): void {
  command
    .requiredOption('--table <name>', 'the table to load into')
    .option('--key <column>', 'new node table: its primary key')
    .option('--from <table>', 'new relationship table: the node table its relationships come from')
    .option('--to <table>', 'new relationship table: the node table they go to')
    .option('--type <column=TYPE>', 'new table: the type of a column instead of the sniffed one', typeOption)
    .option(
      '--columns <names>',
      "the table's columns in the order of the file's, comma-separated",
      commaSeparated,
    )
    .option('--from-column <name>', "the file's column with the source's key")
    .option('--to-column <name>', "the file's column with the destination's key")
}

function addDialectOptions(command: Command): void {
  command
    .option('--header', 'the first record names the columns')
    .option('--no-header', 'the first record is data')
    .addOption(new Option('--delim, --delimiter <character>', 'between fields').argParser(separatorOption))
    .option('--quote <character>', "around fields; '' for none", characterOption)
    .option('--escape <character>', 'before a quote inside quotes', characterOption)
    .option('--comment <character>', 'begins a line that is no record', characterOption)
    .option('--skip <lines>', 'lines to skip at the beginning', wholeNumber)
    .option('--null-strings <texts>', 'unquoted fields that mean NULL, comma-separated', commaSeparated)
    .option(
      '--no-auto-detect',
      'guess nothing of the dialect, nor the header: commas, double quotes, a header',
    )
    .option(
      '--sample-size <records>',
      'records to guess from, at each place that is looked at',
      positiveInteger,
    )
    .option('--encoding <name>', 'what the file is written in, such as utf-16 or latin-1')
    .addOption(
      new Option('--encoding-errors <what>', 'bytes that are not of the encoding').choices([
        'error',
        'replace',
      ]),
    )
    .option('--quoted-nulls', 'quoted texts that are empty or a null string mean NULL, too')
    .option('--no-empty-as-null', 'empty unquoted STRING fields are empty texts, not NULL')
    .option('--trim', 'spaces and tabs around fields and quotes are no part of them')
    .option('--null-padding', 'fields missing at the end of a record mean NULL')
    .option('--decimal-separator <character>', 'in numbers, such as , for 1,5', separatorOption)
    .option('--thousands-separator <character>', 'in numbers, such as . for 1.000.000', characterOption)
    .option('--date-format <format>', 'iso, us, european, german, compact, epoch, or such as %d.%m.%Y')
    .option('--timestamp-format <format>', 'the same for timestamps, such as "%d.%m.%Y %H:%M:%S"')
}

function addLoadOptions(command: Command): void {
  command
    .option('--ignore-errors', 'skip records that cannot be loaded, and count them')
    .option('--max-errors <count>', 'with --ignore-errors: give up beyond this many', wholeNumber)
    .addOption(
      new Option('--on-failure <what>', 'what becomes of rows loaded before a failure').choices([
        'rollback',
        'keep',
      ]),
    )
    .option('--resume', 'go on where an import that kept its rows has ended, or begin')
    .option('--no-resume', 'give up the rest of an import that kept its rows, and begin')
    .option('--commit-size <size>', 'with --on-failure keep: bytes after which to commit', bytesOption)
    .option('--non-finite', 'take inf and nan for a DOUBLE or FLOAT')
    .option('--blob-format <format>', 'how BLOBs are written: hex (default) or base64')
    .option('--dry-run', 'parse and check everything, say what would be loaded, and load nothing')
    .option('--rejects <path>', 'with --ignore-errors: write skipped records to this file, as CSV')
    .option(
      '--gzip-ratio-max <times>',
      'how many times its size a packed file (gzip, Zstandard) may unpack to',
      positiveInteger,
    )
    .option(
      '--gzip-bytes-max <size>',
      'bytes that a packed file (gzip, Zstandard) may unpack to',
      bytesOption,
    )
    .option('--max-row-bytes <size>', 'longest record', bytesOption)
    .option('--block-size <size>', 'bytes of the file parsed at a time', bytesOption)
    .option('--batch-size <rows>', 'rows of a batch', positiveInteger)
}

/** `name=TYPE`; may be repeated. */
function typeOption(text: string, earlier?: ReadonlyMap<string, LogicalType>): Map<string, LogicalType> {
  const split = text.lastIndexOf('=')
  const type = typeOfName(text.slice(split + 1))
  if (split < 1 || typeof type !== 'string') {
    const names = namedTypeNames.join(', ')
    throw new InvalidArgumentError(
      `Write column=TYPE with one of ${names}, DECIMAL(p,s), or a list of these: INT64[].`,
    )
  }
  return new Map([...(earlier ?? []), [text.slice(0, split), type]])
}

/** The options that say how the file is written. */
export function dialectOptions(options: ImportCommandOptions): CopyOptions {
  return defined({
    header: options.header,
    delimiter: options.delimiter,
    quote: options.quote,
    escape: options.escape,
    comment: options.comment,
    skip: options.skip,
    nullStrings: options.nullStrings,
    encoding: options.encoding,
    encodingErrors: options.encodingErrors,
    quotedNulls: options.quotedNulls,
    // Commander says true where the option is not given.
    emptyAsNull: options.emptyAsNull === false ? false : undefined,
    trim: options.trim,
    nullPadding: options.nullPadding,
    decimalSeparator: options.decimalSeparator,
    thousandsSeparator: options.thousandsSeparator,
    dateFormat: options.dateFormat,
    timestampFormat: options.timestampFormat,
  })
}

/** The same, and how to guess the rest. */
export function sniffOptions(options: ImportCommandOptions): CopyOptions {
  const { autoDetect, sampleSize } = options
  return {
    ...dialectOptions(options),
    ...defined({ autoDetect: autoDetect === false ? false : undefined, sampleSize }),
  }
}

/** What sniffing finds out unless the command line says it. */
export interface SniffedDialect {
  readonly header: boolean
  readonly skip: number
  readonly dialect: {
    readonly delimiter: number
    readonly quote: number
    readonly escape: number
    readonly comment: number
    readonly trim: boolean
    readonly dateFormat: string
    readonly timestampFormat: string
  }
}

/** A byte of a dialect as an option; −1 stands for none. */
function characterOf(byte: number): string {
  return byte === -1 ? '' : String.fromCharCode(byte)
}

/** All that `copyFrom` takes, except how to stop it and where to report. */
export function copyOptions(options: ImportCommandOptions, sniffed: SniffedDialect): CopyOptions {
  return {
    header: sniffed.header,
    skip: sniffed.skip,
    delimiter: characterOf(sniffed.dialect.delimiter),
    quote: characterOf(sniffed.dialect.quote),
    escape: characterOf(sniffed.dialect.escape),
    comment: characterOf(sniffed.dialect.comment),
    trim: sniffed.dialect.trim,
    dateFormat: sniffed.dialect.dateFormat,
    timestampFormat: sniffed.dialect.timestampFormat,
    ...dialectOptions(options),
    ...defined({
      columns: options.columns,
      fromColumn: options.fromColumn,
      toColumn: options.toColumn,
      nonFinite: options.nonFinite,
      blobFormat: options.blobFormat,
      ignoreErrors: options.ignoreErrors,
      maxErrors: options.maxErrors,
      onFailure: options.onFailure,
      resume: options.resume,
      commitSize: options.commitSize,
      dryRun: options.dryRun,
      rejects: options.rejects,
      gzipRatioMax: options.gzipRatioMax,
      gzipBytesMax: options.gzipBytesMax,
      maxRowBytes: options.maxRowBytes,
      blockSize: options.blockSize,
      batchSize: options.batchSize,
    }),
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the entries that are undefined: an option that is not given is not passed on. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}
