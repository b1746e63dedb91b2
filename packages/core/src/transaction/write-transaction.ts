/**
 * A transaction of small writes: a delta of its own above a snapshot, and the same writes encoded, for the
 * log.
 *
 * Invariants
 * - Its readers show the snapshot and all of its own writes; the snapshot shows none of them.
 * - Every write was checked when it was made: committing cannot fail because of what is in it.
 * - The snapshot's delta does not change while the transaction is open: there is one transaction that writes
 *   at a time. After its commit the transaction must not be used.
 *
 * Lives on the caller's thread.
 */
import { type Catalog, type NodeTable, type RelTable, requireTableById } from '../catalog/index.js'
import { Delta, decodeWrites, encodeWrite, fitsType, type Value, type Write } from '../delta/index.js'
import { assert, MillraceError } from '../errors/index.js'
import { ByteWriter } from '../format/index.js'
import { writesBytesMax } from '../limits.js'
import {
  degreeOf,
  isDeletedNode,
  NodeOverlay,
  type NodeReader,
  nodeValue,
  type PlacedRelReader,
  RelOverlay,
  relsOfNode,
  type Snapshot,
} from '../table/index.js'
import type { ColumnSchema, LogicalType } from '../types/index.js'
import { textOfValue } from '../values/index.js'
import type { DeleteOptions, WritableGraph } from './writable-graph.js'

/** A point that a transaction can be rolled back to: bytes of writes before it. */
export type Savepoint = number & { readonly savepoint?: never }

/** Code units of a value shown by an error. */
const shownMax = 80

export class WriteTransaction implements WritableGraph {
  readonly #snapshot: Snapshot
  readonly #writer = new ByteWriter()
  #delta = new Delta()
  readonly #nodes = new Map<NodeTable, NodeOverlay>()
  readonly #rels = new Map<RelTable, RelOverlay>()

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  get catalog(): Catalog {
    return this.#snapshot.catalog
  }

  /** True when nothing was written. */
  get isEmpty(): boolean {
    return this.#writer.length === 0
  }

  /** Bytes of the writes, encoded. */
  get bytes(): number {
    return this.#writer.length
  }

  /** A copy of the writes, encoded: what is committed. */
  encoded(): Uint8Array {
    return this.#writer.finish().slice()
  }

  nodes(table: NodeTable): NodeReader {
    const base = this.#snapshot.nodes(table)
    const delta = this.#delta.nodes(table.id)
    if (delta === undefined) return base
    let overlay = this.#nodes.get(table)
    if (overlay === undefined) {
      overlay = new NodeOverlay(base, delta)
      this.#nodes.set(table, overlay)
    }
    return overlay
  }

  rels(table: RelTable): PlacedRelReader {
    const base = this.#snapshot.rels(table)
    const delta = this.#delta.rels(table.id)
    if (delta === undefined) return base
    let overlay = this.#rels.get(table)
    if (overlay === undefined) {
      overlay = new RelOverlay(base, delta)
      this.#rels.set(table, overlay)
    }
    return overlay
  }

  /** Where the transaction stands: `rollbackTo` takes back what is written from here on. */
  savepoint(): Savepoint {
    return this.#writer.length
  }

