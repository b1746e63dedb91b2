/** How a command ends: its exit code, and what is said on stderr. */
import { isMillraceError } from '@millrace/core'
import { CommanderError } from 'commander'
import { InterruptedError, UsageError } from '../errors/index.js'
import { OutputClosed } from '../output/index.js'
import { coloursFor, type MaybeTerminal, visible, visibleLines } from '../terminal/index.js'
import { exitCodeOfSignal } from './interrupt.js'

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: exitCodeOfSignal.SIGINT } as const

/** `inspect --check` has found damage: each problem is a line of its own. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
  readonly problems: readonly string[]

  /** @param problems `[CODE]: message` */
  constructor(problems: readonly string[]) {
    super(`${problems.length} problems`)
    this.problems = problems
  }
}

/** The exit code that `error` stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosed) return exitCodes.done
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  if (error instanceof UsageError) return exitCodes.usage
  if (error instanceof InterruptedError) {
    return error.details.signal === 'SIGTERM' ? exitCodeOfSignal.SIGTERM : exitCodes.interrupted
  }
  return exitCodes.failed
}

/** Says on `stream` what went wrong: `error [CODE]: message`, and the stack only with `MILLRACE_DEBUG=1`. */
export function reportFailure(error: unknown, stream: MaybeTerminal): void {
  if (error instanceof OutputClosed) return
  if (error instanceof CommanderError && (error.exitCode === 0 || error.message === '(outputHelp)')) return
  const colours = coloursFor(stream)
  if (error instanceof CheckFailed) {
    for (const problem of error.problems) stream.write(`${colours.red('error')} ${visibleLines(problem)}\n`)
    return
  }
  const { code, message } = codeAndMessage(error)
  stream.write(`${colours.red('error')} [${code}]: ${visibleLines(message)}\n`)
  if (error instanceof InterruptedError && error.goOn !== undefined) {
    stream.write(`To go on, run:\n  ${visible(error.goOn)}\n`)
  }
  if (process.env.MILLRACE_DEBUG === '1') stream.write(`${stackOf(error)}\n`)
}

function codeAndMessage(error: unknown): { code: string; message: string } {
  if (isMillraceError(error)) return { code: error.code, message: error.message }
  if (error instanceof CommanderError) {
    return { code: 'MILLRACE_USAGE', message: error.message.replace(/^error: /, '') }
  }
  const message = error instanceof Error ? error.message : String(error)
  const code = (error as { code?: unknown } | null)?.code
  return { code: typeof code === 'string' ? code : 'MILLRACE_INTERNAL', message }
}

/** The error's stack with those of its causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
