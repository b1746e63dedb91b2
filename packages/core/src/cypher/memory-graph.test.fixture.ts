/**
 * A graph in plain arrays behind the interfaces that read and write: what the tests of this room run
 * statements on.
 */
import type { Catalog, NodeTable, RelTable, Table } from '../catalog/index.js'
import type { SegmentDescriptor, SegmentStats } from '../column/index.js'
import type { Value } from '../delta/index.js'
import { MillraceError } from '../errors/index.js'
import type { CsrGroupReader } from '../table/index.js'
import { type ColumnSchema, type LogicalType, physicalTypeOf } from '../types/index.js'
import { execute } from './execute.js'
import type { Parameters } from './expression/parameters.js'
import type { NodeReader, RelReader, WritableGraph } from './graph.js'
import { prepare } from './prepare.js'
import { PendingQuery } from './result/pending-query.js'
import type { Row } from './result/row-maker.js'
import { vectorOfLanes } from './vectors/lanes.js'
import type { Vector } from './vectors/vector.js'

export type Cell = number | bigint | string | null

export interface NodeData {
  readonly name: string
  readonly columns: readonly ColumnSchema[]
  readonly key: number
  readonly rows: readonly (readonly Cell[])[]
}

export interface RelData {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly columns: readonly ColumnSchema[]
  /** Source offset, destination offset, properties. */
  readonly rows: readonly (readonly [number, number, ...Cell[]])[]
}

export interface GraphData {
  readonly nodes: readonly NodeData[]
  readonly rels: readonly RelData[]
  /** Rows of a node group and of a CSR chunk; relationships of a run. */
  readonly groupRows?: number
  readonly chunkRows?: number
  readonly runRows?: number
}

/** Columns from `name TYPE, name TYPE`. */
export function columns(text: string): ColumnSchema[] {
  if (text === '') return []
  return text.split(',').map((column) => {
    const [name, type] = column.trim().split(' ') as [string, LogicalType]
    return { name, type }
  })
}

function segment(type: LogicalType, lanes: readonly Cell[]): SegmentDescriptor {
  const present = lanes.filter((lane) => lane !== null)
  return {
    firstPage: 0,
    contentBytes: 0,
    checksums: new Uint32Array(0),
    type,
    encoding: 'plain',
    rows: lanes.length,
    nullCount: lanes.length - present.length,
    strictlyIncreasing: false,
    stats: present.length === 0 ? { kind: 'none' } : statsOf(type, present),
  }
}

function statsOf(type: LogicalType, present: readonly NonNullable<Cell>[]): SegmentStats {
  const sorted = [...present].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const [min, max] = [sorted[0]!, sorted.at(-1)!]
  switch (physicalTypeOf(type)) {
    case 'string': {
      const ordered = present.map((text) => Buffer.from(String(text))).sort(Buffer.compare)
      return { kind: 'string', min: ordered[0]!.subarray(0, 32), max: ordered.at(-1)!.subarray(0, 32) }
    }
    case 'double':
      return { kind: 'double', min: Number(min), max: Number(max) }
    case 'int':
      return { kind: 'int', min: BigInt(min), max: BigInt(max) }
  }
}

function slices<T>(rows: readonly T[], size: number): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < rows.length; at += size) parts.push(rows.slice(at, at + size))
  return parts
}

function vector(type: LogicalType, lanes: readonly Cell[]): Vector {
  return vectorOfLanes(type, lanes) as Vector
}

/** A relationship, at its forward position of its run. */
interface MemoryRel {
  readonly from: number
  readonly to: number
  readonly cells: Cell[]
  deleted: boolean
}

interface MemoryNode {
  readonly cells: Cell[]
  deleted: boolean
}

