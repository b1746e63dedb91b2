/** What a command may touch of the outside: its three streams. One per process; tests bring their own. */
import { TextSink } from '../output/index.js'
import type { MaybeTerminal } from '../terminal/index.js'

export interface CommandContext {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: MaybeTerminal
  readonly stderr: MaybeTerminal
  /** What the command was called with, without the program. */
  readonly commandLine: readonly string[]
  /** Data for stdout. Everything that is not data goes to `stderr`. */
  readonly data: TextSink
}

/** The context of the running process. */
export function processContext(): CommandContext {
  const { stdin, stdout, stderr } = process
  stderr.on('error', () => undefined) // A reader of stderr that has gone changes nothing.
  return { stdin, stdout, stderr, commandLine: process.argv.slice(2), data: new TextSink(stdout) }
}
