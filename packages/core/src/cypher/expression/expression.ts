/**
 * Bound expressions, as plain data: names are resolved, types of leaves are known.
 *
 * - The binder makes `property` and `entity` leaves; the planner replaces them by `slot` leaves, which name a
 *   column of a batch.
 * - `aggregate` stands only in projections, and is replaced by the slot of its result.
 * - A type follows from the leaves (`typeOf` in `compile.ts`); only parameters are open until the query runs.
 */
import type { LogicalType } from '../../types/index.js'
import { type Place, startOfText } from '../syntax/place.js'
import type { ValueType } from './types.js'

/** DATE in days, TIMESTAMP in microseconds, INT64 beyond 2^53 as bigint; a list holds constants. */
export type Constant = null | boolean | number | bigint | string | readonly Constant[]

export type AggregateFunction = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'collect'

export interface AggregateExpr {
  readonly kind: 'aggregate'
  readonly function: AggregateFunction
  readonly distinct: boolean
  /** Null for `count(*)`. */
  readonly argument: Expr | null
  readonly place: Place
}

/**
 * What a property or entity is taken of: a node or a relationship of the part's pattern, by its index there.
 */
export interface EntityReference {
  readonly of: 'node' | 'rel'
  readonly index: number
}

export type Expr =
  | { readonly kind: 'literal'; readonly type: ValueType; readonly value: Constant; readonly place: Place }
  | { readonly kind: 'parameter'; readonly name: string; readonly place: Place }
  | {
      readonly kind: 'property'
      readonly entity: EntityReference
      readonly column: string
      readonly type: LogicalType
      readonly place: Place
    }
  | { readonly kind: 'entity'; readonly entity: EntityReference; readonly place: Place }
  | { readonly kind: 'slot'; readonly slot: number; readonly type: ValueType; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly Expr[]; readonly place: Place }
  | {
      readonly kind: 'call'
      readonly function: string
      readonly args: readonly Expr[]
      readonly place: Place
    }
  | { readonly kind: 'cast'; readonly operand: Expr; readonly type: LogicalType; readonly place: Place }
  | AggregateExpr

/** A literal made by the planner. */
export function literal(type: ValueType, value: Constant, place: Place = startOfText): Expr {
  return { kind: 'literal', type, value, place }
}

/** A column of a batch. */
export function slotExpr(slot: number, type: ValueType, place: Place = startOfText): Expr {
  return { kind: 'slot', slot, type, place }
}

export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call':
      return expr.args
    case 'list':
      return expr.items
    case 'cast':
      return [expr.operand]
    case 'aggregate':
      return expr.argument === null ? [] : [expr.argument]
    default:
      return []
  }
}

/** `expr` with every child replaced by what `change` makes of it. */
export function mapChildren(expr: Expr, change: (child: Expr) => Expr): Expr {
  switch (expr.kind) {
    case 'call':
      return { ...expr, args: expr.args.map(change) }
    case 'list':
      return { ...expr, items: expr.items.map(change) }
    case 'cast':
      return { ...expr, operand: change(expr.operand) }
    case 'aggregate':
      return expr.argument === null ? expr : { ...expr, argument: change(expr.argument) }
    default:
      return expr
  }
}

/** Calls `visit` on `expr` and everything in it. */
export function walk(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr)
  for (const child of childrenOf(expr)) walk(child, visit)
}

export function containsAggregate(expr: Expr): boolean {
  return expr.kind === 'aggregate' || childrenOf(expr).some(containsAggregate)
}

/** Equal for expressions that say the same, wherever they stand. */
export function exprKey(expr: Expr): string {
  return JSON.stringify(expr, (name, value) => {
    if (name === 'place') return undefined
    if (typeof value === 'bigint') return `${value}n`
    return Object.is(value, -0) ? '-0' : value
  })
}

/** The conditions that AND joins. */
export function conjuncts(expr: Expr): Expr[] {
  return expr.kind === 'call' && expr.function === 'and' ? expr.args.flatMap(conjuncts) : [expr]
}
