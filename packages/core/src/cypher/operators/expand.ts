/**
 * Follows relationships from each row's node, along one side of a table's CSR.
 *
 * - Rows come out by run, then in the order of the nodes (of one CSR group after the other), then in the
 *   order of the file.
 * - Neighbours and properties are taken in stretches of chunks: where a batch is one stretch they are not
 *   even copied.
 * - When only the number of rows matters, nothing but the CSR starts is read, where no relationship of a
 *   group is deleted.
 */
import { csrGroupNodes } from '../../limits.js'
import type { CsrGroupReader, RelReader } from '../graph.js'
import { type Batch, batchRowsMax, type NumberVector, numberVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'
import { chunkOf, ExpandOutput, type ExpandStep } from './expand-output.js'
import { selectRows } from './filter.js'
import { type Pace, pause } from './pace.js'

export function expandOperator(step: ExpandStep, context: ExecutionContext): Operator {
  const reader = context.rels(step.tableId)
  const countsOnly =
    step.neighbour === null && step.rel === null && step.reads.length === 0 && step.live.length === 0
  const hasDeleted = reader.liveRowCount < reader.rowCount
  return function* expand(input: Iterable<Batch>): Generator<Batch> {
    for (const batch of input) {
      if (batch.rows === 0) yield batch
      else if (countsOnly && !step.skipLoops) {
        const rows = yield* countRows(reader, step, batch, context.pace)
        if (rows > 0) yield { rows, columns: [] }
      } else yield* expandBatch(reader, step, batch, hasDeleted, context.pace)
    }
  }
}

/** Nodes of a batch at most for which only their part of a group is made. */
const fewNodesMax = 64

/** The nodes of a small batch, ascending and each once; null for a large one. */
function fewNodesOf(nodes: Float64Array, rows: number): Float64Array | null {
  return rows > fewNodesMax ? null : Float64Array.from(new Set(nodes.subarray(0, rows))).sort()
}

/** Walks the starts of one run for the nodes of a batch. */
class Starts {
  readonly #reader: RelReader
  readonly #run: number
  readonly #direction: ExpandStep['direction']
  readonly #few: Float64Array | null
  #groupIndex = -1
  #firstNode = 0
  #starts: Float64Array | undefined
  #sparse: CsrGroupReader['sparse']
  group: CsrGroupReader | undefined
  /** Groups come to so far, each of which may have had to be read. */
  groupsRead = 0
  /** Index, within the group, of the node's first relationship, and behind its last. */
  first = 0
  end = 0

  constructor(reader: RelReader, run: number, direction: ExpandStep['direction'], few: Float64Array | null) {
    this.#reader = reader
    this.#few = few
    this.#run = run
    this.#direction = direction
  }

  /** Goes to `node`; false when it has no relationships. */
  seek(node: number): boolean {
    const groupIndex = Math.floor(node / csrGroupNodes)
    if (groupIndex !== this.#groupIndex) {
      this.#groupIndex = groupIndex
      this.groupsRead++
      this.#firstNode = groupIndex * csrGroupNodes
      this.group = this.#groupAt(groupIndex)
      this.#sparse = this.group?.sparse
      this.#starts = this.#sparse?.starts ?? this.group?.starts()
    }
    const starts = this.#starts
    const lane = this.#sparse === undefined ? node - this.#firstNode : this.#sparse.find(node)
    if (lane < 0) return false
    if (starts === undefined || lane + 1 >= starts.length) return false
    this.first = starts[lane]!
    this.end = starts[lane + 1]!
    return this.end > this.first
  }

  #groupAt(groupIndex: number): CsrGroupReader | undefined {
    const reader = this.#reader
    if (this.#few === null || reader.groupOfNodes === undefined) {
      return reader.group(this.#run, this.#direction, groupIndex)
    }
    const nodes = this.#few.filter((node) => Math.floor(node / csrGroupNodes) === groupIndex)
    return reader.groupOfNodes(this.#run, this.#direction, groupIndex, nodes)
  }

  /** Relationships of the node that are not deleted. */
  liveRows(): number {
    const group = this.group!
    if (!group.hasDeleted) return this.end - this.first
    let rows = 0
    let at = this.first
    for (let chunk = chunkOf(group, at); at < this.end; chunk++) {
      const start = group.chunkStart(chunk)
      const stop = Math.min(this.end, start + group.chunkRows(chunk))
      const neighbours = group.neighbours(chunk)
      for (; at < stop; at++) if (neighbours[at - start]! >= 0) rows++
    }
    return rows
  }
}

function* countRows(reader: RelReader, step: ExpandStep, batch: Batch, pace: Pace): Generator<Batch, number> {
  const nodes = (batch.columns[step.from] as NumberVector).values
  const few = fewNodesOf(nodes, batch.rows)
  let rows = 0
  for (let run = 0; run < reader.runCount; run++) {
    const starts = new Starts(reader, run, step.direction, few)
    let groupsRead = 0
    for (const row of orderByGroup(nodes, batch.rows)) {
      if (starts.seek(nodes[row]!)) rows += starts.liveRows()
      if (starts.groupsRead === groupsRead) continue
      groupsRead = starts.groupsRead
      if (pace.isDue()) yield pause
    }
  }
  return rows
}

function* expandBatch(
  reader: RelReader,
  step: ExpandStep,
  batch: Batch,
  hasDeleted: boolean,
  pace: Pace,
): Generator<Batch> {
  const nodes = (batch.columns[step.from] as NumberVector).values
  const output = new ExpandOutput(reader, step, batch, hasDeleted)
  const order = orderByGroup(nodes, batch.rows)
  const few = fewNodesOf(nodes, batch.rows)
  for (let run = 0; run < reader.runCount; run++) {
    const starts = new Starts(reader, run, step.direction, few)
    output.beginRun(run)
    let groupsRead = 0
    for (const row of order) {
      const found = starts.seek(nodes[row]!)
      if (starts.groupsRead !== groupsRead) {
        groupsRead = starts.groupsRead
        if (pace.isDue()) yield pause
      }
      if (!found) continue
      let at = starts.first
      const { end } = starts
      while (at < end) {
        at += output.add(row, starts.group!, at, end)
        if (output.rows < batchRowsMax) continue
        yield* finished(output, step, hasDeleted)
        if (pace.isDue()) yield pause
      }
    }
    // A stretch lies in one run.
    if (output.rows > 0) yield* finished(output, step, hasDeleted)
  }
}

/** What the output holds, without deleted relationships and loops that are met on the way back. */
function* finished(output: ExpandOutput, step: ExpandStep, hasDeleted: boolean): Generator<Batch> {
  const { batch, neighbours, sources } = output.take()
  if (!step.skipLoops && !hasDeleted) {
    yield batch
    return
  }
  const counts = new Float64Array(batch.rows)
  for (let row = 0; row < batch.rows; row++) {
    const isLoop = step.skipLoops && neighbours[row] === sources[row]
    counts[row] = isLoop || neighbours[row]! < 0 ? 0 : 1
  }
  const made = [step.neighbour, step.rel, ...step.reads.map(({ slot }) => slot)]
  const live = [...step.live, ...made.filter((slot): slot is number => slot !== null)]
  const kept = selectRows(batch, numberVector('BOOL', counts, null), live)
  if (kept !== undefined) yield kept
}

let consecutive = Uint32Array.from({ length: batchRowsMax }, (_, row) => row)

/**
 * The rows of a batch so that nodes of one CSR group follow each other: groups of a large table are decoded
 * once a batch.
 */
function orderByGroup(nodes: Float64Array, rows: number): Uint32Array {
  if (consecutive.length < rows) consecutive = Uint32Array.from({ length: rows }, (_, row) => row)
  let last = 0
  let ordered = true
  for (let row = 0; row < rows && ordered; row++) {
    const group = Math.floor(nodes[row]! / csrGroupNodes)
    ordered = group >= last
    last = group
  }
  const all = consecutive.subarray(0, rows)
  if (ordered) return all
  return all.toSorted(
    (a, b) => Math.floor(nodes[a]! / csrGroupNodes) - Math.floor(nodes[b]! / csrGroupNodes) || a - b,
  )
}
