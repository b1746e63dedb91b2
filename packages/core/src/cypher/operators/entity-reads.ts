/**
 * Reads what clauses that write need of the nodes and relationships in their columns. A column holds
 * identities, of one table mostly, and each table is asked for all of its rows at once.
 */
import type { Table } from '../../catalog/index.js'
import { commonType, type ValueType } from '../expression/types.js'
import type { EntityRead } from '../plan/write-plan.js'
import { vectorBuilder } from '../vectors/builder.js'
import { convertVector } from '../vectors/convert.js'
import { offsetOfIdentity, tableOfIdentity } from '../vectors/identity.js'
import { constantVector } from '../vectors/lanes.js'
import {
  type Batch,
  type NumberVector,
  nullVector,
  numberVector,
  type WorkVector,
} from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { readNodeColumns } from './node-properties.js'
import { readRelColumns } from './rel-properties.js'

/** `batch` with the slots of `reads` filled, as the graph is now. */
export function readEntities(batch: Batch, reads: readonly EntityRead[], context: ExecutionContext): Batch {
  if (reads.length === 0 || batch.rows === 0) return batch
  const columns = [...batch.columns]
  for (const from of new Set(reads.map((read) => read.from))) {
    const asked = reads.filter((read) => read.from === from)
    readColumn(columns[from] as NumberVector, asked, columns, context)
  }
  return { rows: batch.rows, columns }
}

/** Rows of one table in a column of identities. */
interface TableRows {
  readonly table: Table
  readonly rows: number[]
}

function readColumn(
  identities: NumberVector,
  reads: readonly EntityRead[],
  columns: (WorkVector | undefined)[],
  context: ExecutionContext,
): void {
  const tables = rowsByTable(identities, reads[0]!.of, context)
  const [first] = tables
  if (tables.length === 1) {
    const offsets = offsetsIn(identities, first!)
    for (const [at, vector] of readTable(first!.table, offsets, reads, context).entries()) {
      columns[reads[at]!.slot] = vector
    }
    return
  }
  const parts = tables.map((part) => readTable(part.table, offsetsIn(identities, part), reads, context))
  const partOf = new Uint32Array(identities.rows)
  const rowOf = new Uint32Array(identities.rows)
  tables.forEach(({ rows }, part) => {
    rows.forEach((row, at) => {
      partOf[row] = part
      rowOf[row] = at
    })
  })
  reads.forEach(({ slot, type }, at) => {
    const builder = vectorBuilder(type)
    for (let row = 0; row < identities.rows; row++) builder.append(parts[partOf[row]!]![at]!, rowOf[row]!)
    columns[slot] = builder.finish()
  })
}

function rowsByTable(identities: NumberVector, of: 'node' | 'rel', context: ExecutionContext): TableRows[] {
  const found = new Map<number, TableRows>()
  for (let row = 0; row < identities.rows; row++) {
    const tableId = tableOfIdentity(identities.values[row]!)
    let part = found.get(tableId)
    if (part === undefined) {
      const table = of === 'node' ? context.nodeTable(tableId) : context.relTable(tableId)
      part = { table, rows: [] }
      found.set(tableId, part)
    }
    part.rows.push(row)
  }
  return [...found.values()]
}

function offsetsIn(identities: NumberVector, { rows }: TableRows): Float64Array {
  return Float64Array.from(rows, (row) => offsetOfIdentity(identities.values[row]!))
}

/** What each of `reads` is for the entities of one table. */
function readTable(
  table: Table,
  offsets: Float64Array,
  reads: readonly EntityRead[],
  context: ExecutionContext,
): WorkVector[] {
  const places = numberVector('INT64', offsets, null)
  const asked = reads.flatMap((read, slot) => {
    const column = table.columns.findIndex(({ name }) => name === read.column)
    return read.what === 'property' && column >= 0 ? [{ column, slot }] : []
  })
  const vectors: (WorkVector | undefined)[] = []
  if (asked.length > 0) {
    context.requireAlive(table, places)
    if (table.kind === 'node') readNodeColumns(context.nodes(table.id), places, asked, vectors)
    else readRelColumns(context.rels(table.id), places, asked, vectors)
  }
  return reads.map((read, at) => {
    if (read.what === 'id') return places
    if (read.what === 'label') return constantVector('STRING', table.name, offsets.length)
    const vector = vectors[at]
    return vector === undefined ? nullOf(read.type, offsets.length) : widened(vector, read.type)
  })
}

/** NULLs of a table that has no such column. */
function nullOf(type: ValueType, rows: number): WorkVector {
  return convertVector(nullVector(rows), 'NULL', type)
}

/** Tables may hold a property in different types: all come as the one that holds them all. */
function widened(vector: WorkVector, type: ValueType): WorkVector {
  return commonType(vector.type, type) === type ? convertVector(vector, vector.type, type) : vector
}
