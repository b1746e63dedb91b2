/**
 * Reads a whole graph through its readers, in every way there is: rows, key look-ups, both sides of the
 * relationships, properties by chunk and by position. What they say differently is an error.
 */
import {
  csrGroupNodes,
  type Direction,
  findTable,
  type GraphReader,
  type NodeReader,
  type RelReader,
  type Table,
  type Vector,
} from '@millrace/core/internal'
import type { Cell } from './column-of-cells.js'
import { type City, describeGraph, type GraphModel, type Person, type Rel } from './graph-model.js'

const decoder = new TextDecoder('utf-8', { fatal: true })

function cellAt(vector: Vector, row: number): Cell {
  if (vector.nulls?.[row] === 1) return null
  if (vector.kind === 'string') {
    const entry = vector.codes === null ? row : vector.codes[row]!
    return decoder.decode(vector.bytes.subarray(vector.offsets[entry]!, vector.offsets[entry + 1]!))
  }
  const value = vector.values[row]!
  if (vector.type === 'DOUBLE') return Number(value)
  return vector.type === 'BOOL' ? Number(value) === 1 : BigInt(value)
}

function require<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(what)
  return value
}

/** The rows of a node table that are not deleted, by offset; each is found by its key, and no other is. */
function readNodes(graph: GraphReader, name: string): Map<number, Cell[]> {
  const table = findTable(graph.catalog, name) as (Table & { kind: 'node' }) | undefined
  if (table === undefined) return new Map()
  const reader: NodeReader = graph.nodes(table)
  const nodes = new Map<number, Cell[]>()
  for (let group = 0; group < reader.groupCount; group++) {
    const deleted = reader.deleted(group)
    const vectors = table.columns.map((_, column) => reader.column(group, column))
    for (const vector of vectors) {
      if (vector.rows !== reader.groupRows(group)) throw new Error(`${name}: ${vector.rows} rows of a group`)
    }
    for (let row = 0; row < reader.groupRows(group); row++) {
      const offset = reader.groupStart(group) + row
      if (reader.groupOf(offset) !== group) throw new Error(`${name}: node ${offset} is in another group`)
      if (deleted?.[row] !== 1)
        nodes.set(
          offset,
          vectors.map((vector) => cellAt(vector, row)),
        )
    }
  }
  if (nodes.size !== reader.liveRowCount)
    throw new Error(`${name}: ${nodes.size} of ${reader.liveRowCount} nodes`)
  for (const [offset, cells] of nodes) {
    const found = reader.lookup(cells[table.keyColumn] as bigint | string)
    if (found !== offset)
      throw new Error(`${name}: the key ${cells[table.keyColumn]} leads to ${found}, not ${offset}`)
  }
  return nodes
}

/** A relationship as one side shows it. */
interface Side {
  readonly from: number
  readonly to: number
  readonly cells: Cell[]
}

function readSide(reader: RelReader, direction: Direction, nodes: number): Map<number, Side> {
  const found = new Map<number, Side>()
  for (let run = 0; run < reader.runCount; run++) {
    for (let groupIndex = 0; groupIndex * csrGroupNodes < nodes; groupIndex++) {
      const group = reader.group(run, direction, groupIndex)
      if (group === undefined) continue
      const starts = group.starts()
      let node = 0
      let hasDeleted = false
      for (let chunk = 0; chunk < group.chunkCount; chunk++) {
        const neighbours = group.neighbours(chunk)
        const positions = group.positions(chunk)
        for (let row = 0; row < neighbours.length; row++) {
          while (starts[node + 1]! <= group.chunkStart(chunk) + row) node++
          checkSparse(group.sparse, group.firstNode + node, group.chunkStart(chunk) + row)
          if (neighbours[row]! < 0) hasDeleted = true
          else {
            const bound = group.firstNode + node
            const columns = reader.table.columns.map((_, column) =>
              direction === 'forward'
                ? cellAt(group.property(chunk, column), row)
                : cellAt(reader.property(run, [positions[row]!], 1, column), 0),
            )
            const [from, to] = direction === 'forward' ? [bound, neighbours[row]!] : [neighbours[row]!, bound]
            found.set(reader.runStart(run) + positions[row]!, { from, to, cells: columns })
          }
        }
      }
      if (hasDeleted !== group.hasDeleted)
        throw new Error(`${reader.table.name}: hasDeleted is ${group.hasDeleted}`)
    }
  }
  if (found.size !== reader.liveRowCount) {
    throw new Error(
      `${reader.table.name}, ${direction}: ${found.size} of ${reader.liveRowCount} relationships`,
    )
  }
  return found
}

function checkSparse(
  sparse: { find(node: number): number; starts: Float64Array } | undefined,
  node: number,
  index: number,
): void {
  if (sparse === undefined) return
  const place = sparse.find(node)
  if (place < 0 || index < sparse.starts[place]! || index >= sparse.starts[place + 1]!) {
    throw new Error(`relationship ${index} is not among those of node ${node}`)
  }
}

function readRels(
  graph: GraphReader,
  kind: Rel['kind'],
  fromNodes: Map<number, Cell[]>,
  toNodes: Map<number, Cell[]>,
): Rel[] {
  const table = findTable(graph.catalog, kind) as (Table & { kind: 'rel' }) | undefined
  if (table === undefined) return []
  const reader = graph.rels(table)
  const rowsOf = (id: number) =>
    graph.nodes(graph.catalog.tables.find((node) => node.id === id) as never).rowCount
  const forward = readSide(reader, 'forward', rowsOf(table.fromTableId))
  const backward = readSide(reader, 'backward', rowsOf(table.toTableId))
  return Array.from(forward, ([position, rel]) => {
    const other = require(backward.get(position), `${kind} ${position} has no backward side`)
    if (String([other.from, other.to, other.cells]) !== String([rel.from, rel.to, rel.cells])) {
      throw new Error(
        `${kind} ${position} differs: ${[rel.from, rel.to, rel.cells]} ≠ ${[other.from, other.to, other.cells]}`,
      )
    }
    const from = require(fromNodes.get(
      rel.from,
    ), `${kind} ${position} comes from a node that is not there`)[0] as bigint
    const to = require(toNodes.get(rel.to), `${kind} ${position} goes to a node that is not there`)[0]
    return {
      kind,
      from,
      to: to as bigint | string,
      tag: rel.cells[0] as bigint,
      note: rel.cells[1] as string | null,
    }
  })
}

/** The graph that the readers show; a table that is not there is empty. */
export function readGraph(graph: GraphReader): GraphModel {
  const people = readNodes(graph, 'Person')
  const cities = readNodes(graph, 'City')
  const rels = [...readRels(graph, 'Knows', people, people), ...readRels(graph, 'Lives', people, cities)]
  const tags = new Map(rels.map((rel) => [rel.tag, rel]))
  if (tags.size !== rels.length) throw new Error('a relationship is there twice')
  return {
    people: new Map(
      Array.from(people.values(), ([id, name, score]) => [id as bigint, { id, name, score } as Person]),
    ),
    cities: new Map(
      Array.from(cities.values(), ([name, size, capital]) => [
        name as string,
        { name, size, capital } as City,
      ]),
    ),
    rels: tags,
  }
}

/** What `readGraph` reads, as text. */
export function describeStored(graph: GraphReader): string {
  return describeGraph(readGraph(graph))
}
