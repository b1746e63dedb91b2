/**
 * Binds the patterns of a part's MATCH clauses into one graph, and finds the combinations of tables it can be
 * matched in.
 *
 * - A variable met again is the same node; a relationship has one place.
 * - Where a label is missing, every table the relationships allow is possible. Each combination is planned on
 *   its own.
 */
import type { Catalog, NodeTable, RelTable } from '../../catalog/index.js'
import { MillraceError } from '../../errors/index.js'
import { patternNodesMax, patternRelsMax } from '../../limits.js'
import type { Expr } from '../expression/expression.js'
import type { Expression, MatchClause, Name, NodePattern, RelPattern } from '../syntax/ast.js'
import type { Place } from '../syntax/place.js'
import { bindingError } from './binding-error.js'
import { ExpressionBinder, propertyOf } from './expression.js'
import type { PatternGraph, PatternRel, Scope } from './scope.js'
import { nodeTables, relTables, requireNodeTable, requireRelTable } from './tables.js'

/** One choice of tables for every node and relationship of a pattern. */
export interface Alternative {
  readonly nodeTables: readonly NodeTable[]
  /** `reversed`: an undirected relationship met from its destination. */
  readonly rels: readonly { readonly table: RelTable; readonly reversed: boolean }[]
}

const alternativesMax = 1024

/** A condition on an entity that stands in the pattern itself: `{name: value}`. */
interface PropertyCondition {
  readonly of: { readonly of: 'node' | 'rel'; readonly index: number }
  readonly name: Name
  readonly value: Expression
}

export class PatternBinder {
  readonly #catalog: Catalog
  readonly #scope: Scope
  readonly #text: string
  readonly #conditions: PropertyCondition[] = []

  constructor(catalog: Catalog, scope: Scope, text: string) {
    this.#catalog = catalog
    this.#scope = scope
    this.#text = text
  }

  /**
   * Adds the patterns to the scope's graph and narrows its tables; returns the combinations and the
   * conditions.
   */
  bind(clauses: readonly MatchClause[]): { alternatives: Alternative[]; conditions: Expr[] } {
    for (const path of clauses.flatMap((clause) => clause.paths)) {
      let left = this.#node(path.nodes[0]!)
      path.rels.forEach((rel, hop) => {
        const right = this.#node(path.nodes[hop + 1]!)
        this.#rel(rel, left, right)
        left = right
      })
    }
    const { graph } = this.#scope
    if (graph.rels.length > patternRelsMax || graph.nodes.length > patternNodesMax) {
      const what = `A pattern of more than ${patternNodesMax} nodes or ${patternRelsMax} relationships`
      const hint = 'Divide it with WITH, or into several statements.'
      throw new MillraceError('MILLRACE_UNSUPPORTED', { what, hint })
    }
    const alternatives = enumerate(graph)
    if (alternatives.length === 0) this.#explainNone(graph)
    narrow(graph, alternatives)
    const binder = new ExpressionBinder(this.#scope, this.#text, { aggregates: false })
    const conditions = this.#conditions.map(({ of, name, value }): Expr => {
      const property = propertyOf(this.#scope, of, name, name.place, this.#text)
      return { kind: 'call', function: '=', args: [property, binder.bind(value)], place: name.place }
    })
    for (const clause of clauses)
      if (clause.where !== null) conditions.push(binder.bindCondition(clause.where))
    return { alternatives, conditions }
  }

