import { describe, expect, it } from 'vitest'
import { rowMaker } from './row-maker.js'

const texts = (prefix: string) => (row: number) => `${prefix}${row}`

describe('rows', () => {
  it('have no prototype, and their columns in order', () => {
    const rowAt = rowMaker(['b', 'a'], [texts('b'), texts('a')])
    const row = rowAt(3)
    expect(Object.getPrototypeOf(row)).toBeNull()
    expect(Object.entries(row)).toEqual([
      ['b', 'b3'],
      ['a', 'a3'],
    ])
  })

  it('hold columns that are called like what every object has', () => {
    const names = [...Object.getOwnPropertyNames(Object.prototype), 'then', 'toJSON']
    const rowAt = rowMaker(
      names,
      names.map((name) => texts(name)),
    )
    const row = rowAt(1)
    expect(Object.getPrototypeOf(row)).toBeNull()
    expect(Object.entries(row)).toEqual(names.map((name) => [name, `${name}1`]))
    expect(rowMaker(['__proto__'], [() => ({ polluted: true })])(0)).not.toHaveProperty('polluted')
  })

  it('give the last of two columns with one name', () => {
    expect({ ...rowMaker(['a', 'a'], [texts('x'), texts('y')])(0) }).toEqual({ a: 'y0' })
  })
})
