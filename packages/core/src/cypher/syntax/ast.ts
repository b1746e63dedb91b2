/**
 * What a statement says, as plain data: the parser's output, before any name is looked up.
 *
 * - Every part that an error may point at carries its `Place`.
 * - Names are as written (backticks removed); string escapes are resolved; type names are upper case.
 */
import type { Place } from './place.js'

/** A name with its place. */
export interface Name {
  readonly text: string
  readonly place: Place
}

export type LiteralType = 'INT64' | 'DOUBLE' | 'STRING' | 'BOOL' | 'NULL'

export type Operator =
  | 'or'
  | 'xor'
  | 'and'
  | 'not'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'negate'
  | 'isNull'
  | 'isNotNull'
  | 'in'
  | 'startsWith'
  | 'endsWith'
  | 'contains'

export interface LiteralExpression {
  readonly kind: 'literal'
  readonly type: LiteralType
  /** INT64: a number while it is safe, else a bigint. */
  readonly value: null | boolean | number | bigint | string
  readonly place: Place
}

export interface CaseExpression {
  readonly kind: 'case'
  readonly subject: Expression | null
  readonly branches: readonly { readonly when: Expression; readonly result: Expression }[]
  readonly otherwise: Expression | null
  readonly place: Place
}

export interface CallExpression {
  readonly kind: 'call'
  /** Lower case. */
  readonly name: string
  readonly distinct: boolean
  /** `count(*)`. */
  readonly star: boolean
  readonly args: readonly Expression[]
  readonly place: Place
}

export type Expression =
  | LiteralExpression
  | CaseExpression
  | CallExpression
  | { readonly kind: 'parameter'; readonly name: string; readonly place: Place }
  | { readonly kind: 'variable'; readonly name: string; readonly place: Place }
  | { readonly kind: 'property'; readonly target: Expression; readonly name: Name; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly place: Place }
  | {
      readonly kind: 'operator'
      readonly operator: Operator
      readonly operands: readonly Expression[]
      readonly place: Place
    }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: Name; readonly place: Place }

export interface PropertyMatch {
  readonly name: Name
  readonly value: Expression
}

export interface NodePattern {
  readonly variable: Name | null
  readonly labels: readonly Name[]
  readonly properties: readonly PropertyMatch[]
  readonly place: Place
}

export interface RelPattern {
  readonly variable: Name | null
  readonly types: readonly Name[]
  readonly properties: readonly PropertyMatch[]
  /** Which way the arrow points; `both` matches either way. */
  readonly direction: 'right' | 'left' | 'both'
  readonly place: Place
}

/** A chain: `nodes[0] rels[0] nodes[1] rels[1] …`; one node more than relationships. */
export interface PathPattern {
  readonly nodes: readonly NodePattern[]
  readonly rels: readonly RelPattern[]
}

export interface MatchClause {
  readonly kind: 'match'
  readonly paths: readonly PathPattern[]
  readonly where: Expression | null
}

/** `UNWIND list AS variable`: a row for each item. */
export interface UnwindClause {
  readonly kind: 'unwind'
  readonly list: Expression
  readonly variable: Name
}

export interface Option {
  readonly name: Name
  readonly value: OptionValue
}

/**
 * `LOAD WITH HEADERS (name TYPE, …) FROM 'file' (OPTION=value, …) WHERE …`: a row for each record of files.
 */
export interface LoadClause {
  readonly kind: 'load'
  readonly sources: readonly string[]
  /** Null: the files say. */
  readonly headers: readonly ColumnDefinition[] | null
  readonly options: readonly Option[]
  readonly where: Expression | null
  readonly place: Place
}

/** `CALL name(argument, …, OPTION=value, …) YIELD column AS variable, … WHERE …`. */
export interface CallClause {
  readonly kind: 'callTable'
  readonly name: Name
  readonly args: readonly OptionValue[]
  readonly options: readonly Option[]
  /** Null: every column, by its own name. */
  readonly yields: readonly { readonly column: Name; readonly alias: Name | null }[] | null
  readonly where: Expression | null
  readonly place: Place
}