  #node(pattern: NodePattern): number {
    const name = pattern.variable?.text ?? null
    const tables =
      pattern.labels.length === 0
        ? nodeTables(this.#catalog)
        : pattern.labels.map((label) => requireNodeTable(this.#catalog, label, this.#text))
    const index =
      this.#knownNode(pattern, tables) ??
      this.#scope.addNode({ name, tables, inputSlot: null, place: pattern.place })
    for (const { name, value } of pattern.properties) {
      this.#conditions.push({ of: { of: 'node', index }, name, value })
    }
    return index
  }

  /** The node a variable stands for already; its label, if one is written again, narrows its tables. */
  #knownNode(pattern: NodePattern, tables: readonly NodeTable[]): number | undefined {
    if (pattern.variable === null) return undefined
    const meaning = this.#scope.find(pattern.variable.text)
    if (meaning === undefined) return undefined
    if (meaning.kind !== 'entity' || meaning.entity.of !== 'node') {
      throw bindingError(
        this.#text,
        pattern.variable.place,
        `${pattern.variable.text} is not a node`,
        'Choose another name for the node.',
      )
    }
    const node = this.#scope.graph.nodes[meaning.entity.index]!
    if (pattern.labels.length > 0) node.tables = node.tables.filter((table) => tables.includes(table))
    return meaning.entity.index
  }

  #rel(pattern: RelPattern, left: number, right: number): void {
    const { variable } = pattern
    if (variable !== null && this.#scope.find(variable.text) !== undefined) {
      throw bindingError(
        this.#text,
        variable.place,
        `${variable.text} is used already`,
        'A relationship variable stands at one place; choose another name.',
      )
    }
    const tables =
      pattern.types.length === 0
        ? relTables(this.#catalog)
        : pattern.types.map((type) => requireRelTable(this.#catalog, type, this.#text))
    const [from, to] = pattern.direction === 'left' ? [right, left] : [left, right]
    const index = this.#scope.addRel({
      name: variable?.text ?? null,
      tables,
      ends: { from, to, directed: pattern.direction !== 'both' },
      inputSlot: null,
      place: pattern.place,
    })
    for (const { name, value } of pattern.properties) {
      this.#conditions.push({ of: { of: 'rel', index }, name, value })
    }
  }

  /** Says why no combination of tables fits; a database without tables is merely empty. */
  #explainNone(graph: PatternGraph): void {
    const impossible =
      graph.rels.find((rel) => rel.ends !== null && fittings(graph, rel).length === 0) ?? graph.rels[0]
    const node = graph.nodes.find(({ tables }) => tables.length === 0)
    const place: Place | undefined = impossible?.place ?? node?.place
    if (place === undefined || nodeTables(this.#catalog).length === 0) return
    const known = relTables(this.#catalog).map((table) => {
      const name = (id: number): string =>
        this.#catalog.tables.find((candidate) => candidate.id === id)?.name ?? '?'
      return `(:${name(table.fromTableId)})-[:${table.name}]->(:${name(table.toTableId)})`
    })
    throw bindingError(
      this.#text,
      place,
      'No relationship table joins such nodes',
      known.length === 0
        ? 'There are no relationship tables.'
        : `There are: ${known.slice(0, 12).join(', ')}.`,
    )
  }
}

interface Fitting {
  readonly table: RelTable
  readonly reversed: boolean
  /** The tables of the ends as the pattern names them. */
  readonly fromTable: NodeTable
  readonly toTable: NodeTable
}

/** Every table and direction a relationship of the pattern can have, its ends' tables taken by themselves. */
function fittings(graph: PatternGraph, rel: PatternRel): Fitting[] {
  const { ends } = rel
  if (ends === null) return []
  const found: Fitting[] = []
  for (const table of new Set(rel.tables)) {
    for (const reversed of ends.directed ? [false] : [false, true]) {
      const [fromId, toId] = reversed
        ? [table.toTableId, table.fromTableId]
        : [table.fromTableId, table.toTableId]
      const fromTable = graph.nodes[ends.from]!.tables.find(({ id }) => id === fromId)
      const toTable = graph.nodes[ends.to]!.tables.find(({ id }) => id === toId)
      if (fromTable !== undefined && toTable !== undefined)
        found.push({ table, reversed, fromTable, toTable })
    }
  }
  return found
}

/** All combinations, relationship by relationship; nodes that no relationship touches come last. */
function enumerate(graph: PatternGraph): Alternative[] {
  const found: Alternative[] = []
  const nodes: (NodeTable | undefined)[] = graph.nodes.map(() => undefined)
  const rels: { table: RelTable; reversed: boolean }[] = []

  const chooseNodes = (index: number): void => {
    if (index === graph.nodes.length) {
      if (found.length === alternativesMax) {
        throw new MillraceError('MILLRACE_UNSUPPORTED', {
          what: `A pattern that can be matched in more than ${alternativesMax} combinations of tables`,
          hint: 'Name the labels and types in the pattern.',
        })
      }
      found.push({ nodeTables: nodes.map((table) => table!), rels: [...rels] })
      return
    }
    if (nodes[index] !== undefined) {
      chooseNodes(index + 1)
      return
    }
    for (const table of new Set(graph.nodes[index]!.tables)) {
      nodes[index] = table
      chooseNodes(index + 1)
    }
    nodes[index] = undefined
  }

  const chooseRels = (index: number): void => {
    const rel = graph.rels[index]
    if (rel === undefined) {
      chooseNodes(0)
      return
    }
    if (rel.ends === null) {
      for (const table of rel.tables) {
        rels.push({ table, reversed: false })
        chooseRels(index + 1)
        rels.pop()
      }
      return
    }
    const { from, to } = rel.ends
    for (const { table, reversed, fromTable, toTable } of fittings(graph, rel)) {
      const [fromBefore, toBefore] = [nodes[from], nodes[to]]
      if ((fromBefore ?? fromTable) !== fromTable) continue
      nodes[from] = fromTable
      if ((nodes[to] ?? toTable) === toTable) {
        nodes[to] = toTable
        rels.push({ table, reversed })
        chooseRels(index + 1)
        rels.pop()
      }
      nodes[to] = toBefore
      nodes[from] = fromBefore
    }
  }

  chooseRels(0)
  return found
}

/** Leaves each node and relationship only the tables that some combination gives it. */
function narrow(graph: PatternGraph, alternatives: readonly Alternative[]): void {
  graph.nodes.forEach((node, index) => {
    const used = new Set(alternatives.map((alternative) => alternative.nodeTables[index]))
    node.tables = node.tables.filter((table) => used.has(table))
  })
  graph.rels.forEach((rel, index) => {
    const used = new Set(alternatives.map((alternative) => alternative.rels[index]!.table))
    rel.tables = rel.tables.filter((table) => used.has(table))
  })
}
