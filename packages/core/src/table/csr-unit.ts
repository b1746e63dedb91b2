/**
 * A unit: the relationships of some consecutive partitions, all of one CSR group, that are sorted and encoded
 * at once. Units share nothing, so they can be built by different threads at the same time.
 *
 * ```
 * CSR group:   partition partition partition partition partition …
 * units:       └──────── unit ─────────────┘└──────── unit ──────┘      cut where it divides the work evenly
 * ```
 *
 * Invariants
 * - How units, and row groups within a unit, are cut depends on the number of relationships of each
 *   partition, the bytes of their strings, the columns and `unitBytes`: not on batches, threads, or who
 *   builds a unit.
 */
import { csrGroupNodes, rowGroupRowsMax } from '../limits.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import type { RelSpool } from './csr-build.js'
import { chunkBytesOf, type NodePartitions } from './rel-chunk.js'
import type { SpoolExtents } from './spool-cursor.js'

/** What is the same for all units of a side. A plain value: it can be posted to a thread. */
export interface CsrSide {
  readonly direction: 'forward' | 'backward'
  /** Properties of the chunks. */
  readonly types: readonly LogicalType[]
  /** How what the side hands to the other one is partitioned; null when it hands on nothing. */
  readonly emitTo: NodePartitions | null
  /** Bytes of a string column in a row group of more than one row. */
  readonly heapBytesMax: number
  /** Where chunks lie that are in memory: blocks of so many bytes. */
  readonly blocks: SharedArrayBuffer
  readonly blockBytes: number
  /** The temporary file with the other chunks; null when there is none. */
  readonly file: string | null
}

/** A plain value: it can be posted to a thread. */
export interface CsrUnit {
  /** Among the units of its side. */
  readonly index: number
  readonly firstPartition: number
  /** Behind its last partition. */
  readonly endPartition: number
  readonly firstNode: number
  readonly nodes: number
  readonly rows: number
  /** Relationships of the side before it: the position in the run of its first one. */
  readonly firstPosition: number
  /** Rows of each of its row groups but the last, unless strings cut them. */
  readonly rowGroupRows: number
  /** Bytes of a memory that building it takes, about. */
  readonly memoryBytes: number
  readonly extents: SpoolExtents
}

/** Rows of a unit, about: the last partition may carry it beyond, and still within one row group. */
const unitRows = Math.floor(rowGroupRowsMax * 0.9)

/**
 * Bytes of a unit's memory for each row, besides its lanes: order, sorted endpoints, a column and its
 * encoding.
 */
const rowBytes = 4 + 16 + 9 + 2 * 9 + 18

/** Bytes of `unitBytes` that the strings of one column may take in a row group, and those of all together. */
const heapShare = 0.2
const heapsShare = 0.4
const heapBytesMin = 4096

/** Rows that a row group may have however little memory there is. */
const rowGroupRowsMin = 1024

/** Bytes of a string column in a row group of more than one row, where `unitBytes` are for a unit. */
export function heapBytesFor(types: readonly LogicalType[], unitBytes: number): number {
  const share = Math.min(heapShare, heapsShare / stringsAmong(types))
  return Math.max(heapBytesMin, Math.floor(unitBytes * share))
}

function stringsAmong(types: readonly LogicalType[]): number {
  return types.filter((type) => physicalTypeOf(type) === 'string').length
}

/** Bytes of memory for a relationship, its strings apart. */
function bytesPerRow(types: readonly LogicalType[]): number {
  // Lanes, and chunks at half the lanes' size.
  return rowBytes + (16 + 9 * types.length) * 1.5
}

/** Rows of a row group that can be built in `unitBytes` bytes. */
export function rowGroupRowsFor(types: readonly LogicalType[], unitBytes: number): number {
  const strings = stringsAmong(types)
  const heapBytes = strings === 0 ? 0 : (strings + 2) * heapBytesFor(types, unitBytes)
  const rows = Math.floor((unitBytes - heapBytes) / bytesPerRow(types))
  return Math.min(rowGroupRowsMax, Math.max(rowGroupRowsMin, rows))
}

