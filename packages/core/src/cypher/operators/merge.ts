/**
 * MERGE: in every row, finds the pattern (nodes by their keys, relationships between them) or makes it.
 *
 * - Row by row, and each sees what the ones before it made: `UNWIND ['a', 'a'] AS k MERGE (:T {id: k})` makes
 *   one node.
 * - It is found only as a whole: every node with all properties the pattern gives it, every relationship
 *   likewise. Else all of it is made that is not in a column already.
 * - Where several relationships fit, the row comes out once for each combination.
 */
import type { Value } from '../../delta/index.js'
import type { ValueType } from '../expression/types.js'
import type { ActionPlan, NewRelPlan, PatternPlan } from '../plan/write-plan.js'
import { identityBase } from '../vectors/identity.js'
import { takeRows } from '../vectors/take.js'
import { type Batch, numberVector, valueAt, type WorkVector } from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { createRow } from './create.js'
import { readNodeColumns } from './node-properties.js'
import { pause, rowsBetweenLooks } from './pace.js'
import { MadeColumns, PatternMaking, type PatternValues } from './pattern-values.js'
import { readRelColumns } from './rel-properties.js'
import { boundedParts, type Rows } from './rows.js'
import { Setting } from './set.js'

type MergePlan = Extract<ActionPlan, { kind: 'merge' }>

export function* mergeClause(
  plan: MergePlan,
  rows: Rows,
  context: ExecutionContext,
): Generator<Batch, readonly Batch[]> {
  const { pattern } = plan
  const added = pattern.handed.map((part): ValueType => (part < pattern.nodes.length ? 'NODE' : 'REL'))
  const outputTypes = [...rows.types, ...added]
  const onCreate = new Setting(plan.onCreate, outputTypes, context)
  const onMatch = new Setting(plan.onMatch, outputTypes, context)
  const merging = new Merging(pattern, rows.types, context)
  const made = new MadeColumns(pattern)
  const output: Batch[] = []
  for (const batch of rows.batches) {
    merging.begin(batch)
    const rowOf: number[] = []
    for (let row = 0; row < batch.rows; row++) {
      const found = merging.find(row)
      const results = found.length > 0 ? found : [merging.create(row)]
      const setting = found.length > 0 ? onMatch : onCreate
      for (const parts of results) {
        rowOf.push(row)
        made.add(parts)
        if (!setting.isEmpty) yield* setting.writesOf(oneRow(batch, row, pattern, parts))()
      }
      if (row % rowsBetweenLooks === 0 && context.pace.isDue()) yield pause
    }
    output.push(...boundedParts(withColumns(batch, Uint32Array.from(rowOf), made.take())))
  }
  return output
}

/** Row `row` of the clause's output, by itself. */
function oneRow(batch: Batch, row: number, pattern: PatternPlan, parts: readonly number[]): Batch {
  const columns = pattern.handed.map((part) => Float64Array.of(parts[part]!))
  return withColumns(batch, Uint32Array.of(row), columns)
}

function withColumns(batch: Batch, rowOf: Uint32Array, added: readonly Float64Array[]): Batch {
  const same = rowOf.length === batch.rows && rowOf.every((row, at) => row === at)
  const columns = batch.columns.map((column) =>
    same ? column : column && takeRows(column, rowOf, rowOf.length),
  )
  return {
    rows: rowOf.length,
    columns: [...columns, ...added.map((values) => numberVector('INT64', values, null))],
  }
}

class Merging {
  readonly #pattern: PatternPlan
  readonly #context: ExecutionContext
  readonly #making: PatternMaking
  #batch: Batch = { rows: 0, columns: [] }
  #values: PatternValues = () => []

  constructor(pattern: PatternPlan, types: readonly ValueType[], context: ExecutionContext) {
    this.#pattern = pattern
    this.#context = context
    this.#making = new PatternMaking(pattern, types, context)
  }

  /** Goes on to the rows of `batch`. */
  begin(batch: Batch): void {
    this.#batch = batch
    this.#values = this.#making.values(batch)
  }

  create(row: number): number[] {
    return createRow(this.#pattern, this.#making, this.#values, this.#batch, row, this.#context)
  }

  /** Identities of nodes, then relationships, for every way in which the pattern is there. */
  find(row: number): number[][] {
    const nodes: number[] = []
    for (const [part, { tableId }] of this.#pattern.nodes.entries()) {
      const offset = this.#findNode(part, tableId, this.#values(part, row))
      if (offset < 0) return []
      nodes.push(identityBase(tableId) + offset)
    }
    let found: number[][] = [nodes]
    for (const [index, rel] of this.#pattern.rels.entries()) {
      const part = nodes.length + index
      const positions = this.#findRels(part, rel, row, nodes)
      if (positions.length === 0) return []
      const base = identityBase(rel.tableId)
      found = found.flatMap((parts) => positions.map((position) => [...parts, base + position]))
    }
    return found
  }

  #findNode(part: number, tableId: number, values: readonly Value[]): number {
    const table = this.#context.nodeTable(tableId)
    const key = values[table.keyColumn]
    if (key === null || key === undefined || typeof key === 'boolean') return -1
    const reader = this.#context.nodes(tableId)
    const offset = reader.lookup(key)
    if (offset < 0) return -1
    const given = this.#making.givenColumns(part).filter((column) => column !== table.keyColumn)
    const vectors: WorkVector[] = []
    const reads = given.map((column, slot) => ({ column, slot }))
    readNodeColumns(reader, numberVector('INT64', Float64Array.of(offset), null), reads, vectors)
    return given.every((column, at) => isValue(vectors[at]!, 0, values[column]!)) ? offset : -1
  }

  #findRels(part: number, rel: NewRelPlan, row: number, made: readonly number[]): number[] {
    const from = this.#making.endOffset(rel, 'from', this.#batch, row, made)
    const to = this.#making.endOffset(rel, 'to', this.#batch, row, made)
    const graph = this.#context.writable
    const positions = graph.findRels(rel.tableId, from, to)
    if (rel.eitherWay && from !== to) positions.push(...graph.findRels(rel.tableId, to, from))
    const given = this.#making.givenColumns(part)
    if (given.length === 0 || positions.length === 0) return positions
    const values = this.#values(part, row)
    const vectors: WorkVector[] = []
    const reads = given.map((column, slot) => ({ column, slot }))
    readRelColumns(
      this.#context.rels(rel.tableId),
      numberVector('INT64', Float64Array.from(positions), null),
      reads,
      vectors,
    )
    return positions.filter((_, index) =>
      given.every((column, at) => isValue(vectors[at]!, index, values[column]!)),
    )
  }
}

/** Equality as `=` has it: NULL equals nothing. */
function isValue(vector: WorkVector, row: number, value: Value): boolean {
  const lane = valueAt(vector, row)
  if (lane === null || value === null) return false
  if (typeof value === 'boolean') return lane === (value ? 1 : 0)
  // biome-ignore lint/suspicious/noDoubleEquals: 1 == 1n is meant
  return typeof value === 'bigint' ? (lane as number | bigint) == value : lane === value
}
