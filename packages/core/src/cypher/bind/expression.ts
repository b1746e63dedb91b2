/**
 * Binds expressions: variables, properties and functions are looked up; aggregates are found and kept apart.
 */
import type { NodeTable, RelTable } from '../../catalog/index.js'
import type { LogicalType } from '../../types/index.js'
import { describe, typeOf } from '../expression/compile.js'
import { type AggregateFunction, type EntityReference, type Expr, literal } from '../expression/expression.js'
import { callableNames, findFunction } from '../expression/functions/index.js'
import { commonType, isOpen, shownType } from '../expression/types.js'
import type { CallExpression, CaseExpression, Expression, Name } from '../syntax/ast.js'
import type { Place } from '../syntax/place.js'
import { bindingError, suggestion } from './binding-error.js'
import type { Scope } from './scope.js'
import { typeNamed } from './type-names.js'

const aggregateNames: readonly string[] = ['count', 'sum', 'avg', 'min', 'max', 'collect']

/** Functions of a node or relationship itself. */
const entityFunctions: readonly string[] = ['id', 'offset', 'label', 'labels', 'type', 'internal_id']

const depthMax = 400

export interface ExpressionOptions {
  /** Where aggregates may stand: in the items of WITH and RETURN and in ORDER BY. */
  readonly aggregates: boolean
  /** Names that go before the scope's: the columns already projected, in ORDER BY. */
  readonly aliases?: ReadonlyMap<string, Expr>
}

export class ExpressionBinder {
  readonly #scope: Scope
  readonly #text: string
  readonly #options: ExpressionOptions
  #insideAggregate = false
  #depth = 0

  constructor(scope: Scope, text: string, options: ExpressionOptions) {
    this.#scope = scope
    this.#text = text
    this.#options = options
  }

