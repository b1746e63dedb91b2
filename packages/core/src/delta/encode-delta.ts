/** A delta as writes, and back: for a thread that has none of what led to it. */
import type { Catalog } from '../catalog/index.js'
import { ByteWriter } from '../format/index.js'
import { Delta } from './delta.js'
import type { GraphState } from './graph-state.js'
import type { NodeDelta } from './node-delta.js'
import type { RelDelta } from './rel-delta.js'
import { decodeWrites, encodeWrite } from './write-codec.js'

/** Writes that lead to `delta` from the segments beneath it. Nodes come first: relationships join them. */
export function encodeDelta(delta: Delta): Uint8Array {
  const writer = new ByteWriter()
  for (const tableId of delta.tableIds) {
    const nodes = delta.nodes(tableId)
    if (nodes !== undefined) encodeNodes(writer, tableId, nodes)
  }
  for (const tableId of delta.tableIds) {
    const rels = delta.rels(tableId)
    if (rels !== undefined) encodeRels(writer, tableId, rels)
  }
  return writer.finish()
}

function encodeNodes(writer: ByteWriter, tableId: number, nodes: NodeDelta): void {
  for (let index = 0; index < nodes.created; index++) {
    const values = nodes.columns.map((column) => column.valueAt(index))
    encodeWrite(writer, { kind: 'createNode', tableId, offset: nodes.baseRows + index, values })
  }
  for (const column of nodes.columns.keys()) {
    for (const [offset, value] of nodes.patches(column)?.latest() ?? []) {
      // The key of a deleted node may be another's by now.
      if (nodes.isDeleted(offset)) continue
      encodeWrite(writer, { kind: 'setNode', tableId, offset, column, value })
    }
  }
  for (const offset of nodes.deletions) encodeWrite(writer, { kind: 'deleteNode', tableId, offset })
}

function encodeRels(writer: ByteWriter, tableId: number, rels: RelDelta): void {
  for (let index = 0; index < rels.created; index++) {
    const values = rels.columns.map((column) => column.valueAt(index))
    const position = rels.baseRows + index
    const from = rels.from[index]!
    encodeWrite(writer, { kind: 'createRel', tableId, position, from, to: rels.to[index]!, values })
  }
  for (const column of rels.columns.keys()) {
    for (const [position, value] of rels.patches(column)?.latest() ?? []) {
      encodeWrite(writer, { kind: 'setRel', tableId, position, column, value })
    }
  }
  for (const position of rels.deletions) encodeWrite(writer, { kind: 'deleteRel', tableId, position })
}

/** The state of `catalog` with the writes that `encodeDelta` gave for its delta. */
export function stateWith(catalog: Catalog, writes: Uint8Array): GraphState {
  const delta = new Delta()
  for (const write of decodeWrites(writes)) delta.apply(catalog, write)
  return { catalog, delta }
}
