/**
 * Binds UNWIND: a list becomes rows.
 *
 * Where the statement asks for properties of the variable, the items are maps, and every property that it
 * asks for becomes a column: `UNWIND $rows AS row … row.name`. Else the item itself is the column.
 */
import { typeOf } from '../expression/compile.js'
import { childrenOf, type Expr } from '../expression/expression.js'
import { commonType, isList, shownType, type ValueType } from '../expression/types.js'
import type { QueryStatement, UnwindClause } from '../syntax/ast.js'
import { startOfText } from '../syntax/place.js'
import { bindingError } from './binding-error.js'
import { ExpressionBinder } from './expression.js'
import { type HandedColumn, Scope } from './scope.js'

export interface BoundUnwind {
  readonly kind: 'unwind'
  readonly variable: string
  /** A parameter, a list of constants, or a column that holds lists. */
  readonly list: Expr
  /** Property of each new column; null alone where the items themselves are one. */
  readonly properties: readonly (string | null)[]
  readonly input: readonly HandedColumn[]
  readonly output: readonly HandedColumn[]
}

/** @throws MillraceError `MILLRACE_BINDING` */
export function bindUnwind(
  clause: UnwindClause,
  statement: QueryStatement,
  input: readonly HandedColumn[],
): BoundUnwind {
  const { text } = statement
  const { variable } = clause
  const scope = new Scope(input, startOfText)
  if (scope.find(variable.text) !== undefined) {
    throw bindingError(text, variable.place, `${variable.text} is used already`, 'Choose another name.')
  }
  const list = new ExpressionBinder(scope, text, { aggregates: false }).bind(clause.list)
  const type = typeOf(list, text)
  if (!isList(type) && type !== 'ANY' && type !== 'NULL') {
    const hint = 'Give a list, or a $parameter that is one.'
    throw bindingError(text, clause.list.place, `UNWIND takes a list, not ${shownType(type)}`, hint)
  }
  if (hasEntity(list)) {
    const hint = 'Give a list of constants, a $parameter, or a variable that holds a list.'
    throw bindingError(text, clause.list.place, 'UNWIND takes no list of expressions', hint)
  }
  const asked = propertiesOf(variable.text, statement)
  const properties = asked.length === 0 ? [null] : asked
  if (asked.length > 0 && list.kind === 'list') {
    const hint = 'Maps can be passed in a $parameter only.'
    throw bindingError(text, clause.list.place, `The items of the list have no property ${asked[0]}`, hint)
  }
  const itemType = asked.length === 0 ? typeOfItems(list, text) : 'ANY'
  const columns = properties.map(
    (property): HandedColumn => ({ name: variable.text, property, type: itemType, tables: [] }),
  )
  return { kind: 'unwind', variable: variable.text, list, properties, input, output: [...input, ...columns] }
}

function hasEntity(expr: Expr): boolean {
  return expr.kind === 'property' || expr.kind === 'entity' || childrenOf(expr).some(hasEntity)
}

/** What the items of a list have in common; ANY where only running says. */
function typeOfItems(list: Expr, text: string): ValueType {
  if (list.kind !== 'list') return 'ANY'
  let type: ValueType = 'NULL'
  for (const item of list.items) {
    const itemType = typeOf(item, text)
    const joined = commonType(type, itemType)
    if (joined === undefined) {
      const what = `The list mixes ${shownType(type)} and ${shownType(itemType)}`
      throw bindingError(text, item.place, what, 'Convert one of them with CAST(… AS type).')
    }
    type = joined
  }
  return type
}

/** The properties that a statement asks of a variable, wherever: `name.property`. */
function propertiesOf(name: string, statement: QueryStatement): string[] {
  const found = new Set<string>()
  const open: unknown[] = [...statement.parts]
  while (open.length > 0) {
    const part = open.pop() as Record<string, unknown>
    if (part.kind === 'property') {
      const { target, name: property } = part as { target: Record<string, unknown>; name: { text: string } }
      if (target.kind === 'variable' && target.name === name) found.add(property.text)
    }
    for (const child of Object.values(part)) if (typeof child === 'object' && child !== null) open.push(child)
  }
  return [...found].sort()
}
