/**
 * From bound expressions to functions over batches.
 *
 * Types are worked out twice by the same rules: when a query is prepared (parameters are ANY) and when it
 * runs (parameters are literals). What is constant is computed once.
 */
import { assert, isMillraceError } from '../../errors/index.js'
import { bindingError } from '../bind/binding-error.js'
import { laneType } from '../vectors/builder.js'
import { constantVector } from '../vectors/lanes.js'
import { sliceVector } from '../vectors/take.js'
import { batchRowsMax, nullVector, valueAt, type WorkVector } from '../vectors/vector.js'
import { laneOf } from './constants.js'
import type { Argument, Compiled, Evaluate, FunctionDefinition, Site } from './definition.js'
import type { Constant, Expr } from './expression.js'
import { listVector } from './functions/choice.js'
import { castEvaluate, isCastable } from './functions/conversion.js'
import { findFunction } from './functions/index.js'
import { type Parameters, parameterValue } from './parameters.js'
import { isNumber, shownType, sumTypeOf, type ValueType } from './types.js'

type CallExpr = Extract<Expr, { kind: 'call' }>

function siteOf(expr: Expr, name: string, text: string): Site {
  return {
    name,
    place: expr.place,
    fail(what, hint) {
      throw bindingError(text, expr.place, what, hint)
    },
  }
}

/** How operators are named in errors. */
const shownNames: Readonly<Record<string, string>> = {
  and: 'AND',
  or: 'OR',
  xor: 'XOR',
  not: 'NOT',
  in: 'IN',
  isNull: 'IS NULL',
  isNotNull: 'IS NOT NULL',
  startsWith: 'STARTS WITH',
  endsWith: 'ENDS WITH',
  contains: 'CONTAINS',
  case: 'CASE',
  negate: '-',
}

function definitionOf(expr: CallExpr): FunctionDefinition {
  const definition = findFunction(expr.function)
  assert(definition !== undefined, `the function ${expr.function} exists once bound`)
  return definition
}

/**
 * What is known of `expr` without its parameters.
 * @throws MillraceError `MILLRACE_BINDING` when types do not fit
 */
export function describe(expr: Expr, text: string): Argument {
  switch (expr.kind) {
    case 'literal':
      return { type: expr.type, constant: expr.value }
    case 'parameter':
      return { type: 'ANY' }
    case 'property':
    case 'slot':
      return { type: expr.type }
    case 'entity':
      return { type: expr.entity.of === 'node' ? 'NODE' : 'REL' }
    case 'list':
      return { type: 'LIST', items: expr.items.map((item) => describe(item, text)) }
    case 'cast': {
      const { type } = describe(expr.operand, text)
      if (!isCastable(type, expr.type)) {
        throw bindingError(
          text,
          expr.place,
          `${shownType(type)} cannot be converted to ${expr.type}`,
          'See docs/cypher.md.',
        )
      }
      return { type: expr.type }
    }
    case 'aggregate':
      return { type: aggregateType(expr, text) }
    case 'call': {
      const args = expr.args.map((argument) => describe(argument, text))
      return {
        type: definitionOf(expr).resolve(
          args,
          siteOf(expr, shownNames[expr.function] ?? expr.function, text),
        ),
      }
    }
  }
}

/** The type of `expr`; ANY where it depends on a parameter. */
export function typeOf(expr: Expr, text: string): ValueType {
  return describe(expr, text).type
}

function aggregateType(expr: Extract<Expr, { kind: 'aggregate' }>, text: string): ValueType {
  if (expr.argument === null || expr.function === 'count') {
    if (expr.argument !== null) describe(expr.argument, text)
    return 'INT64'
  }
  const { type } = describe(expr.argument, text)
  const fail = (wanted: string): never => {
    throw bindingError(
      text,
      expr.place,
      `${expr.function} takes ${wanted}, not ${shownType(type)}`,
      'See docs/cypher.md.',
    )
  }
  switch (expr.function) {
    case 'collect':
      return type === 'LIST' ? fail('single values') : 'LIST'
    case 'min':
    case 'max':
      return type === 'NODE' || type === 'REL' || type === 'LIST' ? fail('values that have an order') : type
    default:
      break
  }
  if (type === 'ANY' || type === 'NULL') return expr.function === 'avg' ? 'DOUBLE' : type
  if (!isNumber(type)) return fail('numbers')
  return expr.function === 'avg' ? 'DOUBLE' : sumTypeOf(type)
}

