/**
 * The workloads of the import bench, as the schemas in `packages/bench/workloads` describe them.
 *
 * | case | rows | shape                                                                                  |
 * |------|------|----------------------------------------------------------------------------------------|
 * | N1   | 10 M | narrow nodes: `id,name,age`                                                              |
 * | N2   |  5 M | nodes: key, name, integer, decimal, date, boolean                                        |
 * | N3   |  5 M | N2 and a quoted text with commas, doubled quotes and newlines                            |
 * | N4   |  5 M | N2 with string keys in random order                                                      |
 * | N5   |  5 M | N2 with its keys in random order                                                         |
 * | E1   | 10 M | narrow relationships between the nodes of N2: `from,to,since`                            |
 * | E2   | 10 M | E1 and more properties                                                                   |
 * | E3   | 10 M | E1 between the nodes of N4                                                               |
 * | A1   | 3376 | airports: a small file, where starting is what takes the time                            |
 * | G1   | 50 M | N1 with its keys in random order: on demand only                                         |
 * | G2   | 100 M | E1 between the nodes of G1: on demand only                                              |
 *
 * A schema has one table of nodes `Node<case>`, or the key of the nodes that are joined and the relationships
 * `Rel<case>`. Values are functions of the seed, the table, the column and the row: so the key of the nodes
 * stands in both schemas, and both files have the same keys.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type Column,
  caseNames,
  type JoinedNodes,
  largeNames,
  type Shape,
  type ShapeName,
  type TableDescription,
} from './shape.js'

/** What is used of a schema. */
interface Schema {
  readonly description: string
  readonly tables: Readonly<Record<string, SchemaTable>>
}
interface SchemaTable {
  readonly row_count: number
  readonly columns: Readonly<Record<string, { readonly type: string; readonly pattern?: string }>>
}

const types: Readonly<Record<string, Column['type']>> = {
  bigint: 'INT64',
  'double precision': 'DOUBLE',
  text: 'STRING',
  date: 'DATE',
  boolean: 'BOOL',
  'timestamp(0)': 'TIMESTAMP',
}

function columnsOf(table: SchemaTable): Column[] {
  return Object.entries(table.columns).map(([name, { type }]) => {
    const known = types[type]
    if (known === undefined) throw new Error(`column ${name}: there is no type for ${type}`)
    return { name, type: known }
  })
}

const listed = (columns: readonly Column[]): string =>
  columns.map(({ name, type }) => `${name} ${type}`).join(', ')

function describe(name: string, table: SchemaTable, joined: JoinedNodes | undefined): TableDescription {
  const columns = columnsOf(table)
  const ends = `FROM ${joined?.table} TO ${joined?.table}`
  return {
    name,
    kind: joined === undefined ? 'nodes' : 'relationships',
    columns,
    createStatement:
      joined === undefined
        ? `CREATE NODE TABLE ${name}(${listed(columns)}, PRIMARY KEY(${columns[0]?.name}))`
        : `CREATE REL TABLE ${name}(${ends}, ${listed(columns.slice(2))})`,
    quotedNewlines: Object.values(table.columns).some(({ pattern = '' }) => pattern.includes('\\n')),
  }
}

function shapeOf(name: ShapeName): Shape {
  const schemaPath = fileURLToPath(new URL(`../../workloads/${name}.json`, import.meta.url))
  const { description, tables } = JSON.parse(readFileSync(schemaPath, 'utf8')) as Schema
  const relationships = tables[`Rel${name}`]
  if (relationships === undefined) {
    const table = tables[`Node${name}`] as SchemaTable
    const described = describe(`Node${name}`, table, undefined)
    return { name, title: description, schemaPath, rows: table.row_count, table: described }
  }
  const [nodes, keys] = Object.entries(tables).find(([table]) => table.startsWith('Node')) as [
    string,
    SchemaTable,
  ]
  const [key] = columnsOf(keys) as [Column]
  const joined = { name: nodes.slice('Node'.length) as ShapeName, table: nodes, key }
  const table = describe(`Rel${name}`, relationships, joined)
  return { name, title: description, schemaPath, rows: relationships.row_count, joined, table }
}

export const shapes = Object.fromEntries(
  [...caseNames, ...largeNames].map((name) => [name, shapeOf(name)]),
) as Readonly<Record<ShapeName, Shape>>
