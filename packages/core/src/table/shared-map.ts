/** The map of a table's keys that parse workers share, as a worker uses it. */
import { CandidateMap } from './candidate-map.js'
import { CodeMap } from './code-map.js'
import type { StoredNodeReader } from './node-reader.js'
import { type SharedMapPlace, takeWindow } from './shared-map-place.js'

export type SharedMap = CodeMap | CandidateMap

/**
 * Takes part in filling the map, once in each worker. Where keys turn out to have no codes, candidates take
 * their place.
 * @returns null where no map can be made
 * @throws MillraceError `MILLRACE_CORRUPT` when what it is made from is damaged
 */
export function attachSharedMap(place: SharedMapPlace, reader: StoredNodeReader): SharedMap | null {
  const window = takeWindow(place)
  if (window === -1) return null
  if (place.kind === 'codes') {
    const map = CodeMap.attach(place, window, reader)
    if (map === 'failed') return null
    if (map !== 'noCodes') return map
  }
  return CandidateMap.attach(place, window, reader.table, reader.source.reader)
}
