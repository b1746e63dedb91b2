/**
 * Builds a unit of one side of a relationship run: reads its chunks, sorts them, and leaves row groups as
 * pages in a target, with what the other side needs of it. Runs in a worker; knows no thread. What does not
 * fit is built by the writer, within bounds, in `csr-build.ts`, to the same pages.
 *
 * The target, from its start:
 *
 * | bytes            | holds                                                                               |
 * |------------------|-------------------------------------------------------------------------------------|
 * | pages × 4096     | the row groups' segments, sealed                                                    |
 * | nodes × 4        | u32: relationships of each of the unit's nodes; up to a multiple of 8               |
 * | chunkBytes       | chunks for the other side: bound by the neighbours, with the position as property   |
 */
import { type UnplacedRowGroup, unplacedRowGroup } from '../catalog/index.js'
import type { ColumnBuffer, SegmentDescriptor } from '../column/index.js'
import { assert } from '../errors/index.js'
import { type FileSystem, wrapIoError } from '../io/index.js'
import { pageBytes } from '../limits.js'
import { physicalTypeOf } from '../types/index.js'
import type { CsrSide, CsrUnit } from './csr-unit.js'
import { packRels, type RelRows, readAll } from './rel-chunk.js'
import { encodeSegment } from './segment-writing.js'
import { SpoolCursor } from './spool-cursor.js'
import type { WorkingMemory } from './working-memory.js'

/**
 * What `buildUnit` left in the target; goes to `RelLoad.place` with it. A plain value: it can be posted to a
 * thread.
 */
export interface BuiltUnit {
  readonly pages: number
  /** Their pages count from the target's first. */
  readonly rowGroups: readonly UnplacedRowGroup[]
  readonly chunkBytes: number
}

/** Bytes of the target that the counts of a unit's nodes take. */
export function countsBytesOf(unit: CsrUnit): number {
  return Math.ceil(unit.nodes / 2) * 8
}

/** Sorted relationships: endpoints as lanes, and the order that sorts properties. */
interface SortedRels {
  readonly source: RelRows
  readonly neighbours: number
  readonly order: number
  /** u32 for each node of the unit. */
  readonly counts: number
}

/**
 * Builds `unit` into `target`.
 * @returns null when the target is too small
 * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when the memory is
 */
export function buildUnit(
  memory: WorkingMemory,
  fileSystem: FileSystem,
  side: CsrSide,
  unit: CsrUnit,
  target: Uint8Array,
): BuiltUnit | null {
  const mark = memory.arena.mark()
  try {
    const rels = sortUnit(memory, readUnit(memory, fileSystem, side, unit), unit)
    const written = writeRowGroups(memory, side, unit, rels, target)
    if (written === null) return null
    const countsAt = written.pages * pageBytes
    const chunksAt = countsAt + countsBytesOf(unit)
    if (chunksAt > target.length) return null
    const { bytes } = memory.arena
    target.set(bytes.subarray(rels.counts, rels.counts + unit.nodes * 4), countsAt)
    const chunkBytes =
      side.emitTo === null ? 0 : emitChunks(memory, side, unit, rels, target.subarray(chunksAt))
    return chunkBytes === null ? null : { ...written, chunkBytes }
  } finally {
    memory.arena.release(mark)
  }
}

function readUnit(memory: WorkingMemory, fileSystem: FileSystem, side: CsrSide, unit: CsrUnit): RelRows {
  const { extents, rows } = unit
  const spilled = side.file !== null && extents.places.some((place) => place >= 0)
  const file = spilled ? fileSystem.open(side.file!, 'read') : null
  try {
    const cursor = new SpoolCursor(extents, (place, from, into) => {
      if (place < 0) {
        into.set(new Uint8Array(side.blocks, (-1 - place) * side.blockBytes + from, into.length))
        return
      }
      const read = file!.read(into, place + from)
      assert(read === into.length, `${read} of ${into.length} bytes of a temporary file`)
    })
    return readAll(memory, cursor, rows, side.types)
  } catch (error) {
    throw spilled ? wrapIoError(error, { operation: 'reading', file: side.file! }) : error
  } finally {
    file?.close()
  }
}

