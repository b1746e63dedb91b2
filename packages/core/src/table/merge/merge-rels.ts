/**
 * Makes segments of what was written to a relationship table.
 *
 * - Chunks with changed properties or deleted relationships get new segments where they have changed; a
 *   deleted relationship's neighbour becomes null on both sides.
 * - New relationships become one run at the end. Runs there that are at most twice as large as what follows
 *   them are taken in; what is deleted in them is left out. So positions may change, node offsets do not.
 * - Everything is read through the overlay: what the merge writes is what queries see.
 */
import type { Catalog, CsrGroup, RelRun, RelTable, RowGroup } from '../../catalog/index.js'
import type { Vector } from '../../column/index.js'
import type { RelDelta } from '../../delta/index.js'
import { assert } from '../../errors/index.js'
import type { PageStore } from '../../index/index.js'
import { MemoryBudget } from '../../memory/index.js'
import { gatherVectors } from '../gather-vectors.js'
import { RelOverlay } from '../overlay/rel-overlay.js'
import { nodeCountsOf } from '../rel-checks.js'
import { RelLoad } from '../rel-load.js'
import { type CsrGroupReader, chunkOf, type Direction, StoredRelReader } from '../rel-reader.js'
import { GroupRoom, isTooLarge } from './cut-rows.js'
import type { MergeContext } from './merge-context.js'
import { foldedTimesMax } from './merge-nodes.js'
import { RelFeed } from './rel-feed.js'

/** Bytes for building a run: mostly small ones, which what is larger spills around. */
const runBytes = 48 << 20

/** The table with its delta in segments. `catalog` has the nodes that relationships may join. */
export function mergeRels(
  context: MergeContext,
  catalog: Catalog,
  table: RelTable,
  delta: RelDelta,
): RelTable {
  const overlay = new RelOverlay(
    new StoredRelReader(table, context.source, nodeCountsOf(catalog, table)),
    delta,
  )
  const created = delta.created - delta.deletions.filter((position) => position >= delta.baseRows).length
  const tail = firstFolded(table, created)
  const runs: RelRun[] = []
  for (let run = 0; run < tail; run++) runs.push(rewritten(context, overlay, table, run))
  if (created > 0) runs.push(newRun(context, catalog, table, overlay, delta, tail))
  return { ...table, runs, rowCount: runs.reduce((sum, run) => sum + run.rows, 0) }
}

function firstFolded({ runs }: RelTable, created: number): number {
  let first = runs.length
  if (created === 0) return first
  let rows = created
  for (; first > 0 && runs[first - 1]!.rows <= foldedTimesMax * rows; first--) rows += runs[first - 1]!.rows
  return first
}

function rewritten(context: MergeContext, overlay: RelOverlay, table: RelTable, run: number): RelRun {
  const before = table.runs[run]!
  const side = (direction: Direction) =>
    before[direction].map((group) => rewrittenGroup(context, overlay, run, direction, group))
  const forward = side('forward')
  const backward = side('backward')
  const isSame =
    forward.every((group, index) => group === before.forward[index]) &&
    backward.every((group, index) => group === before.backward[index])
  return isSame ? before : { ...before, forward, backward }
}

function rewrittenGroup(
  context: MergeContext,
  overlay: RelOverlay,
  run: number,
  direction: Direction,
  group: CsrGroup,
): CsrGroup {
  const changes = overlay.changesOf(run, direction, group.groupIndex)
  if (changes === undefined) return group
  const reader = overlay.group(run, direction, group.groupIndex)
  assert(reader !== undefined, `CSR group ${group.groupIndex} of run ${run}`)
  const chunksOf = (indexes: readonly number[]) => new Set(indexes.map((index) => chunkOf(reader, index)))
  const deletedChunks = chunksOf(changes.deleted)
  const patchedChunks = changes.patches.map((patches) => chunksOf(patches?.indexes ?? []))
  const chunks = group.chunks.flatMap((chunk, index): RowGroup[] => {
    const segments = [...chunk.segments]
    const patched = patchedChunks.map((patchedIn, column) => (patchedIn?.has(index) ? column : -1))
    const changed = new Map(
      patched.filter((column) => column >= 0).map((column) => [column, reader.property(index, column)]),
    )
    if (isTooLarge([...changed.values()])) return cutChunk(context, reader, index, overlay.table)
    if (deletedChunks.has(index)) segments[0] = context.write(neighbourVector(reader.neighbours(index)))
    for (const [column, vector] of changed) segments[1 + column] = context.write(vector)
    return [{ ...chunk, segments }]
  })
  return { ...group, chunks }
}

/** Several chunks of a forward chunk whose strings have grown too long for one. */
function cutChunk(context: MergeContext, reader: CsrGroupReader, chunk: number, table: RelTable): RowGroup[] {
  const neighbours = neighbourVector(reader.neighbours(chunk))
  const properties = table.columns.map((_, column) => reader.property(chunk, column))
  const room = new GroupRoom()
  const cut: RowGroup[] = []
  for (let firstRow = 0; firstRow < neighbours.rows; room.clear()) {
    const rows = room.take(properties, firstRow, neighbours.rows)
    const picked = new Uint32Array(rows)
    const chosen = Uint32Array.from(picked, (_, row) => firstRow + row)
    const segments = [neighbours, ...properties].map((vector) =>
      context.write(gatherVectors(vector.type, [vector], picked, chosen)),
    )
    cut.push({ rows, segments })
    firstRow += rows
  }
  return cut
}

/** Neighbours as a column: null where the relationship is deleted. */
function neighbourVector(neighbours: Float64Array): Vector {
  const nulls = new Uint8Array(neighbours.length)
  for (let row = 0; row < nulls.length; row++) nulls[row] = neighbours[row]! < 0 ? 1 : 0
  return { kind: 'number', type: 'INT64', rows: nulls.length, values: neighbours, nulls }
}

/** One run of the runs from `tail` on and the new relationships. */
function newRun(
  context: MergeContext,
  catalog: Catalog,
  table: RelTable,
  overlay: RelOverlay,
  delta: RelDelta,
  tail: number,
): RelRun {
  const { store, ledger } = context
  const pages: PageStore = {
    path: store.path,
    fileSystem: store.fileSystem,
    reader: store.reader,
    allocate: (count) => {
      const first = store.allocate(count)
      ledger.adopt(first, count)
      return first
    },
    free: () => assert(false, 'a merge gives its pages back all at once'),
    writePages: (first, bytes) => store.writePages(first, bytes),
  }
  const load = new RelLoad({ ...pages, catalog }, table, { budget: new MemoryBudget(runBytes) })
  try {
    const feed = new RelFeed(context.memory, table, load)
    for (let run = tail; run < table.runs.length; run++) {
      for (const { groupIndex } of table.runs[run]!.forward) {
        const group = overlay.group(run, 'forward', groupIndex)
        if (group !== undefined) feed.takeGroup(group)
      }
    }
    feed.takeNew(delta)
    const change = load.finish()
    assert(change.kind === 'appendRels', `a load of relationships ends with ${change.kind}`)
    return change.run
  } catch (error) {
    load.close()
    throw error
  }
}
