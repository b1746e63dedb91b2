/**
 * The delta: what small writes have changed since the tables' segments were made. Committed writes gather
 * in one; each transaction has one of its own above it.
 *
 * Invariants
 * - It is bounded: by the size of the log for committed writes, by `writesBytesMax` for a transaction.
 * - It is changed in place, which costs O(1) a write, while nobody holds it; who has to be spared changes
 *   says so by `hold`, and then a copy is changed.
 * - Applying writes for which `problemOf` knows no problem cannot fail.
 */
import { type Catalog, type NodeTable, type RelTable, requireTableById } from '../catalog/index.js'
import { assert } from '../errors/index.js'
import type { ColumnSchema } from '../types/index.js'
import { NodeDelta } from './node-delta.js'
import { RelDelta } from './rel-delta.js'
import { fitsType, type Value } from './value.js'
import type { Write } from './write.js'

/** How many rows a table has beneath and within deltas. */
export type RowCounts = (tableId: number) => number

export class Delta {
  readonly #nodes = new Map<number, NodeDelta>()
  readonly #rels = new Map<number, RelDelta>()
  #holders = 0

  get isEmpty(): boolean {
    return this.#nodes.size === 0 && this.#rels.size === 0
  }

  /** True while somebody reads it who must not see further changes. */
  get isHeld(): boolean {
    return this.#holders > 0
  }

  /** Spares the caller changes until the returned function is called, once. */
  hold(): () => void {
    this.#holders++
    let isHeld = true
    return () => {
      if (isHeld) this.#holders--
      isHeld = false
    }
  }

  /** What was written to a table; undefined when nothing was. */
  nodes(tableId: number): NodeDelta | undefined {
    return this.#nodes.get(tableId)
  }

  rels(tableId: number): RelDelta | undefined {
    return this.#rels.get(tableId)
  }

  /** Tables that were written to. */
  get tableIds(): number[] {
    return [...this.#nodes.keys(), ...this.#rels.keys()]
  }

  /** Forgets what was written to a table. */
  forget(tableId: number): void {
    this.#nodes.delete(tableId)
    this.#rels.delete(tableId)
  }

  /** A copy that shares nothing that can change. */
  clone(catalog: Catalog): Delta {
    const copy = new Delta()
    for (const [id, nodes] of this.#nodes) {
      copy.#nodes.set(id, nodes.clone(requireNodes(catalog, id)))
    }
    for (const [id, rels] of this.#rels) {
      copy.#rels.set(id, rels.clone(requireRels(catalog, id)))
    }
    return copy
  }

  /** The part of a node table, made over `baseRows` rows when there is none. */
  nodesOf(table: NodeTable, baseRows: number): NodeDelta {
    let nodes = this.#nodes.get(table.id)
    if (nodes === undefined) {
      nodes = new NodeDelta(table, baseRows)
      this.#nodes.set(table.id, nodes)
    }
    return nodes
  }

  relsOf(table: RelTable, baseRows: number): RelDelta {
    let rels = this.#rels.get(table.id)
    if (rels === undefined) {
      rels = new RelDelta(table, baseRows)
      this.#rels.set(table.id, rels)
    }
    return rels
  }

  /**
   * Applies a write. `baseRows` says how many rows a table has beneath this delta; by default what its
   * segments hold.
   */
  apply(catalog: Catalog, write: Write, baseRows: RowCounts = segmentRows(catalog)): void {
    const { tableId } = write
    switch (write.kind) {
      case 'createNode': {
        const nodes = this.nodesOf(requireNodes(catalog, tableId), baseRows(tableId))
        assert(write.offset === nodes.rowCount, `a new node at ${write.offset} of ${nodes.rowCount}`)
        nodes.create(write.values)
        return
      }
      case 'createRel': {
        const rels = this.relsOf(requireRels(catalog, tableId), baseRows(tableId))
        assert(write.position === rels.rowCount, `a relationship at ${write.position} of ${rels.rowCount}`)
        rels.create(write.from, write.to, write.values)
        return
      }
      case 'setNode':
        this.nodesOf(requireNodes(catalog, tableId), baseRows(tableId)).set(
          write.offset,
          write.column,
          write.value,
        )
        return
      case 'setRel':
        this.relsOf(requireRels(catalog, tableId), baseRows(tableId)).set(
          write.position,
          write.column,
          write.value,
        )
        return
      case 'deleteNode':
        this.nodesOf(requireNodes(catalog, tableId), baseRows(tableId)).delete(write.offset)
        return
      case 'deleteRel':
        this.relsOf(requireRels(catalog, tableId), baseRows(tableId)).delete(write.position)
    }
  }
}

function segmentRows(catalog: Catalog): RowCounts {
  return (tableId) => requireTableById(catalog, tableId).rowCount
}

function requireNodes(catalog: Catalog, id: number): NodeTable {
  const table = requireTableById(catalog, id)
  assert(table.kind === 'node', `table ${table.name} is a node table`)
  return table
}

function requireRels(catalog: Catalog, id: number): RelTable {
  const table = requireTableById(catalog, id)
  assert(table.kind === 'rel', `table ${table.name} is a relationship table`)
  return table
}

/**
 * Says what is wrong with writes, one after the other, before any of them is applied: for what comes from
 * disk or from another thread. Keys are not compared: who makes writes does that.
 */
export class WriteCheck {
  readonly #catalog: Catalog
  readonly #delta: Delta
  /** Rows of tables that the writes looked at so far have added to. */
  readonly #rowCounts = new Map<number, number>()

