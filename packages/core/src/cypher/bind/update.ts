/**
 * Binds the clauses that write, each over the columns that stand before it; what CREATE and MERGE name are
 * columns behind them.
 *
 * - All values of a clause are computed from what stands before it; only ON CREATE SET and ON MATCH SET see
 *   what their MERGE found or made.
 * - Whether a value fits its column is checked here as far as types are known, else where it is written.
 */
import type { Catalog, NodeTable, RelTable } from '../../catalog/index.js'
import { MillraceError } from '../../errors/index.js'
import type { ColumnSchema } from '../../types/index.js'
import { isAssignable } from '../expression/assignment.js'
import { typeOf } from '../expression/compile.js'
import type { Expr } from '../expression/expression.js'
import { shownType } from '../expression/types.js'
import type {
  Assignment,
  Name,
  NodePattern,
  PathPattern,
  PropertyMatch,
  RelPattern,
  UpdatingClause,
} from '../syntax/ast.js'
import { startOfText } from '../syntax/place.js'
import { bindingError, suggestion } from './binding-error.js'
import { ExpressionBinder } from './expression.js'
import { type HandedColumn, Scope } from './scope.js'
import { requireNodeTable, requireRelTable } from './tables.js'

/** The end of a new relationship: a node in a column, or one that the clause makes. */
export type PatternEnd =
  | { readonly kind: 'column'; readonly slot: number; readonly tables: readonly NodeTable[] }
  | { readonly kind: 'made'; readonly index: number; readonly tables: readonly NodeTable[] }

export interface NewNode {
  readonly table: NodeTable
  /** By column of the table; null where the pattern says nothing of it. */
  readonly values: readonly (Expr | null)[]
}

export interface NewRel {
  readonly table: RelTable
  readonly from: PatternEnd
  readonly to: PatternEnd
  /** MERGE without an arrow: it is met either way, and made from left to right. */
  readonly eitherWay: boolean
  readonly values: readonly (Expr | null)[]
}

/**
 * What CREATE and MERGE make in each row: nodes first. They count from 0 on, relationships behind nodes;
 * `handed` are those that become columns.
 */
export interface NewPattern {
  readonly nodes: readonly NewNode[]
  readonly rels: readonly NewRel[]
  readonly handed: readonly number[]
}

export interface BoundAssignment {
  readonly of: 'node' | 'rel'
  /** The column that holds the node or relationship. */
  readonly slot: number
  readonly column: string
  readonly value: Expr
}

export type BoundAction =
  | { readonly kind: 'create'; readonly pattern: NewPattern }
  | {
      readonly kind: 'merge'
      readonly pattern: NewPattern
      readonly onCreate: readonly BoundAssignment[]
      readonly onMatch: readonly BoundAssignment[]
    }
  | { readonly kind: 'set'; readonly assignments: readonly BoundAssignment[] }
  | {
      readonly kind: 'delete'
      readonly detach: boolean
      readonly nodes: readonly number[]
      readonly rels: readonly number[]
    }

export interface BoundWrite {
  readonly kind: 'write'
  readonly action: BoundAction
  /** What values refer to: entities with the columns that hold them. The first ones are the input's. */
  readonly scope: Scope
  readonly input: readonly HandedColumn[]
  readonly output: readonly HandedColumn[]
}

export class UpdateBinder {
  readonly #catalog: Catalog
  readonly #text: string
  readonly #input: readonly HandedColumn[]
  readonly #output: HandedColumn[]

  constructor(catalog: Catalog, text: string, input: readonly HandedColumn[]) {
    this.#catalog = catalog
    this.#text = text
    this.#input = input
    this.#output = [...input]
  }

