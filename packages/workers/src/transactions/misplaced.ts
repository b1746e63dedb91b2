import type { MillraceError } from '@millrace/core/internal'
import { workersError } from '../errors/index.js'

/** The error for a statement of transactions that has no meaning where it stands. */
export function misplaced(what: string, hint: string): MillraceError {
  return workersError('MILLRACE_TRANSACTION', { what: `${what} is not possible`, hint })
}
