/** Errors that a value raises while a query runs. */
import { MillraceError } from '../../errors/index.js'

/** MILLRACE_EVALUATION: `what` names the operation and its values. */
export function evaluationError(what: string, hint: string): MillraceError {
  return new MillraceError('MILLRACE_EVALUATION', { what, hint })
}

const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n

/** Passes an INT64 through; raises MILLRACE_EVALUATION for what is beyond. */
export function checkInt64(value: bigint, operation: string): bigint {
  if (value >= int64Min && value <= int64Max) return value
  throw evaluationError(
    `${operation} gives ${value}, which is beyond INT64`,
    'Compute in DOUBLE: CAST(… AS DOUBLE).',
  )
}
