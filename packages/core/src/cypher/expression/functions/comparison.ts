/**
 * = <> < <= > >=, and the tests on text: STARTS WITH, ENDS WITH, CONTAINS.
 * NULL where an operand is NULL.
 */
import { isListType, type LogicalType, physicalTypeOf } from '../../../types/index.js'
import { bytesOfLane, rescaled, writtenAs } from '../../../values/index.js'
import { constantVector } from '../../vectors/lanes.js'
import {
  type BytesTest,
  compareBytes,
  compareStringRows,
  containsBytes,
  memoizedTest,
  startsWithBytes,
} from '../../vectors/strings.js'
import {
  batchRowsMax,
  mergeNulls,
  type NumberVector,
  nullVector,
  numberVector,
  type StringVector,
  textAt,
  utf8,
  valueAt,
  type WorkVector,
} from '../../vectors/vector.js'
import { constantAs, isWritten, type Lane } from '../constants.js'
import {
  type Argument,
  type Compiled,
  type Evaluate,
  evaluateAs,
  expectCount,
  expectType,
  type FunctionDefinition,
  type Site,
} from '../definition.js'
import { scaleOf, unscaledOfLane } from '../exact.js'
import { commonType, isExact, isFloating, isOpen, shownType, type ValueType } from '../types.js'

type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** True when a constant string, or list, may be read as the date, UUID … or list it is compared with. */
export function readsAs(a: Argument, b: Argument): boolean {
  if (a.type === 'LIST') return isListType(b.type) && (a.constant !== undefined || a.items !== undefined)
  return a.type === 'STRING' && a.constant !== undefined && isWritten(b.type) && b.type !== 'JSON'
}

/** The type in which two operands are compared. */
export function comparedType(a: Argument, b: Argument, site: Site): ValueType {
  if (readsAs(a, b)) return writtenLane(a, b.type, site).type
  if (readsAs(b, a)) return writtenLane(b, a.type, site).type
  const type = commonType(a.type, b.type)
  if (type === undefined || type === 'LIST') {
    site.fail(
      `${shownType(a.type)} cannot be compared with ${shownType(b.type)} by ${site.name}`,
      'Compare values of one type, or convert with CAST(… AS type).',
    )
  }
  if ((type === 'NODE' || type === 'REL') && site.name !== '=' && site.name !== '<>') {
    site.fail(`${shownType(type)} has no order`, 'Compare one of its properties.')
  }
  return type
}

/** The lane of the value that a constant writes; fails where it writes none. */
function writtenLane(argument: Argument, as: ValueType, site: Site): { type: LogicalType; lane: Lane } {
  const type = as as LogicalType
  const lane = constantAs(argument, type)
  if (lane === null || lane === undefined) {
    const shown = argument.type === 'LIST' ? 'The list' : `'${String(argument.constant)}'`
    site.fail(`${shown} is not a ${type}`, writtenAs(type))
  }
  return { type, lane }
}

/** A constant string as the date, time, UUID … it writes. */
export function writtenConstant(argument: Compiled, as: ValueType, site: Site): Compiled {
  const { type, lane } = writtenLane(argument, as, site)
  return { type, constant: lane, evaluate: (batch) => constantVector(type, lane, batch.rows) }
}

function comparison(operator: Comparison): FunctionDefinition {
  return {
    resolve(args, site) {
      comparedType(args[0]!, args[1]!, site)
      return 'BOOL'
    },
    compile(args, site) {
      let [a, b] = args as [Compiled, Compiled]
      const type = comparedType(a, b, site)
      if (readsAs(a, b)) a = writtenConstant(a, type, site)
      if (readsAs(b, a)) b = writtenConstant(b, type, site)
      if (isOpen(type) || a.type === 'NULL' || b.type === 'NULL') return (batch) => nullVector(batch.rows)
      if (isExact(a.type) || isExact(b.type)) return compareExact(operator, a, b)
      if (isText(type)) return compareStrings(operator, a, b)
      const [left, right] =
        type === 'TIMESTAMP' ? [evaluateAs(a, type), evaluateAs(b, type)] : [a.evaluate, b.evaluate]
      return (batch) => compareNumbers(operator, left(batch), right(batch), batch.rows)
    },
  }
}

function isText(type: ValueType): boolean {
  return (
    type !== 'NODE' && type !== 'REL' && !isOpen(type) && physicalTypeOf(type as LogicalType) === 'string'
  )
}

/**
 * A UINT64 or a DECIMAL with another number: lanes of one type sort as their values do, and a constant is
 * brought into the type of the column. With a DOUBLE, doubles are compared; else bigints.
 */
function compareExact(operator: Comparison, a: Compiled, b: Compiled): Evaluate {
  if (a.type !== b.type && isExact(b.type) && a.constant !== undefined) {
    return compareExact(mirrored[operator], b, a)
  }
  if (a.type !== b.type && isExact(a.type) && b.constant !== undefined) {
    const lane = constantAs(b, a.type)
    const { type } = a as { type: LogicalType }
    if (lane !== undefined && lane !== null) {
      const constant = { type, constant: lane, evaluate: () => constantVector(type, lane, batchRowsMax) }
      return compareExact(operator, a, constant)
    }
  }
  if (a.type === b.type) {
    if (isText(a.type)) return compareStrings(operator, a, b)
    return (batch) => compareNumbers(operator, a.evaluate(batch), b.evaluate(batch), batch.rows)
  }
  if (isFloating(a.type) || isFloating(b.type)) {
    const [left, right] = [evaluateAs(a, 'DOUBLE'), evaluateAs(b, 'DOUBLE')]
    return (batch) => compareNumbers(operator, left(batch), right(batch), batch.rows)
  }
  const scale = Math.max(scaleOf(a.type), scaleOf(b.type))
  return (batch) => {
    const left = bigints(a.evaluate(batch), a.type, scale)
    const right = bigints(b.evaluate(batch), b.type, scale)
    return compareNumbers(operator, left, right, batch.rows)
  }
}

