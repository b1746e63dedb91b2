/** Replaces properties and entities by the slots that hold them in one pipeline. */
import type { NodeTable, RelTable } from '../../catalog/index.js'
import { bindingError } from '../bind/binding-error.js'
import { type EntityReference, type Expr, literal, mapChildren, slotExpr } from '../expression/expression.js'
import type { ValueType } from '../expression/types.js'
import { slotsOf } from './references.js'

export interface EntitySlots {
  tableOf(entity: EntityReference): NodeTable | RelTable
  entitySlot(entity: EntityReference): number
  propertySlot(entity: EntityReference, column: string, type: ValueType): number
}

export class Lowering {
  readonly #slots: EntitySlots
  readonly #text: string

  constructor(slots: EntitySlots, text: string) {
    this.#slots = slots
    this.#text = text
  }

  /** An output of the pipeline: where it is a node or relationship itself, `tableId` says of which table. */
  output(expr: Expr): { expr: Expr; tableId: number | null; slots: number[] } {
    const inner = expr.kind === 'aggregate' && expr.argument !== null ? expr.argument : expr
    if (inner.kind === 'entity') {
      const slot = this.#slots.entitySlot(inner.entity)
      const type = inner.entity.of === 'node' ? 'NODE' : 'REL'
      return {
        expr: slotExpr(slot, type, inner.place),
        tableId: this.#slots.tableOf(inner.entity).id,
        slots: [slot],
      }
    }
    const lowered = this.value(inner)
    return { expr: lowered, tableId: null, slots: slotsOf(lowered) }
  }

  /** A value. Entities stand only in =, <>, IS NULL, id and label; elsewhere they have no meaning. */
  value(expr: Expr): Expr {
    if (expr.kind === 'property') return this.#property(expr)
    if (expr.kind === 'entity') {
      throw bindingError(
        this.#text,
        expr.place,
        'A node or relationship cannot be used here',
        'Use one of its properties, or id() of it.',
      )
    }
    if (expr.kind === 'call' && expr.args.some((argument) => argument.kind === 'entity')) {
      const lowered = this.#ofEntities(expr)
      if (lowered !== undefined) return lowered
    }
    return mapChildren(expr, (child) => this.value(child))
  }

  #property(expr: Extract<Expr, { kind: 'property' }>): Expr {
    const column = this.#slots.tableOf(expr.entity).columns.find(({ name }) => name === expr.column)
    if (column === undefined) return literal('NULL', null, expr.place)
    return slotExpr(this.#slots.propertySlot(expr.entity, expr.column, column.type), column.type, expr.place)
  }

  #ofEntities(expr: Extract<Expr, { kind: 'call' }>): Expr | undefined {
    const [left, right] = expr.args
    if (left?.kind !== 'entity') return undefined
    const { entity } = left
    const { place } = expr
    switch (expr.function) {
      case 'id':
        return slotExpr(this.#slots.entitySlot(entity), 'INT64', place)
      case 'label':
        return literal('STRING', this.#slots.tableOf(entity).name, place)
      case 'isNull':
      case 'isNotNull':
        return literal('BOOL', expr.function === 'isNotNull', place)
      case '=':
      case '<>': {
        if (right?.kind !== 'entity') return undefined
        if (this.#slots.tableOf(entity).id !== this.#slots.tableOf(right.entity).id) {
          return literal('BOOL', expr.function === '<>', place)
        }
        const args = [entity, right.entity].map((one) =>
          slotExpr(this.#slots.entitySlot(one), 'INT64', place),
        )
        return { ...expr, args }
      }
      default:
        return undefined
    }
  }
}
