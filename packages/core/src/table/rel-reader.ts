/**
 * Reads a relationship table: CSR groups forward and backward, and properties by forward position.
 *
 * Invariants
 * - A relationship is known by its position in its run's forward order; `runStart(run)` + that position names
 *   it in the table.
 * - Positions and node offsets are numbers: both stay far below 2^53.
 */
import { type CsrGroup, factsOf, type RelTable, type RowGroup } from '../catalog/index.js'
import type { SegmentDescriptor, Vector } from '../column/index.js'
import { assert, MillraceError } from '../errors/index.js'
import { csrGroupNodes, recentBytesMax } from '../limits.js'
import { type ForwardIndex, indexForward } from './forward-index.js'
import { gatherVectors } from './gather-vectors.js'
import { lastNotAbove } from './node-reader.js'
import { RecentMap } from './recent-map.js'
import { type NodeCounts, problemOfOffsets, problemOfStarts } from './rel-checks.js'
import type { SegmentSource } from './segment-source.js'

export type Direction = 'forward' | 'backward'

export interface RelReader {
  readonly table: RelTable
  readonly runCount: number
  /** Positions there are, those of deleted relationships included. */
  readonly rowCount: number
  /** Relationships that are not deleted. */
  readonly liveRowCount: number
  /**
   * The CSR group of bound nodes groupIndex × csrGroupNodes …, or undefined when they have no relationships
   * in this run.
   */
  group(run: number, direction: Direction, groupIndex: number): CsrGroupReader | undefined
  /**
   * The same for few nodes of the group, ascending: a group with no more than theirs, where making the whole
   * of it costs more. A reader that never makes groups does not have it.
   */
  groupOfNodes?(
    run: number,
    direction: Direction,
    groupIndex: number,
    nodes: Float64Array,
  ): CsrGroupReader | undefined
  /** Relationships in earlier runs, deleted ones included. */
  runStart(run: number): number
  /** Gathers a property of the first `count` of `positions`, each a forward position in `run`. */
  property(run: number, positions: ArrayLike<number>, count: number, column: number): Vector
}

/** A reader that knows where a position lies, and what it joins. */
export interface PlacedRelReader extends RelReader {
  /** Where the relationship at a forward position of a run lies on the forward side. */
  locate(run: number, forwardPosition: number): RelPlace
  /**
   * Positions in the table of a node's relationships in a run of new ones, in which they can be found without
   * making a group of them; undefined when the run is another.
   */
  newRels(run: number, direction: Direction, node: number): number[] | undefined
  /**
   * The group as it was made, for whoever looks at few of its relationships: what has changed since is not in
   * it. `isDeleted` tells which of them are there no more.
   */
  storedGroup(run: number, direction: Direction, groupIndex: number): CsrGroupReader | undefined
  /** True when the relationship at a position was deleted since its group was made. */
  isDeleted(position: number): boolean
  /** The nodes that the relationship at a position of the table joins; null when it is deleted. */
  ends(position: number): { readonly from: number; readonly to: number } | null
}

export interface RelPlace {
  readonly groupIndex: number
  /** Index within the group. */
  readonly index: number
}

/** Where the relationships of few of a group's nodes lie. */
export interface SparseStarts {
  /** The place of `node` among those that have relationships; −1 when it has none. */
  find(node: number): number
  /**
   * Lane i: index within the group of the first relationship of the i-th such node; then the group's rows.
   */
  readonly starts: Float64Array
}

