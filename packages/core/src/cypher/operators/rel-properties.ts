/**
 * Reads properties of relationships by their positions: what an expansion against the stored direction needs.
 */
import { gatherVectors } from '../../table/index.js'
import type { RelReader } from '../graph.js'
import type { PropertyRead, Step } from '../plan/plan.js'
import type { Batch, NumberVector, WorkVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'
import { readInWindows } from './windowed.js'

type RelPropertiesStep = Extract<Step, { kind: 'relProperties' }>

export function relPropertiesOperator(step: RelPropertiesStep, context: ExecutionContext): Operator {
  const reader = context.rels(step.tableId)
  return function* relProperties(input: Iterable<Batch>): Generator<Batch> {
    yield* readInWindows(input, step.from, context.pace, (rels, columns) => {
      context.requireAlive(reader.table, rels)
      readRelColumns(reader, rels, step.reads, columns)
    })
  }
}

/** Reads the columns of `rels` (positions in the table, none null) into the slots of `columns`. */
export function readRelColumns(
  reader: RelReader,
  rels: NumberVector,
  reads: readonly PropertyRead[],
  columns: (WorkVector | undefined)[],
): void {
  const { rows } = rels
  if (rows === 0) return
  const runs = splitByRun(reader, rels.values.subarray(0, rows))
  for (const { column, slot } of reads) {
    const parts = runs.parts.map(({ run, positions }) =>
      reader.property(run, positions, positions.length, column),
    )
    columns[slot] =
      parts.length === 1
        ? parts[0]!
        : gatherVectors(reader.table.columns[column]!.type, parts, runs.picked, runs.rows)
  }
}

interface Runs {
  readonly parts: { readonly run: number; readonly positions: Float64Array }[]
  readonly picked: Uint32Array
  readonly rows: Uint32Array
}

function splitByRun(reader: RelReader, rels: Float64Array): Runs {
  const runOf = (position: number): number => {
    let run = reader.runCount - 1
    while (run > 0 && reader.runStart(run) > position) run--
    return run
  }
  const picked = new Uint32Array(rels.length)
  const rows = new Uint32Array(rels.length)
  const lists = new Map<number, { index: number; positions: number[] }>()
  for (let at = 0; at < rels.length; at++) {
    const run = runOf(rels[at]!)
    let list = lists.get(run)
    if (list === undefined) {
      list = { index: lists.size, positions: [] }
      lists.set(run, list)
    }
    picked[at] = list.index
    rows[at] = list.positions.push(rels[at]! - reader.runStart(run)) - 1
  }
  const parts = [...lists].map(([run, { positions }]) => ({ run, positions: Float64Array.from(positions) }))
  return { parts, picked, rows }
}