function cellOf(value: Value): Cell {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

export class MemoryGraph implements WritableGraph {
  readonly catalog: Catalog
  /** Columns that were decoded, by `Table.column`: what a query had to read. */
  readonly decoded: string[] = []
  readonly #sizes: { readonly groupRows: number; readonly chunkRows: number }
  #queries = 0
  readonly #nodes = new Map<number, MemoryNode[]>()
  /** Runs of a table; those of before, then the one that is written to. */
  readonly #rels = new Map<number, { readonly loaded: MemoryRel[][]; readonly created: MemoryRel[] }>()

  constructor(data: GraphData) {
    const { groupRows = 1000, chunkRows = 1000, runRows = 1_000_000 } = data
    this.#sizes = { groupRows, chunkRows }
    const nodes = data.nodes.map((table, index): NodeTable => {
      const rows = table.rows.map((cells) => ({ cells: [...cells], deleted: false }))
      this.#nodes.set(index + 1, rows)
      return {
        kind: 'node',
        id: index + 1,
        name: table.name,
        columns: table.columns,
        keyColumn: table.key,
        rowCount: table.rows.length,
        groups: [],
        keys: { sortedGroups: [], runs: [], hashedRange: null },
      }
    })
    const idOf = (name: string): number => nodes.find((table) => table.name === name)!.id
    const rels = data.rels.map((table, index): RelTable => {
      const id = nodes.length + index + 1
      const rows = table.rows.map(([from, to, ...cells]) => ({ from, to, cells, deleted: false }))
      // The forward order: by source, then as in the file.
      const loaded = slices(rows, runRows).map((run) => run.sort((a, b) => a.from - b.from))
      this.#rels.set(id, { loaded, created: [] })
      return {
        kind: 'rel',
        id,
        name: table.name,
        columns: table.columns,
        fromTableId: idOf(table.from),
        toTableId: idOf(table.to),
        rowCount: table.rows.length,
        runs: [],
      }
    })
    this.catalog = { version: 1, nextTableId: 100, tables: [...nodes, ...rels] }
  }

  nodes(table: NodeTable): NodeReader {
    const rows = this.#nodes.get(table.id)!
    const { groupRows } = this.#sizes
    const lanesOf = (group: number, column: number): Cell[] =>
      rows.slice(group * groupRows, (group + 1) * groupRows).map(({ cells }) => cells[column]!)
    return {
      table,
      rowCount: rows.length,
      liveRowCount: rows.filter(({ deleted }) => !deleted).length,
      groupCount: Math.ceil(rows.length / groupRows),
      groupStart: (group) => group * groupRows,
      groupRows: (group) => Math.min(groupRows, rows.length - group * groupRows),
      deleted: (group) => {
        const part = rows.slice(group * groupRows, (group + 1) * groupRows)
        return part.some((row) => row.deleted) ? Uint8Array.from(part, (row) => (row.deleted ? 1 : 0)) : null
      },
      statistics: (group, column) => segment(table.columns[column]!.type, lanesOf(group, column)).stats,
      groupOf: (offset) => Math.floor(offset / groupRows),
      column: (group, column) => {
        const { name, type } = table.columns[column]!
        this.decoded.push(`${table.name}.${name}`)
        return vector(type, lanesOf(group, column))
      },
      // biome-ignore lint/suspicious/noDoubleEquals: 1n is the key 1
      lookup: (key) => rows.findIndex((row) => !row.deleted && row.cells[table.keyColumn] == key),
    }
  }

  rels(table: RelTable): RelReader {
    const { loaded, created } = this.#rels.get(table.id)!
    const runs = created.length === 0 ? loaded : [...loaded, created]
    const all = runs.flat()
    return {
      table,
      runCount: runs.length,
      rowCount: all.length,
      liveRowCount: all.filter(({ deleted }) => !deleted).length,
      runStart: (run) => runs.slice(0, run).reduce((sum, { length }) => sum + length, 0),
      group: (run, direction, groupIndex) => {
        if (groupIndex !== 0 || runs[run]!.length === 0) return undefined
        const end = direction === 'forward' ? 'from' : 'to'
        const placed = runs[run]!.map((rel, position) => ({ position, rel }))
        placed.sort((a, b) => a.rel[end] - b.rel[end])
        return this.#group(table, placed, end, runs[run] === created)
      },
      property: (run, positions, count, column) => {
        this.decoded.push(`${table.name}.${table.columns[column]!.name}`)
        const lanes = Array.from({ length: count }, (_, at) => runs[run]![positions[at]!]!.cells[column]!)
        return vector(table.columns[column]!.type, lanes)
      },
    }
  }

  /** `scattered`: positions do not follow each other, as in a run that is written to. */
  #group(
    table: RelTable,
    rels: readonly { position: number; rel: MemoryRel }[],
    end: 'from' | 'to',
    scattered: boolean,
  ): CsrGroupReader {
    const { chunkRows } = this.#sizes
    const chunks = slices(rels, chunkRows)
    const nodes = Math.max(0, ...rels.map(({ rel }) => rel[end] + 1))
    const starts = new Float64Array(nodes + 1)
    for (const { rel } of rels) starts[rel[end] + 1]!++
    for (let node = 0; node < nodes; node++) starts[node + 1]! += starts[node]!
    return {
      rows: rels.length,
      groupIndex: 0,
      firstNode: 0,
      hasDeleted: rels.some(({ rel }) => rel.deleted),
      starts: () => starts,
      chunkCount: chunks.length,
      chunkStart: (chunk) => chunk * chunkRows,
      chunkRows: (chunk) => chunks[chunk]!.length,
      neighbours: (chunk) => {
        this.decoded.push(`${table.name}:neighbours`)
        const other = end === 'from' ? 'to' : 'from'
        return Float64Array.from(chunks[chunk]!, ({ rel }) => (rel.deleted ? -1 : rel[other]))
      },
      forwardStart: () => (scattered ? -1 : 0),
      positions: (chunk) => Float64Array.from(chunks[chunk]!, ({ position }) => position),
      property: (chunk, column) => {
        this.decoded.push(`${table.name}.${table.columns[column]!.name}`)
        const lanes = chunks[chunk]!.map(({ rel }) => rel.cells[column]!)
        return vector(table.columns[column]!.type, lanes)
      },
    }
  }

  createNode(tableId: number, values: readonly Value[]): number {
    const table = this.#table(tableId) as NodeTable
    const rows = this.#nodes.get(tableId)!
    const cells = values.map(cellOf)
    this.#requireNewKey(table, cells[table.keyColumn]!)
    return rows.push({ cells, deleted: false }) - 1
  }

  #requireNewKey(table: NodeTable, key: Cell): void {
    const column = table.columns[table.keyColumn]!.name
    if (key === null) throw new MillraceError('MILLRACE_NULL_KEY', { table: table.name, column })
    if (this.nodes(table).lookup(key as never) >= 0) {
      const details = { place: 'CREATE', value: String(key), table: table.name, column, first: '' }
      throw new MillraceError('MILLRACE_DUPLICATE_KEY', details)
    }
  }

  createRel(tableId: number, from: number, to: number, values: readonly Value[]): number {
    const table = this.#table(tableId) as RelTable
    this.#requireNode(table.fromTableId, from)
    this.#requireNode(table.toTableId, to)
    const { loaded, created } = this.#rels.get(tableId)!
    created.push({ from, to, cells: values.map(cellOf), deleted: false })
    return loaded.flat().length + created.length - 1
  }

  setNode(tableId: number, offset: number, column: number, value: Value): void {
    const row = this.#requireNode(tableId, offset)
    const table = this.#table(tableId) as NodeTable
    const cell = cellOf(value)
    if (column === table.keyColumn && cell !== row.cells[column]) this.#requireNewKey(table, cell)
    row.cells[column] = cell
  }

  setRel(tableId: number, position: number, column: number, value: Value): void {
    const rel = this.#relAt(tableId, position)
    if (rel.deleted) throw this.#gone(tableId, 'relationship')
    rel.cells[column] = cellOf(value)
  }

  deleteNode(tableId: number, offset: number, { detach }: { readonly detach: boolean }): void {
    const node = this.#nodes.get(tableId)![offset]!
    if (node.deleted) return
    for (const table of this.catalog.tables) {
      if (table.kind !== 'rel') continue
      const { loaded, created } = this.#rels.get(table.id)!
      for (const rel of [...loaded.flat(), ...created]) {
        const isSource = table.fromTableId === tableId && rel.from === offset
        const isDestination = table.toTableId === tableId && rel.to === offset
        if (rel.deleted || !(isSource || isDestination)) continue
        if (!detach) {
          const names = { table: this.#table(tableId).name, by: table.name }
          throw new MillraceError('MILLRACE_NODE_IN_USE', names)
        }
        rel.deleted = true
      }
    }
    node.deleted = true
  }

  deleteRel(tableId: number, position: number): void {
    this.#relAt(tableId, position).deleted = true
  }

  findRels(tableId: number, from: number, to: number): number[] {
    const { loaded, created } = this.#rels.get(tableId)!
    return [...loaded.flat(), ...created].flatMap((rel, position) =>
      !rel.deleted && rel.from === from && rel.to === to ? [position] : [],
    )
  }

  #table(tableId: number): Table {
    return this.catalog.tables.find(({ id }) => id === tableId)!
  }

  #relAt(tableId: number, position: number): MemoryRel {
    const { loaded, created } = this.#rels.get(tableId)!
    return [...loaded.flat(), ...created][position]!
  }

  #requireNode(tableId: number, offset: number): MemoryNode {
    const node = this.#nodes.get(tableId)![offset]!
    if (node.deleted) throw this.#gone(tableId, 'node')
    return node
  }

  #gone(tableId: number, what: string): MillraceError {
    return new MillraceError('MILLRACE_DELETED', { what, table: this.#table(tableId).name })
  }

  /** The result of a query. */
  query(text: string, parameters: Parameters = {}, int64: 'number' | 'bigint' = 'number'): PendingQuery {
    const prepared = prepare(text, this.catalog)
    if (prepared.kind !== 'query') throw new Error(`${text} is no query`)
    // Every second query pauses wherever it may: pauses must change nothing.
    this.#queries++
    const options = this.#queries % 2 === 0 ? { workMs: 0 } : {}
    return new PendingQuery(prepared.columns, () => execute(prepared.plan, this, parameters, options), {
      int64,
    })
  }

  /** The rows of a query as arrays of values. */
  async rows(text: string, parameters: Parameters = {}): Promise<unknown[][]> {
    const rows = await this.query(text, parameters).toArray()
    return rows.map((row: Row) => Object.values(row))
  }

  /** The value of a query that gives one row with one column. */
  async value(text: string, parameters: Parameters = {}): Promise<unknown> {
    const rows = await this.rows(text, parameters)
    if (rows.length !== 1 || rows[0]!.length !== 1) throw new Error(`${text} gives ${rows.length} rows`)
    return rows[0]![0]
  }
}