export interface CsrGroupReader {
  /** Relationships of the group, deleted ones included. */
  readonly rows: number
  readonly groupIndex: number
  /** Node offset of the first bound node. */
  readonly firstNode: number
  /** True when some of its relationships are deleted: `starts` alone does not say how many a node has. */
  readonly hasDeleted: boolean
  /** Look here instead of into `starts` where it is there: `starts` would have to be made. */
  readonly sparse?: SparseStarts
  /**
   * Lane i: index within the group of the first relationship of node i; the last lane is `rows`. Nodes behind
   * have none.
   */
  starts(): Float64Array
  readonly chunkCount: number
  /** Index within the group of the chunk's first relationship. */
  chunkStart(chunk: number): number
  /** Relationships of the chunk. */
  chunkRows(chunk: number): number
  /** Node offsets at the other end; −1 where the relationship is deleted. */
  neighbours(chunk: number): Float64Array
  /**
   * Forward position within the run of the group's first relationship, which those of the others follow; −1
   * when they do not: ask for `positions`. Forward only.
   */
  forwardStart(): number
  /** Forward positions within the run of the chunk's relationships. */
  positions(chunk: number): Float64Array
  /** A property of the chunk's relationships; forward only. */
  property(chunk: number, column: number): Vector
}

/** Chunks with deleted relationships whose neighbours are kept at most; their bytes are bounded besides. */
const chunksWithDeletedMax = 1024

export class StoredRelReader implements PlacedRelReader {
  readonly table: RelTable
  readonly source: SegmentSource
  readonly runCount: number
  readonly rowCount: number
  readonly #runStarts: Float64Array
  readonly #groups = new Map<CsrGroup, StoredCsrGroupReader>()
  readonly #forward: (ForwardIndex | undefined)[] = []
  /** Neighbours of chunks with deleted relationships. */
  readonly #withDeleted = new RecentMap<SegmentDescriptor, Float64Array>(chunksWithDeletedMax, recentBytesMax)
  readonly #checked = new WeakSet<Float64Array>()
  readonly #ends: NodeCounts

  constructor(table: RelTable, source: SegmentSource, ends: NodeCounts) {
    this.table = table
    this.#ends = ends
    this.source = source
    this.runCount = table.runs.length
    this.#runStarts = new Float64Array(this.runCount + 1)
    table.runs.forEach((run, index) => {
      this.#runStarts[index + 1] = this.#runStarts[index]! + run.rows
    })
    this.rowCount = this.#runStarts[this.runCount]!
  }

  get liveRowCount(): number {
    let deleted = 0
    for (const { forward } of this.table.runs) for (const group of forward) deleted += deletedIn(group)
    return this.rowCount - deleted
  }

