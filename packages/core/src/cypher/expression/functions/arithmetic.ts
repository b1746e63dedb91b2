/**
 * + − * / % and the sign.
 *
 * - Integers are exact: a batch whose results leave ±2^53 is computed again in bigints, and beyond INT64 is
 *   an error.
 * - INT64 / INT64 is a whole number, cut towards zero; division of integers by zero is an error.
 * - With a DOUBLE or FLOAT on either side everything is IEEE 754, in DOUBLE; so is division of a DECIMAL.
 * - Other results of DECIMALs are exact, in DECIMAL(38, s); beyond is an error. UINT64 counts as INT64.
 */
import type { MillraceError } from '../../../errors/index.js'
import { decimalDigitsMax, decimalShape, decimalType, type LogicalType } from '../../../types/index.js'
import { asDoubles, convertVector } from '../../vectors/convert.js'
import { vectorOfLanes } from '../../vectors/lanes.js'
import {
  mergeNulls,
  nullVector,
  numberVector,
  stringVector,
  textAt,
  valueAt,
  type WorkVector,
} from '../../vectors/vector.js'
import type { Lane } from '../constants.js'
import {
  type Compiled,
  type Evaluate,
  evaluateAs,
  expectCount,
  expectNumber,
  type FunctionDefinition,
  fits,
  type Site,
} from '../definition.js'
import { checkInt64, evaluationError } from '../evaluation-error.js'
import { checkedDecimal, scaleOf, unscaledOfLane } from '../exact.js'
import { isFloating, isInteger, isNumber, isOpen, type ValueType } from '../types.js'
import { TextRoom } from './text-room.js'

export type NumericVector = Exclude<WorkVector, { kind: 'string' } | { kind: 'list' }>
type Operator = '+' | '-' | '*' | '/' | '%'

/** The type of `a operator b` for numbers: DOUBLE where one is, else INT64. */
function numericResult(a: ValueType, b: ValueType): ValueType {
  if (isFloating(a) || isFloating(b)) return 'DOUBLE'
  return isOpen(a) || isOpen(b) ? 'ANY' : 'INT64'
}

/** The type of `a operator b` where one of them is a DECIMAL: all digits there are, but a quotient's. */
function decimalResult(operator: Operator, a: ValueType, b: ValueType, site: Site): ValueType {
  if (isFloating(a) || isFloating(b) || operator === '/') return 'DOUBLE'
  const scale = operator === '*' ? scaleOf(a) + scaleOf(b) : Math.max(scaleOf(a), scaleOf(b))
  if (scale > decimalDigitsMax) {
    site.fail(
      `${site.name} of ${a} and ${b} has ${scale} digits behind the point`,
      'Convert one to DOUBLE first.',
    )
  }
  return decimalType(decimalDigitsMax, scale)
}

function isDecimal(type: ValueType): boolean {
  return decimalShape(type) !== null
}

function arithmetic(operator: Operator): FunctionDefinition {
  return {
    resolve(args, site) {
      const [a, b] = args as [Compiled, Compiled]
      if (a.type === 'NULL' || b.type === 'NULL') return 'NULL'
      const date = dateResult(operator, a.type, b.type)
      if (date !== undefined) return date
      if (
        operator === '+' &&
        (a.type === 'STRING' || b.type === 'STRING') &&
        fits(a, 'STRING') &&
        fits(b, 'STRING')
      ) {
        return 'STRING'
      }
      if (a.type === 'ANY' && !isNumber(b.type)) return 'ANY'
      if (b.type === 'ANY' && !isNumber(a.type)) return 'ANY'
      expectNumber(args, 0, site)
      expectNumber(args, 1, site)
      if (isOpen(a.type) || isOpen(b.type)) return isFloating(a.type) || isFloating(b.type) ? 'DOUBLE' : 'ANY'
      if (isDecimal(a.type) || isDecimal(b.type)) return decimalResult(operator, a.type, b.type, site)
      return numericResult(a.type, b.type)
    },
    compile(args, site) {
      const [a, b] = args as [Compiled, Compiled]
      const type = arithmetic(operator).resolve(args, site)
      if (type === 'NULL') return (batch) => nullVector(batch.rows)
      if (type === 'STRING') return concatenate(a, b)
      if (type === 'DOUBLE') return doubleArithmetic(operator, a, b)
      if (type === 'DATE' || a.type === 'DATE') {
        const days = integerArithmetic(operator, a, b)
        return (batch) =>
          ({ ...(days(batch) as NumericVector), type: type === 'DATE' ? 'DATE' : 'INT64' }) as WorkVector
      }
      if (isDecimal(type)) return decimalArithmetic(operator, a, b, type as LogicalType)
      return integerArithmetic(operator, a, b)
    },
  }
}