/** The values of numbers × 10^scale, in a vector only for comparing. */
function bigints(vector: WorkVector, type: ValueType, scale: number): WorkVector {
  const values: bigint[] = []
  for (let row = 0; row < vector.rows; row++) {
    const lane = valueAt(vector, row) as Lane | null
    values.push(lane === null ? 0n : (rescaled(unscaledOfLane(type, lane), scaleOf(type), scale) ?? 0n))
  }
  return { kind: 'bigint', values, nulls: vector.nulls } as unknown as WorkVector
}

/** Numbers of any width compare exactly: JavaScript compares a bigint with a number by value. */
function compareNumbers(
  operator: Comparison,
  left: WorkVector,
  right: WorkVector,
  rows: number,
): NumberVector {
  const a = (left as NumberVector).values
  const b = (right as NumberVector).values
  const values = new Float64Array(rows)
  switch (operator) {
    case '=':
      // Loosely equal on purpose: 1n == 1 is true, 1n === 1 is not.
      // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are equal
      for (let row = 0; row < rows; row++) values[row] = a[row]! == b[row]! ? 1 : 0
      break
    case '<>':
      // biome-ignore lint/suspicious/noDoubleEquals: as above
      for (let row = 0; row < rows; row++) values[row] = a[row]! != b[row]! ? 1 : 0
      break
    case '<':
      for (let row = 0; row < rows; row++) values[row] = a[row]! < b[row]! ? 1 : 0
      break
    case '<=':
      for (let row = 0; row < rows; row++) values[row] = a[row]! <= b[row]! ? 1 : 0
      break
    case '>':
      for (let row = 0; row < rows; row++) values[row] = a[row]! > b[row]! ? 1 : 0
      break
    case '>=':
      for (let row = 0; row < rows; row++) values[row] = a[row]! >= b[row]! ? 1 : 0
      break
  }
  return numberVector('BOOL', values, mergeNulls(left.nulls, right.nulls, rows))
}

function holds(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0
    case '<>':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

function compareStrings(operator: Comparison, a: Compiled, b: Compiled): Evaluate {
  if (typeof b.constant === 'string') return compareWithConstant(operator, a, b.constant)
  if (typeof a.constant === 'string') return compareWithConstant(mirrored[operator], b, a.constant)
  return (batch) => {
    const left = a.evaluate(batch) as StringVector
    const right = b.evaluate(batch) as StringVector
    const nulls = mergeNulls(left.nulls, right.nulls, batch.rows)
    const values = new Float64Array(batch.rows)
    for (let row = 0; row < batch.rows; row++) {
      if (nulls !== null && nulls[row] === 1) continue
      values[row] = holds(operator, compareStringRows(left, row, right, row)) ? 1 : 0
    }
    return numberVector('BOOL', values, nulls)
  }
}

function compareWithConstant(operator: Comparison, a: Compiled, constant: string): Evaluate {
  const wanted = bytesOfLane(a.type as LogicalType, constant)
  const test = memoizedTest((bytes, start, end) =>
    holds(operator, compareBytes(bytes, start, end, wanted, 0, wanted.length)),
  )
  return (batch) => test(a.evaluate(batch) as StringVector)
}

type TextTest = (needle: Uint8Array) => BytesTest

function textTest(make: TextTest): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, 2, 2, site)
      expectType(args, 0, ['STRING'], site)
      expectType(args, 1, ['STRING'], site)
      return 'BOOL'
    },
    compile(args) {
      const [text, needle] = args as [Compiled, Compiled]
      if (text.type === 'NULL' || needle.type === 'NULL') return (batch) => nullVector(batch.rows)
      if (typeof needle.constant === 'string') {
        const test = memoizedTest(make(utf8(needle.constant)))
        return (batch) => test(text.evaluate(batch) as StringVector)
      }
      return (batch) => {
        const left = text.evaluate(batch) as StringVector
        const right = needle.evaluate(batch) as StringVector
        const nulls = mergeNulls(left.nulls, right.nulls, batch.rows)
        const values = new Float64Array(batch.rows)
        for (let row = 0; row < batch.rows; row++) {
          if (nulls !== null && nulls[row] === 1) continue
          const bytes = utf8(textAt(left, row))
          values[row] = make(utf8(textAt(right, row)))(bytes, 0, bytes.length) ? 1 : 0
        }
        return numberVector('BOOL', values, nulls)
      }
    },
  }
}

const startsWith = textTest((needle) => (bytes, start, end) => startsWithBytes(bytes, start, end, needle))
const endsWith = textTest(
  (needle) => (bytes, start, end) =>
    end - start >= needle.length && startsWithBytes(bytes, end - needle.length, end, needle),
)
const contains = textTest((needle) => (bytes, start, end) => containsBytes(bytes, start, end, needle))

export const comparisonFunctions: Readonly<Record<string, FunctionDefinition>> = {
  '=': comparison('='),
  '<>': comparison('<>'),
  '<': comparison('<'),
  '<=': comparison('<='),
  '>': comparison('>'),
  '>=': comparison('>='),
  startsWith,
  endsWith,
  contains,
  starts_with: startsWith,
  ends_with: endsWith,
}