  /**
   * Binds and types `expression`.
   * @throws MillraceError `MILLRACE_BINDING`
   */
  bind(expression: Expression): Expr {
    const expr = this.#bind(expression)
    describe(expr, this.#text)
    return expr
  }

  /** Binds what must be true or false. */
  bindCondition(expression: Expression): Expr {
    const expr = this.bind(expression)
    const type = typeOf(expr, this.#text)
    if (type !== 'BOOL' && !isOpen(type)) {
      throw this.#error(
        expression.place,
        `A condition must be BOOL, not ${shownType(type)}`,
        'Compare it with something.',
      )
    }
    return expr
  }

  #error(place: Place, what: string, hint: string): Error {
    return bindingError(this.#text, place, what, hint)
  }

  #bind(expression: Expression): Expr {
    if (++this.#depth > depthMax) {
      throw this.#error(
        expression.place,
        `The expression is nested more than ${depthMax} deep`,
        'Simplify it.',
      )
    }
    try {
      return this.#bindKind(expression)
    } finally {
      this.#depth--
    }
  }

  #bindKind(expression: Expression): Expr {
    const { place } = expression
    switch (expression.kind) {
      case 'literal':
        return literal(expression.type, this.#literalValue(expression.value, place), place)
      case 'parameter':
        return { kind: 'parameter', name: expression.name, place }
      case 'variable':
        return this.#variable(expression.name, place)
      case 'property':
        return this.#property(expression.target, expression.name, place)
      case 'list':
        return { kind: 'list', items: expression.items.map((item) => this.#bind(item)), place }
      case 'cast':
        return {
          kind: 'cast',
          operand: this.#bind(expression.operand),
          type: typeNamed(expression.type, this.#text),
          place,
        }
      case 'case':
        return this.#case(expression)
      case 'call':
        return this.#call(expression)
      case 'operator':
        return this.#operator(expression.operator, expression.operands, place)
    }
  }

  #literalValue<T>(value: T, place: Place): T {
    if (typeof value === 'bigint' && (value >= 2n ** 63n || value < -(2n ** 63n))) {
      throw this.#error(place, `${value} is beyond INT64`, 'Write it as a DOUBLE: with a decimal point.')
    }
    return value
  }

  #variable(name: string, place: Place): Expr {
    const alias = this.#options.aliases?.get(name)
    if (alias !== undefined) return alias
    const meaning = this.#scope.find(name)
    if (meaning === undefined) {
      const known = [...(this.#options.aliases?.keys() ?? []), ...this.#scope.names]
      throw this.#error(place, `There is no variable ${name}`, suggestion(name, known, 'variables'))
    }
    if (meaning.kind === 'entity') return { kind: 'entity', entity: meaning.entity, place }
    if (meaning.kind === 'map') {
      throw this.#error(place, `${name} is a map, because its properties are used`, `Write ${name}.property.`)
    }
    return { kind: 'slot', slot: meaning.slot, type: meaning.type, place }
  }

  #property(target: Expression, name: Name, place: Place): Expr {
    const ofMap = this.#mapProperty(target, name, place)
    if (ofMap !== undefined) return ofMap
    const of = this.#bind(target)
    if (of.kind !== 'entity') {
      const type = shownType(typeOf(of, this.#text))
      throw this.#error(
        name.place,
        `${type} has no property ${name.text}`,
        'Nodes and relationships have properties.',
      )
    }
    return propertyOf(this.#scope, of.entity, name, place, this.#text)
  }

  #mapProperty(target: Expression, name: Name, place: Place): Expr | undefined {
    if (target.kind !== 'variable' || this.#options.aliases?.has(target.name)) return undefined
    const meaning = this.#scope.find(target.name)
    if (meaning?.kind !== 'map') return undefined
    const column = meaning.properties.get(name.text)
    if (column === undefined) {
      const hint = 'Use the variable of UNWIND under its own name.'
      throw this.#error(name.place, `${target.name} has no property ${name.text} here`, hint)
    }
    return { kind: 'slot', slot: column.slot, type: column.type, place }
  }

  #operator(operator: string, operands: readonly Expression[], place: Place): Expr {
    const args = operands.map((operand) => this.#bind(operand))
    const list = args[1]
    if (operator === 'in' && list?.kind === 'list') {
      const constant = (item: Expr): boolean => item.kind === 'literal' || item.kind === 'parameter'
      // A list of expressions is so many comparisons.
      if (!list.items.every(constant)) {
        const equals = list.items.map(
          (item): Expr => ({ kind: 'call', function: '=', args: [args[0]!, item], place }),
        )
        return equals.length === 1 ? equals[0]! : { kind: 'call', function: 'or', args: equals, place }
      }
    }
    return { kind: 'call', function: operator, args, place }
  }

  #case(expression: CaseExpression): Expr {
    const { place } = expression
    const subject = expression.subject === null ? null : this.#bind(expression.subject)
    const args = expression.branches.flatMap(({ when, result }) => {
      const condition = this.#bind(when)
      const test: Expr =
        subject === null
          ? condition
          : { kind: 'call', function: '=', args: [subject, condition], place: when.place }
      return [test, this.#bind(result)]
    })
    args.push(expression.otherwise === null ? literal('NULL', null, place) : this.#bind(expression.otherwise))
    return { kind: 'call', function: 'case', args, place }
  }

  #call(expression: CallExpression): Expr {
    const { name, place } = expression
    if (aggregateNames.includes(name)) return this.#aggregate(expression)
    if (expression.star || expression.distinct) {
      const what = expression.star ? `${name}(*)` : `${name}(DISTINCT …)`
      throw this.#error(place, `${what} does not exist`, 'Only aggregates take * or DISTINCT.')
    }
    const args = expression.args.map((argument) => this.#bind(argument))
    if (entityFunctions.includes(name)) return this.#entityFunction(name, args, place)
    if (findFunction(name) === undefined || !callableNames.includes(name)) {
      const known = [...callableNames, ...aggregateNames, ...entityFunctions]
      throw this.#error(place, `There is no function ${name}`, suggestion(name, known, 'functions'))
    }
    return { kind: 'call', function: name, args, place }
  }

  /** `id` and `offset` are the offset within the table; `label`, `labels` and `type` its name. */
  #entityFunction(name: string, args: readonly Expr[], place: Place): Expr {
    const [argument] = args
    if (name === 'offset' && args.length === 1 && argument!.kind === 'call' && argument!.function === 'id')
      return argument!
    if (args.length !== 1 || argument!.kind !== 'entity') {
      throw this.#error(
        place,
        `${name} takes one node or relationship`,
        `Write ${name}(a), where a is a variable of MATCH.`,
      )
    }
    const isId = name === 'id' || name === 'offset' || name === 'internal_id'
    return { kind: 'call', function: isId ? 'id' : 'label', args, place }
  }

  #aggregate(expression: CallExpression): Expr {
    const { name, place, distinct } = expression
    if (!this.#options.aggregates) {
      throw this.#error(
        place,
        `${name} cannot stand here`,
        'Aggregate in WITH or RETURN, and filter behind WITH.',
      )
    }
    if (this.#insideAggregate) {
      throw this.#error(
        place,
        `${name} stands inside another aggregate`,
        'Aggregate in two steps, with WITH between.',
      )
    }
    if (expression.star && name !== 'count') {
      throw this.#error(place, `${name}(*) does not exist`, `Write ${name}(a.property).`)
    }
    if (!expression.star && expression.args.length !== 1) {
      throw this.#error(place, `${name} takes one argument`, `Write ${name}(a.property).`)
    }
    this.#insideAggregate = true
    try {
      const argument = expression.star ? null : this.#bind(expression.args[0]!)
      return { kind: 'aggregate', function: name as AggregateFunction, distinct, argument, place }
    } finally {
      this.#insideAggregate = false
    }
  }
}

/** The property `name` of an entity: NULL in those of its tables that have no such column. */
export function propertyOf(
  scope: Scope,
  entity: EntityReference,
  name: Name,
  place: Place,
  text: string,
): Expr {
  const tables: readonly (NodeTable | RelTable)[] = scope.tablesOf(entity)
  let type: LogicalType | undefined
  for (const table of tables) {
    const column = table.columns.find((candidate) => candidate.name === name.text)
    if (column === undefined) continue
    const joined = type === undefined ? column.type : commonType(type, column.type)
    if (joined === undefined) {
      const hint = 'Name one label in the pattern.'
      throw bindingError(
        text,
        name.place,
        `The property ${name.text} has different types in different tables`,
        hint,
      )
    }
    type = joined as LogicalType
  }
  if (type === undefined) {
    const columns = [...new Set(tables.flatMap((table) => table.columns.map((column) => column.name)))]
    const owner = tables.length === 1 ? `${tables[0]!.name} has` : 'None of the tables has'
    throw bindingError(
      text,
      name.place,
      `${owner} no property ${name.text}`,
      suggestion(name.text, columns, 'properties'),
    )
  }
  return { kind: 'property', entity, column: name.text, type, place }
}