export interface CompileContext {
  /** The statement, for the excerpts of errors. */
  readonly text: string
  readonly parameters: Parameters
  /** Types of slots that the plan left open because a parameter decides them. */
  readonly slotTypes?: readonly ValueType[]
}

/**
 * Makes `expr` computable over batches in which its slots are alive.
 * @throws MillraceError `MILLRACE_PARAMETER` and `MILLRACE_BINDING`
 */
export function compile(expr: Expr, context: CompileContext): Compiled {
  switch (expr.kind) {
    case 'literal':
      return compileConstant(expr.type, expr.value)
    case 'parameter':
      return compile(parameterValue(context.parameters, expr.name, expr.place), context)
    case 'slot': {
      const { slot } = expr
      const type = expr.type === 'ANY' ? (context.slotTypes?.[slot] ?? expr.type) : expr.type
      return { type, evaluate: (batch) => batch.columns[slot]! }
    }
    case 'list':
      return compileList(expr.items, context)
    case 'cast': {
      const operand = compile(expr.operand, context)
      const evaluate = castEvaluate(operand, expr.type, siteOf(expr, 'CAST', context.text))
      return folded({ type: expr.type, evaluate }, [operand])
    }
    case 'call': {
      const args = expr.args.map((argument) => compile(argument, context))
      const site = siteOf(expr, shownNames[expr.function] ?? expr.function, context.text)
      const definition = definitionOf(expr)
      const type = definition.resolve(args, site)
      const compiled: Compiled = { type, evaluate: definition.compile(args, site) }
      return expr.function === 'case' ? compiled : folded(compiled, args)
    }
    default:
      return assertNever(expr)
  }
}

function assertNever(expr: Expr): never {
  assert(false, `a ${expr.kind} is replaced by a slot before it is compiled`)
}

function compileList(items: readonly Expr[], context: CompileContext): Compiled {
  const compiled = items.map((item) => compile(item, context))
  if (compiled.some((item) => item.constant === undefined)) {
    throw bindingError(
      context.text,
      items[0]!.place,
      'A list holds more than constants',
      'Lists of expressions are possible only behind IN.',
    )
  }
  const values = compiled.map((item) => item.constant as Constant)
  return {
    type: 'LIST',
    constant: values,
    items: compiled,
    evaluate: (batch) => listVector(values, batch.rows),
  }
}

/** A constant's vector is made once for a whole batch, and cut to size. */
function compileConstant(type: ValueType, value: Constant): Compiled {
  const lane = laneOf(value)
  let cached: WorkVector | undefined
  const evaluate: Evaluate = ({ rows }) => {
    if (cached === undefined || cached.rows < rows) {
      const capacity = Math.max(rows, batchRowsMax)
      cached = lane === null ? nullVector(capacity) : constantVector(laneType(type), lane, capacity)
    }
    return sliceVector(cached, 0, rows)
  }
  return { type, constant: value, evaluate }
}

/** Computes what depends on constants alone. What fails then fails when (and only if) a row needs it. */
function folded(compiled: Compiled, args: readonly Compiled[]): Compiled {
  const { type } = compiled
  if (type === 'LIST' || args.some((argument) => argument.constant === undefined)) return compiled
  try {
    const lane = valueAt(compiled.evaluate({ rows: 1, columns: [] }), 0) as Constant
    return compileConstant(
      lane === null ? 'NULL' : type,
      type === 'BOOL' && lane !== null ? lane === 1 : lane,
    )
  } catch (error) {
    if (isMillraceError(error, 'MILLRACE_EVALUATION')) return compiled
    throw error
  }
}
