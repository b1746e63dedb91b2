/**
 * What the command line of `millrace inspect` offers. The work is in `inspect`, loaded when it is asked for.
 */
import { type Command, Option } from 'commander'
import type { CommandContext } from './context.js'
import { addCommonOptions, type CommonOptions } from './options.js'

export interface InspectCommandOptions extends CommonOptions {
  readonly check?: boolean
  readonly format: 'table' | 'json'
}

/** Adds the command to `program`. */
export function addInspectCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('inspect')
    .summary('tables, encodings and sizes of a database file')
    .description(
      'Shows the tables of a database file with their rows, encodings and sizes. Opens it read-only, ' +
        'beside any process that has it open.',
    )
    .argument('<db>', 'the database file')
    .option(
      '--check',
      'read everything: checksums, values, keys, both ends of relationships; exit code 1 when something is wrong',
    )
    .addOption(
      new Option('--format <format>', 'how the report is printed')
        .choices(['table', 'json'])
        .default('table'),
    )
  addCommonOptions(command).action(async (path: string, options: InspectCommandOptions) => {
    const { inspect } = await import('./inspect.js')
    await inspect(path, options, context)
  })
}
