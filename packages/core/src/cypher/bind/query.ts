/** Binds queries: part by part, each over the columns the part before hands on. */
import type { Catalog } from '../../catalog/index.js'
import { conjuncts, type Expr } from '../expression/expression.js'
import type { Expression, QueryStatement } from '../syntax/ast.js'
import { startOfText } from '../syntax/place.js'
import { ExpressionBinder } from './expression.js'
import { type Alternative, PatternBinder } from './pattern.js'
import { type BoundProjection, ProjectionBinder } from './projection.js'
import { type HandedColumn, type PatternGraph, Scope } from './scope.js'

export interface BoundPart {
  readonly input: readonly HandedColumn[]
  readonly graph: PatternGraph
  readonly alternatives: readonly Alternative[]
  /** All must be true. */
  readonly conditions: readonly Expr[]
  readonly projection: BoundProjection
}

/**
 * Looks up every name of a query and checks its types.
 * @throws MillraceError `MILLRACE_BINDING`
 */
export function bindQuery(statement: QueryStatement, catalog: Catalog): BoundPart[] {
  const { text } = statement
  const parts: BoundPart[] = []
  let input: readonly HandedColumn[] = []
  // What WITH … WHERE filters is filtered at the beginning of the next part: the same rows.
  let pending: Expression | null = null
  statement.parts.forEach((part, index) => {
    const scope = new Scope(input, startOfText)
    const conditions: Expr[] = []
    const filter = pending
    const { alternatives, conditions: matched } = new PatternBinder(catalog, scope, text).bind(part.matches)
    if (filter !== null) {
      conditions.push(new ExpressionBinder(scope, text, { aggregates: false }).bindCondition(filter))
    }
    conditions.push(...matched)
    const isLast = index === statement.parts.length - 1
    const projection = new ProjectionBinder(scope, text).bind(part.projection, isLast)
    const { graph } = scope
    parts.push({ input, graph, alternatives, conditions: conditions.flatMap(conjuncts), projection })
    input = projection.columns
    pending = part.where
  })
  return parts
}
