/** Parameters: JavaScript values as literals of the language. */
import { MillraceError } from '../../errors/index.js'
import { type Place, startOfText } from '../syntax/place.js'
import { blobConstant, smallest } from './constants.js'
import { checkInt64 } from './evaluation-error.js'
import { laneOfUint64 } from './exact.js'
import { type Constant, type Expr, literal } from './expression.js'
import type { ValueType } from './types.js'

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

/**
 * The array passed for `name`; empty for null.
 * @throws MillraceError `MILLRACE_PARAMETER` when it is not given or no array
 */
export function listParameter(parameters: Parameters, name: string): readonly unknown[] {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (value === null) return []
  const problem = value === undefined ? 'is not given' : `is a ${typeof value}; UNWIND takes an array`
  if (!Array.isArray(value)) throw new MillraceError('MILLRACE_PARAMETER', { name, problem })
  if (value.length > itemsMax) throw tooLong(name, value.length)
  return value
}

/** A single value within the parameter `name`. @throws MillraceError `MILLRACE_PARAMETER` */
export function valueLiteral(value: unknown, name: string): { type: ValueType; constant: Constant } {
  const expr = valueExpr(value, name, startOfText)
  return expr.kind === 'literal' ? { type: expr.type, constant: expr.value } : { type: 'LIST', constant: [] }
}

/** Beyond INT64 there is UINT64. */
function bigintLiteral(value: bigint, name: string, place: Place): Expr {
  const wide = value >= 2n ** 63n ? laneOfUint64(value) : undefined
  if (wide !== undefined) return literal('UINT64', wide, place)
  return literal('INT64', smallest(checkInt64(value, `$${name}`)), place)
}

function tooLong(name: string, length: number): MillraceError {
  const problem = `has ${length} items; at most ${itemsMax} are possible`
  return new MillraceError('MILLRACE_PARAMETER', { name, problem })
}

function valueExpr(value: unknown, name: string, place: Place): Expr {
  const refuse = (problem: string): never => {
    throw new MillraceError('MILLRACE_PARAMETER', { name, problem })
  }
  if (value === null) return literal('NULL', null, place)
  if (typeof value === 'boolean') return literal('BOOL', value, place)
  if (typeof value === 'string') return literal('STRING', value, place)
  if (typeof value === 'bigint') return bigintLiteral(value, name, place)
  if (typeof value === 'number') {
    return literal(Number.isSafeInteger(value) ? 'INT64' : 'DOUBLE', Object.is(value, -0) ? 0 : value, place)
  }
  if (value instanceof Uint8Array) return literal('BLOB', blobConstant(value), place)
  if (value instanceof Date) {
    const elapsed = value.getTime()
    if (Number.isNaN(elapsed)) refuse('is an invalid Date')
    return literal('TIMESTAMP', smallest(BigInt(elapsed) * 1000n), place)
  }
  if (Array.isArray(value)) {
    if (value.length > itemsMax) throw tooLong(name, value.length)
    return { kind: 'list', items: value.map((item) => valueExpr(item, name, place)), place }
  }
  return refuse(
    `is a ${typeof value}; null, boolean, number, bigint, string, Date, Uint8Array and arrays of these can be passed`,
  )
}
