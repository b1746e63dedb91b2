import { describe, expect, it } from 'vitest'
import { factsOfCheck } from './check-parser.js'

const columns = ['age', 'price', 'status', 'start_date', 'end_date', 'name', 'Total']
const facts = (expression: string) => factsOfCheck(expression, columns)

describe('check constraints', () => {
  it('comparisons with literals, either way round', () => {
    expect(facts('age >= 18 AND age < 120')).toEqual([
      { column: 'age', kind: 'compare', operator: '>=', value: 18 },
      { column: 'age', kind: 'compare', operator: '<', value: 120 },
    ])
    expect(facts('0 < price')).toEqual([{ column: 'price', kind: 'compare', operator: '>', value: 0 }])
    expect(facts('(price > (0)::numeric)')).toEqual([
      { column: 'price', kind: 'compare', operator: '>', value: 0 },
    ])
  })

  it('ranges, lists, lengths, patterns', () => {
    expect(facts('age BETWEEN 1 AND 5')).toHaveLength(2)
    expect(facts("status IN ('a', 'b')")).toEqual([{ column: 'status', kind: 'in', values: ['a', 'b'] }])
    expect(facts("status = ANY (ARRAY['a'::text, 'b'::text])")).toEqual([
      { column: 'status', kind: 'in', values: ['a', 'b'] },
    ])
    expect(facts('char_length(name) >= 3')).toEqual([
      { column: 'name', kind: 'length', operator: '>=', value: 3 },
    ])
    const pattern = '^[A-Z]+$'
    expect(facts("name ~ '^[A-Z]+$'")).toEqual([
      { column: 'name', kind: 'pattern', pattern, matching: pattern, isCaseless: false },
    ])
  })

  it('columns among themselves, and names in quotes', () => {
    expect(facts('end_date > start_date')).toEqual([
      { column: 'end_date', kind: 'order', operator: '>', other: 'start_date' },
    ])
    expect(facts('"Total" >= 0')).toEqual([{ column: 'Total', kind: 'compare', operator: '>=', value: 0 }])
  })

  it('of alternatives the first that asks for a value', () => {
    expect(facts('age IS NULL OR age > 3')).toEqual([
      { column: 'age', kind: 'compare', operator: '>', value: 3 },
    ])
  })

  it('what is beyond it is told', () => {
    for (const text of [
      'price * 2 > age',
      'lower(name) = name',
      'age NOT IN (1)',
      'age >',
      'other > 1',
      "name ~ name || 'x'",
    ]) {
      expect(facts(text)).toBeUndefined()
    }
  })
})
