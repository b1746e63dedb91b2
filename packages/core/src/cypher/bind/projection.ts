/**
 * Binds WITH and RETURN: which columns come out, what is grouped and aggregated, and in which order.
 *
 * - Where one column aggregates, every column that does not is a key of the groups.
 * - ORDER BY may name returned columns, and compute from what was matched unless DISTINCT or grouping has
 *   left that behind. What it computes becomes a hidden column behind the visible ones.
 */
import { describe, typeOf } from '../expression/compile.js'
import {
  type AggregateExpr,
  childrenOf,
  containsAggregate,
  type Expr,
  exprKey,
  mapChildren,
  slotExpr,
} from '../expression/expression.js'
import { isInteger, isOpen, shownType } from '../expression/types.js'
import type { Expression, Name, OrderItem, Projection } from '../syntax/ast.js'
import { type Place, startOfText } from '../syntax/place.js'
import { bindingError } from './binding-error.js'
import { ExpressionBinder } from './expression.js'
import type { HandedColumn, Scope } from './scope.js'

export interface BoundProjection {
  /**
   * What each row of the pattern gives: the columns themselves, or the keys and arguments of the aggregation.
   */
  readonly inputs: readonly Expr[]
  /** Null when nothing is aggregated. Its result has the keys in slots 0 …, then one slot for each call. */
  readonly aggregation: {
    readonly keyCount: number
    readonly calls: readonly { readonly call: AggregateExpr; readonly argument: number | null }[]
    /** The columns, over the aggregation's slots. */
    readonly outputs: readonly Expr[]
  } | null
  /** Columns that are handed on; hidden ones for ordering follow them in the rows. */
  readonly columns: readonly HandedColumn[]
  readonly distinct: boolean
  readonly order: readonly { readonly slot: number; readonly descending: boolean }[]
  readonly skip: Expr | null
  readonly limit: Expr | null
}

interface Item {
  readonly name: string
  readonly property: string | null
  readonly expr: Expr
}

export class ProjectionBinder {
  readonly #scope: Scope
  readonly #text: string

  constructor(scope: Scope, text: string) {
    this.#scope = scope
    this.#text = text
  }

