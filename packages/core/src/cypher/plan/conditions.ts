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

/** What a condition says of a node's key, so that the index finds the nodes. */
export interface KeyCondition {
  readonly condition: Condition
  /** What the key equals, or the list that it is in. */
  readonly key: Expr
  readonly isList: boolean
  /** Nodes that are thought to be found. */
  readonly rows: number
}

/** Keys of a list that a parameter gives, as far as the planner knows. */
const parameterListRows = 8

/**
 * The condition that leads to the fewest nodes of `index` by their key; it needs nothing but what is in
 * `bound`.
 */
export function keyCondition(
  conditions: Iterable<Condition>,
  index: number,
  table: NodeTable,
  bound: ReadonlySet<string>,
): KeyCondition | undefined {
  let best: KeyCondition | undefined
  for (const condition of conditions) {
    const found = keyEquality(condition, index, table, bound) ?? keyInList(condition, index, table)
    if (found !== undefined && (best === undefined || found.rows < best.rows)) best = found
  }
  return best
}

function keyEquality(
  condition: Condition,
  index: number,
  table: NodeTable,
  bound: ReadonlySet<string>,
): KeyCondition | undefined {
  const comparison = comparisonOfNode(condition, index)
  if (comparison?.operator !== '=') return undefined
  if (comparison.column !== table.columns[table.keyColumn]!.name) return undefined
  const { other } = comparison
  if (![...referencesOf(other)].every((key) => bound.has(key))) return undefined
  return { condition, key: other, isList: false, rows: 1 }
}

/** `key IN list`: the binder has seen to it that the list is constant. */
function keyInList(condition: Condition, index: number, table: NodeTable): KeyCondition | undefined {
  const { expr } = condition
  if (expr.kind !== 'call' || expr.function !== 'in') return undefined
  const [property, list] = expr.args as [Expr, Expr]
  if (property.kind !== 'property' || entityKey(property.entity) !== entityKey({ of: 'node', index }))
    return undefined
  if (property.column !== table.columns[table.keyColumn]!.name) return undefined
  if (list.kind !== 'list' && list.kind !== 'parameter') return undefined
  const rows = list.kind === 'list' ? list.items.length : parameterListRows
  return { condition, key: list, isList: true, rows: Math.min(rows, table.rowCount) }
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