  /** Takes back the writes since `savepoint`. Readers that were handed out must not be used any more. */
  rollbackTo(savepoint: Savepoint): void {
    if (savepoint === this.#writer.length) return
    this.#writer.truncate(savepoint)
    this.#delta = new Delta()
    this.#nodes.clear()
    this.#rels.clear()
    for (const write of decodeWrites(this.#writer.finish().slice())) this.#apply(write)
  }

  createNode(tableId: number, values: readonly Value[]): number {
    const table = this.#nodeTable(tableId)
    const checked = checkValues(table, values)
    this.#requireNewKey(table, 'A new node', checked[table.keyColumn]!)
    const offset = this.nodes(table).rowCount
    this.#write({ kind: 'createNode', tableId, offset, values: checked })
    return offset
  }

  createRel(tableId: number, from: number, to: number, values: readonly Value[]): number {
    const table = this.#relTable(tableId)
    const checked = checkValues(table, values)
    this.#requireNode(table.fromTableId, from)
    this.#requireNode(table.toTableId, to)
    const position = this.rels(table).rowCount
    this.#write({ kind: 'createRel', tableId, position, from, to, values: checked })
    return position
  }

  setNode(tableId: number, offset: number, column: number, value: Value): void {
    const table = this.#nodeTable(tableId)
    const checked = checkValue(table.name, columnOf(table, column), value)
    this.#requireNode(tableId, offset)
    if (column === table.keyColumn) {
      if (this.#hasKey(table, offset, checked)) return
      this.#requireNewKey(table, 'A changed key', checked)
    }
    this.#write({ kind: 'setNode', tableId, offset, column, value: checked })
  }

  setRel(tableId: number, position: number, column: number, value: Value): void {
    const table = this.#relTable(tableId)
    const checked = checkValue(table.name, columnOf(table, column), value)
    if (this.rels(table).ends(position) === null) throw deleted('relationship', table.name)
    this.#write({ kind: 'setRel', tableId, position, column, value: checked })
  }

  deleteNode(tableId: number, offset: number, options: DeleteOptions): void {
    const table = this.#nodeTable(tableId)
    if (isDeletedNode(this.nodes(table), offset)) return
    for (const rels of this.catalog.tables) {
      if (rels.kind !== 'rel') continue
      const outgoing = rels.fromTableId === tableId ? relsOfNode(this.rels(rels), 'forward', offset) : []
      const incoming = rels.toTableId === tableId ? relsOfNode(this.rels(rels), 'backward', offset) : []
      if (outgoing.length + incoming.length > 0 && !options.detach) {
        const key = shown(
          nodeValue(this.nodes(table), offset, table.keyColumn),
          table.columns[table.keyColumn]!.type,
        )
        throw new MillraceError('MILLRACE_NODE_IN_USE', { key, table: table.name, by: rels.name })
      }
      for (const position of outgoing) this.deleteRel(rels.id, position)
      for (const position of incoming) this.deleteRel(rels.id, position)
    }
    this.#write({ kind: 'deleteNode', tableId, offset })
  }

  deleteRel(tableId: number, position: number): void {
    const table = this.#relTable(tableId)
    if (this.rels(table).ends(position) === null) return
    this.#write({ kind: 'deleteRel', tableId, position })
  }

  findRels(tableId: number, from: number, to: number): number[] {
    const reader = this.rels(this.#relTable(tableId))
    const isForward = degreeOf(reader, 'forward', from) <= degreeOf(reader, 'backward', to)
    return isForward ? relsOfNode(reader, 'forward', from, to) : relsOfNode(reader, 'backward', to, from)
  }

  #write(write: Write): void {
    const before = this.#writer.length
    encodeWrite(this.#writer, write)
    if (this.#writer.length > writesBytesMax) {
      const value = `${this.#writer.length} bytes of small writes`
      this.#writer.truncate(before)
      throw new MillraceError('MILLRACE_LIMIT', {
        what: 'The transaction',
        value,
        limit: `${writesBytesMax} bytes; COPY has none`,
      })
    }
    this.#apply(write)
  }

  #apply(write: Write): void {
    this.#delta.apply(this.catalog, write, (tableId) => {
      const table = requireTableById(this.catalog, tableId)
      return table.kind === 'node'
        ? this.#snapshot.nodes(table).rowCount
        : this.#snapshot.rels(table).rowCount
    })
  }

  #nodeTable(tableId: number): NodeTable {
    const table = requireTableById(this.catalog, tableId)
    assert(table.kind === 'node', `${table.name} is a node table`)
    return table
  }

  #relTable(tableId: number): RelTable {
    const table = requireTableById(this.catalog, tableId)
    assert(table.kind === 'rel', `${table.name} is a relationship table`)
    return table
  }

  #requireNode(tableId: number, offset: number): void {
    const table = this.#nodeTable(tableId)
    const reader = this.nodes(table)
    assert(offset >= 0 && offset < reader.rowCount, `node offset ${offset} of ${reader.rowCount}`)
    if (isDeletedNode(reader, offset)) throw deleted('node', table.name)
  }

  #hasKey(table: NodeTable, offset: number, key: Value): boolean {
    return isKey(key) && this.nodes(table).lookup(key) === offset
  }

  /** @throws MillraceError `MILLRACE_NULL_KEY`, and `MILLRACE_DUPLICATE_KEY` when a node has the key */
  #requireNewKey(table: NodeTable, place: string, key: Value): void {
    const { name: column, type } = table.columns[table.keyColumn]!
    if (key === null) throw new MillraceError('MILLRACE_NULL_KEY', { table: table.name, column })
    assert(isKey(key), `a key is no ${typeof key}`)
    if (this.nodes(table).lookup(key) === -1) return
    throw new MillraceError('MILLRACE_DUPLICATE_KEY', {
      place,
      value: shown(key, type),
      table: table.name,
      column,
      first: '',
    })
  }
}

function isKey(value: Value): value is bigint | string {
  return typeof value === 'bigint' || typeof value === 'string'
}

function deleted(what: string, table: string): MillraceError {
  return new MillraceError('MILLRACE_DELETED', { what, table })
}

function columnOf(table: NodeTable | RelTable, column: number): ColumnSchema {
  const schema = table.columns[column]
  assert(schema !== undefined, `column ${column} of ${table.columns.length} of ${table.name}`)
  return schema
}

function checkValues(table: NodeTable | RelTable, values: readonly Value[]): Value[] {
  assert(
    values.length === table.columns.length,
    `${values.length} values for ${table.columns.length} columns`,
  )
  return values.map((value, column) => checkValue(table.name, table.columns[column]!, value))
}

/** The value as it is kept: strings well-formed, as their UTF-8 will be read back. */
function checkValue(table: string, { name, type }: ColumnSchema, value: Value): Value {
  if (!fitsType(value, type)) {
    throw new MillraceError('MILLRACE_VALUE', { value: shown(value, type), table, column: name, type })
  }
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value
}

function shown(value: Value, type: LogicalType): string {
  const isLane = value !== null && typeof value !== 'boolean' && fitsType(value, type)
  const text = isLane ? textOfValue(type, value) : String(value)
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text
}
