/** Parameters: JavaScript values as literals of the language. */
import { MillraceError } from '../../errors/index.js'
import type { Place } from '../syntax/place.js'
import { smallest } from './constants.js'
import { checkInt64 } from './evaluation-error.js'
import { type Expr, literal } from './expression.js'

export type Parameters = Readonly<Record<string, unknown>>

const itemsMax = 1_000_000

/**
 * The value passed for `name`, as an expression. Whole numbers are INT64, others DOUBLE; a Date is a
 * TIMESTAMP; an array a list.
 * @throws MillraceError `MILLRACE_PARAMETER` when there is none, or none that can be used
 */
export function parameterValue(parameters: Parameters, name: string, place: Place): Expr {
  if (!Object.hasOwn(parameters, name) || parameters[name] === undefined) {
    throw new MillraceError('MILLRACE_PARAMETER', { name, problem: 'is not given' })
  }
  return valueExpr(parameters[name], name, place)
}

function valueExpr(value: unknown, name: string, place: Place): Expr {
  const refuse = (problem: string): never => {
    throw new MillraceError('MILLRACE_PARAMETER', { name, problem })
  }
  if (value === null) return literal('NULL', null, place)
  if (typeof value === 'boolean') return literal('BOOL', value, place)
  if (typeof value === 'string') return literal('STRING', value, place)
  if (typeof value === 'bigint') return literal('INT64', smallest(checkInt64(value, `$${name}`)), place)
  if (typeof value === 'number') {
    return literal(Number.isSafeInteger(value) ? 'INT64' : 'DOUBLE', Object.is(value, -0) ? 0 : value, place)
  }
  if (value instanceof Date) {
    const elapsed = value.getTime()
    if (Number.isNaN(elapsed)) refuse('is an invalid Date')
    return literal('TIMESTAMP', smallest(BigInt(elapsed) * 1000n), place)
  }
  if (Array.isArray(value)) {
    if (value.length > itemsMax) refuse(`has ${value.length} items; at most ${itemsMax} are possible`)
    return { kind: 'list', items: value.map((item) => valueExpr(item, name, place)), place }
  }
  return refuse(
    `is a ${typeof value}; null, boolean, number, bigint, string, Date and arrays of these can be passed`,
  )
}