  /**
   * `final`: this is RETURN, where two columns may not share a name silently and unnamed ones are named by
   * their text.
   */
  bind(projection: Projection, final: boolean): BoundProjection {
    const items = this.#items(projection, final)
    const aggregates = items.some(({ expr }) => containsAggregate(expr))
    const grouping = aggregates ? new Grouping(items, this.#text) : null
    const outputs: Expr[] = items.map(({ expr }) => grouping?.output(expr) ?? expr)
    const order = this.#order(projection, items, outputs, grouping)
    return {
      inputs: grouping === null ? outputs : grouping.inputs(),
      aggregation: grouping === null ? null : grouping.finish(outputs),
      columns: items.map((item) => this.#column(item)),
      distinct: projection.distinct,
      order,
      skip: this.#count(projection.skip, 'SKIP'),
      limit: this.#count(projection.limit, 'LIMIT'),
    }
  }

  /** Hands on every name there is: what stands before a clause that writes, or UNWIND. */
  bindAll(): BoundProjection {
    const items = this.#scope.names.flatMap((name) => this.#itemsNamed(name, name, startOfText))
    return {
      inputs: items.map(({ expr }) => expr),
      aggregation: null,
      columns: items.map((item) => this.#column(item)),
      distinct: false,
      order: [],
      skip: null,
      limit: null,
    }
  }

  /** The columns that hand on variable `name` as `alias`: one, or one for each property of a map. */
  #itemsNamed(name: string, alias: string, place: Place): Item[] {
    const meaning = this.#scope.find(name)
    if (meaning?.kind === 'map') {
      return [...meaning.properties].map(([property, { slot, type }]) => ({
        name: alias,
        property,
        expr: slotExpr(slot, type, place),
      }))
    }
    const binder = new ExpressionBinder(this.#scope, this.#text, { aggregates: false })
    return [{ name: alias, property: null, expr: binder.bind({ kind: 'variable', name, place }) }]
  }

  #column({ name, property, expr }: Item): HandedColumn {
    const type = typeOf(expr, this.#text)
    return { name, property, type, tables: expr.kind === 'entity' ? this.#scope.tablesOf(expr.entity) : [] }
  }

  #items(projection: Projection, final: boolean): Item[] {
    const binder = new ExpressionBinder(this.#scope, this.#text, { aggregates: true })
    const items: Item[] = []
    if (projection.star) {
      for (const name of this.#scope.names) {
        if (final) {
          const expr = binder.bind({ kind: 'variable', name, place: projection.place })
          items.push({ name, property: null, expr })
        } else items.push(...this.#itemsNamed(name, name, projection.place))
      }
      if (items.length === 0) {
        throw bindingError(
          this.#text,
          projection.place,
          'There is nothing for * to stand for',
          'Name a node in MATCH.',
        )
      }
    }
    for (const { expression, alias, text } of projection.items) {
      if (!final && expression.kind === 'variable' && this.#scope.find(expression.name)?.kind === 'map') {
        const name = alias?.text ?? expression.name
        this.#refuseTwice(items, name, alias, expression)
        items.push(...this.#itemsNamed(expression.name, name, expression.place))
        continue
      }
      const expr = binder.bind(expression)
      if (!final && alias === null && expression.kind !== 'variable') {
        throw bindingError(
          this.#text,
          expression.place,
          'A column of WITH needs a name',
          `Write ${text} AS name.`,
        )
      }
      const name = alias?.text ?? (expression.kind === 'variable' ? expression.name : text)
      if (!final) this.#refuseTwice(items, name, alias, expression)
      items.push({ name, property: null, expr })
    }
    return items
  }

  #refuseTwice(items: readonly Item[], name: string, alias: Name | null, expression: Expression): void {
    if (items.every((item) => item.name !== name)) return
    const place = alias?.place ?? expression.place
    throw bindingError(
      this.#text,
      place,
      `WITH has two columns named ${name}`,
      'Give one of them another name.',
    )
  }

  /** Slots of the columns to sort by; adds hidden ones to `outputs`. */
  #order(
    projection: Projection,
    items: readonly Item[],
    outputs: Expr[],
    grouping: Grouping | null,
  ): { slot: number; descending: boolean }[] {
    const named = items.filter(({ property }) => property === null)
    const aliases = new Map(named.map(({ name, expr }) => [name, expr]))
    const binder = new ExpressionBinder(this.#scope, this.#text, { aggregates: grouping !== null, aliases })
    return projection.orderBy.map((item: OrderItem) => {
      const expr = binder.bind(item.expression)
      const type = typeOf(expr, this.#text)
      if (type === 'NODE' || type === 'REL' || type === 'LIST') {
        throw bindingError(
          this.#text,
          item.expression.place,
          `${shownType(type)} has no order`,
          'Order by a property.',
        )
      }
      const key = exprKey(expr)
      const returned = items.findIndex((candidate) => exprKey(candidate.expr) === key)
      if (returned >= 0) return { slot: returned, descending: item.descending }
      if (projection.distinct) {
        throw bindingError(
          this.#text,
          item.expression.place,
          'ORDER BY behind DISTINCT can name returned columns only',
          'Return what you order by.',
        )
      }
      return { slot: outputs.push(grouping?.output(expr) ?? expr) - 1, descending: item.descending }
    })
  }

  /** SKIP and LIMIT: a number or a parameter, or computed from them. */
  #count(expression: Expression | null, clause: string): Expr | null {
    if (expression === null) return null
    const expr = new ExpressionBinder(this.#scope, this.#text, { aggregates: false }).bind(expression)
    const { type } = describe(expr, this.#text)
    const literalValue = expr.kind === 'literal' ? expr.value : 0
    const fixed = isFixed(expr) && (isInteger(type) || isOpen(type))
    if (!fixed || literalValue === null || (typeof literalValue === 'number' && literalValue < 0)) {
      throw bindingError(
        this.#text,
        expression.place,
        `${clause} takes a whole number`,
        'Write a number or a $parameter.',
      )
    }
    return expr
  }
}

/** True for what is the same in every row. */
function isFixed(expr: Expr): boolean {
  if (expr.kind === 'literal' || expr.kind === 'parameter') return true
  return expr.kind === 'call' && childrenOf(expr).every(isFixed)
}

/** Splits columns that aggregate into keys, calls, and what is computed from their results. */
class Grouping {
  readonly #keys: Expr[] = []
  readonly #calls: AggregateExpr[] = []
  readonly #text: string

  constructor(items: readonly Item[], text: string) {
    this.#text = text
    for (const { expr } of items) if (!containsAggregate(expr)) this.#keySlot(expr, true)
  }

  /**
   * `expr` over the aggregation's results. Calls have negative slots until `finish` knows how many keys there
   * are.
   */
  output(expr: Expr): Expr {
    const type = typeOf(expr, this.#text)
    const key = this.#keySlot(expr, false)
    if (key >= 0) return slotExpr(key, type, expr.place)
    if (expr.kind === 'aggregate') return slotExpr(-1 - this.#call(expr), type, expr.place)
    if (expr.kind === 'literal' || expr.kind === 'parameter') return expr
    if (expr.kind === 'property' && this.#hasEntity(expr)) {
      return slotExpr(this.#keySlot(expr, true), type, expr.place)
    }
    if (childrenOf(expr).length === 0) {
      throw bindingError(
        this.#text,
        expr.place,
        'This is neither aggregated nor a column that groups',
        'Return it as a column of its own, or aggregate it.',
      )
    }
    return mapChildren(expr, (child) => this.output(child))
  }

  /** A property of a node that is a key has one value in each group. */
  #hasEntity(expr: Extract<Expr, { kind: 'property' }>): boolean {
    return this.#keys.some(
      (key) =>
        key.kind === 'entity' && key.entity.of === expr.entity.of && key.entity.index === expr.entity.index,
    )
  }

  #keySlot(expr: Expr, add: boolean): number {
    const wanted = exprKey(expr)
    const known = this.#keys.findIndex((key) => exprKey(key) === wanted)
    return known >= 0 || !add ? known : this.#keys.push(expr) - 1
  }

  #call(expr: AggregateExpr): number {
    const wanted = exprKey(expr)
    const known = this.#calls.findIndex((call) => exprKey(call) === wanted)
    return known >= 0 ? known : this.#calls.push(expr) - 1
  }

  /** Keys, then the arguments of calls. */
  inputs(): Expr[] {
    return [...this.#keys, ...this.#calls.flatMap(({ argument }) => (argument === null ? [] : [argument]))]
  }

  finish(outputs: readonly Expr[]): NonNullable<BoundProjection['aggregation']> {
    const keyCount = this.#keys.length
    const place = (expr: Expr): Expr =>
      expr.kind === 'slot' && expr.slot < 0
        ? { ...expr, slot: keyCount - 1 - expr.slot }
        : mapChildren(expr, place)
    let next = keyCount
    const calls = this.#calls.map((call) => ({ call, argument: call.argument === null ? null : next++ }))
    return { keyCount, calls, outputs: outputs.map(place) }
  }
}
