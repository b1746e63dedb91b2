/**
 * Options in messages: the engine calls them as programs write them (`ignoreErrors`), the command line in its
 * own way (`--ignore-errors`).
 */
import { isMillraceError, type MillraceError } from '@millrace/core'
import type { Command } from 'commander'

/** Names of several words, which are nothing else in a sentence. */
const programName = /\b[a-z]+(?:[A-Z][a-z]+)+\b/g

/** What only `Database.open` calls otherwise. */
const otherNames = [['memoryBudget', '--memory']] as const

function adviceOf({ code, details, advice }: MillraceError, { options }: Pick<Command, 'options'>): string {
  if (code === 'MILLRACE_PARAMETER') return `Give it with --param ${details.name}=….`
  const flags = new Map<string, string>(otherNames)
  for (const option of options) if (option.long) flags.set(option.attributeName(), option.long)
  return advice.replace(programName, (name) => flags.get(name) ?? name)
}

/**
 * `error`, with the options that its advice names as those of `command`. Values of files stay as they are.
 */
export function withFlagNames(error: unknown, command: Pick<Command, 'options'>): unknown {
  if (!isMillraceError(error) || error.advice === '' || !error.message.endsWith(error.advice)) return error
  error.message = error.message.slice(0, -error.advice.length) + adviceOf(error, command)
  return error
}
