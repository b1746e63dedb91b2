/**
 * How the endpoints of relationships are to be found, of each node table at their ends, and what memory that
 * takes.
 *
 * | the keys of the table                           | are found                                          |
 * |-------------------------------------------------|----------------------------------------------------|
 * | are numbers without gaps                        | by arithmetic                                      |
 * | ascend, with few gaps                           | as ranks among them, in each worker                |
 * | fit a map in each worker, with the keys         | in that map, without reading                       |
 * | have codes that fit a map the workers share     | in that map, without reading                       |
 * | fit such a map as hashes                        | in that map, and compared with the key segments    |
 * | are too many for all of these                   | in the index, and compared with the key segments   |
 *
 * The last two read all keys of the table for each batch (and the last one the index besides), so batches
 * are made as large as the budget allows.
 */
import {
  createSharedMap,
  haveCodes,
  keyMapBytesMin,
  keyRanksBytes,
  keySegmentsBytes,
  keysBeyondArithmetic,
  lookUpBytes,
  type NodeTable,
  type SharedMapKind,
  type SharedMapPlace,
  sharedMapBytes,
} from '@millrace/core/internal'

/** A map that the workers share. */
export interface SharedMapWanted {
  readonly table: NodeTable
  readonly kind: SharedMapKind
}

export interface LookUpPlan {
  /** Bytes of each worker's memory that the map of one endpoint's keys may take. */
  readonly keyBytes: number
  /** Bytes of each worker's memory for such maps. */
  readonly mapsBytes: number
  /** Tables whose keys go into maps that the workers share, and the bytes of these maps. */
  readonly shared: readonly SharedMapWanted[]
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

/** Part of the import's budget that shared maps may take: more, if nothing is read beside them. */
const codesShare = 0.62
const candidatesShare = 0.4

/** Bytes of a map of codes by which its size is judged before the number of threads is known. */
const codeBytes = 14

/**
 * Part of the import's budget below which ranks are judged to be taken, before the number of threads is
 * known.
 */
const ranksShare = keyShare / 2

/** Part of the import's budget from which on such a map leaves the building of units half their memory. */
const largeShare = 1 / 8

/** Bytes that a map of a table's keys takes; strings may be compressed to a half. */
function mapBytesUsual(table: NodeTable): number {
  return keyMapBytesMin(table) + keySegmentsBytes(table) * 2 + mapSlackBytes
}

function haveRanks(table: NodeTable, bytesMax: number): boolean {
  const bytes = keyRanksBytes(table)
  return bytes > 0 && bytes <= bytesMax
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
  const ranked = searched.filter((table) => haveRanks(table, share))
  const isMapped = (table: NodeTable) => keyMapBytesMin(table) + keySegmentsBytes(table) <= share
  const mapped = searched.filter((table) => !ranked.includes(table) && isMapped(table))
  const others = searched.filter((table) => !ranked.includes(table) && !isMapped(table))
  const shared = sharedMapsOf(others, budgetBytes, threads)
  // A single table's rows are both ends of a relationship.
  const columns = endpoints.length === 1 ? 2 : 1
  return {
    keyBytes: ranked.length + mapped.length > 0 ? share : 0,
    mapsBytes:
      mapped.reduce((sum, table) => sum + Math.min(share, mapBytesUsual(table)), 0) +
      ranked.reduce((sum, table) => sum + keyRanksBytes(table) + mapSlackBytes, 0),
    shared,
    sharedBytes: bytesOfMaps(shared, threads),
    passes: others.some((table) => !shared.some((map) => map.table === table && map.kind === 'codes')),
    batchBytes: (rows) => {
      const bytes = (table: NodeTable) => {
        const map = shared.find((map) => map.table === table)
        return lookUpBytes(table, rows, columns, map?.kind ?? null)
      }
      return searched.reduce((most, table) => Math.max(most, bytes(table)), 0)
    },
  }
}

function bytesOfMaps(maps: readonly SharedMapWanted[], threads: number): number {
  return maps.reduce((sum, { table, kind }) => sum + sharedMapBytes(table, kind, threads), 0)
}

/** The maps that there is room for: of codes, else of candidates, else none. */
function sharedMapsOf(
  tables: readonly NodeTable[],
  budgetBytes: number,
  threads: number,
): readonly SharedMapWanted[] {
  const indexed = tables.filter((table) => sharedMapBytes(table, 'candidates', threads) > 0)
  const hasCodes = (table: NodeTable) => haveCodes(table) && sharedMapBytes(table, 'codes', threads) > 0
  const best = tables
    .filter((table) => hasCodes(table) || indexed.includes(table))
    .map((table): SharedMapWanted => ({ table, kind: hasCodes(table) ? 'codes' : 'candidates' }))
  if (best.every(({ kind }) => kind === 'codes') && bytesOfMaps(best, threads) <= budgetBytes * codesShare) {
    return best
  }
  for (const maps of [best, indexed.map((table) => ({ table, kind: 'candidates' as const }))]) {
    if (bytesOfMaps(maps, threads) <= budgetBytes * candidatesShare) return maps
  }
  return []
}

/**
 * Part of the usual memory that is left for building a unit beside maps. It depends on tables and budget
 * alone, so that files do not depend on threads.
 */
export function unitPartOf(endpoints: readonly NodeTable[], budgetBytes: number): number {
  const coded = endpoints.filter((table) => !haveRanks(table, budgetBytes * ranksShare))
  const bytes = coded.reduce((sum, table) => sum + keysBeyondArithmetic(table) * codeBytes, 0)
  return bytes > budgetBytes * largeShare ? 1 / 2 : 1
}

/** Makes the maps that the plan has the workers share. */
export function createSharedMaps(plan: LookUpPlan, threads: number): SharedMapPlace[] {
  return plan.shared.map(({ table, kind }) => createSharedMap(table, kind, threads))
}
