/** The tables that the workloads are loaded into, in words that every engine can be told. */

export interface Column {
  readonly name: string
  readonly type: 'INT64' | 'DOUBLE' | 'STRING' | 'DATE' | 'BOOL' | 'TIMESTAMP'
}

export interface TableDescription {
  readonly name: string
  readonly kind: 'nodes' | 'relationships'
  /**
   * All columns of the CSV. The first of a node table is its key; the first two of a relationship table are
   * `from` and `to`, keys of the joined nodes.
   */
  readonly columns: readonly Column[]
  /** Its statement in Cypher. */
  readonly createStatement: string
  /** A quoted field may hold a newline: some engines must be told. */
  readonly quotedNewlines: boolean
}

/** `name TYPE, name TYPE`, as columns. */
function parseColumns(text: string): Column[] {
  return text.split(', ').map((column) => {
    const [name = '', type] = column.split(' ')
    return { name, type: type as Column['type'] }
  })
}

export function nodeTable(name: string, columns: string, quotedNewlines = false): TableDescription {
  const parsed = parseColumns(columns)
  const createStatement = `CREATE NODE TABLE ${name}(${columns}, PRIMARY KEY(${parsed[0]?.name}))`
  return { name, kind: 'nodes', columns: parsed, createStatement, quotedNewlines }
}

export function relationshipTable(
  name: string,
  options: { nodes: string; keyType: Column['type']; columns: string },
): TableDescription {
  const { nodes, keyType, columns } = options
  return {
    name,
    kind: 'relationships',
    columns: [{ name: 'from', type: keyType }, { name: 'to', type: keyType }, ...parseColumns(columns)],
    createStatement: `CREATE REL TABLE ${name}(FROM ${nodes} TO ${nodes}, ${columns})`,
    quotedNewlines: false,
  }
}
