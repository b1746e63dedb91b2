/**
 * `millrace shell <db>`: a prompt with history on a terminal; a script runner when stdin is a pipe.
 *
 * - The prompt has a star within a transaction.
 * - At a terminal an error is told and the prompt comes back; Ctrl-C forgets the line, or stops the running
 *   statement.
 * - From a pipe the first error ends the shell with exit code 1, and a last statement may do without its `;`.
 */
import { createInterface, type Interface } from 'node:readline'
import { UsageError } from '../errors/index.js'
import { Database } from '../index.js'
import type { OutputFormat } from '../output/index.js'
import { coloursFor, isTerminal } from '../terminal/index.js'
import type { CommandContext } from './context.js'
import { reportFailure } from './failure.js'
import { historyLinesMax, historyPath, readHistory, writeHistory } from './history.js'
import { Interrupt } from './interrupt.js'
import { databaseOptions } from './options.js'
import type { ShellCommandOptions } from './shell-command.js'
import { runDotCommand, type ShellState } from './shell-commands.js'
import { runStatement, warnOfOpenTransaction } from './statement.js'
import { StatementBuffer } from './statement-buffer.js'
import { linesOf } from './statement-source.js'

/** Takes statements for the database at `path` until there are no more. */
export async function shell(
  path: string,
  options: ShellCommandOptions,
  context: CommandContext,
): Promise<void> {
  await using db = await Database.open(path, databaseOptions(options))
  await new Shell(db, options, context).run()
  warnOfOpenTransaction(db, context)
  await context.data.flush()
}

class Shell {
  readonly #context: CommandContext
  readonly #options: ShellCommandOptions
  readonly #state: ShellState
  readonly #buffer = new StatementBuffer()
  readonly #interactive: boolean
  /** The running statement's; undefined while waiting for input. */
  #running: Interrupt | undefined

  constructor(db: Database, options: ShellCommandOptions, context: CommandContext) {
    this.#context = context
    this.#options = options
    this.#state = { db, format: options.format satisfies OutputFormat }
    this.#interactive = isTerminal(context.stdin) && isTerminal(context.stdout)
  }

  /** Takes lines until there are no more or one says `.quit`. */
  async run(): Promise<void> {
    if (this.#interactive) await this.#converse()
    else await this.#runScript()
  }

  async #runScript(): Promise<void> {
    const interrupt = new Interrupt()
    try {
      for await (const line of linesOf(this.#context.stdin, interrupt)) {
        if ((await this.#takeLine(line, interrupt)) === 'quit') return
      }
      await this.#runAll(this.#buffer.takeRest(), interrupt)
    } finally {
      interrupt.dispose()
    }
  }

  async #converse(): Promise<void> {
    const lines = this.#createPrompt()
    try {
      this.#prompt(lines)
      for await (const line of lines) {
        if ((await this.#answer(line)) === 'quit') return
        this.#prompt(lines)
      }
      this.#context.stdout.write('\n')
    } finally {
      lines.close()
    }
  }

  /** Takes a line at the prompt: what goes wrong is told, and the prompt comes back. */
  async #answer(line: string): Promise<'quit' | 'continue'> {
    const interrupt = new Interrupt()
    this.#running = interrupt
    try {
      return await this.#takeLine(line, interrupt)
    } catch (error) {
      reportFailure(error, this.#context.stderr)
      return 'continue'
    } finally {
      this.#running = undefined
      interrupt.dispose()
    }
  }

  #createPrompt(): Interface {
    const { stdin, stdout, stderr } = this.#context
    stderr.write('Statements end with ; — .help for help, .quit to leave.\n')
    const path = historyPath()
    const history = readHistory(path)
    const lines = createInterface({
      input: stdin,
      output: stdout,
      history,
      historySize: historyLinesMax,
      removeHistoryDuplicates: true,
    })
    lines.on('history', (newestFirst: string[]) => writeHistory(path, newestFirst))
    lines.on('SIGINT', () => {
      if (this.#running !== undefined) {
        this.#running.raise('SIGINT')
        return
      }
      this.#buffer.clear()
      stdout.write('^C\n')
      lines.write(null, { ctrl: true, name: 'e' })
      lines.write(null, { ctrl: true, name: 'u' })
      this.#prompt(lines)
    })
    return lines
  }

  #prompt(lines: Interface): void {
    const { bold } = coloursFor(this.#context.stdout)
    const ready = this.#state.db.inTransaction ? 'millrace*> ' : 'millrace> '
    lines.setPrompt(this.#buffer.isEmpty ? bold(ready) : '     ...> ')
    lines.prompt()
  }

  async #takeLine(line: string, interrupt: Interrupt): Promise<'quit' | 'continue'> {
    if (this.#buffer.isEmpty && line.trimStart().startsWith('.')) return await this.#takeDotCommand(line)
    await this.#runAll(this.#buffer.add(line), interrupt)
    return 'continue'
  }

  async #takeDotCommand(line: string): Promise<'quit' | 'continue'> {
    const outcome = runDotCommand(line, this.#state)
    if (outcome.kind === 'quit') return 'quit'
    if (outcome.kind === 'problem') throw new UsageError(outcome.problem, outcome.hint)
    await this.#context.data.write(outcome.text)
    await this.#context.data.flush()
    return 'continue'
  }

  async #runAll(statements: readonly string[], interrupt: Interrupt): Promise<void> {
    for (const statement of statements) {
      await runStatement(this.#state.db, statement, {
        context: this.#context,
        parameters: {},
        format: this.#state.format,
        spreadsheetSafe: this.#options.spreadsheetSafe ?? false,
        interrupt,
        progress: this.#options.progress,
      })
    }
  }
}
