/**
 * What a function is: how its result's type follows from its arguments' types, and how a batch of it is
 * computed.
 */
import type { Place } from '../syntax/place.js'
import { convertVector } from '../vectors/convert.js'
import type { Batch, WorkVector } from '../vectors/vector.js'
import type { Constant } from './expression.js'
import { commonType, isInteger, isNumber, isOpen, shownType, type ValueType } from './types.js'

export type Evaluate = (batch: Batch) => WorkVector

/** An argument as far as typing goes. */
export interface Argument {
  readonly type: ValueType
  /** The value, when it is the same for every row and known; undefined else. */
  readonly constant?: Constant | undefined
  /** The items of a list that is written out or passed as a parameter. */
  readonly items?: readonly Argument[] | undefined
}

export interface Compiled extends Argument {
  readonly evaluate: Evaluate
}

/** Where a function is called: what its errors point at. */
export interface Site {
  readonly name: string
  readonly place: Place
  /** Raises MILLRACE_BINDING: the arguments do not fit. */
  fail(what: string, hint: string): never
}

export interface FunctionDefinition {
  /** The type of the result. NULL and ANY arguments must be accepted. */
  resolve(args: readonly Argument[], site: Site): ValueType
  compile(args: readonly Compiled[], site: Site): Evaluate
}

/** True for an argument whose type is `type` or not known yet. */
export function fits(argument: Argument, type: ValueType): boolean {
  return argument.type === type || isOpen(argument.type)
}

/** Checks the number of arguments. */
export function expectCount(args: readonly unknown[], least: number, most: number, site: Site): void {
  if (args.length >= least && args.length <= most) return
  const wanted = least === most ? `${least}` : `${least} to ${most}`
  site.fail(`${site.name} has ${args.length} arguments, but takes ${wanted}`, 'See docs/cypher.md.')
}

/** Checks that argument `index` has one of `types`. */
export function expectType(
  args: readonly Argument[],
  index: number,
  types: readonly ValueType[],
  site: Site,
): void {
  const argument = args[index]
  if (argument === undefined || isOpen(argument.type) || types.includes(argument.type)) return
  const wanted = types.map(shownType).join(' or ')
  site.fail(
    `${site.name} takes ${wanted}, not ${shownType(argument.type)}`,
    'Convert it with CAST(… AS type) or compare like with like.',
  )
}

/** Checks that argument `index` is a number of any type. */
export function expectNumber(args: readonly Argument[], index: number, site: Site): void {
  const type = args[index]?.type ?? 'ANY'
  if (!isOpen(type) && !isNumber(type)) expectType(args, index, ['INT64', 'INT32', 'DOUBLE'], site)
}

/** Checks that argument `index` is an integer whose lanes are its values. */
export function expectInteger(args: readonly Argument[], index: number, site: Site): void {
  const type = args[index]?.type ?? 'ANY'
  if (!isOpen(type) && !isInteger(type)) expectType(args, index, ['INT64', 'INT32'], site)
}

/** The common type of all arguments; fails when there is none. */
export function unifiedType(args: readonly Argument[], site: Site): ValueType {
  let type: ValueType = 'NULL'
  for (const argument of args) {
    const joined = commonType(type, argument.type)
    if (joined === undefined) {
      site.fail(
        `${site.name} mixes ${shownType(type)} and ${shownType(argument.type)}`,
        'Convert one of them with CAST(… AS type).',
      )
    }
    type = joined
  }
  return type
}

/** Evaluates `argument` as `type`, which is its own or a wider one. */
export function evaluateAs(argument: Compiled, type: ValueType): Evaluate {
  if (argument.type === type) return argument.evaluate
  return (batch) => convertVector(argument.evaluate(batch), argument.type, type)
}
