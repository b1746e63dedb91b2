/**
 * The command line as a whole: its commands, and how wrong usage is told. Loads nothing of the database: help
 * is there at once.
 */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { CommandContext } from './context.js'
import { addGenerateCommand } from './generate-command.js'
import { addImportCommand } from './import-command.js'
import { addInspectCommand } from './inspect-command.js'
import { addQueryCommand } from './query-command.js'
import { addShellCommand } from './shell-command.js'

/** The `millrace` program. Its errors are thrown, never printed or turned into an exit here. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('millrace')
    .description('CSV into a durable, queryable graph store: fast, in bounded memory, crash-safe.')
    .version(version(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.data.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => undefined,
    })
    .showSuggestionAfterError()
  addQueryCommand(program, context)
  addImportCommand(program, context)
  addShellCommand(program, context)
  addInspectCommand(program, context)
  addGenerateCommand(program, context)
  return program
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
