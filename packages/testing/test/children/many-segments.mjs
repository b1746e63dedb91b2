/**
 * A process that commits a load of as many row groups and columns as its arguments say, checkpoints, closes
 * and opens the database again, and after each step says by how many bytes its resident memory has grown at
 * most. The segments are constant: they have no pages, so that next to nothing but their descriptors is
 * written.
 */
import { BufferPool, emptyCatalog, PackedSegments, planTable, Store } from '@millrace/core/internal'

const [, , path, groupCount, columnCount] = process.argv

/** Bytes resident at most so far. */
function peakBytes() {
  return process.resourceUsage().maxRSS * 1024
}

const columns = Array.from({ length: Number(columnCount) }, (_, index) => ({
  name: `c${index}`,
  type: 'INT64',
}))
const table = planTable(emptyCatalog, { kind: 'node', name: 'T', columns, keyColumn: 0 })

/** The same bytes as of other segments; they differ in the smallest value. */
function groupOf(number) {
  const stats = { kind: 'int', min: BigInt(number), max: BigInt(number) }
  const place = { firstPage: 0, contentBytes: 0, checksums: new Uint32Array(0) }
  const segment = {
    ...place,
    type: 'INT64',
    encoding: 'constant',
    rows: 1,
    nullCount: 0,
    strictlyIncreasing: true,
    stats,
  }
  return { rows: 1, segments: PackedSegments.of(columns.map(() => segment)) }
}

const pool = BufferPool.create(1 << 20)
let store = Store.open(path, { pool })
store.commit({ kind: 'createTable', table })
const groups = Array.from({ length: Number(groupCount) }, (_, number) => groupOf(number))
const keys = { sortedGroups: groups.map((_, index) => index), runs: [], hashedRange: null }
const before = peakBytes()
const grown = { bytes: groups.reduce((sum, { segments }) => sum + segments.bytes.length, 0) }
store.commit({ kind: 'appendNodes', tableId: table.id, groups, keys })
grown.commit = peakBytes() - before
store.checkpoint()
grown.checkpoint = peakBytes() - before
store.close()
store = Store.open(path, { pool })
grown.open = peakBytes() - before
store.close()
process.stdout.write(JSON.stringify(grown))
