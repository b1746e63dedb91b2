/**
 * What the planner sees in a condition: equality with a key, comparison with a constant, how much it lets
 * through.
 */
import type { NodeTable } from '../../catalog/index.js'
import type { Expr } from '../expression/expression.js'
import type { ZoneFilter } from './plan.js'
import { entityKey, referencesOf } from './references.js'

export interface Condition {
  readonly expr: Expr
  readonly references: ReadonlySet<string>
}

export function conditionOf(expr: Expr): Condition {
  return { expr, references: referencesOf(expr) }
}

const mirrored: Readonly<Record<string, ZoneFilter['operator']>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/**
 * `property operator other`, turned so that the property of node `index` is on the left; undefined when it is
 * not such.
 */
export function comparisonOfNode(
  condition: Condition,
  index: number,
): { column: string; operator: ZoneFilter['operator']; other: Expr } | undefined {
  const { expr } = condition
  if (
    expr.kind !== 'call' ||
    mirrored[expr.function] === undefined ||
    !Object.hasOwn(mirrored, expr.function)
  ) {
    return undefined
  }
  const key = entityKey({ of: 'node', index })
  const [left, right] = expr.args as [Expr, Expr]
  for (const [property, other, operator] of [
    [left, right, expr.function as ZoneFilter['operator']],
    [right, left, mirrored[expr.function]!],
  ] as const) {
    if (property.kind !== 'property' || entityKey(property.entity) !== key) continue
    if (!referencesOf(other).has(key)) return { column: property.column, operator, other }
  }
  return undefined
}

/** The expression that the key of node `index` equals, when it needs nothing but what is in `bound`. */
export function keyEquality(
  condition: Condition,
  index: number,
  table: NodeTable,
  bound: ReadonlySet<string>,
): Expr | undefined {
  const comparison = comparisonOfNode(condition, index)
  if (comparison?.operator !== '=') return undefined
  if (comparison.column !== table.columns[table.keyColumn]!.name) return undefined
  return [...referencesOf(comparison.other)].every((key) => bound.has(key)) ? comparison.other : undefined
}

/** The comparison of node `index` with a constant, by which row groups can be skipped. */
export function zoneFilterOf(condition: Condition, index: number, table: NodeTable): ZoneFilter | undefined {
  const comparison = comparisonOfNode(condition, index)
  if (comparison === undefined || referencesOf(comparison.other).size > 0) {
    return undefined
  }
  const column = table.columns.findIndex(({ name }) => name === comparison.column)
  return column < 0 ? undefined : { column, operator: comparison.operator, value: comparison.other }
}

/** The share of rows a condition is thought to let through. */
export function selectivity(condition: Condition): number {
  const { expr } = condition
  if (expr.kind !== 'call') return 0.5
  if (expr.function === '=' || expr.function === 'in') return 0.1
  if (Object.hasOwn(mirrored, expr.function)) return 0.3
  return expr.function === '<>' || expr.function === 'isNotNull' ? 0.9 : 0.5
}