  group(run: number, direction: Direction, groupIndex: number): CsrGroupReader | undefined {
    const groups = this.table.runs[run]![direction]
    let low = 0
    let high = groups.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (groups[middle]!.groupIndex < groupIndex) low = middle + 1
      else high = middle
    }
    const group = groups[low]
    if (group === undefined || group.groupIndex !== groupIndex) return undefined
    let reader = this.#groups.get(group)
    if (reader === undefined) {
      reader = new StoredCsrGroupReader(this, group, direction, this.table.runs[run]!.rows, () =>
        this.#forwardStartOf(run, low),
      )
      this.#groups.set(group, reader)
    }
    return reader
  }

  storedGroup(run: number, direction: Direction, groupIndex: number): CsrGroupReader | undefined {
    return this.group(run, direction, groupIndex)
  }

  isDeleted(): boolean {
    return false
  }

  runStart(run: number): number {
    return this.#runStarts[run]!
  }

  locate(run: number, forwardPosition: number): RelPlace {
    const { starts, groups, groupOfChunk, chunkInGroup } = this.#forwardIndex(run)
    const chunk = lastNotAbove(starts, forwardPosition)
    const first = starts[chunk - chunkInGroup[chunk]!]!
    return { groupIndex: groups[groupOfChunk[chunk]!]!.groupIndex, index: forwardPosition - first }
  }

  newRels(): undefined {
    return undefined
  }

  ends(position: number): { from: number; to: number } | null {
    return endsOf(this, position)
  }

  property(run: number, positions: ArrayLike<number>, count: number, column: number): Vector {
    const index = this.#forwardIndex(run)
    const type = this.table.columns[column]!.type
    const sources: Vector[] = []
    const sourceOfChunk = new Map<number, number>()
    const picked = new Uint32Array(count)
    const rows = new Uint32Array(count)
    let chunk = 0
    for (let at = 0; at < count; at++) {
      const position = positions[at]!
      if (position < index.starts[chunk]! || !(position < index.starts[chunk + 1]!)) {
        assert(position >= 0 && position < this.table.runs[run]!.rows, `forward position ${position}`)
        chunk = lastNotAbove(index.starts, position)
      }
      let source = sourceOfChunk.get(chunk)
      if (source === undefined) {
        source = sources.length
        sourceOfChunk.set(chunk, source)
        const group = index.groups[index.groupOfChunk[chunk]!]!
        sources.push(this.propertyOf(group, index.chunkInGroup[chunk]!, column))
      }
      picked[at] = source
      rows[at] = position - index.starts[chunk]!
    }
    return gatherVectors(type, sources, picked, rows)
  }

  /** The decoded property segment of a forward chunk. */
  propertyOf(group: CsrGroup, chunk: number, column: number): Vector {
    const segment = group.chunks[chunk]!.segments.at(1 + column)!
    return this.source.vector(segment, { table: this.table.name, column: this.table.columns[column]!.name })
  }

  /** The neighbours in a chunk; −1 where the lane is null. @throws MillraceError `MILLRACE_CORRUPT` */
  neighboursOf(chunk: RowGroup, direction: Direction): Float64Array {
    const segment = chunk.segments.at(0)!
    const what = `${direction} neighbours`
    const count = this.neighbourCount(direction)
    const problemOf = (offsets: Float64Array) => problemOfOffsets(offsets, count)
    if (segment.nullCount === 0) return this.numbers(segment, what, problemOf)
    const known = this.#withDeleted.get(segment)
    if (known !== undefined) return known
    const vector = this.source.vector(segment, { table: this.table.name, what })
    if (vector.kind !== 'number') throw this.#corrupt(what, 'they are no node offsets')
    const problem = problemOf(vector.values)
    if (problem !== null) throw this.#corrupt(what, problem)
    const neighbours = vector.values.slice()
    const { nulls } = vector
    for (let row = 0; row < neighbours.length; row++) if (nulls?.[row] === 1) neighbours[row] = -1
    this.#withDeleted.set(segment, neighbours, neighbours.byteLength)
    return neighbours
  }

  /**
   * A decoded INT64 segment without nulls, whose values `problemOf` finds nothing wrong with. It is asked
   * once for each vector: what follows them trusts them.
   * @throws MillraceError `MILLRACE_CORRUPT`
   */
  numbers(
    segment: SegmentDescriptor,
    what: string,
    problemOf: (values: Float64Array) => string | null,
  ): Float64Array {
    const vector = this.source.vector(segment, { table: this.table.name, what })
    if (vector.kind !== 'number' || vector.nulls !== null)
      throw this.#corrupt(what, 'they are no node offsets')
    if (this.#checked.has(vector.values)) return vector.values
    const problem = problemOf(vector.values)
    if (problem !== null) throw this.#corrupt(what, problem)
    this.#checked.add(vector.values)
    return vector.values
  }

  #corrupt(what: string, problem: string): MillraceError {
    const { name } = this.table
    const { path } = this.source.reader
    return new MillraceError('MILLRACE_CORRUPT', {
      file: path,
      what: `${what} of table ${name}: ${problem}`,
      table: name,
    })
  }

  /** Nodes there are at the other end of what is read in `direction`. */
  neighbourCount(direction: Direction): number {
    return direction === 'forward' ? this.#ends.to : this.#ends.from
  }

  #forwardIndex(run: number): ForwardIndex {
    let index = this.#forward[run]
    if (index === undefined) {
      index = indexForward(this.table.runs[run]!)
      this.#forward[run] = index
    }
    return index
  }

  #forwardStartOf(run: number, groupAt: number): number {
    const index = this.#forwardIndex(run)
    // Groups have at least one chunk each, in order.
    const chunk = index.groupOfChunk.indexOf(groupAt)
    return index.starts[chunk]!
  }
}

/** The run that holds a position of the table. */
export function runOf(reader: RelReader, position: number): number {
  assert(position >= 0 && position < reader.rowCount, `position ${position} of ${reader.rowCount}`)
  let low = 0
  let high = reader.runCount
  while (low + 1 < high) {
    const middle = (low + high) >>> 1
    if (reader.runStart(middle) <= position) low = middle
    else high = middle
  }
  return low
}

