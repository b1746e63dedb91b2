/**
 * Resolves columns of keys to node offsets: the endpoints of relationships. Runs in a parse worker.
 *
 * Several ways, in this order: arithmetic for sorted groups without gaps; ranks, where all keys ascend with
 * few gaps; a hash map of all keys with the keys themselves, when the table is small enough for one; a map of
 * the keys' codes, or of packed keys, in a memory that the workers share; where there is none, search in the
 * segments of the other sorted groups, and for the rest a shared map that names candidates, or the index
 * runs, page by page in hash order, which name candidates too. Candidates are compared with the table's key
 * segments, each read once per batch for all its columns.
 *
 * Invariants
 * - An answer is given only where the key itself is equal; a hash alone never is.
 * - What lasts (map, tables of groups) is taken from the arena when the resolver is made: make it before the
 *   marks that are released with every batch. Nothing else stays in the arena between calls.
 */
import type { RunPlace } from '../buffer/index.js'
import type { NodeTable } from '../catalog/index.js'
import { type ColumnBuffer, hashLanes } from '../column/index.js'
import { assert } from '../errors/index.js'
import { physicalTypeOf } from '../types/index.js'
import { CandidateMap } from './candidate-map.js'
import { CodeMap, findBytes } from './code-map.js'
import {
  type Asked,
  type AskedColumn,
  candidateBytes,
  KeyCandidates,
  pieceRowsMax,
} from './key-candidates.js'
import { buildKeyMap, type KeyMap } from './key-map.js'
import { KeyRanks } from './key-ranks.js'
import { KeyRunSearch, searchBytes } from './key-run-search.js'
import { StoredNodeReader } from './node-reader.js'
import { findPackedBytes, PackedMap, packedPieceRows } from './packed-map.js'
import { SegmentSource } from './segment-source.js'
import { attachSharedMap, type SharedMap } from './shared-map.js'
import type { SharedMapKind, SharedMapPlace, SharedMapWanted } from './shared-map-place.js'
import type { Snapshot } from './snapshot.js'
import {
  type IntKeys,
  isDense,
  type PlacedGroups,
  placeSortedGroups,
  resolveDenseKeys,
  resolveSortedKeys,
  resolvesByArithmetic,
  SortedGroups,
} from './sorted-keys.js'
import type { BatchEncoderContext } from './working-memory.js'

export interface KeyResolverOptions {
  /** Bytes of the arena that a map of all keys may take. Default 24 MiB. */
  readonly mapBytesMax?: number
  /** The map of the table's keys that the workers share. */
  readonly sharedMap?: SharedMapPlace
}

/**
 * A column of keys and where its answers go: i64 per row, −1 where there is no such node or the key is null.
 */
export interface KeysToResolve {
  /** In the context's arena, of the key's physical type. */
  readonly keys: ColumnBuffer
  readonly out: number
}

const mapBytesDefault = 24 * 1024 ** 2

/** Rows looked up at once where the map cannot be made that there was to be: memory was planned for it. */
const pieceRowsWithoutMap = 2 ** 14

/** Hashes made at once. */
const hashedRows = 4096

const pairBytes = 16
const laneBytes = 8

/**
 * Bytes of an arena that looking up `rows` rows of `columns` columns of keys of `table` takes, the answers
 * apart and where no map holds the keys themselves.
 * @param readBytes those that reading the largest key segment takes
 */
export function lookUpBytes(
  table: NodeTable,
  rows: number,
  columns: number,
  map: SharedMapWanted | null,
  readBytes: number,
): number {
  const tables = table.groups.length * 16 + 2 ** 18
  if (map?.packing != null) {
    // Segments are read while the map is made; later, for keys that a hash names, beside small pieces.
    const named = candidateBytes(packedPieceRows.beside * columns, table.groups.length)
    const reading = readBytes + findPackedBytes(packedPieceRows.beside, columns)
    return tables + Math.max(reading + named, findPackedBytes(rows, columns))
  }
  const keys = rows * columns
  const bytes = candidateBytes(keys, table.groups.length) + tables + readBytes
  if (map?.kind === 'codes') return Math.max(bytes, findBytes(rows, columns) + 2 ** 18)
  return bytes + (map === null ? searchBytes(keys) : 0)
}

/** Bytes of all key segments of a table. */
export function keySegmentsBytes(table: NodeTable): number {
  return table.groups.reduce((sum, { segments }) => sum + segments.at(table.keyColumn)!.contentBytes, 0)
}