/** Cuts what `rels` holds into units, ascending by node. */
export function planUnits(
  rels: RelSpool,
  types: readonly LogicalType[],
  nodeCount: number,
  unitBytes: number,
): CsrUnit[] {
  const { nodesPerPartition, partitions } = rels.partitions
  const partitionsPerGroup = csrGroupNodes / nodesPerPartition
  const units: CsrUnit[] = []
  let firstPosition = 0
  for (let first = 0; first < partitions; first += partitionsPerGroup) {
    const end = Math.min(first + partitionsPerGroup, partitions)
    for (const [firstPartition, endPartition] of cutGroup(rels, types, unitBytes, first, end)) {
      const firstNode = firstPartition * nodesPerPartition
      const nodes = Math.min(endPartition * nodesPerPartition, nodeCount) - firstNode
      const range = { index: units.length, firstPartition, endPartition, firstNode, nodes, firstPosition }
      const unit = unitOf(rels, types, unitBytes, range)
      if (unit.rows === 0) continue
      units.push(unit)
      firstPosition += unit.rows
    }
  }
  return units
}

/** Divides the partitions of a CSR group into runs of about equal work. */
function cutGroup(
  rels: RelSpool,
  types: readonly LogicalType[],
  unitBytes: number,
  first: number,
  end: number,
): [number, number][] {
  /** Parts of a unit that the partitions make up. */
  const shares: number[] = []
  for (let partition = first; partition < end; partition++) {
    const rows = rels.rowsOf(partition)
    const heapBytes = rels.heapBytesOf(partition)
    const bytes = rows * bytesPerRow(types) + 3 * heapBytes
    shares.push(Math.max(rows / unitRows, bytes / unitBytes))
  }
  const total = shares.reduce((sum, share) => sum + share, 0)
  if (total === 0) return []
  const count = Math.ceil(total)
  const cuts: [number, number][] = []
  let begun = first
  let current = 0
  let before = 0
  for (const [index, share] of shares.entries()) {
    // The unit in which the partition's middle falls.
    const unit = Math.min(count - 1, Math.floor(((before + share / 2) / total) * count))
    if (unit > current && first + index > begun) {
      cuts.push([begun, first + index])
      begun = first + index
    }
    current = Math.max(current, unit)
    before += share
  }
  cuts.push([begun, end])
  return cuts
}

function unitOf(
  rels: RelSpool,
  types: readonly LogicalType[],
  unitBytes: number,
  range: Omit<CsrUnit, 'rows' | 'rowGroupRows' | 'memoryBytes' | 'extents'>,
): CsrUnit {
  let rows = 0
  let heapBytes = 0
  let places: readonly number[] = []
  let lengths: readonly number[] = []
  let bytes = 0
  for (let partition = range.firstPartition; partition < range.endPartition; partition++) {
    rows += rels.rowsOf(partition)
    heapBytes += rels.heapBytesOf(partition)
    const extents = rels.spool.extentsOf(partition)
    places = places.concat(extents.places)
    lengths = lengths.concat(extents.lengths)
    bytes += extents.bytes
  }
  const rowGroupRowsMost = rowGroupRowsFor(types, unitBytes)
  const rowGroupRows = Math.ceil(rows / Math.max(1, Math.ceil(rows / rowGroupRowsMost)))
  const memoryBytes = memoryOf(rows, rowGroupRows, bytes, heapBytes, range.nodes, types)
  return { ...range, rows, rowGroupRows, memoryBytes, extents: { places, lengths, bytes } }
}

function memoryOf(
  rows: number,
  rowGroupRows: number,
  bytes: number,
  heapBytes: number,
  nodes: number,
  types: readonly LogicalType[],
): number {
  const lanes = rows * (16 + 9 * types.length)
  const sorted = rows * 20 + nodes * 8
  const encoding = rowGroupRows * (9 + 2 * 9 + 18) + 2 * Math.min(heapBytes, bytes)
  const emitted = rows * (8 + 4) + chunkBytesOf(rows, 1)
  return bytes + lanes + sorted + Math.max(encoding, emitted) + unitSlackBytes
}

/** Headers, alignment, what encodings and chunks take whatever their rows. */
const unitSlackBytes = 1 << 19

/** Bytes of a worker's memory that lets it build all units but those that a few nodes make too large. */
export function unitMemoryFor(unitBytes: number): number {
  return Math.ceil(unitBytes * 1.25) + csrGroupNodes * 8 + unitSlackBytes
}
