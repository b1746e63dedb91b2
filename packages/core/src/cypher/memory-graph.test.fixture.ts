/** A graph in plain arrays behind the reading interfaces: what the tests of this room run queries on. */
import type { Catalog, NodeTable, RelTable, RowGroup } from '../catalog/index.js'
import type { SegmentStats } from '../column/index.js'
import type { CsrGroupReader } from '../table/index.js'
import { type ColumnSchema, type LogicalType, physicalTypeOf } from '../types/index.js'
import { execute } from './execute.js'
import type { Parameters } from './expression/parameters.js'
import type { GraphReader, NodeReader, RelReader } from './graph.js'
import { prepare } from './prepare.js'
import { QueryResult, type Row } from './result/query-result.js'
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

function segment(type: LogicalType, lanes: readonly Cell[]): RowGroup['segments'][number] {
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

export class MemoryGraph implements GraphReader {
  readonly catalog: Catalog
  /** Columns that were decoded, by `Table.column`: what a query had to read. */
  readonly decoded: string[] = []
  readonly #data: GraphData

  constructor(data: GraphData) {
    this.#data = data
    const groupRows = data.groupRows ?? 1000
    const nodes = data.nodes.map(
      (table, index): NodeTable => ({
        kind: 'node',
        id: index + 1,
        name: table.name,
        columns: table.columns,
        keyColumn: table.key,
        rowCount: table.rows.length,
        groups: slices(table.rows, groupRows).map((rows) => ({
          rows: rows.length,
          segments: table.columns.map(({ type }, column) =>
            segment(
              type,
              rows.map((row) => row[column]!),
            ),
          ),
        })),
        keys: { sortedGroups: [], runs: [], hashedRange: null },
      }),
    )
    const idOf = (name: string): number => nodes.find((table) => table.name === name)!.id
    const rels = data.rels.map(
      (table, index): RelTable => ({
        kind: 'rel',
        id: nodes.length + index + 1,
        name: table.name,
        columns: table.columns,
        fromTableId: idOf(table.from),
        toTableId: idOf(table.to),
        rowCount: table.rows.length,
        runs: [],
      }),
    )
    this.catalog = { version: 1, nextTableId: 100, tables: [...nodes, ...rels] }
  }

  nodes(table: NodeTable): NodeReader {
    const { rows } = this.#data.nodes.find(({ name }) => name === table.name)!
    const groupRows = this.#data.groupRows ?? 1000
    return {
      table,
      rowCount: rows.length,
      liveRowCount: rows.length,
      groupCount: table.groups.length,
      groupStart: (group) => group * groupRows,
      groupRows: (group) => table.groups[group]!.rows,
      deleted: () => null,
      statistics: (group, column) => table.groups[group]!.segments[column]!.stats,
      groupOf: (offset) => Math.floor(offset / groupRows),
      column: (group, column) => {
        const { name, type } = table.columns[column]!
        this.decoded.push(`${table.name}.${name}`)
        const lanes = rows.slice(group * groupRows, (group + 1) * groupRows).map((row) => row[column]!)
        return vector(type, lanes)
      },
      // biome-ignore lint/suspicious/noDoubleEquals: 1n is the key 1
      lookup: (key) => rows.findIndex((row) => row[table.keyColumn] == key),
    }
  }

  rels(table: RelTable): RelReader {
    const { rows } = this.#data.rels.find(({ name }) => name === table.name)!
    const runs = slices(rows, this.#data.runRows ?? 1_000_000)
    // The forward order: by source, then as in the file.
    const forward = runs.map((run) => [...run].sort((a, b) => a[0] - b[0]))
    return {
      table,
      runCount: runs.length,
      rowCount: rows.length,
      liveRowCount: rows.length,
      runStart: (run) => runs.slice(0, run).reduce((sum, { length }) => sum + length, 0),
      group: (run, direction, groupIndex) => {
        if (groupIndex !== 0) return undefined
        const positions = forward[run]!.map((_, position) => position)
        const end = direction === 'forward' ? 0 : 1
        if (end === 1) positions.sort((a, b) => forward[run]![a]![1] - forward[run]![b]![1])
        return this.#group(
          table,
          positions.map((position) => ({ position, row: forward[run]![position]! })),
          end,
        )
      },
      property: (run, positions, count, column) => {
        this.decoded.push(`${table.name}.${table.columns[column]!.name}`)
        const lanes = Array.from(
          { length: count },
          (_, at) => forward[run]![positions[at]!]![2 + column] as Cell,
        )
        return vector(table.columns[column]!.type, lanes)
      },
    }
  }

  #group(
    table: RelTable,
    rels: readonly { position: number; row: RelData['rows'][number] }[],
    end: 0 | 1,
  ): CsrGroupReader {
    const chunks = slices(rels, this.#data.chunkRows ?? 1000)
    const chunkRows = this.#data.chunkRows ?? 1000
    const nodes = Math.max(0, ...rels.map(({ row }) => row[end] + 1))
    const starts = new Float64Array(nodes + 1)
    for (const { row } of rels) starts[row[end] + 1]!++
    for (let node = 0; node < nodes; node++) starts[node + 1]! += starts[node]!
    return {
      rows: rels.length,
      groupIndex: 0,
      firstNode: 0,
      hasDeleted: false,
      starts: () => starts,
      chunkCount: chunks.length,
      chunkStart: (chunk) => chunk * chunkRows,
      chunkRows: (chunk) => chunks[chunk]!.length,
      neighbours: (chunk) => {
        this.decoded.push(`${table.name}:neighbours`)
        return Float64Array.from(chunks[chunk]!, ({ row }) => (end === 0 ? row[1] : row[0]))
      },
      forwardStart: () => 0,
      positions: (chunk) => Float64Array.from(chunks[chunk]!, ({ position }) => position),
      property: (chunk, column) => {
        this.decoded.push(`${table.name}.${table.columns[column]!.name}`)
        return vector(
          table.columns[column]!.type,
          chunks[chunk]!.map(({ row }) => row[2 + column]! as Cell),
        )
      },
    }
  }

  /** The result of a query. */
  query(text: string, parameters: Parameters = {}, int64: 'number' | 'bigint' = 'number'): QueryResult {
    const prepared = prepare(text, this.catalog)
    if (prepared.kind !== 'query') throw new Error(`${text} is no query`)
    return new QueryResult(prepared.columns, () => execute(prepared.plan, this, parameters), { int64 })
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
