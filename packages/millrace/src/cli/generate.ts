/** `millrace generate`: settings, the schema, then files, stdout or a database; says what was made. */
import { buffer } from 'node:stream/consumers'
import {
  type FormatName,
  type Generation,
  generate,
  type OutputResult,
  readSettings,
  type Settings,
  schemaText,
  templates,
  templateText,
} from '@millrace/datagen'
import { InterruptedError, UsageError } from '../errors/index.js'
import { OutputClosed } from '../output/index.js'
import {
  coloursFor,
  formatByteRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatRowRate,
  formatRows,
  GenerateProgress,
  type MaybeTerminal,
  visible,
} from '../terminal/index.js'
import type { CommandContext } from './context.js'
import type { GenerateCommandOptions } from './generate-command.js'
import { Interrupt } from './interrupt.js'

/** Rows of each table that `--dry-run` shows. */
const sampleRows = 3

/** What a write to stdout fails with when nobody reads it any more. */
const readerGone = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']

interface Request {
  readonly data: Generation
  readonly settings: Settings
}

/** Reads schema and settings. @throws UsageError without a schema */
async function prepare(
  source: string | undefined,
  options: GenerateCommandOptions,
  context: CommandContext,
): Promise<Request> {
  if (source === undefined) {
    throw new UsageError(
      'no schema is given',
      'Name a schema file or a template; `millrace generate templates` lists them.',
    )
  }
  const { settings: found, ignored } = readSettings(process.env, process.cwd(), options.config)
  for (const name of ignored)
    context.stderr.write(`${coloursFor(context.stderr).yellow('ignored')} ${visible(name)}\n`)
  const settings: Settings = { ...found, ...given(options) }
  const { seed, defaultRows, scale, locale } = settings
  const data = await generate(
    source === '-' ? schemaText((await buffer(context.stdin)).toString(), 'stdin') : source,
    {
      ...(seed !== undefined && { seed }),
      ...(defaultRows !== undefined && { defaultRows }),
      ...(scale !== undefined && { scale }),
      ...(locale !== undefined && { locale }),
      ...(options.rows !== undefined && { rows: Object.fromEntries(options.rows) }),
    },
  )
  for (const warning of data.warnings)
    context.stderr.write(`${coloursFor(context.stderr).yellow('note')} ${visible(warning)}\n`)
  return { data, settings }
}

/** What the command line says of settings. */
function given(options: GenerateCommandOptions): Settings {
  const { seed, format, defaultRows, batchSize, jobs, scale, locale, output, gzip, header } = options
  const entries = {
    seed,
    format,
    defaultRows,
    batchSize,
    jobs,
    scale,
    locale,
    output,
    gzip,
    header: header === false ? false : undefined,
  }
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Settings
}

/** Makes the data. */
export async function runGenerate(
  source: string | undefined,
  options: GenerateCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { data, settings } = await prepare(source, options, context)
  if (options.validate === true) return sayValid(data, context.stderr)
  if (options.dryRun === true) return await dryRun(data, context)
  const interrupt = new Interrupt()
  try {
    if (options.into !== undefined) {
      checkInto(options)
      const { generateInto } = await import('./generate-into.js')
      await generateInto(
        data,
        options.into,
        { ...settings, signal: interrupt.signal, showProgress: options.progress },
        context,
      )
    } else await writeOut(data, { options, settings, context, interrupt })
  } catch (error) {
    if (readerGone.includes(String((error as { code?: unknown }).code)))
      throw new OutputClosed('the reader of stdout is gone')
    if (interrupt.received === undefined) throw error
    throw new InterruptedError(interrupt.received, 'nothing of the data was kept', error)
  } finally {
    interrupt.dispose()
  }
}

function checkInto(options: GenerateCommandOptions): void {
  const other = (['output', 'format', 'part', 'gzip'] as const).find((name) => options[name] !== undefined)
  if (other !== undefined)
    throw new UsageError(`--into and --${other} exclude each other`, 'Choose a database or files.')
}

interface WriteContext {
  readonly options: GenerateCommandOptions
  readonly settings: Settings
  readonly context: CommandContext
  readonly interrupt: Interrupt
}

async function writeOut(
  data: Generation,
  { options, settings, context, interrupt }: WriteContext,
): Promise<void> {
  const output = settings.output ?? '-'
  const { format = formatOf(output), batchSize, jobs, gzip, header } = settings
  const progress = new GenerateProgress({
    stream: context.stderr,
    enabled: options.progress && settings.progress !== false,
  })
  let result: OutputResult | undefined
  try {
    result = await data.write({
      output:
        output === '-' ? (context.stdout as NodeJS.WritableStream as import('node:stream').Writable) : output,
      format,
      signal: interrupt.signal,
      onProgress: progress.update,
      ...(batchSize !== undefined && { batchSize }),
      ...(jobs !== undefined && { jobs }),
      ...(gzip !== undefined && { gzip }),
      ...(header !== undefined && { header }),
      ...(options.part !== undefined && { part: options.part }),
      ...(options.table !== undefined && { tables: options.table }),
    })
  } finally {
    progress.stop(result !== undefined)
  }
  const { rows, bytes, elapsedMs, files } = result
  const where =
    files.length === 0
      ? ''
      : files.length === 1
        ? ` → ${visible(files[0] as string)}`
        : ` → ${formatCount(files.length)} files`
  context.stderr.write(
    `${formatRows(rows)}, ${formatBytes(bytes)} in ${formatDuration(elapsedMs)} ` +
      `(${formatRowRate(rows, elapsedMs)}, ${formatByteRate(bytes, elapsedMs)})${where}\n`,
  )
}

/** The format that a file's name stands for. */
function formatOf(output: string): FormatName {
  const name = output.replace(/\.gz$/, '')
  if (/\.copy$/i.test(name)) return 'copy'
  return /\.(?:sql|dump)$/i.test(name) ? 'sql' : 'csv'
}

function sayValid(data: Generation, stream: MaybeTerminal): void {
  const rows = data.tables.reduce((sum, table) => sum + table.rows, 0)
  stream.write(
    `${coloursFor(stream).bold('valid')}: ${formatTables(data.tables.length)}, ${formatRows(rows)}\n`,
  )
}

function formatTables(count: number): string {
  return count === 1 ? '1 table' : `${formatCount(count)} tables`
}

/** What would be made: tables, rows, and a few rows of each. */
async function dryRun(data: Generation, { data: out }: CommandContext): Promise<void> {
  for (const { name, rows } of data.tables) {
    await out.write(`${name}: ${formatRows(rows)}\n`)
    for await (const batch of data.batches(name, { to: sampleRows })) {
      for (const row of batch.rows()) await out.write(`  ${JSON.stringify(row)}\n`)
    }
  }
}

/** `millrace generate validate` */
export async function validateSchema(
  source: string,
  options: GenerateCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { data } = await prepare(source, options, context)
  sayValid(data, context.stderr)
}

/** `millrace generate templates [name]` */
export async function printTemplates(name: string | undefined, { data }: CommandContext): Promise<void> {
  if (name !== undefined) {
    await data.write(templateText(name))
    return
  }
  for (const template of templates())
    await data.write(`${template.name.padEnd(12)} ${template.description}\n`)
}
