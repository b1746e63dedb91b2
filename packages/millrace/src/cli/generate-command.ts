/**
 * What the command line of `millrace generate` offers. The work is in `generate.ts`, loaded when it is asked
 * for.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CommandContext } from './context.js'
import { positiveInteger, wholeNumber } from './options.js'

export interface GenerateCommandOptions {
  readonly output?: string
  readonly format?: 'csv' | 'sql' | 'copy'
  readonly into?: string
  readonly rows?: ReadonlyMap<string, number>
  readonly defaultRows?: number
  readonly scale?: number
  readonly seed?: number
  readonly jobs?: number
  readonly batchSize?: number
  readonly part?: { readonly index: number; readonly count: number }
  readonly table?: readonly string[]
  readonly locale?: string
  readonly gzip?: boolean
  readonly header?: boolean
  readonly config?: string
  readonly validate?: boolean
  readonly dryRun?: boolean
  readonly progress: boolean
}

/** Adds the command to `program`. */
export function addGenerateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('generate')
    .summary('make synthetic data from a schema')
    .description(
      'Makes synthetic relational data from a schema (JSON or YAML, or the name of a template): CSV files, a dump ' +
        'for PostgreSQL as SQL or COPY, or a Millrace database. The same schema and seed give the same bytes, however ' +
        'many workers make them.',
    )
    .argument('[schema]', 'a schema file, the name of a template, or - for stdin')
    .option(
      '-o, --output <path>',
      'a folder, a file, or - for stdout; for one table of CSV or a dump, stdout is the default',
    )
    .addOption(new Option('--format <format>', 'of the output').choices(['csv', 'sql', 'copy']))
    .option('--into <database>', 'load the data into this Millrace database; created when it is absent')
    .option('--rows <table=N>', 'rows of a table; may be repeated', rowsOption)
    .option('--default-rows <count>', 'rows of tables of which the schema says nothing', wholeNumber)
    .option('--scale <factor>', 'times as many rows as the schema says', factorOption)
    .option('--seed <number>', 'another seed, other data', wholeNumber)
    .option('--jobs <count>', 'worker threads', positiveInteger)
    .option('--batch-size <rows>', 'SQL: rows of an INSERT statement', positiveInteger)
    .option(
      '--part <i/n>',
      'only the i-th of n parts; all of them one after the other are the whole',
      partOption,
    )
    .option('--table <name>', 'only this table; may be repeated', (name: string, all: string[] = []) => [
      ...all,
      name,
    ])
    .option('--locale <name>', 'of names and addresses: en, de, fr, ja, …')
    .option('--gzip', 'pack the output with gzip')
    .option('--no-header', 'CSV without a line of names')
    .option('--config <path>', 'a settings file instead of .datagen.yaml')
    .option('--validate', 'check the schema, and make nothing')
    .option('--dry-run', 'say what would be made, with a few rows of each table')
    .option('--no-progress', 'do not report progress')
    .action(async (schema: string | undefined, options: GenerateCommandOptions) => {
      const { runGenerate } = await import('./generate.js')
      await runGenerate(schema, options, context)
    })
  command
    .command('validate')
    .summary('check a schema')
    .argument('<schema>', 'a schema file, the name of a template, or - for stdin')
    .action(async (schema: string, _: unknown, { parent }: Command) => {
      const { validateSchema } = await import('./generate.js')
      await validateSchema(schema, parent?.opts<GenerateCommandOptions>() ?? { progress: false }, context)
    })
  command
    .command('templates')
    .summary('list the templates, or print one')
    .argument('[name]', 'the template to print')
    .action(async (name: string | undefined) => {
      const { printTemplates } = await import('./generate.js')
      await printTemplates(name, context)
    })
}

/** `table=1000`, `table=1e6`; may be repeated. */
function rowsOption(text: string, earlier?: ReadonlyMap<string, number>): Map<string, number> {
  const split = text.lastIndexOf('=')
  const digits = text.slice(split + 1).replaceAll('_', '')
  const count = /^\d+(?:\.\d+)?(?:e\d+)?$/i.test(digits) ? Number(digits) : Number.NaN
  if (split < 1 || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('Write table=number, for example users=1000.')
  return new Map([...(earlier ?? []), [text.slice(0, split), count]])
}

function factorOption(text: string): number {
  const factor = Number(text)
  if (!(factor > 0 && Number.isFinite(factor))) throw new InvalidArgumentError('Write a number above 0.')
  return factor
}

function partOption(text: string): { readonly index: number; readonly count: number } {
  const [, index = '', count = ''] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  const part = { index: Number(index), count: Number(count) }
  if (part.count < 1 || part.index < 1 || part.index > part.count) {
    throw new InvalidArgumentError('Write i/n with i from 1 to n, for example 2/4.')
  }
  return part
}
