/** What the command line of `millrace shell` offers. The work is in `shell`, loaded when it is asked for. */
import type { Command } from 'commander'
import type { CommandContext } from './context.js'
import { addCommonOptions, addFormatOption, type CommonOptions, type FormatOption } from './options.js'

export interface ShellCommandOptions extends CommonOptions, FormatOption {}

/** Adds the command to `program`. */
export function addShellCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('shell')
    .summary('an interactive prompt')
    .description('Reads statements from a prompt with history, or from stdin, and prints what they return.')
    .argument('<db>', 'the database file; created when it is absent')
  addCommonOptions(addFormatOption(command)).action(async (path: string, options: ShellCommandOptions) => {
    const { shell } = await import('./shell.js')
    await shell(path, options, context)
  })
}