function sortUnit(memory: WorkingMemory, source: RelRows, unit: CsrUnit): SortedRels {
  const { arena, kernels } = memory
  const { rows, nodes, firstNode } = unit
  const order = arena.allocate(rows * 4)
  const counts = arena.allocate(nodes * 8)
  const neighbours = arena.allocate(rows * 8)
  const outside = kernels.orderByNode(
    source.from,
    rows,
    firstNode,
    1,
    nodes,
    counts,
    counts + nodes * 4,
    order,
  )
  assert(outside === 0, `relationships of nodes ${firstNode} to ${firstNode + nodes}`)
  kernels.gatherLanes(source.to, order, rows, neighbours)
  return { source, neighbours, order, counts }
}

function writeRowGroups(
  memory: WorkingMemory,
  side: CsrSide,
  unit: CsrUnit,
  rels: SortedRels,
  target: Uint8Array,
): { rowGroups: UnplacedRowGroup[]; pages: number } | null {
  const { arena, kernels } = memory
  const values = arena.allocate(unit.rowGroupRows * 8)
  const nulls = arena.allocate(unit.rowGroupRows + 64)
  const noNulls = arena.allocate(unit.rowGroupRows + 64)
  arena.bytes.fill(0, noNulls, noNulls + unit.rowGroupRows)
  const rowGroups: UnplacedRowGroup[] = []
  let pages = 0
  for (let start = 0; start < unit.rows; ) {
    const order = rels.order + start * 4
    const rows = rowsOfGroup(memory, side, rels, order, Math.min(unit.rowGroupRows, unit.rows - start))
    const segments: SegmentDescriptor[] = []
    const write = (column: ColumnBuffer): boolean => {
      const encoded = encodeSegment(memory, column, target, pages * pageBytes, pages)
      if (encoded === null) return false
      segments.push(encoded.descriptor)
      pages += encoded.pages
      return true
    }
    const ends = { type: 'INT64', rows, values: rels.neighbours + start * 8, nulls: noNulls } as const
    if (!write({ ...ends, nullCount: 0 })) return null
    for (const { type, values: lanes, nulls: lanesNulls, nullCount } of rels.source.columns) {
      kernels.gatherLanes(lanes, order, rows, values)
      const ofGroup = nullCount === 0 ? 0 : kernels.gatherBytes(lanesNulls, order, rows, nulls)
      if (!write({ type, rows, values, nulls: ofGroup === 0 ? noNulls : nulls, nullCount: ofGroup }))
        return null
    }
    rowGroups.push(unplacedRowGroup(rows, segments))
    start += rows
  }
  return { rowGroups, pages }
}

/** How many of the next `rows` rows make a row group: fewer when their strings are long. */
function rowsOfGroup(
  memory: WorkingMemory,
  side: CsrSide,
  rels: SortedRels,
  order: number,
  rows: number,
): number {
  let fitting = rows
  for (const { type, values } of rels.source.columns) {
    if (physicalTypeOf(type) !== 'string') continue
    fitting = memory.kernels.stringsThatFit(values, order, fitting, side.heapBytesMax)
  }
  return Math.max(1, fitting)
}

/** Leaves in `target` what makes the other side of the unit. @returns bytes, or null when they do not fit */
function emitChunks(
  memory: WorkingMemory,
  side: CsrSide,
  unit: CsrUnit,
  rels: SortedRels,
  target: Uint8Array,
): number | null {
  const { arena, kernels } = memory
  const bound = arena.allocate(unit.rows * 8)
  kernels.gatherLanes(rels.source.from, rels.order, unit.rows, bound)
  const otherSide = turnedAround(memory, unit.rows, bound, rels.neighbours, unit.firstPosition)
  const packed = packRels(memory, otherSide, side.emitTo!, target.length)
  if (packed === null) return null
  target.set(new Uint8Array(arena.memory.buffer, packed.address, packed.bytes))
  return packed.bytes
}

/**
 * Relationships as the other side has them: bound by the neighbours, with their position in the run as only
 * property. The regions taken are the caller's.
 */
export function turnedAround(
  memory: WorkingMemory,
  rows: number,
  bound: number,
  neighbours: number,
  firstPosition: number,
): RelRows {
  const { arena, kernels } = memory
  const values = arena.allocate(rows * 8)
  kernels.fillSequence(values, rows, firstPosition)
  // Nobody reads the null bytes of a column without nulls that is packed.
  const position = { type: 'INT64', rows, values, nulls: 0, nullCount: 0 } as const
  return { rows, from: neighbours, to: bound, columns: [position] }
}
