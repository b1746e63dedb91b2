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
 * | fit such a map when they are packed             | in that map, without reading                       |
 * | fit such a map as hashes                        | in that map, and compared with the key segments    |
 * | are too many for all of these                   | in the index, and compared with the key segments   |
 *
 * The last two read all keys of the table for each batch (and the last one the index besides), so batches
 * are made as large as the budget allows.
 */
import {
  createSharedMap,
  haveCodes,
  type KeyPacking,
  keyMapBytesMin,
  keyRanksBytes,
  keyReadBytesUsual,
  keySegmentsBytes,
  keysBeyondArithmetic,
  lookUpBytes,
  type NodeTable,
  type SharedMapKind,
  type SharedMapPlace,
  type SharedMapWanted,
  sharedMapBytes,
} from '@millrace/core/internal'

/** What keys of a table look like, as far as a sample tells. */
export interface KeyLooks {
  /** Whether they have codes, where the catalog says that they may. */
  hasCodes(table: NodeTable): boolean
  /** How they can be packed; null: not at all. */
  packingOf(table: NodeTable): KeyPacking | null
  /** Bytes that reading the largest of their segments takes. */
  readBytesOf(table: NodeTable): number
}

/** What is known without a sample. */
export const noLooks: KeyLooks = {
  hasCodes: () => true,
  packingOf: () => null,
  readBytesOf: (table) => keyReadBytesUsual(table),
}

/** The same, as if keys could not be packed. */
export function withoutPacking(looks: KeyLooks): KeyLooks {
  return {
    hasCodes: (table) => looks.hasCodes(table),
    packingOf: () => null,
    readBytesOf: (table) => looks.readBytesOf(table),
  }
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

/**
 * Part of the import's budget that shared maps may take: more, if nothing is read beside them; and more of
 * packed keys, where so much is left that the rest of an import does not suffer.
 */
const codesShare = 0.62
const packedShare = 0.76
const besidePackedBytes = 28 << 20
const candidatesShare = 0.4

/** Bytes of a key by which the size of a map is judged before the number of threads is known. */
const codeBytes = 14
const packedBytes = 18

/**
 * Part of the import's budget below which ranks are judged to be taken, before the number of threads is
 * known.
 */
const ranksShare = keyShare / 2

/**
 * Parts of the import's budget from which on such a map leaves the building of units half their memory, or a
 * quarter.
 */
const largeShare = 1 / 8
const hugeShare = 0.6

/** Bytes that a map of a table's keys takes; strings may be compressed to a half. */
function mapBytesUsual(table: NodeTable): number {
  return keyMapBytesMin(table) + keySegmentsBytes(table) * 2 + mapSlackBytes
}

function haveRanks(table: NodeTable, bytesMax: number): boolean {
  const bytes = keyRanksBytes(table)
  return bytes > 0 && bytes <= bytesMax
}

/** What an import between no tables needs: none. */
export const noLookUps: LookUpPlan = planLookUps([], 0, 1, noLooks)

export function planLookUps(
  endpoints: readonly NodeTable[],
  budgetBytes: number,
  threads: number,
  keyLooks: KeyLooks,
): LookUpPlan {
  const share = Math.min(keyBytesMax, Math.floor((budgetBytes * keyShare) / threads))
  const searched = endpoints.filter((table) => keyMapBytesMin(table) > 0)
  const ranked = searched.filter((table) => haveRanks(table, share))
  const isMapped = (table: NodeTable) => keyMapBytesMin(table) + keySegmentsBytes(table) <= share
  const mapped = searched.filter((table) => !ranked.includes(table) && isMapped(table))
  const others = searched.filter((table) => !ranked.includes(table) && !isMapped(table))
  const shared = sharedMapsOf(others, budgetBytes, threads, keyLooks)
  const isExact = (table: NodeTable) => shared.some((map) => map.table === table && map.kind !== 'candidates')
  // A single table's rows are both ends of a relationship.
  const columns = endpoints.length === 1 ? 2 : 1
  return {
    keyBytes: ranked.length + mapped.length > 0 ? share : 0,
    mapsBytes:
      mapped.reduce((sum, table) => sum + Math.min(share, mapBytesUsual(table)), 0) +
      ranked.reduce((sum, table) => sum + keyRanksBytes(table) + mapSlackBytes, 0) +
      shared.reduce((sum, { packing }) => sum + (packing?.tables.byteLength ?? 0), 0),
    shared,
    sharedBytes: bytesOfMaps(shared, threads),
    passes: others.some((table) => !isExact(table)),
    batchBytes: (rows) => {
      const bytes = (table: NodeTable) => {
        const map = shared.find((map) => map.table === table) ?? null
        return lookUpBytes(table, rows, columns, map, keyLooks.readBytesOf(table))
      }
      return searched.reduce((most, table) => Math.max(most, bytes(table)), 0)
    },
  }
}

function bytesOfMaps(maps: readonly SharedMapWanted[], threads: number): number {
  return maps.reduce((sum, map) => sum + sharedMapBytes(map, threads), 0)
}

/** The maps that there is room for: of codes, else of packed keys, else of candidates, else none. */
function sharedMapsOf(
  tables: readonly NodeTable[],
  budgetBytes: number,
  threads: number,
  keyLooks: KeyLooks,
): readonly SharedMapWanted[] {
  const wanted = (table: NodeTable, kind: SharedMapKind): SharedMapWanted[] => {
    if (kind === 'codes' && !(haveCodes(table) && keyLooks.hasCodes(table))) return []
    const packing = kind === 'packed' ? keyLooks.packingOf(table) : null
    if (kind === 'packed' && packing === null) return []
    const map = { table, kind, packing }
    return sharedMapBytes(map, threads) > 0 ? [map] : []
  }
  /** Of each table the first of these kinds that there can be. */
  const first = (...kinds: SharedMapKind[]) =>
    tables.flatMap((table) =>
      kinds.reduce<SharedMapWanted[]>((found, kind) => (found.length > 0 ? found : wanted(table, kind)), []),
    )
  const isExact = (maps: readonly SharedMapWanted[]) =>
    maps.length === tables.length && maps.every(({ kind }) => kind !== 'candidates')
  const bytesMax = (maps: readonly SharedMapWanted[]) =>
    maps.some(({ kind }) => kind === 'packed')
      ? Math.min(budgetBytes * packedShare, budgetBytes - besidePackedBytes)
      : budgetBytes * codesShare
  for (const kinds of [
    ['codes', 'packed'],
    ['packed', 'codes'],
  ] as const) {
    const maps = first(...kinds)
    if (isExact(maps) && bytesOfMaps(maps, threads) <= bytesMax(maps)) return maps
  }
  for (const maps of [first('codes', 'candidates'), first('candidates')]) {
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
  const bytesOf = (table: NodeTable) =>
    keysBeyondArithmetic(table) * (haveCodes(table) ? codeBytes : packedBytes)
  const bytes = coded.reduce((sum, table) => sum + bytesOf(table), 0)
  if (bytes > budgetBytes * hugeShare) return 1 / 4
  return bytes > budgetBytes * largeShare ? 1 / 2 : 1
}

/** Makes the maps that the plan has the workers share. */
export function createSharedMaps(plan: LookUpPlan, threads: number): SharedMapPlace[] {
  return plan.shared.map((map) => createSharedMap(map, threads))
}
