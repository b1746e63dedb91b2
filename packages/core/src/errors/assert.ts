import { MillraceError } from './millrace-error.js'

/**
 * States a fact that must hold, in production too. `what` says the fact with its numbers.
 * @throws MillraceError `MILLRACE_INTERNAL` when it does not.
 */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new MillraceError('MILLRACE_INTERNAL', { what })
}
