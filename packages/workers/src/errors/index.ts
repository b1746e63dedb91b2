/** The ingestion engine's catalogue of errors, and how the errors of records map to it. */
import { type ErrorDetails, MillraceError } from '@millrace/core'
import { type WorkersErrorCode, workersCatalogue } from './catalogue.js'

export { type WorkersErrorCode, workersCatalogue } from './catalogue.js'
export { errorCodeOfKind, type ImportErrorKind } from './import-error-kind.js'

/** An error of this package's catalogue; `details` fill its template. */
export function workersError(
  code: WorkersErrorCode,
  details: ErrorDetails,
  options: { readonly cause?: unknown } = {},
): MillraceError<WorkersErrorCode> {
  return new MillraceError(code, details, options, workersCatalogue)
}
export { type GuessedTypes, withGuessedType } from './guessed-type.js'
export { sourceRefused, sourceUnreadable } from './source-errors.js'
