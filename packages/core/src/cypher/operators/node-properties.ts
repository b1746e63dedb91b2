/**
 * Reads properties of nodes: a slice where the nodes follow each other, else row by row out of the groups
 * they lie in.
 */
import type { Vector } from '../../column/index.js'
import { fewNodeValues, gatherVectors } from '../../table/index.js'
import type { NodeReader } from '../graph.js'
import type { PropertyRead, Step } from '../plan/plan.js'
import { sliceVector, takeRows } from '../vectors/take.js'
import type { Batch, NumberVector, WorkVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'
import type { ConsecutiveNodes } from './scan.js'
import { readInWindows } from './windowed.js'

/** Groups of a table whose columns are thought to stay in the cache. */
const groupsAtOnceMax = 4

type NodePropertiesStep = Extract<Step, { kind: 'nodeProperties' }>

export function nodePropertiesOperator(step: NodePropertiesStep, context: ExecutionContext): Operator {
  const reader = context.nodes(step.tableId)
  return function* nodeProperties(input: Iterable<Batch>): Generator<Batch> {
    if (step.scattered && reader.groupCount > groupsAtOnceMax) {
      yield* readInWindows(input, step.from, context.pace, (nodes, columns) => {
        context.requireAlive(reader.table, nodes)
        readNodeColumns(reader, nodes, step.reads, columns)
      })
      return
    }
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      const nodes = batch.columns[step.from] as NumberVector & ConsecutiveNodes
      const columns = [...batch.columns]
      context.requireAlive(reader.table, nodes)
      readNodeColumns(reader, nodes, step.reads, columns)
      yield { rows: batch.rows, columns }
    }
  }
}

/** Reads the columns of `nodes` (offsets, none null) into the slots of `columns`. */
export function readNodeColumns(
  reader: NodeReader,
  nodes: NumberVector & ConsecutiveNodes,
  reads: readonly PropertyRead[],
  columns: (WorkVector | undefined)[],
): void {
  const { rows, firstOffset } = nodes
  if (rows === 0) return
  if (firstOffset !== undefined) {
    const group = reader.groupOf(firstOffset)
    const start = firstOffset - reader.groupStart(group)
    for (const { column, slot } of reads) {
      columns[slot] = sliceVector(reader.column(group, column), start, start + rows)
    }
    return
  }
  const offsets = nodes.values.subarray(0, rows)
  const few = reads.map(({ column }) => fewNodeValues(reader, offsets, column))
  const places = few.includes(null) ? locate(reader, offsets) : nowhere
  for (const [at, { column, slot }] of reads.entries()) {
    const values = few[at]!
    if (values !== null) {
      columns[slot] = values
      continue
    }
    const sources = places.groups.map((group): Vector => reader.column(group, column))
    columns[slot] =
      sources.length === 1
        ? takeRows(sources[0]!, places.rows, rows)
        : gatherVectors(reader.table.columns[column]!.type, sources, places.picked, places.rows)
  }
}

interface Places {
  /** The groups that hold the nodes. */
  readonly groups: readonly number[]
  /** For each node: index into `groups`, and row in that group. */
  readonly picked: Uint32Array
  readonly rows: Uint32Array
}

const nowhere: Places = { groups: [], picked: new Uint32Array(0), rows: new Uint32Array(0) }

/** Where each node lies. Neighbouring rows mostly lie in the same group, which is tried first. */
function locate(reader: NodeReader, offsets: Float64Array): Places {
  const picked = new Uint32Array(offsets.length)
  const rows = new Uint32Array(offsets.length)
  const groups: number[] = []
  const indexOf = new Map<number, number>()
  let index = -1
  let start = 0
  let end = 0
  for (let at = 0; at < offsets.length; at++) {
    const offset = offsets[at]!
    if (offset < start || offset >= end) {
      const group = reader.groupOf(offset)
      start = reader.groupStart(group)
      end = group + 1 < reader.groupCount ? reader.groupStart(group + 1) : reader.rowCount
      index = indexOf.get(group) ?? -1
      if (index < 0) {
        index = groups.push(group) - 1
        indexOf.set(group, index)
      }
    }
    picked[at] = index
    rows[at] = offset - start
  }
  return { groups, picked, rows }
}
