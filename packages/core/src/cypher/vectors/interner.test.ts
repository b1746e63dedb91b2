import { describe, expect, test } from 'vitest'
import { vectorOfLanes } from './lanes.js'
import { unknownId } from './number-table.js'
import { RowInterner } from './row-interner.js'
import { takeRows } from './take.js'
import { nullVector, stringVector } from './vector.js'

const many = Array.from({ length: 5000 }, (_, at) => at)

describe('a frozen interner', () => {
  test.each([
    ['small integers', 'INT64', [3, 5, 4000], many],
    ['integers', 'INT64', [70_000, 80_000], many.map((value) => value + 100_000)],
    ['wide integers', 'INT64', [2n ** 60n, 2n ** 53n + 1n], many.map((value) => 2n ** 61n + BigInt(value))],
    ['doubles', 'DOUBLE', [0.5, Number.NaN], many.map((value) => value + 0.25)],
  ] as const)('knows %s as before and keeps no others', (_, type, known, others) => {
    const interner = new RowInterner([type])
    expect([...interner.intern([vectorOfLanes(type, [...known])])]).toEqual(known.map((_, id) => id))
    interner.freeze()
    const { bytes } = interner
    const ids = interner.intern([vectorOfLanes(type, [...others.slice(10), ...known])])
    const unknown = [...ids.subarray(0, -known.length)]
    const met = new Set<number | bigint>(known)
    expect(unknown).toEqual(
      others.slice(10).map((value) => (met.has(value) ? [...met].indexOf(value) : unknownId)),
    )
    expect([...ids.subarray(-known.length)]).toEqual(known.map((_, id) => id))
    expect(interner.intern([nullVector(1)])[0]).toBe(unknownId)
    expect(interner.bytes).toBe(bytes)
  })

  test('knows strings as before, dictionaries or not, and combinations', () => {
    const interner = new RowInterner(['STRING', 'INT64'])
    const strings = stringVector(['a', 'b', null])
    expect([...interner.intern([strings, vectorOfLanes('INT64', [1, 2, 3])])]).toEqual([0, 1, 2])
    interner.freeze()
    const { bytes } = interner
    const others = stringVector(['c', 'b', 'a', null, 'a'])
    const numbers = vectorOfLanes('INT64', [1, 2, 1, 3, 9])
    const expected = [unknownId, 1, 0, 2, unknownId]
    expect([...interner.intern([others, numbers])]).toEqual(expected)
    const coded = takeRows(others, Uint32Array.of(0, 1, 2, 3, 4), 5)
    for (let time = 0; time < 2; time++) expect([...interner.intern([coded, numbers])]).toEqual(expected)
    // Both values are known, but not together.
    expect([...interner.intern([strings, vectorOfLanes('INT64', [2, 1, 3])])]).toEqual([
      unknownId,
      unknownId,
      2,
    ])
    expect(interner.bytes).toBe(bytes)
  })
})