/** Clauses whose rows come from outside of the database. */
export type SourceClause = LoadClause | CallClause

export type ReadingClause = MatchClause | UnwindClause | SourceClause

/** `variable.property = value`; REMOVE is one with NULL. */
export interface Assignment {
  readonly variable: Name
  readonly property: Name
  readonly value: Expression
}

export type UpdatingClause =
  | { readonly kind: 'create'; readonly paths: readonly PathPattern[]; readonly place: Place }
  | {
      readonly kind: 'merge'
      readonly path: PathPattern
      readonly onCreate: readonly Assignment[]
      readonly onMatch: readonly Assignment[]
      readonly place: Place
    }
  /** SET and REMOVE. */
  | { readonly kind: 'set'; readonly assignments: readonly Assignment[]; readonly place: Place }
  | {
      readonly kind: 'delete'
      readonly detach: boolean
      readonly variables: readonly Name[]
      readonly place: Place
    }

export interface ProjectionItem {
  readonly expression: Expression
  readonly alias: Name | null
  /** The expression as written, which names the column when there is no alias. */
  readonly text: string
}

export interface OrderItem {
  readonly expression: Expression
  readonly descending: boolean
}

export interface Projection {
  readonly distinct: boolean
  /** `RETURN *` or `WITH *`. Items may follow it. */
  readonly star: boolean
  readonly items: readonly ProjectionItem[]
  readonly orderBy: readonly OrderItem[]
  readonly skip: Expression | null
  readonly limit: Expression | null
  readonly place: Place
}

/**
 * What stands between two WITHs: clauses that read, then clauses that write, and the WITH or RETURN that ends
 * them. Without either, all names are handed on, and behind the last part there are no rows to return.
 * `where` filters what a WITH hands on.
 */
export interface QueryPart {
  readonly readings: readonly ReadingClause[]
  readonly updates: readonly UpdatingClause[]
  readonly projection: Projection | null
  readonly where: Expression | null
}

export interface ColumnDefinition {
  readonly name: Name
  readonly type: Name
  readonly primaryKey: boolean
}

export type OptionValue = boolean | number | string | readonly string[]

interface StatementBase {
  /** The whole text, for the excerpts of errors. */
  readonly text: string
}

export interface QueryStatement extends StatementBase {
  readonly kind: 'query'
  readonly parts: readonly QueryPart[]
}

export interface CreateNodeTableStatement extends StatementBase {
  readonly kind: 'createNodeTable'
  readonly ifNotExists: boolean
  readonly table: Name
  readonly columns: readonly ColumnDefinition[]
  readonly primaryKeys: readonly Name[]
}

export interface CreateRelTableStatement extends StatementBase {
  readonly kind: 'createRelTable'
  readonly ifNotExists: boolean
  readonly table: Name
  readonly from: Name
  readonly to: Name
  readonly columns: readonly ColumnDefinition[]
  /** `MANY_MANY` and its kin, where written. */
  readonly multiplicity: Name | null
}

export interface DropTableStatement extends StatementBase {
  readonly kind: 'dropTable'
  readonly ifExists: boolean
  readonly table: Name
}

export interface CopyStatement extends StatementBase {
  readonly kind: 'copy'
  readonly table: Name
  readonly columns: readonly Name[] | null
  /** Files; none where rows come from a query. */
  readonly sources: readonly string[]
  /** COPY … FROM (…): the query in the parentheses; null where rows come from files. */
  readonly query: QueryStatement | null
  readonly options: readonly Option[]
}

export interface CheckpointStatement extends StatementBase {
  readonly kind: 'checkpoint'
}

export interface BeginStatement extends StatementBase {
  readonly kind: 'begin'
  readonly readOnly: boolean
}

export interface EndStatement extends StatementBase {
  readonly kind: 'commit' | 'rollback'
}

export type Statement =
  | QueryStatement
  | CreateNodeTableStatement
  | CreateRelTableStatement
  | DropTableStatement
  | CopyStatement
  | CheckpointStatement
  | BeginStatement
  | EndStatement
