/**
 * Gathers what an expansion gives into batches.
 *
 * A batch is a list of stretches: consecutive relationships of one chunk. Stretches that follow each other
 * become one, so that nodes scanned in order give whole pieces of chunks.
 */
import type { Vector } from '../../column/index.js'
import { gatherVectors } from '../../table/index.js'
import type { CsrGroupReader, RelReader } from '../graph.js'
import type { Step } from '../plan/plan.js'
import { sliceVector, takeRows } from '../vectors/take.js'
import {
  type Batch,
  batchRowsMax,
  type NumberVector,
  numberVector,
  type WorkVector,
} from '../vectors/vector.js'

export type ExpandStep = Extract<Step, { kind: 'expand' }>

interface ChunkSource {
  readonly group: CsrGroupReader
  readonly chunk: number
  /** Index within the group of the chunk's first relationship, and behind its last. */
  readonly start: number
  readonly end: number
}

/** The chunk that holds relationship `at` of the group. */
export function chunkOf(group: CsrGroupReader, at: number): number {
  let low = 0
  let high = group.chunkCount
  while (low + 1 < high) {
    const middle = (low + high) >>> 1
    if (group.chunkStart(middle) <= at) low = middle
    else high = middle
  }
  return low
}

export class ExpandOutput {
  rows = 0
  readonly #reader: RelReader
  readonly #step: ExpandStep
  readonly #input: Batch
  readonly #needsNeighbours: boolean
  readonly #needsChunks: boolean
  #run = 0
  #rowOf = new Uint32Array(batchRowsMax)
  #sources: ChunkSource[] = []
  /** Index of the chunk met last. */
  #current = -1
  /** Stretches: index into `#sources`, first row in that chunk, number of rows. */
  readonly #stretchSource = new Uint32Array(batchRowsMax)
  readonly #stretchStart = new Uint32Array(batchRowsMax)
  readonly #stretchRows = new Uint32Array(batchRowsMax)
  #stretches = 0

  /** `hasDeleted`: some relationships of the table are deleted; neighbours tell which. */
  constructor(reader: RelReader, step: ExpandStep, input: Batch, hasDeleted: boolean) {
    this.#reader = reader
    this.#step = step
    this.#input = input
    this.#needsNeighbours = step.neighbour !== null || step.skipLoops || hasDeleted
    this.#needsChunks = this.#needsNeighbours || step.rel !== null || step.reads.length > 0
  }

  beginRun(run: number): void {
    this.#run = run
  }

  /** Adds relationships [at, end) of `group` for input row `row`, or as many as fit; returns how many. */
  add(row: number, group: CsrGroupReader, at: number, end: number): number {
    let count = Math.min(end - at, batchRowsMax - this.rows)
    if (this.#needsChunks) {
      const source = this.#sourceOf(group, at)
      count = Math.min(count, source.end - at)
      this.#extend(at - source.start, count)
    }
    this.#rowOf.fill(row, this.rows, this.rows + count)
    this.rows += count
    return count
  }

