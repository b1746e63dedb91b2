/**
 * Conditions of rules: whether the value of another column of the row is one of some, or lies beyond a bound.
 */
import { schemaError } from '../errors/index.js'
import { fillRowsMax } from '../limits.js'
import { type Condition, microsPerDay, parseMoment, type Scalar, type SqlType } from '../schema/index.js'
import { type RowSet, type Source, type Test, textBytesMax, textWriter } from '../values/index.js'
import type { ColumnContext } from './generator.js'

/** Whether value `at` passes; NULL never does, but for the test for NULL itself. */
type Passes = (at: number) => boolean

/** A test that all of `conditions` hold. */
export function testOf(conditions: readonly Condition[], context: ColumnContext): Test {
  const tests = conditions.map((condition) => oneTest(condition, context))
  const holds = new Uint8Array(fillRowsMax)
  return {
    test: (set, out) => {
      out.fill(1, 0, set.count)
      for (const test of tests) {
        test.test(set, holds)
        for (let at = 0; at < set.count; at++) out[at] = (out[at] as number) & (holds[at] as number)
      }
    },
  }
}

function oneTest(condition: Condition, context: ColumnContext): Test {
  const { source, type } = context.sibling(condition.column)
  const passes = passesOf(condition, source, type, context)
  const wanted = condition.test === 'isNull'
  const onlyNull = wanted || condition.test === 'notNull'
  return {
    test: (set: RowSet, out: Uint8Array) => {
      const lane = source.read(set)
      for (let at = 0; at < set.count; at++) {
        const isNull = lane.hasNulls && lane.nulls[at] === 1
        out[at] = onlyNull ? Number(isNull === wanted) : Number(!isNull && passes(at))
      }
    },
  }
}

/** A value that the schema writes, as the lane of `source` holds it. */
function unitsOf(value: Scalar, source: Source, type: SqlType, context: ColumnContext): number {
  if (typeof value === 'boolean') return Number(value)
  if (type.kind === 'boolean') return Number(value === 'true' || value === 1)
  if (type.kind === 'date' || type.kind === 'timestamp') {
    const moment = typeof value === 'string' ? parseMoment(value, context.nowMicros) : Number.NaN
    return type.kind === 'date' ? Math.floor((moment ?? Number.NaN) / microsPerDay) : (moment ?? Number.NaN)
  }
  return source.lane.kind === 'doubles' ? Number(value) : Math.round(Number(value) * 10 ** source.scale)
}

function passesOf(
  { test, values, column }: Condition,
  source: Source,
  type: SqlType,
  context: ColumnContext,
): Passes {
  const { lane } = source
  if (lane.kind === 'numbers' || lane.kind === 'doubles') {
    const units = values.map((value) => unitsOf(value, source, type, context))
    if (units.some(Number.isNaN)) {
      throw schemaError(
        `${context.path}.rules`,
        `${column} is compared with ${JSON.stringify(values)}`,
        `values of type ${type.ddl}`,
      )
    }
    const [bound = 0] = units
    const numbers = lane.numbers
    switch (test) {
      case 'less':
        return (at) => (numbers[at] as number) < bound
      case 'greater':
        return (at) => (numbers[at] as number) > bound
      case 'atMost':
        return (at) => (numbers[at] as number) <= bound
      case 'atLeast':
        return (at) => (numbers[at] as number) >= bound
      default: {
        const wanted = test === 'in'
        return (at) => units.includes(numbers[at] as number) === wanted
      }
    }
  }
  if (test !== 'in' && test !== 'notIn') {
    throw schemaError(`${context.path}.rules`, `${column} is a text`, 'equals, not, in or not_in')
  }
  return textPasses(values.map(String), test === 'in', source, type)
}

function textPasses(values: readonly string[], wanted: boolean, source: Source, type: SqlType): Passes {
  const { lane } = source
  if (lane.pool !== undefined) {
    const { pool } = lane
    const entries = new Set<number>()
    for (let entry = 0; entry < pool.size; entry++) {
      const text = Buffer.from(pool.bytes.slice(pool.ends[entry], pool.ends[entry + 1])).toString()
      if (values.includes(text)) entries.add(entry)
    }
    return (at) => entries.has(lane.numbers[at] as number) === wanted
  }
  const write = textWriter(source, type)
  let bytes = Buffer.alloc(256)
  return (at) => {
    if (textBytesMax(lane, at) > bytes.length) bytes = Buffer.alloc(textBytesMax(lane, at) * 2)
    return values.includes(bytes.toString('utf8', 0, write(lane, at, bytes, 0))) === wanted
  }
}
