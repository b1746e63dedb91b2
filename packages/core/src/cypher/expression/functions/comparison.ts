/**
 * = <> < <= > >= and IN, and the tests on text: STARTS WITH, ENDS WITH, CONTAINS.
 * NULL where an operand is NULL.
 */
import type { LogicalType } from '../../../types/index.js'
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
  mergeNulls,
  type NumberVector,
  nullVector,
  numberVector,
  type StringVector,
  textAt,
  utf8,
  type WorkVector,
} from '../../vectors/vector.js'
import { constantAs, type Lane } from '../constants.js'
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
import { writtenAs } from '../temporal.js'
import { commonType, isOpen, shownType, type ValueType } from '../types.js'

type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** True when a constant string may be read as the date or timestamp it is compared with. */
function readsAsTime(a: Argument, b: Argument): boolean {
  return a.type === 'STRING' && a.constant !== undefined && (b.type === 'DATE' || b.type === 'TIMESTAMP')
}

/** The type in which two operands are compared. */
function comparedType(a: Argument, b: Argument, site: Site): ValueType {
  if (readsAsTime(a, b)) return timeLane(a, b.type, site).type
  if (readsAsTime(b, a)) return timeLane(b, a.type, site).type
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

/** The lane of the time that a constant string writes; fails where it writes none. */
function timeLane(
  argument: Argument,
  type: ValueType,
  site: Site,
): { type: LogicalType; lane: number | bigint } {
  const time = type === 'DATE' ? 'DATE' : 'TIMESTAMP'
  const lane = constantAs(argument, time)
  if (typeof lane !== 'number' && typeof lane !== 'bigint') {
    site.fail(`'${String(argument.constant)}' is not a ${time}`, writtenAs(time))
  }
  return { type: time, lane }
}

/** A constant string as the time it writes. */
function timeConstant(argument: Compiled, as: ValueType, site: Site): Compiled {
  const { type, lane } = timeLane(argument, as, site)
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
      if (readsAsTime(a, b)) a = timeConstant(a, type, site)
      if (readsAsTime(b, a)) b = timeConstant(b, type, site)
      if (isOpen(type) || a.type === 'NULL' || b.type === 'NULL') return (batch) => nullVector(batch.rows)
      if (type === 'STRING') return compareStrings(operator, a, b)
      const [left, right] =
        type === 'TIMESTAMP' ? [evaluateAs(a, type), evaluateAs(b, type)] : [a.evaluate, b.evaluate]
      return (batch) => compareNumbers(operator, left(batch), right(batch), batch.rows)
    },
  }
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
  const wanted = utf8(constant)
  const test = memoizedTest((bytes, start, end) =>
    holds(operator, compareBytes(bytes, start, end, wanted, 0, wanted.length)),
  )
  return (batch) => test(a.evaluate(batch) as StringVector)
}

/** `x IN list`: the list is constant (the binder turns others into comparisons). */
const inList: FunctionDefinition = {
  resolve(args, site) {
    const [value, list] = args
    if (list !== undefined && list.type !== 'LIST' && !isOpen(list.type)) {
      site.fail(`IN takes a list, not ${shownType(list.type)}`, 'Write IN [a, b, …] or pass an array.')
    }
    for (const item of list?.items ?? []) comparedType(value!, item, { ...site, name: '=' })
    return 'BOOL'
  },
  compile([value, list], site) {
    const items = list!.items ?? []
    if (list!.type === 'NULL') return (batch) => nullVector(batch.rows)
    for (const item of items) {
      if (readsAsTime(item, value!)) timeConstant(item as Compiled, value!.type, site)
    }
    const lanes = items.map((item) => constantAs(item, value!.type))
    const hasNull = lanes.includes(null)
    const wanted = new Set(lanes.filter((lane) => lane !== null && lane !== undefined).map(comparable))
    if (wanted.size === 0 && !hasNull)
      return (batch) => numberVector('BOOL', new Float64Array(batch.rows), null)
    return (batch) => {
      const vector = value!.evaluate(batch)
      const found = vector.kind === 'string' ? memberText(vector, wanted) : memberNumber(vector, wanted)
      return hasNull ? unknownWhereFalse(found) : found
    }
  },
}

/** Integers beyond 2^53 stay bigints, all other numbers are numbers, so that a Set finds them. */
function comparable(lane: Lane): Lane {
  return typeof lane === 'bigint' && Number.isSafeInteger(Number(lane)) ? Number(lane) : lane
}

function memberText(vector: StringVector, wanted: ReadonlySet<Lane>): NumberVector {
  const values = new Float64Array(vector.rows)
  for (let row = 0; row < vector.rows; row++) {
    if (vector.nulls?.[row] !== 1) values[row] = wanted.has(textAt(vector, row)) ? 1 : 0
  }
  return numberVector('BOOL', values, vector.nulls)
}

function memberNumber(vector: Exclude<WorkVector, StringVector>, wanted: ReadonlySet<Lane>): NumberVector {
  const values = new Float64Array(vector.rows)
  for (let row = 0; row < vector.rows; row++) {
    values[row] = wanted.has(comparable(vector.values[row] as Lane)) ? 1 : 0
  }
  return numberVector('BOOL', values, vector.nulls)
}

/** A list with a NULL in it cannot say that a value is not there. */
function unknownWhereFalse(found: NumberVector): NumberVector {
  const nulls = found.nulls?.slice() ?? new Uint8Array(found.rows)
  for (let row = 0; row < found.rows; row++) if (found.values[row] === 0) nulls[row] = 1
  return numberVector('BOOL', found.values, nulls)
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
  in: inList,
  startsWith,
  endsWith,
  contains,
  starts_with: startsWith,
  ends_with: endsWith,
}
