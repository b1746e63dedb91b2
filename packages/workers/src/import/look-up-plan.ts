/**
 * How the endpoints of relationships are to be found, of each node table at their ends, and what memory that
 * takes.
 *
 * | the keys of the table                           | are found                                          |
 * |-------------------------------------------------|----------------------------------------------------|
 * | are numbers without gaps                        | by arithmetic                                      |
 * | fit a map in each worker, with the keys         | in that map, without reading                       |
 * | fit a map that the workers share, without them  | in that map, and compared with the key segments    |
 * | are too many for either                         | in the index, and compared with the key segments   |
 *
 * The last two read all keys of the table for each batch (and the last one the index besides), so batches
 * are made as large as the budget allows.
 */
import {
  createSharedKeyMap,
  keyMapBytesMin,
  keySegmentsBytes,
  lookUpBytes,
  type NodeTable,
  type SharedKeyMapPlace,
  sharedKeyMapBytes,
} from '@millrace/core/internal'

export interface LookUpPlan {
  /** Bytes of each worker's memory that the map of one endpoint's keys may take. */
  readonly keyBytes: number
  /** Bytes of each worker's memory for such maps. */
  readonly mapsBytes: number
  /** Tables whose keys go into maps that the workers share, and the bytes of these maps. */
  readonly shared: readonly NodeTable[]
  readonly sharedBytes: number
  /** True when a batch takes a pass over the keys of a table, however many rows it has. */
  readonly passes: boolean
  /** Bytes of each worker's memory for looking up `rows` relationships at once. */
  batchBytes(rows: number): number
}

/** Bytes of a map of keys in a worker, one for each endpoint's table, at most. */
const keyBytesMax = 24 << 20

/** Part of the import's budget that the maps of one worker may take, times its threads. */
const keyShare = 1 / 8

/** What is decoded while a map is made, and growing in steps. */
const mapSlackBytes = 1 << 20

/** Part of the import's budget that shared maps may take. */
const sharedShare = 0.4

/** Bytes that a map of a table's keys takes; strings may be compressed to a half. */
function mapBytesUsual(table: NodeTable): number {
  return keyMapBytesMin(table) + keySegmentsBytes(table) * 2 + mapSlackBytes
}

/** What an import between no tables needs: none. */
export const noLookUps: LookUpPlan = planLookUps([], 0, 1)

export function planLookUps(
  endpoints: readonly NodeTable[],
  budgetBytes: number,
  threads: number,
): LookUpPlan {
  const share = Math.min(keyBytesMax, Math.floor((budgetBytes * keyShare) / threads))
  const searched = endpoints.filter((table) => keyMapBytesMin(table) > 0)
  const isMapped = (table: NodeTable) => keyMapBytesMin(table) + keySegmentsBytes(table) <= share
  const mapped = searched.filter(isMapped)
  const others = searched.filter((table) => !isMapped(table))
  const candidates = others.filter((table) => sharedKeyMapBytes(table, threads) > 0)
  const wanted = candidates.reduce((sum, table) => sum + sharedKeyMapBytes(table, threads), 0)
  const fits = wanted <= budgetBytes * sharedShare
  // A single table's rows are both ends of a relationship.
  const columns = endpoints.length === 1 ? 2 : 1
  return {
    keyBytes: mapped.length > 0 ? share : 0,
    mapsBytes: mapped.reduce((sum, table) => sum + Math.min(share, mapBytesUsual(table)), 0),
    shared: fits ? candidates : [],
    sharedBytes: fits ? wanted : 0,
    passes: others.length > 0,
    batchBytes: (rows) =>
      searched.reduce((most, table) => Math.max(most, lookUpBytes(table, rows, columns, fits)), 0),
  }
}

/** Makes the maps that the plan has the workers share. */
export function createSharedMaps(plan: LookUpPlan, threads: number): SharedKeyMapPlace[] {
  return plan.shared.map((table) => createSharedKeyMap(table, threads))
}
