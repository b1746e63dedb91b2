import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Vector } from '../column/index.js'
import type { LogicalType } from '../types/index.js'
import { MutableColumn } from './mutable-column.js'
import type { Value } from './value.js'

const decoder = new TextDecoder()

function valuesOf(vector: Vector): Value[] {
  return Array.from({ length: vector.rows }, (_, row) => {
    if (vector.nulls?.[row] === 1) return null
    if (vector.kind === 'string') {
      const entry = vector.codes === null ? row : vector.codes[row]!
      return decoder.decode(vector.bytes.subarray(vector.offsets[entry]!, vector.offsets[entry + 1]!))
    }
    const value = vector.values[row]!
    if (vector.type === 'DOUBLE') return Number(value)
    return vector.type === 'BOOL' ? Number(value) === 1 : BigInt(value)
  })
}

const int = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }))
const arbitraries: Record<string, fc.Arbitrary<Value>> = {
  INT64: int,
  DOUBLE: fc.double({ noNaN: true }),
  BOOL: fc.boolean(),
  STRING: fc.string({ unit: 'grapheme', maxLength: 12 }),
}

const columnAndSteps = fc.constantFrom(...Object.keys(arbitraries)).chain((type) => {
  const value = fc.option(arbitraries[type]!, { freq: 4 })
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), value }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('set' as const), value, row: fc.nat() }) },
    fc.record({ kind: fc.constantFrom('look' as const, 'clone' as const, 'rebuild' as const) }),
  )
  return fc.tuple(fc.constant(type as LogicalType), fc.array(step, { maxLength: 40 }))
})

describe('a mutable column', () => {
  it('holds what an array holds, and vectors that were handed out stay as they were', () => {
    fc.assert(
      fc.property(columnAndSteps, ([type, steps]) => {
        let column = new MutableColumn(type)
        const expected: Value[] = []
        const shown: { vector: Vector; values: Value[] }[] = []
        for (const step of steps) {
          if (step.kind === 'append') {
            column.append(step.value)
            expected.push(step.value)
          } else if (step.kind === 'set') {
            if (expected.length === 0) continue
            column.set(step.row % expected.length, step.value)
            expected[step.row % expected.length] = step.value
          } else if (step.kind === 'look') shown.push({ vector: column.vector(), values: [...expected] })
          else if (step.kind === 'clone') {
            const copy = column.clone()
            // What happens to the one is not seen in the other.
            column.append(null)
            column = copy
          } else column = MutableColumn.from(column.vector())
          expect(valuesOf(column.vector())).toEqual(expected)
        }
        for (const { vector, values } of shown) expect(valuesOf(vector)).toEqual(values)
        expect(expected.map((_, row) => column.valueAt(row))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('takes strings of a dictionary, whose entries need not begin at the first byte', () => {
    const bytes = new TextEncoder().encode('--abcd')
    const vector: Vector = {
      kind: 'string',
      type: 'STRING',
      rows: 3,
      codes: Uint32Array.from([1, 0, 1]),
      offsets: Uint32Array.from([2, 4, 6]),
      bytes,
      nulls: null,
    }
    const column = MutableColumn.from(vector)
    column.set(0, 'longer')
    column.set(1, '')
    expect(valuesOf(column.vector())).toEqual(['longer', '', 'cd'])
  })
})
