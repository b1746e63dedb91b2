import { expect, test } from 'vitest'
import { RecentMap } from './recent-map.js'

test('a recent map keeps what was used last, within both bounds, and always the last entry', () => {
  const map = new RecentMap<string, number>(3, 100)
  map.set('a', 1, 10)
  map.set('b', 2, 10)
  map.set('c', 3, 10)
  expect(map.get('a')).toBe(1)
  map.set('d', 4, 10)
  expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([1, undefined, 3, 4])
  map.set('e', 5, 85)
  expect(['a', 'c', 'd', 'e'].map((key) => map.get(key))).toEqual([undefined, undefined, 4, 5])
  map.set('f', 6, 1000)
  expect(['d', 'e', 'f'].map((key) => map.get(key))).toEqual([undefined, undefined, 6])
  map.set('f', 7, 10)
  map.set('g', 8, 90)
  expect(['f', 'g'].map((key) => map.get(key))).toEqual([7, 8])
})
