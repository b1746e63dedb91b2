import { expect, it } from 'vitest'
import { columnOrder } from './column-order.js'

const shape = (file: string, header: string[]) => ({ file, header, fieldCount: header.length })
const orderOf = (one: string[], other: string[]) => columnOrder(shape('2.csv', other), shape('1.csv', one))

it.each([
  [['a', 'b'], ['a', 'b'], null],
  [
    ['a', 'b'],
    ['b', 'a'],
    [1, 0],
  ],
  [
    ['a', 'b', ''],
    ['', 'a', 'b'],
    [1, 2, 0],
  ],
  [['id', 'Name'], ['ID', 'name'], null],
  [
    ['id', 'Name'],
    ['NAME', 'Id'],
    [1, 0],
  ],
  [
    ['a', 'A', 'b'],
    ['b', 'A', 'a'],
    [2, 1, 0],
  ],
  [['a', 'a'], ['a', 'a'], null],
])('columns of the same names are found in their places: %j, %j', (one, other, places) => {
  expect(orderOf(one, other)).toEqual(places === null ? null : Uint32Array.from(places))
})

it.each([
  [['a', 'b'], ['a', 'c'], 'it has no "b", but "c"'],
  [['a', 'b'], ['a'], 'it has no "b"'],
  [['a'], ['a', 'b'], 'it has "b"'],
  [['a', 'a'], ['a'], 'names are there several times, in another order'],
  [['a', 'a', 'b'], ['a', 'b', 'a'], 'names are there several times, in another order'],
])('columns that are not those of the first file are named: %j, %j', (one, other, problem) => {
  expect(() => orderOf(one, other)).toThrow(
    `2.csv: the header cannot be used: its columns are not those of 1.csv: ${problem}; load it by itself.`,
  )
})

it('files without a header have the columns of the first, but not fewer', () => {
  const plain = (file: string, fieldCount: number) => ({ file, header: null, fieldCount })
  expect(columnOrder(plain('2.csv', 3), plain('1.csv', 3))).toBe(null)
  expect(() => columnOrder(plain('2.csv', 2), plain('1.csv', 3))).toThrow(
    '2.csv has no column column2; records of 1.csv have 3 fields, its first record has 2.',
  )
})
