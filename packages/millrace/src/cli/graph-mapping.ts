/**
 * Relational tables as a graph: which become nodes, which relationships, and of what their rows are made.
 *
 * - A table whose primary key is made of two foreign keys, or that has no primary key and just two foreign
 *   keys, is a link table: relationships from the first to the second, its other columns their properties.
 * - Every other table becomes nodes. Their key is the primary key, if it is one column that can be a key;
 *   else the row's number, in a column `_row`.
 * - Each foreign key of such a table becomes relationships `table_column` to the table it refers to; its
 *   columns stay properties.
 */
import type { ProjectedColumn, Projection, Schema, SqlType } from '@millrace/datagen'
import type { ColumnSchema, LogicalType } from '../index.js'
import { createNodeTableText, createRelTableText } from './schema-text.js'

type Table = Schema['tables'][number]
type ForeignKey = Table['foreignKeys'][number]

/** A table of the graph, with the rows that it is loaded from. */
export interface GraphTable {
  readonly name: string
  readonly createStatement: string
  /** The table of the schema whose rows they are. */
  readonly source: string
  readonly projection: Projection
}

const typeNames: Partial<Record<SqlType['kind'], LogicalType>> = {
  double: 'DOUBLE',
  boolean: 'BOOL',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  interval: 'INTERVAL',
  uuid: 'UUID',
  json: 'JSON',
  bytea: 'BLOB',
}

/** Digits of the longest DECIMAL. */
const decimalDigitsMax = 38

/** The type that holds a column's values; those that have none of their own are texts. */
function typeOf({ kind, max = 0, single, zoned, precision, scale = 0, element }: SqlType): LogicalType {
  if (kind === 'integer') return max < 2 ** 15 ? 'INT16' : max < 2 ** 31 ? 'INT32' : 'INT64'
  if (kind === 'double' && single === true) return 'FLOAT'
  if (kind === 'time') return zoned === true ? 'STRING' : 'TIME'
  if (kind === 'decimal') {
    return precision !== undefined && precision <= decimalDigitsMax
      ? `DECIMAL(${precision},${scale})`
      : 'DOUBLE'
  }
  if (kind === 'array')
    return element === undefined || element.kind === 'array' ? 'STRING' : `${typeOf(element)}[]`
  return typeNames[kind] ?? 'STRING'
}

/** Kinds of values that can be the key of nodes. */
const keyKinds: readonly SqlType['kind'][] = [
  'integer',
  'text',
  'enum',
  'uuid',
  'date',
  'timestamp',
  'inet',
  'macaddr',
]

/** The column of a table of nodes that holds the row's number, where no column can be the key. */
const rowColumn = '_row'

/** The single column that is the key of the table's nodes; undefined for the row's number. */
function keyOf(table: Table): Table['columns'][number] | undefined {
  const [name, other] = table.primaryKey
  const column = other === undefined ? table.columns.find((candidate) => candidate.name === name) : undefined
  return column !== undefined && keyKinds.includes(column.type.kind) ? column : undefined
}

/** The two ends of a link table. */
function endsOf(table: Table): readonly [ForeignKey, ForeignKey] | undefined {
  const { primaryKey, foreignKeys } = table
  const ends =
    primaryKey.length > 0
      ? foreignKeys.filter(({ columns }) => columns.every((name) => primaryKey.includes(name)))
      : foreignKeys
  const [from, to, third] = ends
  if (from === undefined || to === undefined || third !== undefined) return undefined
  const covered = new Set([...from.columns, ...to.columns])
  return primaryKey.every((name) => covered.has(name)) &&
    covered.size === from.columns.length + to.columns.length
    ? [from, to]
    : undefined
}

/** The key of the row that a foreign key refers to. */
function endColumn(key: ForeignKey, parent: Table): ProjectedColumn {
  const column = keyOf(parent)?.name
  return { kind: 'parent', foreignKey: key.name, ...(column !== undefined && { column }) }
}

const columnsOf = (columns: readonly Table['columns'][number][]): ColumnSchema[] =>
  columns.map(({ name, type }) => ({ name, type: typeOf(type) }))

function nodesOf(table: Table): GraphTable {
  const key = keyOf(table)
  const own = table.columns.map(({ name }): ProjectedColumn => ({ kind: 'column', name }))
  const columns = columnsOf(table.columns)
  return {
    name: table.name,
    createStatement:
      key === undefined
        ? createNodeTableText(table.name, [{ name: rowColumn, type: 'INT64' }, ...columns], rowColumn)
        : createNodeTableText(table.name, columns, key.name),
    source: table.name,
    projection: { columns: key === undefined ? [{ kind: 'row' }, ...own] : own, neededColumns: 0 },
  }
}

/** The tables of a graph that holds the schema's data: nodes first, then what joins them. */
export function graphOf(schema: Schema): GraphTable[] {
  const byName = new Map(schema.tables.map((table) => [table.name, table]))
  const taken = new Set(byName.keys())
  const links = new Map(
    schema.tables.flatMap((table) => {
      const ends = endsOf(table)
      return ends === undefined ? [] : [[table, ends] as const]
    }),
  )
  // Relationships join nodes: a link table that something refers to holds nodes, too.
  for (const table of schema.tables)
    for (const key of table.foreignKeys) links.delete(byName.get(key.table) as Table)
  const nodes = schema.tables.filter((table) => !links.has(table))
  const relationships = schema.tables.flatMap((table): GraphTable[] => {
    const ends = links.get(table)
    if (ends !== undefined) return [linkOf(table, ends, byName)]
    return table.foreignKeys.map((key) => referenceOf(table, key, byName, taken))
  })
  return [...nodes.map(nodesOf), ...relationships]
}

function linkOf(
  table: Table,
  [from, to]: readonly [ForeignKey, ForeignKey],
  byName: ReadonlyMap<string, Table>,
): GraphTable {
  const properties = table.columns.filter(
    ({ name }) => !from.columns.includes(name) && !to.columns.includes(name),
  )
  const ends = [
    endColumn(from, byName.get(from.table) as Table),
    endColumn(to, byName.get(to.table) as Table),
  ]
  return {
    name: table.name,
    createStatement: createRelTableText(
      table.name,
      { from: from.table, to: to.table },
      columnsOf(properties),
    ),
    source: table.name,
    projection: {
      columns: [...ends, ...properties.map(({ name }): ProjectedColumn => ({ kind: 'column', name }))],
      neededColumns: 2,
    },
  }
}

function referenceOf(
  table: Table,
  key: ForeignKey,
  byName: ReadonlyMap<string, Table>,
  taken: Set<string>,
): GraphTable {
  const stem = `${table.name}_${key.columns.join('_')}`
  let name = stem
  for (let number = 2; taken.has(name); number++) name = `${stem}_${number}`
  taken.add(name)
  const own = keyOf(table)
  const from: ProjectedColumn = own === undefined ? { kind: 'row' } : { kind: 'column', name: own.name }
  return {
    name,
    createStatement: createRelTableText(name, { from: table.name, to: key.table }, []),
    source: table.name,
    projection: { columns: [from, endColumn(key, byName.get(key.table) as Table)], neededColumns: 2 },
  }
}
