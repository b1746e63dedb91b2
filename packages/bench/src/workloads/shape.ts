/** What every workload is described by. */

export const caseNames = ['N1', 'N2', 'N3', 'N4', 'N5', 'E1', 'E2', 'E3', 'A1'] as const
export type CaseName = (typeof caseNames)[number]

/** Made on demand only: too large to be a case among others. */
export const largeNames = ['G1', 'G2'] as const
export type ShapeName = CaseName | (typeof largeNames)[number]

export interface Column {
  readonly name: string
  readonly type: 'INT64' | 'DOUBLE' | 'STRING' | 'DATE' | 'BOOL' | 'TIMESTAMP'
}

/** The table that a workload is loaded into, in words that every engine can be told. */
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

/** The nodes that relationships join. */
export interface JoinedNodes {
  /** The case whose nodes they are. */
  readonly name: ShapeName
  readonly table: string
  readonly key: Column
}

export interface Shape {
  readonly name: ShapeName
  readonly title: string
  /** Its schema, for the generator. */
  readonly schemaPath: string
  /** Rows at scale 1. */
  readonly rows: number
  readonly joined?: JoinedNodes
  readonly table: TableDescription
}

/** A question to the loaded database, with its one row of answer. */
export interface Check {
  readonly statement: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly expected: Readonly<Record<string, string | number>>
}

export const isNumber = ({ type }: Column): boolean => type === 'INT64' || type === 'DOUBLE'
