/**
 * Plans the clauses that write: what each reads of the nodes and relationships in its columns, and what it
 * then makes, changes or deletes.
 *
 * - Columns hold identities (`vectors/identity.ts`): a node of one column may be of several tables.
 * - What values need of an entity becomes a slot behind all columns, filled by an `EntityRead` just before.
 */
import { bindingError } from '../bind/binding-error.js'
import type { Scope } from '../bind/scope.js'
import type { BoundAction, BoundAssignment, BoundWrite, NewPattern, PatternEnd } from '../bind/update.js'
import { type EntityReference, type Expr, literal, mapChildren, slotExpr } from '../expression/expression.js'
import type { ValueType } from '../expression/types.js'

/** What an expression needs of the node or relationship in column `from`. */
export interface EntityRead {
  readonly what: 'property' | 'id' | 'label'
  readonly of: 'node' | 'rel'
  readonly from: number
  /** The property's name. */
  readonly column: string
  readonly type: ValueType
  readonly slot: number
}

export type EndPlan =
  | { readonly kind: 'column'; readonly slot: number }
  | { readonly kind: 'made'; readonly index: number }

export interface NewNodePlan {
  readonly tableId: number
  /** By column; null where nothing is said. */
  readonly values: readonly (Expr | null)[]
}

export interface NewRelPlan extends NewNodePlan {
  readonly from: EndPlan
  readonly to: EndPlan
  /** MERGE: met either way. */
  readonly eitherWay: boolean
}

export interface PatternPlan {
  readonly reads: readonly EntityRead[]
  readonly nodes: readonly NewNodePlan[]
  readonly rels: readonly NewRelPlan[]
  /** Which of the nodes, then relationships, become columns behind those of the input. */
  readonly handed: readonly number[]
}

export interface AssignmentPlan {
  readonly of: 'node' | 'rel'
  readonly slot: number
  readonly column: string
  readonly value: Expr
}

/** Assignments of one clause: all values first, then all writes. */
export interface SetPlan {
  readonly reads: readonly EntityRead[]
  readonly assignments: readonly AssignmentPlan[]
}

export type ActionPlan =
  | { readonly kind: 'create'; readonly pattern: PatternPlan }
  | {
      readonly kind: 'merge'
      readonly pattern: PatternPlan
      readonly onCreate: SetPlan
      readonly onMatch: SetPlan
    }
  | { readonly kind: 'set'; readonly set: SetPlan }
  | {
      readonly kind: 'delete'
      readonly detach: boolean
      readonly nodes: readonly number[]
      readonly rels: readonly number[]
    }

export interface WritePlan {
  readonly kind: 'write'
  readonly action: ActionPlan
  /** Types of the columns that the clause adds. */
  readonly added: readonly ValueType[]
}

/** Plans one clause; `text` is its statement. */
export function planWrite(write: BoundWrite, text: string): WritePlan {
  const added = write.output.slice(write.input.length).map(({ type }) => type)
  return { kind: 'write', action: planAction(write.action, write, text), added }
}

function planAction(action: BoundAction, write: BoundWrite, text: string): ActionPlan {
  // Reads begin behind all columns of the output: the same place for whatever the clause computes.
  const values = (): ValueLowering => new ValueLowering(write.scope, write.output.length, text)
  switch (action.kind) {
    case 'create':
      return { kind: 'create', pattern: planPattern(action.pattern, values()) }
    case 'merge':
      return {
        kind: 'merge',
        pattern: planPattern(action.pattern, values()),
        onCreate: planSet(action.onCreate, values()),
        onMatch: planSet(action.onMatch, values()),
      }
    case 'set':
      return { kind: 'set', set: planSet(action.assignments, values()) }
    case 'delete':
      return action
  }
}

function planPattern(pattern: NewPattern, lowering: ValueLowering): PatternPlan {
  const lower = (values: readonly (Expr | null)[]): (Expr | null)[] =>
    values.map((value) => value && lowering.lower(value))
  const end = (end: PatternEnd): EndPlan =>
    end.kind === 'column' ? { kind: 'column', slot: end.slot } : { kind: 'made', index: end.index }
  const nodes = pattern.nodes.map(({ table, values }) => ({ tableId: table.id, values: lower(values) }))
  const rels = pattern.rels.map(({ table, from, to, eitherWay, values }) => ({
    tableId: table.id,
    from: end(from),
    to: end(to),
    eitherWay,
    values: lower(values),
  }))
  return { reads: lowering.reads, nodes, rels, handed: pattern.handed }
}

function planSet(assignments: readonly BoundAssignment[], lowering: ValueLowering): SetPlan {
  const planned = assignments.map(
    ({ of, slot, column, value }): AssignmentPlan => ({ of, slot, column, value: lowering.lower(value) }),
  )
  return { reads: lowering.reads, assignments: planned }
}

/** Replaces what values take of entities by slots. */
class ValueLowering {
  readonly reads: EntityRead[] = []
  readonly #scope: Scope
  readonly #text: string
  #nextSlot: number

  constructor(scope: Scope, firstSlot: number, text: string) {
    this.#scope = scope
    this.#nextSlot = firstSlot
    this.#text = text
  }

  lower(expr: Expr): Expr {
    if (expr.kind === 'property') {
      return slotExpr(this.#read('property', expr.entity, expr.column, expr.type), expr.type, expr.place)
    }
    if (expr.kind === 'entity') {
      const hint = 'Use one of its properties, or id() of it.'
      throw bindingError(this.#text, expr.place, 'A node or relationship cannot be used here', hint)
    }
    if (expr.kind === 'call' && expr.args[0]?.kind === 'entity') {
      const lowered = this.#ofEntities(expr, expr.args[0].entity)
      if (lowered !== undefined) return lowered
    }
    return mapChildren(expr, (child) => this.lower(child))
  }

  #ofEntities(expr: Extract<Expr, { kind: 'call' }>, entity: EntityReference): Expr | undefined {
    const { place } = expr
    switch (expr.function) {
      case 'id':
        return slotExpr(this.#read('id', entity, '', 'INT64'), 'INT64', place)
      case 'label':
        return slotExpr(this.#read('label', entity, '', 'STRING'), 'STRING', place)
      case 'isNull':
      case 'isNotNull':
        return literal('BOOL', expr.function === 'isNotNull', place)
      case '=':
      case '<>': {
        const right = expr.args[1]
        if (right?.kind !== 'entity' || right.entity.of !== entity.of) return undefined
        // Identities carry the table.
        const args = [entity, right.entity].map((one) => slotExpr(this.#scope.slotOf(one), 'INT64', place))
        return { ...expr, args }
      }
      default:
        return undefined
    }
  }

  #read(what: EntityRead['what'], entity: EntityReference, column: string, type: ValueType): number {
    const from = this.#scope.slotOf(entity)
    const known = this.reads.find(
      (read) => read.what === what && read.from === from && read.column === column,
    )
    if (known !== undefined) return known.slot
    const slot = this.#nextSlot++
    this.reads.push({ what, of: entity.of, from, column, type, slot })
    return slot
  }
}