  /** @throws MillraceError `MILLRACE_BINDING`, `MILLRACE_UNSUPPORTED` */
  bind(clause: UpdatingClause): BoundWrite {
    const action = this.#action(clause)
    // Entities of the input have the same indexes in the output's scope.
    const scope = new Scope(this.#output, startOfText)
    return { kind: 'write', action, scope, input: this.#input, output: this.#output }
  }

  #action(clause: UpdatingClause): BoundAction {
    switch (clause.kind) {
      case 'create':
        return { kind: 'create', pattern: this.#pattern(clause.paths, false) }
      case 'merge': {
        const pattern = this.#pattern([clause.path], true)
        if (pattern.nodes.length + pattern.rels.length === 0) {
          throw bindingError(this.#text, clause.place, 'There is nothing to merge', 'Leave the clause out.')
        }
        const scope = new Scope(this.#output, startOfText)
        const onCreate = this.#assignments(clause.onCreate, scope)
        return { kind: 'merge', pattern, onCreate, onMatch: this.#assignments(clause.onMatch, scope) }
      }
      case 'set': {
        const scope = new Scope(this.#input, startOfText)
        return { kind: 'set', assignments: this.#assignments(clause.assignments, scope) }
      }
      case 'delete':
        return this.#delete(clause.variables, clause.detach)
    }
  }

  #pattern(paths: readonly PathPattern[], merges: boolean): NewPattern {
    const binder = new PatternMaker(this.#catalog, this.#text, this.#input, merges)
    for (const path of paths) binder.add(path)
    const { pattern, columns } = binder.finish()
    this.#output.push(...columns)
    return pattern
  }

  #assignments(assignments: readonly Assignment[], scope: Scope): BoundAssignment[] {
    const binder = new ExpressionBinder(scope, this.#text, { aggregates: false })
    return assignments.map(({ variable, property, value }) => {
      const { slot, of, tables } = entityNamed(variable, scope, this.#text)
      const expr = binder.bind(value)
      const removes = expr.kind === 'literal' && expr.value === null
      const having = tables.filter((table) => table.columns.some(({ name }) => name === property.text))
      if (having.length === 0 || (having.length < tables.length && !removes)) {
        const without = tables.find((table) => !having.includes(table))!
        throw noProperty(without, property, this.#text)
      }
      for (const table of having) {
        const column = table.columns.find(({ name }) => name === property.text)!
        requireAssignable(expr, column, table.name, this.#text)
      }
      return { of, slot, column: property.text, value: expr }
    })
  }

  #delete(variables: readonly Name[], detach: boolean): BoundAction {
    const scope = new Scope(this.#input, startOfText)
    const nodes: number[] = []
    const rels: number[] = []
    for (const variable of variables) {
      const { slot, of } = entityNamed(variable, scope, this.#text)
      if (of === 'node') nodes.push(slot)
      else rels.push(slot)
    }
    return { kind: 'delete', detach, nodes, rels }
  }
}

/** The column of the node or relationship called `name`. */
function entityNamed(
  name: Name,
  scope: Scope,
  text: string,
): { slot: number; of: 'node' | 'rel'; tables: readonly (NodeTable | RelTable)[] } {
  const meaning = scope.find(name.text)
  if (meaning === undefined) {
    const hint = suggestion(name.text, scope.names, 'variables')
    throw bindingError(text, name.place, `There is no variable ${name.text}`, hint)
  }
  if (meaning.kind !== 'entity') {
    const hint = 'Name a node or relationship.'
    throw bindingError(text, name.place, `${name.text} is neither a node nor a relationship`, hint)
  }
  return { slot: scope.slotOf(meaning.entity), of: meaning.entity.of, tables: scope.tablesOf(meaning.entity) }
}

function noProperty(table: NodeTable | RelTable, property: Name, text: string): MillraceError {
  const names = table.columns.map(({ name }) => name)
  const what = `${table.name} has no property ${property.text}`
  return bindingError(text, property.place, what, suggestion(property.text, names, 'properties'))
}

function requireAssignable(value: Expr, column: ColumnSchema, table: string, text: string): void {
  const type = typeOf(value, text)
  if (isAssignable(type, column.type)) return
  const what = `${shownType(type)} cannot be stored in ${table}.${column.name} of type ${column.type}`
  throw bindingError(text, value.place, what, `Convert it with CAST(… AS ${column.type}).`)
}

/** What one CREATE or MERGE makes. */
class PatternMaker {
  readonly #catalog: Catalog
  readonly #text: string
  readonly #scope: Scope
  readonly #merges: boolean
  readonly #nodes: NewNode[] = []
  readonly #rels: NewRel[] = []
  /** Nodes that the clause itself names. */
  readonly #named = new Map<string, number>()
  readonly #namedRels = new Map<string, number>()

  constructor(catalog: Catalog, text: string, input: readonly HandedColumn[], merges: boolean) {
    this.#catalog = catalog
    this.#text = text
    this.#scope = new Scope(input, startOfText)
    this.#merges = merges
  }

  add(path: PathPattern): void {
    // A node alone is there already, or it is made; one that is there already has nothing to add.
    let left = this.#node(path.nodes[0]!, path.rels.length === 0)
    path.rels.forEach((rel, hop) => {
      const right = this.#node(path.nodes[hop + 1]!, false)
      this.#rel(rel, left, right)
      left = right
    })
  }

  finish(): { pattern: NewPattern; columns: HandedColumn[] } {
    const columns: HandedColumn[] = []
    const handed: number[] = []
    for (const [name, index] of this.#named) {
      columns.push({ name, property: null, type: 'NODE', tables: [this.#nodes[index]!.table] })
      handed.push(index)
    }
    for (const [name, index] of this.#namedRels) {
      columns.push({ name, property: null, type: 'REL', tables: [this.#rels[index]!.table] })
      handed.push(this.#nodes.length + index)
    }
    return { pattern: { nodes: this.#nodes, rels: this.#rels, handed }, columns }
  }

  #error(at: Name | NodePattern | RelPattern, what: string, hint: string): MillraceError {
    return bindingError(this.#text, at.place, what, hint)
  }

  #node(pattern: NodePattern, alone: boolean): PatternEnd {
    const { variable, labels, properties } = pattern
    const known = variable === null ? undefined : this.#knownNode(variable)
    if (known !== undefined) {
      if (labels.length > 0 || properties.length > 0 || alone) {
        const hint = 'Name it alone, as the end of a relationship, or choose another name.'
        throw this.#error(pattern, `${variable!.text} is there already and cannot be made`, hint)
      }
      return known
    }
    const [label] = labels
    if (label === undefined || labels.length > 1) {
      throw this.#error(pattern, 'A new node has one label', 'Write (a:Table {key: value}).')
    }
    const table = requireNodeTable(this.#catalog, label, this.#text)
    const values = this.#values(table, properties)
    const key = table.columns[table.keyColumn]!
    if (values[table.keyColumn] === null) {
      if (this.#merges) {
        throw new MillraceError('MILLRACE_UNSUPPORTED', {
          what: `MERGE of a node of ${table.name} without its key ${key.name}`,
          hint: `Write (:${table.name} {${key.name}: value}); other properties go behind ON CREATE SET.`,
        })
      }
      const hint = `Write (:${table.name} {${key.name}: value, …}).`
      throw this.#error(pattern, `The new node has no key ${table.name}.${key.name}`, hint)
    }
    const index = this.#nodes.push({ table, values }) - 1
    if (variable !== null) this.#named.set(variable.text, index)
    return { kind: 'made', index, tables: [table] }
  }

  #knownNode(variable: Name): PatternEnd | undefined {
    const index = this.#named.get(variable.text)
    if (index !== undefined) return { kind: 'made', index, tables: [this.#nodes[index]!.table] }
    const meaning = this.#scope.find(variable.text)
    if (meaning === undefined && !this.#namedRels.has(variable.text)) return undefined
    if (meaning?.kind !== 'entity' || meaning.entity.of !== 'node') {
      throw this.#error(variable, `${variable.text} is not a node`, 'Choose another name for the node.')
    }
    const tables = this.#scope.tablesOf(meaning.entity) as readonly NodeTable[]
    return { kind: 'column', slot: this.#scope.slotOf(meaning.entity), tables }
  }

  #rel(pattern: RelPattern, left: PatternEnd, right: PatternEnd): void {
    const { variable, types, direction } = pattern
    const [type] = types
    if (type === undefined || types.length > 1) {
      throw this.#error(pattern, 'A new relationship has one type', 'Write -[:Table]->.')
    }
    if (direction === 'both' && !this.#merges) {
      throw this.#error(pattern, 'A new relationship has a direction', 'Write -[…]-> or <-[…]-.')
    }
    const name = variable?.text ?? null
    if (name !== null && (this.#scope.find(name) || this.#named.has(name) || this.#namedRels.has(name))) {
      throw this.#error(variable!, `${name} is used already`, 'Choose another name for the relationship.')
    }
    const table = requireRelTable(this.#catalog, type, this.#text)
    const [from, to] = direction === 'left' ? [right, left] : [left, right]
    this.#checkEnds(pattern, table, from, to)
    const eitherWay = direction === 'both' && table.fromTableId === table.toTableId
    const values = this.#values(table, pattern.properties)
    const index = this.#rels.push({ table, from, to, eitherWay, values }) - 1
    if (name !== null) this.#namedRels.set(name, index)
  }

  #checkEnds(pattern: RelPattern, table: RelTable, from: PatternEnd, to: PatternEnd): void {
    const fits = (end: PatternEnd, id: number): boolean => end.tables.some((node) => node.id === id)
    if (fits(from, table.fromTableId) && fits(to, table.toTableId)) return
    const nameOf = (id: number): string => this.#catalog.tables.find((node) => node.id === id)?.name ?? '?'
    const hint = `It goes (:${nameOf(table.fromTableId)})-[:${table.name}]->(:${nameOf(table.toTableId)}).`
    throw this.#error(pattern, `${table.name} does not join such nodes`, hint)
  }

  #values(table: NodeTable | RelTable, properties: readonly PropertyMatch[]): (Expr | null)[] {
    const binder = new ExpressionBinder(this.#scope, this.#text, { aggregates: false })
    const values: (Expr | null)[] = table.columns.map(() => null)
    for (const { name, value } of properties) {
      const index = table.columns.findIndex((column) => column.name === name.text)
      if (index < 0) throw noProperty(table, name, this.#text)
      if (values[index] !== null) {
        throw this.#error(name, `The property ${name.text} is given twice`, 'Keep one of them.')
      }
      const expr = binder.bind(value)
      requireAssignable(expr, table.columns[index]!, table.name, this.#text)
      values[index] = expr
    }
    return values
  }
}
