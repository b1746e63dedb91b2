/** Errors of names and types, with their place in the statement and a hint. */
import { MillraceError, nearestName } from '../../errors/index.js'
import { excerptAt, type Place } from '../syntax/place.js'

/** MILLRACE_BINDING: `what` is a clause without a full stop, `hint` a sentence. */
export function bindingError(text: string, place: Place, what: string, hint: string): MillraceError {
  return new MillraceError('MILLRACE_BINDING', {
    what,
    hint,
    line: place.line,
    column: place.column,
    excerpt: excerptAt(text, place),
  })
}

const namesShownMax = 12

/** "Did you mean …?" when a candidate is near, else what there is. `noun` is a plural. */
export function suggestion(wrong: string, candidates: readonly string[], noun: string): string {
  const near = nearestName(wrong, candidates)
  if (near !== undefined) return `Did you mean ${near}?`
  if (candidates.length === 0) return `There are no ${noun}.`
  const shown = candidates.slice(0, namesShownMax).join(', ')
  return `The ${noun} are: ${shown}${candidates.length > namesShownMax ? ', …' : ''}.`
}
