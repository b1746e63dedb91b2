/** Arbitrary tables for tests of the catalog: valid ones, of any shape. */
import fc from 'fast-check'
import type { SegmentDescriptor, SegmentStats } from '../column/index.js'
import { encodings } from '../column/index.js'
import { type PageRun, runChecksumsOf } from '../format/index.js'
import { pageBytes } from '../limits.js'
import type { LogicalType } from '../types/index.js'
import type { CsrGroup, KeyIndexManifest, NodeTable, RelRun, RelTable, RowGroup } from './model.js'
import { type LoadProgress, sourceHashBytes, type TableLoads, type UnfinishedLoad } from './table-loads.js'

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

const pageRun: fc.Arbitrary<PageRun> = fc
  .record({
    firstPage: fc.integer({ min: 2, max: 2 ** 31 }),
    contentBytes: fc.nat(40 * pageBytes),
    seed: fc.nat(),
  })
  .map(({ firstPage, contentBytes, seed }) => ({
    firstPage: contentBytes === 0 ? 0 : firstPage,
    contentBytes,
    checksums: Uint32Array.from(
      { length: runChecksumsOf(contentBytes) },
      (_, index) => (seed * 7919 + index) >>> 0,
    ),
  }))

const stats: fc.Arbitrary<SegmentStats> = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), min: int64, max: int64 }),
  fc.record({ kind: fc.constant('double' as const), min: fc.double(), max: fc.double() }),
  fc.record({
    kind: fc.constant('string' as const),
    min: fc.uint8Array({ maxLength: 32 }),
    max: fc.uint8Array({ maxLength: 256 }),
  }),
  fc.constant({ kind: 'none' as const }),
)

export function segmentOf(type: LogicalType, rows: number, isKey = false): fc.Arbitrary<SegmentDescriptor> {
  return fc
    .record({
      run: pageRun,
      encoding: fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[])),
      nullCount: isKey ? fc.constant(0) : fc.nat(rows),
      strictlyIncreasing: fc.boolean(),
      stats,
    })
    .map(({ run, ...rest }) => ({ ...run, ...rest, type, rows }))
}

export function rowGroupOf(types: readonly LogicalType[], keyColumn = -1): fc.Arbitrary<RowGroup> {
  return fc
    .integer({ min: 1, max: 131_072 })
    .chain((rows) =>
      fc
        .tuple(...types.map((type, index) => segmentOf(type, rows, index === keyColumn)))
        .map((segments) => ({ rows, segments: segments as SegmentDescriptor[] })),
    )
}

function keyIndexOf(groups: number, rows: number): fc.Arbitrary<KeyIndexManifest> {
  return fc.record({
    sortedGroups: groups === 0 ? fc.constant([]) : fc.array(fc.nat(groups - 1), { maxLength: 4 }),
    runs: fc.array(
      fc.record({ entries: fc.nat(Math.floor(rows / 4)), bucketPages: fc.nat(1000), pages: pageRun }),
      { maxLength: 4 },
    ),
    hashedRange: fc.option(fc.record({ min: int64, max: int64 })),
  })
}

const types: readonly LogicalType[] = ['STRING', 'INT64', 'DOUBLE', 'BOOL', 'DATE']
const columns = types.map((type, index) => ({ name: `column ${index} ü`, type }))

export function nodeTable(id: number, name: string): fc.Arbitrary<NodeTable> {
  return fc.array(rowGroupOf(types, 1), { maxLength: 3 }).chain((groups) => {
    const rowCount = groups.reduce((sum, group) => sum + group.rows, 0)
    return keyIndexOf(groups.length, rowCount).map(
      (keys): NodeTable => ({ kind: 'node', id, name, columns, keyColumn: 1, rowCount, groups, keys }),
    )
  })
}

function csrGroup(groupIndex: number, chunkTypes: readonly LogicalType[]): fc.Arbitrary<CsrGroup> {
  return fc
    .record({
      starts: segmentOf('INT64', 131_073, true),
      chunks: fc.array(rowGroupOf(chunkTypes, 0), { minLength: 1, maxLength: 2 }),
    })
    .map(({ starts, chunks }) => ({
      groupIndex,
      rows: chunks.reduce((sum, chunk) => sum + chunk.rows, 0),
      starts,
      chunks,
    }))
}

/** Forward and backward have equally many rows because they share their row groups' sizes. */
export const relRun: fc.Arbitrary<RelRun> = csrGroup(3, ['INT64', 'STRING']).chain((forward) =>
  fc
    .tuple(
      ...forward.chunks.map((chunk) =>
        fc.tuple(segmentOf('INT64', chunk.rows, true), segmentOf('INT64', chunk.rows)),
      ),
    )
    .map(
      (chunks): RelRun => ({
        rows: forward.rows,
        forward: [forward],
        backward: [
          {
            groupIndex: 0,
            rows: forward.rows,
            starts: forward.starts,
            chunks: (chunks as [SegmentDescriptor, SegmentDescriptor][]).map((segments) => ({
              rows: segments[0].rows,
              segments,
            })),
          },
        ],
      }),
    ),
)

export function relTable(id: number, name: string, from: number, to: number): fc.Arbitrary<RelTable> {
  return fc.array(relRun, { maxLength: 2 }).map((runs) => ({
    kind: 'rel',
    id,
    name,
    columns: [{ name: 'note', type: 'STRING' }],
    fromTableId: from,
    toTableId: to,
    rowCount: runs.reduce((sum, run) => sum + run.rows, 0),
    runs,
  }))
}

const hash = fc
  .uint8Array({ minLength: sourceHashBytes, maxLength: sourceHashBytes })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

const safeNat = fc.maxSafeNat()

const unfinishedLoad: fc.Arbitrary<UnfinishedLoad> = fc.record({
  sources: fc.array(
    fc.record({
      path: fc.string(),
      sizeBytes: safeNat,
      modifiedNs: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      headHash: hash,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  settings: fc.string(),
  position: fc.record({
    source: fc.constant(0),
    byteOffset: safeNat,
    records: safeNat,
    lines: safeNat,
    midLine: fc.boolean(),
    checksum: fc.nat(),
    rows: safeNat,
    skipped: safeNat,
  }),
  rejects: fc.option(fc.record({ path: fc.string(), bytes: safeNat })),
})

const finishedSources = fc.array(
  fc.record({ identity: hash, modifiedNs: fc.bigInt({ min: 0n, max: 2n ** 62n }) }),
  {
    maxLength: 3,
  },
)

/** What a table may remember. */
export const tableLoads: fc.Arbitrary<TableLoads> = fc
  .record({ unfinished: fc.option(unfinishedLoad), finished: finishedSources })
  .filter(({ unfinished, finished }) => unfinished !== null || finished.length > 0)

export const loadProgress: fc.Arbitrary<LoadProgress> = fc.oneof(
  unfinishedLoad.map((load) => ({ kind: 'unfinished' as const, load })),
  finishedSources.map((sources) => ({ kind: 'ended' as const, sources })),
)
