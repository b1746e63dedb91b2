import { isMillraceError, MillraceError } from '@millrace/core'
import { workersCatalogue } from './catalogue.js'

/** What was guessed of a source. */
export interface GuessedTypes {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Records that were looked at, and how many places of the source they are from. */
  readonly sampledRows: number
  readonly sampledPlaces: number
}

/**
 * `error`, or, when it is about a value that is not of a guessed type, the same error that says so: which
 * type was guessed, from what, and how to give another.
 * @param isGiven whether the type of a column was given, not guessed
 * @param remedy what to set, for a column
 */
export function withGuessedType(
  error: unknown,
  guessed: GuessedTypes,
  isGiven: (column: string) => boolean,
  remedy: (column: string) => string,
): unknown {
  if (!isMillraceError(error, 'MILLRACE_CSV_TYPE')) return error
  const { details } = error
  const column = guessed.columns.find(({ name }) => name === details.column)
  if (column === undefined || isGiven(column.name)) return error
  const { sampledRows, sampledPlaces } = guessed
  const places = sampledPlaces === 1 ? 'its beginning' : `${sampledPlaces} places`
  const guess = `${column.type} was guessed from ${sampledRows} records at ${places}; ${remedy(column.name)}`
  const problem = `${details.problem} (${guess})`
  return new MillraceError(
    error.code,
    { ...details, problem, guessedType: column.type },
    { cause: error },
    workersCatalogue,
  )
}
