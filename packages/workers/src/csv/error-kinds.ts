import type { ImportErrorKind } from '../errors/index.js'

/** How many refused records there are of each kind; kinds without any are absent. */
export type ErrorKinds = Partial<Record<ImportErrorKind, number>>

/** Adds to `kinds`. */
export function addKind(kinds: ErrorKinds, kind: ImportErrorKind, count = 1): void {
  if (count > 0) kinds[kind] = (kinds[kind] ?? 0) + count
}

/** Adds all of `more` to `kinds`. */
export function addKinds(kinds: ErrorKinds, more: ErrorKinds): void {
  for (const [kind, count] of Object.entries(more)) addKind(kinds, kind as ImportErrorKind, count)
}