/** Four airports, a city, five routes (one of them a loop). */
export function airports(sizes: Pick<GraphData, 'groupRows' | 'chunkRows' | 'runRows'> = {}): MemoryGraph {
  return new MemoryGraph({
    ...sizes,
    nodes: [
      {
        name: 'Airport',
        columns: columns('iata STRING, name STRING, latitude DOUBLE, opened DATE, runways INT64, hub BOOL'),
        key: 0,
        rows: [
          ['SFO', 'San Francisco', 37.6, -12000, 4, 1],
          ['JFK', 'New York', 40.6, -8000, 4, 1],
          ['ORD', 'Chicago', 41.9, null, 8, 1],
          ['SBP', null, 35.2, 0, 2, null],
        ],
      },
      {
        name: 'City',
        columns: columns('id INT64, name STRING'),
        key: 0,
        rows: [[7, 'New York']],
      },
    ],
    rels: [
      {
        name: 'Route',
        from: 'Airport',
        to: 'Airport',
        columns: columns('count INT64, since TIMESTAMP'),
        rows: [
          [0, 1, 10, 0],
          [0, 2, 20, 86_400_000_000],
          [1, 0, 30, null],
          [2, 0, null, null],
          [3, 3, 5, 1],
        ],
      },
      { name: 'Serves', from: 'Airport', to: 'City', columns: [], rows: [[1, 0]] },
    ],
  })
}