/** Days can be added to a date and dates subtracted from each other. */
function dateResult(operator: Operator, a: ValueType, b: ValueType): ValueType | undefined {
  if (a === 'DATE' && isInteger(b) && (operator === '+' || operator === '-')) return 'DATE'
  if (isInteger(a) && b === 'DATE' && operator === '+') return 'DATE'
  if (a === 'DATE' && b === 'DATE' && operator === '-') return 'INT64'
  return undefined
}

/** Row by row, in bigints. */
function decimalArithmetic(operator: Operator, left: Compiled, right: Compiled, type: LogicalType): Evaluate {
  // Factors keep their own scales.
  const scales = [left, right].map((side) => (operator === '*' ? scaleOf(side.type) : scaleOf(type)))
  const unscaledOf = (side: Compiled, lane: Lane, index: number): bigint =>
    unscaledOfLane(side.type, lane) * 10n ** BigInt(scales[index]! - scaleOf(side.type))
  return (batch) => {
    const a = left.evaluate(batch)
    const b = right.evaluate(batch)
    const lanes: (Lane | null)[] = []
    for (let row = 0; row < batch.rows; row++) {
      const [x, y] = [valueAt(a, row), valueAt(b, row)] as [Lane | null, Lane | null]
      if (x === null || y === null) lanes.push(null)
      else {
        const divisor = unscaledOf(right, y, 1)
        if (operator === '%' && divisor === 0n) throw divisionByZero(operator)
        const result = wideInteger(operator, unscaledOf(left, x, 0), divisor)
        lanes.push(checkedDecimal(result, type, operator))
      }
    }
    return vectorOfLanes(type, lanes)
  }
}

function doubleArithmetic(operator: Operator, left: Compiled, right: Compiled): Evaluate {
  return (batch) => {
    const a = asDoubles(left.evaluate(batch))
    const b = asDoubles(right.evaluate(batch))
    const { rows } = batch
    const values = new Float64Array(rows)
    switch (operator) {
      case '+':
        for (let row = 0; row < rows; row++) values[row] = a.values[row]! + b.values[row]!
        break
      case '-':
        for (let row = 0; row < rows; row++) values[row] = a.values[row]! - b.values[row]!
        break
      case '*':
        for (let row = 0; row < rows; row++) values[row] = a.values[row]! * b.values[row]!
        break
      case '/':
        for (let row = 0; row < rows; row++) values[row] = a.values[row]! / b.values[row]!
        break
      case '%':
        for (let row = 0; row < rows; row++) values[row] = a.values[row]! % b.values[row]!
        break
    }
    return numberVector('DOUBLE', values, mergeNulls(a.nulls, b.nulls, rows))
  }
}

function integerArithmetic(operator: Operator, left: Compiled, right: Compiled): Evaluate {
  const [leftValues, rightValues] = [integersOf(left), integersOf(right)]
  return (batch) => {
    const a = leftValues(batch) as NumericVector
    const b = rightValues(batch) as NumericVector
    const nulls = mergeNulls(a.nulls, b.nulls, batch.rows)
    if (operator === '/' || operator === '%') checkDivisors(operator, b, nulls)
    if (a.kind === 'number' && b.kind === 'number') {
      const values = safeIntegers(operator, a.values, b.values, batch.rows)
      if (values !== undefined) return numberVector('INT64', values, nulls)
    }
    return wideIntegers(operator, a, b, nulls, batch.rows)
  }
}

/** A UINT64 is computed with as INT64. */
function integersOf(side: Compiled): Evaluate {
  return side.type === 'UINT64' ? evaluateAs(side, 'INT64') : side.evaluate
}

function checkDivisors(operator: '/' | '%', divisors: NumericVector, nulls: Uint8Array | null): void {
  for (let row = 0; row < divisors.rows; row++) {
    // biome-ignore lint/suspicious/noDoubleEquals: 0n counts as zero too
    if (divisors.values[row]! == 0 && nulls?.[row] !== 1) {
      throw divisionByZero(operator)
    }
  }
}

function divisionByZero(operator: '/' | '%'): MillraceError {
  return evaluationError(
    operator === '/' ? 'Division by zero' : 'Modulo by zero',
    'Leave such rows out first, or divide in DOUBLE: CAST(… AS DOUBLE).',
  )
}

