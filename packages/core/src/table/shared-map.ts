/** The map of a table's keys that parse workers share, as a worker uses it. */
import { CandidateMap } from './candidate-map.js'
import { CodeMap } from './code-map.js'
import type { KeyCandidates } from './key-candidates.js'
import type { StoredNodeReader } from './node-reader.js'
import { PackedMap } from './packed-map.js'
import { type SharedMapPlace, takeWindow } from './shared-map-place.js'

export type SharedMap = CodeMap | PackedMap | CandidateMap

/**
 * Takes part in filling the map, once in each worker. Where keys turn out to have no codes, or to
 * take more than there is room for, candidates take their place.
 * @param candidates what compares keys that are told by a hash
 * @returns null where no map can be made
 * @throws MillraceError `MILLRACE_CORRUPT` when what it is made from is damaged
 */
export function attachSharedMap(
  place: SharedMapPlace,
  reader: StoredNodeReader,
  candidates: KeyCandidates,
): SharedMap | null {
  const window = takeWindow(place)
  if (window === -1) return null
  if (place.kind === 'codes') {
    const map = CodeMap.attach(place, window, reader)
    if (map === 'failed') return null
    if (map !== 'noCodes') return map
  } else if (place.kind === 'packed') {
    const map = PackedMap.attach(place, window, reader, candidates)
    if (map === 'failed') return null
    if (map !== 'tooLarge') return map
  }
  return CandidateMap.attach(place, window, reader.table, reader.source.reader)
}
