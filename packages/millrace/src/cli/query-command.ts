/** What the command line of `millrace query` offers. The work is in `query`, loaded when it is asked for. */
import type { Command } from 'commander'
import type { CommandContext } from './context.js'
import { addCommonOptions, addFormatOption, type CommonOptions, type FormatOption } from './options.js'
import { parameterOption } from './parameters.js'

export interface QueryCommandOptions extends CommonOptions, FormatOption {
  readonly param: Readonly<Record<string, unknown>>
}

/** Adds the command to `program`. */
export function addQueryCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('query')
    .summary('run statements and print what they return')
    .description('Runs statements, given as arguments or on stdin, and prints what they return to stdout.')
    .argument('<db>', 'the database file; created when the first statement is not a question')
    .argument('[statement...]', 'statements, each or several separated by ;')
    .option('--param <name=value>', 'a $parameter of the statements; may be repeated', parameterOption, {})
  addCommonOptions(addFormatOption(command)).action(
    async (path: string, statements: string[], options: QueryCommandOptions) => {
      const [{ query }, { withFlagNames }] = await Promise.all([
        import('./query.js'),
        import('./flag-names.js'),
      ])
      await query(path, statements, options, context).catch((error: unknown) => {
        throw withFlagNames(error, command)
      })
    },
  )
}