/** The chunk of a group that holds the relationship at `index` of the group. */
export function chunkOf(group: CsrGroupReader, index: number): number {
  let low = 0
  let high = group.chunkCount
  while (low + 1 < high) {
    const middle = (low + high) >>> 1
    if (group.chunkStart(middle) <= index) low = middle
    else high = middle
  }
  return low
}

/** `PlacedRelReader.ends` for a relationship that lies in a group of consecutive positions. */
export function endsOf(reader: PlacedRelReader, position: number): { from: number; to: number } | null {
  const run = runOf(reader, position)
  const { groupIndex, index } = reader.locate(run, position - reader.runStart(run))
  const group = reader.group(run, 'forward', groupIndex)
  assert(group !== undefined, `CSR group ${groupIndex} of run ${run}`)
  const chunk = chunkOf(group, index)
  const to = group.neighbours(chunk)[index - group.chunkStart(chunk)]!
  return to < 0 ? null : { from: group.firstNode + lastNotAbove(group.starts(), index), to }
}

/** Deleted relationships of a group: their neighbour is null. */
function deletedIn(group: CsrGroup): number {
  return group.chunks.reduce((sum, chunk) => sum + factsOf(chunk.segments, 0)!.nullCount, 0)
}

class StoredCsrGroupReader implements CsrGroupReader {
  readonly rows: number
  readonly groupIndex: number
  readonly firstNode: number
  readonly hasDeleted: boolean
  readonly chunkCount: number
  readonly #reader: StoredRelReader
  readonly #group: CsrGroup
  readonly #direction: Direction
  readonly #chunkStarts: Float64Array
  readonly #runRows: number
  readonly #findForwardStart: () => number
  #forwardStart: number | undefined

  constructor(
    reader: StoredRelReader,
    group: CsrGroup,
    direction: Direction,
    runRows: number,
    findForwardStart: () => number,
  ) {
    this.#runRows = runRows
    this.#reader = reader
    this.#group = group
    this.#direction = direction
    this.#findForwardStart = findForwardStart
    this.rows = group.rows
    this.groupIndex = group.groupIndex
    this.firstNode = group.groupIndex * csrGroupNodes
    this.hasDeleted = deletedIn(group) > 0
    this.chunkCount = group.chunks.length
    this.#chunkStarts = new Float64Array(this.chunkCount + 1)
    group.chunks.forEach((chunk, index) => {
      this.#chunkStarts[index + 1] = this.#chunkStarts[index]! + chunk.rows
    })
  }

  starts(): Float64Array {
    return this.#reader.numbers(this.#group.starts, `${this.#direction} starts`, (starts) =>
      problemOfStarts(starts, this.rows),
    )
  }

  chunkStart(chunk: number): number {
    return this.#chunkStarts[chunk]!
  }

  chunkRows(chunk: number): number {
    return this.#group.chunks[chunk]!.rows
  }

  neighbours(chunk: number): Float64Array {
    return this.#reader.neighboursOf(this.#group.chunks[chunk]!, this.#direction)
  }

  forwardStart(): number {
    assert(this.#direction === 'forward', 'only forward groups have a forward start')
    this.#forwardStart ??= this.#findForwardStart()
    return this.#forwardStart
  }

  positions(chunk: number): Float64Array {
    if (this.#direction === 'backward') {
      const segment = this.#group.chunks[chunk]!.segments.at(1)!
      return this.#reader.numbers(segment, 'backward positions', (positions) =>
        problemOfOffsets(positions, this.#runRows),
      )
    }
    const first = this.forwardStart() + this.#chunkStarts[chunk]!
    const positions = new Float64Array(this.chunkRows(chunk))
    for (let row = 0; row < positions.length; row++) positions[row] = first + row
    return positions
  }

  property(chunk: number, column: number): Vector {
    assert(this.#direction === 'forward', 'properties lie on the forward side')
    return this.#reader.propertyOf(this.#group, chunk, column)
  }
}
