/** Errors of names and types, with their place in the statement and a hint. */
import { MillraceError } from '../../errors/index.js'
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
  const near = nearest(wrong, candidates)
  if (near !== undefined) return `Did you mean ${near}?`
  if (candidates.length === 0) return `There are no ${noun}.`
  const shown = candidates.slice(0, namesShownMax).join(', ')
  return `The ${noun} are: ${shown}${candidates.length > namesShownMax ? ', …' : ''}.`
}

function nearest(wrong: string, candidates: readonly string[]): string | undefined {
  const lower = wrong.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wrong.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

const comparedCharactersMax = 64

/**
 * Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`; `limit` when there are
 * more.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || Math.max(a.length, b.length) > comparedCharactersMax)
    return limit
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, before[j - 2]! + 1)
      }
      current.push(distance)
    }
    before = previous
    previous = current
  }
  return previous[b.length]!
}
