/** Errors of the command. */
import { MillraceError } from '@millrace/core'
import { catalogue, type FrontDoorErrorCode } from './catalogue.js'

export type { FrontDoorErrorCode } from './catalogue.js'

/** The command was called in a way that cannot be meant: exit code 2. */
export class UsageError extends MillraceError<FrontDoorErrorCode> {
  /**
   * @param problem what is wrong, as a sentence without its full stop
   * @param hint what to do about it
   */
  constructor(problem: string, hint: string) {
    super('MILLRACE_USAGE', { problem, hint }, {}, catalogue)
  }
}

/** Work was given up because of a signal: exit code 130. */
export class InterruptedError extends MillraceError<FrontDoorErrorCode> {
  /** What to type to go on with the work, to the letter; undefined when there is nothing to go on with. */
  readonly goOn: string | undefined

  /** @param outcome what became of the work, as a clause */
  constructor(signal: string, outcome: string, cause?: unknown, goOn?: string) {
    super('MILLRACE_INTERRUPTED', { signal, outcome }, { cause }, catalogue)
    this.goOn = goOn
  }
}