  constructor(catalog: Catalog, delta: Delta) {
    this.#catalog = catalog
    this.#delta = delta
  }

  /** What is wrong with the next write; null when nothing is. */
  problemOf(write: Write): string | null {
    const table = this.#catalog.tables.find(({ id }) => id === write.tableId)
    if (table === undefined) return `a write to table ${write.tableId}, which is not there`
    const kind = write.kind.endsWith('Node') ? 'node' : 'rel'
    if (table.kind !== kind)
      return `a write of the kind ${write.kind} to the ${table.kind} table ${table.name}`
    const rows = this.#rows(table.id)
    switch (write.kind) {
      case 'createNode':
        return this.#problemOfNew(table, write.offset, rows, write.values, (table as NodeTable).keyColumn)
      case 'createRel': {
        const { fromTableId, toTableId } = table as RelTable
        if (write.from >= this.#rows(fromTableId) || write.to >= this.#rows(toTableId)) {
          return `a relationship of ${table.name} joins nodes ${write.from} and ${write.to}, which are not there`
        }
        return this.#problemOfNew(table, write.position, rows, write.values, -1)
      }
      case 'setNode':
        if (write.column === (table as NodeTable).keyColumn && write.value === null) {
          return `a key of ${table.name} is null`
        }
        return (
          problemOfRow(table.name, write.offset, rows) ??
          problemOfValue(table.columns, write.column, write.value)
        )
      case 'setRel':
        return (
          problemOfRow(table.name, write.position, rows) ??
          problemOfValue(table.columns, write.column, write.value)
        )
      case 'deleteNode':
        return problemOfRow(table.name, write.offset, rows)
      case 'deleteRel':
        return problemOfRow(table.name, write.position, rows)
    }
  }

  #rows(tableId: number): number {
    const known = this.#rowCounts.get(tableId)
    if (known !== undefined) return known
    const delta = this.#delta.nodes(tableId) ?? this.#delta.rels(tableId)
    const table = this.#catalog.tables.find(({ id }) => id === tableId)
    return delta?.rowCount ?? table?.rowCount ?? 0
  }

  #problemOfNew(
    table: NodeTable | RelTable,
    row: number,
    rows: number,
    values: readonly Value[],
    keyColumn: number,
  ): string | null {
    if (row !== rows) return `a new row of ${table.name} is ${row}, ${rows} is expected`
    const { columns } = table
    if (values.length !== columns.length)
      return `${values.length} values for ${columns.length} columns of ${table.name}`
    if (keyColumn !== -1 && values[keyColumn] === null) return `a key of ${table.name} is null`
    this.#rowCounts.set(table.id, rows + 1)
    for (let column = 0; column < values.length; column++) {
      const problem = problemOfValue(columns, column, values[column]!)
      if (problem !== null) return problem
    }
    return null
  }
}

function problemOfRow(table: string, row: number, rows: number): string | null {
  return row < rows ? null : `a write to row ${row} of ${rows} of ${table}`
}

function problemOfValue(columns: readonly ColumnSchema[], column: number, value: Value): string | null {
  const schema = columns[column]
  if (schema === undefined) return `a write to column ${column} of ${columns.length}`
  return fitsType(value, schema.type) ? null : `a value of the wrong type for ${schema.name}`
}