  /** The chunk that holds relationship `at` of `group`; it becomes the current one. */
  #sourceOf(group: CsrGroupReader, at: number): ChunkSource {
    const current = this.#sources[this.#current]
    if (current !== undefined && current.group === group && at >= current.start && at < current.end)
      return current
    const low = chunkOf(group, at)
    this.#current = this.#sources.findIndex((source) => source.group === group && source.chunk === low)
    if (this.#current < 0) {
      const end = low + 1 < group.chunkCount ? group.chunkStart(low + 1) : group.rows
      this.#current = this.#sources.push({ group, chunk: low, start: group.chunkStart(low), end }) - 1
    }
    return this.#sources[this.#current]!
  }

  #extend(start: number, count: number): void {
    const last = this.#stretches - 1
    const source = this.#current
    if (
      last >= 0 &&
      this.#stretchSource[last] === source &&
      this.#stretchStart[last]! + this.#stretchRows[last]! === start
    ) {
      this.#stretchRows[last]! += count
      return
    }
    this.#stretchSource[this.#stretches] = source
    this.#stretchStart[this.#stretches] = start
    this.#stretchRows[this.#stretches] = count
    this.#stretches++
  }

  /**
   * The batch so far, with each neighbour and node where loops or deleted relationships are to be found; then
   * begins another.
   */
  take(): { batch: Batch; neighbours: Float64Array; sources: Float64Array } {
    const step = this.#step
    const columns: (WorkVector | undefined)[] = []
    for (const slot of step.live) columns[slot] = takeRows(this.#input.columns[slot]!, this.#rowOf, this.rows)
    let neighbours = new Float64Array(0)
    let sources = new Float64Array(0)
    if (this.#needsNeighbours) {
      neighbours = this.#numbers(({ group, chunk }) => group.neighbours(chunk)) as Float64Array<ArrayBuffer>
    }
    if (step.neighbour !== null) columns[step.neighbour] = numberVector('INT64', neighbours, null)
    if (step.rel !== null) columns[step.rel] = numberVector('INT64', this.#positions(), null)
    if (step.reads.length > 0) this.#properties(columns)
    if (step.skipLoops) {
      const nodes = (this.#input.columns[step.from] as NumberVector).values
      sources = Float64Array.from(this.#rowOf.subarray(0, this.rows), (row) => nodes[row]!)
    }
    const batch = { rows: this.rows, columns }
    this.rows = 0
    this.#sources = []
    this.#current = -1
    this.#stretches = 0
    // Taken columns may refer to the old array.
    this.#rowOf = new Uint32Array(batchRowsMax)
    return { batch, neighbours, sources }
  }

  /** One number a row out of per-chunk arrays. */
  #numbers(of: (source: ChunkSource) => Float64Array): Float64Array {
    const arrays = this.#sources.map(of)
    if (this.#stretches === 1) {
      const start = this.#stretchStart[0]!
      return arrays[this.#stretchSource[0]!]!.subarray(start, start + this.rows)
    }
    const values = new Float64Array(this.rows)
    let row = 0
    for (let stretch = 0; stretch < this.#stretches; stretch++) {
      const array = arrays[this.#stretchSource[stretch]!]!
      const start = this.#stretchStart[stretch]!
      const count = this.#stretchRows[stretch]!
      for (let at = 0; at < count; at++) values[row++] = array[start + at]!
    }
    return values
  }

  /** Positions in the table: what names a relationship. */
  #positions(): Float64Array {
    const runStart = this.#reader.runStart(this.#run)
    const areConsecutive =
      this.#step.direction === 'forward' && this.#sources.every(({ group }) => group.forwardStart() >= 0)
    const positions = !areConsecutive
      ? this.#numbers(({ group, chunk }) => group.positions(chunk))
      : this.#forwardPositions()
    return positions.map((position) => runStart + position)
  }

  /** On the forward side positions follow each other, those of relationships in the delta aside. */
  #forwardPositions(): Float64Array {
    const values = new Float64Array(this.rows)
    let row = 0
    for (let stretch = 0; stretch < this.#stretches; stretch++) {
      const source = this.#sources[this.#stretchSource[stretch]!]!
      const first = source.group.forwardStart() + source.start + this.#stretchStart[stretch]!
      for (let at = 0; at < this.#stretchRows[stretch]!; at++) values[row++] = first + at
    }
    return values
  }

  #properties(columns: (WorkVector | undefined)[]): void {
    const { reads } = this.#step
    if (this.#stretches === 1) {
      const { group, chunk } = this.#sources[this.#stretchSource[0]!]!
      const start = this.#stretchStart[0]!
      for (const { column, slot } of reads) {
        columns[slot] = sliceVector(group.property(chunk, column), start, start + this.rows)
      }
      return
    }
    const picked = new Uint32Array(this.rows)
    const rows = new Uint32Array(this.rows)
    let row = 0
    for (let stretch = 0; stretch < this.#stretches; stretch++) {
      const source = this.#stretchSource[stretch]!
      const start = this.#stretchStart[stretch]!
      for (let at = 0; at < this.#stretchRows[stretch]!; at++) {
        picked[row] = source
        rows[row++] = start + at
      }
    }
    for (const { column, slot } of reads) {
      const sources = this.#sources.map(({ group, chunk }): Vector => group.property(chunk, column))
      const oneSource = sources.every((source) => source === sources[0])
      const { type } = this.#reader.table.columns[column]!
      columns[slot] = oneSource
        ? takeRows(sources[0]!, rows, this.rows)
        : gatherVectors(type, sources, picked, rows)
    }
  }
}
