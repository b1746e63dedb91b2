/** The generator's catalogue of errors, and how they are made. */
import { type ErrorDetails, MillraceError } from '@millrace/core'
import { type DatagenErrorCode, datagenCatalogue } from './catalogue.js'

export { type DatagenErrorCode, datagenCatalogue } from './catalogue.js'

/** An error of this package's catalogue; `details` fill its template. */
export function datagenError(
  code: DatagenErrorCode,
  details: ErrorDetails,
  options: { readonly cause?: unknown } = {},
): MillraceError<DatagenErrorCode> {
  return new MillraceError(code, details, options, datagenCatalogue)
}

/** A mistake in the schema at `path`. */
export function schemaError(
  path: string,
  problem: string,
  expected: string,
): MillraceError<DatagenErrorCode> {
  return datagenError('MILLRACE_DATAGEN_SCHEMA', { path, problem, expected })
}

/** A schema that is well formed, but that no data can fulfil. */
export function unsatisfiable(path: string, problem: string, hint: string): MillraceError<DatagenErrorCode> {
  return datagenError('MILLRACE_DATAGEN_UNSATISFIABLE', { path, problem, hint })
}
