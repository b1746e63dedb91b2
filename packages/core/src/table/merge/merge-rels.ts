/**
 * Makes segments of what was written to a relationship table.
 *
 * - Chunks with changed properties or deleted relationships get new segments where they have changed; a
 *   deleted relationship's neighbour becomes null on both sides.
 * - New relationships become one run at the end. Runs there that are at most twice as large as what follows
 *   them are taken in; what is deleted in them is left out. So positions may change, node offsets do not.
 * - Neighbouring small runs become one, and runs that have lost most of their relationships are made again
 *   (`compaction.ts`).
 * - Everything is read through the overlay: what the merge writes is what queries see.
 */
import type { Catalog, CsrGroup, RelRun, RelTable, RowGroup } from '../../catalog/index.js'
import type { Vector } from '../../column/index.js'
import { RelDelta } from '../../delta/index.js'
import { assert } from '../../errors/index.js'
import type { PageStore } from '../../index/index.js'
import { MemoryBudget } from '../../memory/index.js'
import { gatherVectors } from '../gather-vectors.js'
import { RelOverlay } from '../overlay/rel-overlay.js'
import { nodeCountsOf } from '../rel-checks.js'
import { RelLoad } from '../rel-load.js'
import { type CsrGroupReader, chunkOf, type Direction, StoredRelReader } from '../rel-reader.js'
import { type Allowance, areMostlyDeleted, deletedRels, runStretches } from './compaction.js'
import { GroupRoom, isTooLarge } from './cut-rows.js'
import type { MergeContext } from './merge-context.js'
import { foldedTimesMax } from './merge-nodes.js'
import { RelFeed } from './rel-feed.js'

/** What building a run may take of what is left of the budget; what is larger is spilled. */
const runShare = 0.8

/** The table with its delta in segments; null: it stays as it is. `catalog` has the nodes that are joined. */
export function mergeRels(
  context: MergeContext,
  catalog: Catalog,
  table: RelTable,
  written: RelDelta | undefined,
  allowance: Allowance,
): RelTable | null {
  const delta = written ?? new RelDelta(table, table.rowCount)
  const stored = new StoredRelReader(table, context.source, nodeCountsOf(catalog, table))
  const overlay = new RelOverlay(stored, delta)
  const { ofRuns, ofNew } = deletionsOf(table, delta)
  const created = delta.created - ofNew
  const tail = firstFolded(table, created)
  const stretches = runStretches(table.runs.slice(0, tail))
  const runs: RelRun[] = []
  const make = (first: number, end: number, more: RelDelta | null) => {
    const live = table.runs
      .slice(first, end)
      .reduce((sum, { rows }, at) => sum + rows - ofRuns[first + at]!, 0)
    if (live > 0 || more !== null) runs.push(newRun(context, catalog, table, overlay, more, first, end))
  }
  for (let run = 0; run < tail; run++) {
    const stretch = stretches.find(({ first }) => first === run)
    const { rows } = table.runs[run]!
    if (stretch !== undefined && allowance.take(stretch.rows)) {
      make(run, stretch.end, null)
      run = stretch.end - 1
    } else if (areMostlyDeleted(ofRuns[run]!, rows) && allowance.take(rows)) make(run, run + 1, null)
    else runs.push(rewritten(context, overlay, table, run))
  }
  if (written === undefined && runs.every((run, index) => run === table.runs[index])) return null
  if (created > 0) make(tail, table.runs.length, delta)
  return { ...table, runs, rowCount: runs.reduce((sum, run) => sum + run.rows, 0) }
}

/** True when compaction would leave a table with fewer runs, or with less in them. */
export function canRunsBeCompacted({ runs }: RelTable): boolean {
  return runStretches(runs).length > 0 || runs.some((run) => areMostlyDeleted(deletedRels(run), run.rows))
}

/** Deleted relationships of each run, and of the new ones. */
function deletionsOf({ runs }: RelTable, delta: RelDelta): { ofRuns: number[]; ofNew: number } {
  const ofRuns = runs.map(deletedRels)
  const ends: number[] = []
  for (const { rows } of runs) ends.push((ends.at(-1) ?? 0) + rows)
  let run = 0
  let ofNew = 0
  for (const position of delta.deletions.toSorted((left, right) => left - right)) {
    while (run < runs.length && position >= ends[run]!) run++
    if (run < runs.length) ofRuns[run]!++
    else ofNew++
  }
  return { ofRuns, ofNew }
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
    if (isTooLarge([...changed.values()], context.heapBytesMax))
      return cutChunk(context, reader, index, overlay.table)
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
  const room = new GroupRoom(context.heapBytesMax)
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

/** One run of the runs `first` … `end` − 1 and of the new relationships, if they are to be in it. */
function newRun(
  context: MergeContext,
  catalog: Catalog,
  table: RelTable,
  overlay: RelOverlay,
  delta: RelDelta | null,
  first: number,
  end: number,
): RelRun {
  const { store, ledger } = context
  const pages: PageStore = {
    path: store.path,
    fileSystem: store.fileSystem,
    reader: store.reader,
    allocate: (count) => {
      const firstPage = store.allocate(count)
      ledger.adopt(firstPage, count)
      return firstPage
    },
    free: () => assert(false, 'a merge gives its pages back all at once'),
    writePages: (firstPage, bytes) => store.writePages(firstPage, bytes),
  }
  const runBytes = Math.floor(context.budget.availableBytes * runShare)
  const load = new RelLoad({ ...pages, catalog }, table, { budget: new MemoryBudget(runBytes) })
  try {
    const feed = new RelFeed(context.memory, table, load)
    for (let run = first; run < end; run++) {
      for (const { groupIndex } of table.runs[run]!.forward) {
        const group = overlay.group(run, 'forward', groupIndex)
        if (group !== undefined) feed.takeGroup(group)
      }
    }
    if (delta !== null) feed.takeNew(delta)
    const change = load.finish()
    assert(change.kind === 'appendRels', `a load of relationships ends with ${change.kind}`)
    return change.run
  } catch (error) {
    load.close()
    throw error
  }
}
