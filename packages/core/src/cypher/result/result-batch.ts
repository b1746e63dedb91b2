/**
 * What a query gives out: batches of columns. Nodes and relationships come with their properties, still as
 * columns.
 */
import type { LogicalType } from '../../types/index.js'
import type { ExecutionContext } from '../operators/context.js'
import { readNodeColumns } from '../operators/node-properties.js'
import { readRelColumns } from '../operators/rel-properties.js'
import type { ResultColumn } from '../plan/plan.js'
import { offsetOfIdentity, tableOfIdentity } from '../vectors/identity.js'
import {
  type Batch,
  type ListVector,
  type NumberVector,
  numberVector,
  type Vector,
  type WorkVector,
} from '../vectors/vector.js'

/** The nodes or relationships of one table in a column. */
export interface EntityTable {
  readonly label: string
  /** Offset of each node, or position of each relationship, in its table. */
  readonly offsets: Float64Array
  readonly properties: readonly {
    readonly name: string
    readonly type: LogicalType
    readonly vector: WorkVector
  }[]
}

/** Row i is entry `rowOf[i]` of `tables[tableOf[i]]`. */
export interface EntityVector {
  readonly kind: 'entity'
  readonly type: 'NODE' | 'REL'
  readonly rows: number
  readonly tables: readonly EntityTable[]
  readonly tableOf: Uint32Array
  readonly rowOf: Uint32Array
  readonly nulls: null
}

export type ResultVector = Vector | ListVector | EntityVector

/** A batch without rows says that it is a good moment to let other work in; it has no columns. */
export interface ResultBatch {
  readonly rows: number
  readonly columns: readonly ResultVector[]
  /** Of a batch without rows: what has to happen before there is more to do. Never rejects. */
  readonly until?: Promise<void>
}

/** A batch without rows as a result: what it waits for is what the query waits for. */
export function withoutRows(batch: Batch): ResultBatch {
  return { ...batch, rows: 0, columns: [] }
}

/** Batches of the last part as results: identities become entities with their properties. */
export function* asResults(
  input: Iterable<Batch>,
  columns: readonly ResultColumn[],
  context: ExecutionContext,
): Generator<ResultBatch> {
  for (const batch of input) {
    if (batch.rows === 0) {
      yield withoutRows(batch)
      continue
    }
    const vectors = columns.map(({ type }, index): ResultVector => {
      const vector = batch.columns[index]!
      return type === 'NODE' || type === 'REL' ? entities(vector as NumberVector, type, context) : vector
    })
    yield { rows: batch.rows, columns: vectors }
  }
}

function entities(identities: NumberVector, type: 'NODE' | 'REL', context: ExecutionContext): EntityVector {
  const tableOf = new Uint32Array(identities.rows)
  const rowOf = new Uint32Array(identities.rows)
  const found = new Map<number, { index: number; offsets: number[] }>()
  for (let row = 0; row < identities.rows; row++) {
    const identity = identities.values[row]!
    const tableId = tableOfIdentity(identity)
    let entry = found.get(tableId)
    if (entry === undefined) {
      entry = { index: found.size, offsets: [] }
      found.set(tableId, entry)
    }
    tableOf[row] = entry.index
    rowOf[row] = entry.offsets.push(offsetOfIdentity(identity)) - 1
  }
  const tables = [...found].map(([tableId, { offsets }]) =>
    entityTable(tableId, Float64Array.from(offsets), type, context),
  )
  return { kind: 'entity', type, rows: identities.rows, tables, tableOf, rowOf, nulls: null }
}

function entityTable(
  tableId: number,
  offsets: Float64Array,
  type: 'NODE' | 'REL',
  context: ExecutionContext,
): EntityTable {
  const table = type === 'NODE' ? context.nodeTable(tableId) : context.relTable(tableId)
  const reads = table.columns.map((_, column) => ({ column, slot: column }))
  const vectors: (WorkVector | undefined)[] = []
  const places = numberVector('INT64', offsets, null)
  context.requireAlive(table, places)
  if (type === 'NODE') readNodeColumns(context.nodes(tableId), places, reads, vectors)
  else readRelColumns(context.rels(tableId), places, reads, vectors)
  const properties = table.columns.map((column, index) => ({
    name: column.name,
    type: column.type,
    vector: vectors[index]!,
  }))
  return { label: table.name, offsets, properties }
}