/** The results as numbers, or undefined when one of them is not safe. */
function safeIntegers(
  operator: Operator,
  a: Float64Array,
  b: Float64Array,
  rows: number,
): Float64Array | undefined {
  const values = new Float64Array(rows)
  let largest = 0
  switch (operator) {
    case '+':
      for (let row = 0; row < rows; row++) {
        const value = a[row]! + b[row]!
        values[row] = value
        if (value > largest) largest = value
        else if (-value > largest) largest = -value
      }
      break
    case '-':
      for (let row = 0; row < rows; row++) {
        const value = a[row]! - b[row]!
        values[row] = value
        if (value > largest) largest = value
        else if (-value > largest) largest = -value
      }
      break
    case '*':
      for (let row = 0; row < rows; row++) {
        // + 0 turns −0 into 0: integers have one zero.
        const value = a[row]! * b[row]! + 0
        values[row] = value
        if (value > largest) largest = value
        else if (-value > largest) largest = -value
      }
      break
    case '/':
      for (let row = 0; row < rows; row++) {
        const divisor = b[row]!
        values[row] = divisor === 0 ? 0 : (a[row]! - (a[row]! % divisor)) / divisor + 0
      }
      break
    case '%':
      for (let row = 0; row < rows; row++) values[row] = b[row] === 0 ? 0 : (a[row]! % b[row]!) + 0
      break
  }
  return largest <= Number.MAX_SAFE_INTEGER ? values : undefined
}

function wideIntegers(
  operator: Operator,
  a: NumericVector,
  b: NumericVector,
  nulls: Uint8Array | null,
  rows: number,
): WorkVector {
  const values = new BigInt64Array(rows)
  for (let row = 0; row < rows; row++) {
    if (nulls !== null && nulls[row] === 1) continue
    const x = BigInt(a.values[row]!)
    const y = BigInt(b.values[row]!)
    values[row] = checkInt64(wideInteger(operator, x, y), `${x} ${operator} ${y}`)
  }
  return { kind: 'bigint', type: 'INT64', rows, values, nulls }
}

function wideInteger(operator: Operator, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      return x / y
    case '%':
      return x % y
  }
}

function concatenate(left: Compiled, right: Compiled): Evaluate {
  return (batch) => {
    const a = left.evaluate(batch)
    const b = right.evaluate(batch)
    if (a.kind !== 'string' || b.kind !== 'string')
      return convertVector(nullVector(batch.rows), 'NULL', 'STRING')
    const nulls = mergeNulls(a.nulls, b.nulls, batch.rows)
    const texts: (string | null)[] = []
    const room = new TextRoom()
    for (let row = 0; row < batch.rows; row++) {
      const text = nulls?.[row] === 1 ? null : textAt(a, row) + textAt(b, row)
      room.take(text?.length ?? 0)
      texts.push(text)
    }
    return stringVector(texts)
  }
}

/** −x and |x|: integers stay integers. */
function signFunction(name: 'negate' | 'abs'): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, 1, 1, site)
      expectNumber(args, 0, site)
      const { type } = args[0]!
      if (isFloating(type)) return 'DOUBLE'
      return isOpen(type) || isDecimal(type) ? type : 'INT64'
    },
    compile([operand]) {
      if (isDecimal(operand!.type)) return decimalSign(name, operand!, operand!.type as LogicalType)
      const evaluate = integersOf(operand!)
      return (batch) => {
        const vector = evaluate(batch) as NumericVector
        const type = isFloating(operand!.type) ? 'DOUBLE' : 'INT64'
        if (vector.kind === 'bigint') {
          const values = vector.values.map((value, row) => {
            if (vector.nulls?.[row] === 1 || (name === 'abs' && value >= 0n)) return value
            return checkInt64(-value, `${name === 'abs' ? 'abs' : '-'}(${value})`)
          })
          return { ...vector, type, values }
        }
        const values = new Float64Array(vector.rows)
        for (let row = 0; row < vector.rows; row++) {
          const value = vector.values[row]!
          values[row] = name === 'abs' ? Math.abs(value) : type === 'INT64' ? 0 - value : -value
        }
        return numberVector(type, values, vector.nulls)
      }
    },
  }
}

function decimalSign(name: 'negate' | 'abs', operand: Compiled, type: LogicalType): Evaluate {
  return (batch) => {
    const vector = operand.evaluate(batch)
    const lanes: (Lane | null)[] = []
    for (let row = 0; row < batch.rows; row++) {
      const lane = valueAt(vector, row) as Lane | null
      const value = lane === null ? null : unscaledOfLane(type, lane)
      const isKept = name === 'abs' && value !== null && value >= 0n
      lanes.push(value === null ? null : checkedDecimal(isKept ? value : -value, type, name))
    }
    return vectorOfLanes(type, lanes)
  }
}

export const arithmeticFunctions: Readonly<Record<string, FunctionDefinition>> = {
  '+': arithmetic('+'),
  '-': arithmetic('-'),
  '*': arithmetic('*'),
  '/': arithmetic('/'),
  '%': arithmetic('%'),
  negate: signFunction('negate'),
  abs: signFunction('abs'),
}