export class KeyResolver {
  readonly table: NodeTable
  readonly #source: SegmentSource
  readonly #place: RunPlace
  readonly #arithmeticOnly: boolean
  readonly #ranks: KeyRanks | null
  readonly #map: KeyMap | null
  readonly #shared: SharedMap | null
  readonly #pieceRows: number
  readonly #placed: PlacedGroups
  readonly #candidates: KeyCandidates
  readonly #search: KeyRunSearch

  constructor(
    snapshot: Snapshot,
    table: NodeTable,
    context: BatchEncoderContext,
    options: KeyResolverOptions = {},
  ) {
    this.table = table
    this.#source = new SegmentSource(snapshot.source.reader, context, snapshot.source.budget, 0)
    const reader = new StoredNodeReader(table, this.#source)
    this.#place = { table: table.name, column: table.columns[table.keyColumn]!.name }
    const { groups } = reader.sorted
    this.#arithmeticOnly = resolvesByArithmetic(table)
    const { sharedMap, mapBytesMax = mapBytesDefault } = options
    const mapped = !this.#arithmeticOnly && sharedMap === undefined
    this.#ranks = mapped ? KeyRanks.build(this.#source, reader, mapBytesMax) : null
    const needsMap = mapped && this.#ranks === null
    this.#map = needsMap ? buildKeyMap(this.#source, reader, mapBytesMax) : null
    this.#candidates = new KeyCandidates(this.#source, reader, this.#place)
    this.#shared = sharedMap === undefined ? null : attachSharedMap(sharedMap, reader, this.#candidates)
    const misses = sharedMap !== undefined && this.#shared === null
    this.#pieceRows = misses ? pieceRowsWithoutMap : pieceRowsMax
    const sorted = new SortedGroups()
    const isMapped = this.#map !== null || !(this.#shared === null || this.#shared instanceof CandidateMap)
    for (const group of groups) if (!isMapped || isDense(group)) sorted.add(group)
    this.#placed = placeSortedGroups(this.#source, sorted)
    this.#search = new KeyRunSearch(this.#source, table)
  }

  /** Where keys are looked up that arithmetic does not find. */
  get looksIn(): 'ranks' | 'map' | SharedMapKind | 'index' {
    if (this.#ranks !== null) return 'ranks'
    if (this.#map !== null) return 'map'
    if (this.#shared === null) return 'index'
    if (this.#shared instanceof CodeMap) return 'codes'
    return this.#shared instanceof PackedMap ? 'packed' : 'candidates'
  }

  /**
   * Writes to `out` (i64 per row) the offset of the node with each key, or −1 where there is none (or the key
   * is null).
   * @returns rows without a node
   */
  resolve(keys: ColumnBuffer, out: number): number {
    return this.resolveAll([{ keys, out }])
  }

  /**
   * Resolves one or two columns, of as many rows each: what has to be read is read for both at once.
   * @returns keys without a node
   */
  resolveAll(columns: readonly KeysToResolve[]): number {
    const ranks = this.#ranks
    if (ranks !== null) {
      return columns.reduce((sum, { keys, out }) => sum + ranks.find(this.#intKeys(keys), out), 0)
    }
    let missing = 0
    const asked: (AskedColumn & { readonly keys: ColumnBuffer })[] = []
    for (const { keys, out } of columns) {
      const left = this.#resolveSorted(keys, out)
      missing += left
      const nulls = keys.nullCount === 0 ? 0 : keys.nulls
      if (left > 0) asked.push({ keys, values: keys.values, nulls, answers: out })
    }
    if (missing === 0 || this.#arithmeticOnly) return missing
    if (this.#map !== null) {
      const found = asked.map(({ keys, nulls, answers }) => this.#findInMap(this.#map!, keys, nulls, answers))
      return found.reduce((sum, left) => sum + left, 0)
    }
    const rows = asked[0]!.keys.rows
    if (this.#shared !== null && !(this.#shared instanceof CandidateMap)) {
      this.#shared.find({ rows, columns: asked })
    } else if (this.table.keys.runs.length === 0) return missing
    else this.#lookUpAll(asked, rows, this.#shared)
    const { kernels } = this.#source.memory
    return asked.reduce((sum, { answers }) => sum + kernels.countMissing(answers, rows), 0)
  }

  /** The keys, which are of the table's type, as kernels take them. */
  #intKeys({ type, values, nulls, nullCount, rows }: ColumnBuffer): IntKeys {
    const own = this.table.columns[this.table.keyColumn]!.type
    assert(physicalTypeOf(own) === physicalTypeOf(type), `${type} keys for a key of type ${own}`)
    return { values, nulls: nullCount === 0 ? 0 : nulls, rows }
  }

  /** Finds the keys that lie in sorted groups. Returns how many are left. */
  #resolveSorted(keys: ColumnBuffer, out: number): number {
    const { arena, kernels } = this.#source.memory
    const { rows } = keys
    const ints = this.#intKeys(keys)
    if (this.#arithmeticOnly) {
      const missing = resolveDenseKeys(this.#source, this.#placed, ints, out)
      if (missing !== null) return missing
    }
    arena.bytes.fill(0xff, out, out + rows * laneBytes)
    resolveSortedKeys(this.#source, this.#placed, ints, out, this.#place)
    return kernels.countMissing(out, rows)
  }

  #findInMap(map: KeyMap, keys: ColumnBuffer, nulls: number, out: number): number {
    const { arena, kernels, columnKernels } = this.#source.memory
    const mark = arena.mark()
    const hashes = arena.allocate(keys.rows * laneBytes)
    hashLanes(columnKernels, keys, hashes)
    const find = map.strings ? kernels.mapFindStrings : kernels.mapFindInts
    const missing = find(map.slots, map.mask, map.lanes, hashes, keys.values, nulls, keys.rows, out)
    arena.release(mark)
    return missing
  }

  #lookUpAll(columns: readonly AskedColumn[], rows: number, map: CandidateMap | null): void {
    for (let start = 0; start < rows; start += this.#pieceRows) {
      const pieceRows = Math.min(this.#pieceRows, rows - start)
      this.#lookUp({ rows: pieceRows, columns: columns.map((column) => columnFrom(column, start)) }, map)
    }
  }

  /** Looks up the keys of a piece that have no answer yet. */
  #lookUp(asked: Asked, map: CandidateMap | null): void {
    const { arena } = this.#source.memory
    const mark = arena.mark()
    this.#candidates.begin(asked)
    const { rows, columns } = asked
    if (map !== null) this.#lookInMap(map, asked)
    else {
      this.#search.search(
        rows * columns.length,
        (pairs) => {
          let count = 0
          for (let column = 0; column < columns.length; column++) {
            for (let row = 0; row < rows; row += hashedRows) {
              count += this.#collect(asked, column, row, pairs + count * pairBytes)
            }
          }
          return count
        },
        this.#candidates,
      )
    }
    arena.release(mark)
  }

  #lookInMap(map: CandidateMap, asked: Asked): void {
    const { arena } = this.#source.memory
    const pairs = arena.allocate(hashedRows * pairBytes)
    const words = arena.allocate(map.candidatesMax * 8)
    for (let column = 0; column < asked.columns.length; column++) {
      for (let row = 0; row < asked.rows; row += hashedRows) {
        const count = this.#collect(asked, column, row, pairs)
        for (let at = 0; at < count; ) {
          const { buffer } = arena.memory
          const { consumed, candidates } = map.probe(
            new Uint8Array(buffer, pairs + at * pairBytes, (count - at) * pairBytes),
            new Uint8Array(buffer, words, map.candidatesMax * 8),
          )
          this.#candidates.add(words, candidates)
          at += consumed
        }
      }
    }
    this.#candidates.finish()
  }

  /**
   * Writes pairs {hash, row} of the next `hashedRows` rows of a column that have no answer; returns how many.
   */
  #collect({ rows, columns }: Asked, column: number, row: number, pairs: number): number {
    const { arena, kernels, columnKernels } = this.#source.memory
    const { values, nulls, answers } = columns[column]!
    const count = Math.min(hashedRows, rows - row)
    const mark = arena.mark()
    const hashes = arena.allocate(hashedRows * laneBytes)
    const { type } = this.table.columns[this.table.keyColumn]!
    const lanes = values + row * laneBytes
    hashLanes(columnKernels, { type, rows: count, values: lanes, nulls: 0, nullCount: 0 }, hashes)
    const written = kernels.collectMissing(
      hashes,
      nulls === 0 ? 0 : nulls + row,
      answers + row * laneBytes,
      count,
      column * rows + row,
      pairs,
    )
    arena.release(mark)
    return written
  }
}

function columnFrom({ values, nulls, answers }: AskedColumn, row: number): AskedColumn {
  return {
    values: values + row * laneBytes,
    nulls: nulls === 0 ? 0 : nulls + row,
    answers: answers + row * laneBytes,
  }
}
