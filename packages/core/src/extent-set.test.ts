import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExtentSet } from './extent-set.js'
import { FreeSpace } from './free-space.js'

function extentsOf(pages: ReadonlySet<number>): string {
  const sorted = [...pages].sort((a, b) => a - b)
  const extents: [number, number][] = []
  for (const page of sorted) {
    const last = extents.at(-1)
    if (last !== undefined && last[0] + last[1] === page) last[1]++
    else extents.push([page, 1])
  }
  return JSON.stringify(extents)
}

describe('ExtentSet', () => {
  it('holds the same pages as a set, in as few extents as possible, whatever is added and removed', () => {
    const operation = fc.record({ first: fc.nat(60), pages: fc.integer({ min: 1, max: 12 }) })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const set = new ExtentSet()
        const model = new Set<number>()
        for (const { first, pages } of operations) {
          const range = Array.from({ length: pages }, (_, index) => first + index)
          const inside = range.filter((page) => model.has(page)).length
          expect(set.contains(first, pages)).toBe(inside === pages)
          expect(set.overlaps(first, pages)).toBe(inside > 0)
          if (inside === 0) {
            set.add(first, pages)
            for (const page of range) model.add(page)
          } else if (inside === pages) {
            set.remove(first, pages)
            for (const page of range) model.delete(page)
          } else {
            expect(() => set.add(first, pages)).toThrow(/twice/)
            expect(() => set.remove(first, pages)).toThrow(/are in the set/)
          }
          expect(JSON.stringify(Array.from(set, (extent) => [extent.first, extent.pages]))).toBe(
            extentsOf(model),
          )
          expect(set.pageCount).toBe(model.size)
        }
      }),
    )
  })

  it('takes the first extent that is large enough', () => {
    const set = new ExtentSet()
    set.add(10, 2)
    set.add(20, 5)
    set.add(30, 9)
    expect(set.takeFirstFit(3)).toBe(20)
    expect(set.takeFirstFit(3)).toBe(30)
    expect(set.takeFirstFit(7)).toBe(-1)
    expect(Array.from(set)).toEqual([
      { first: 10, pages: 2 },
      { first: 23, pages: 2 },
      { first: 33, pages: 6 },
    ])
    expect(set.takeEndingAt(39)).toEqual({ first: 33, pages: 6 })
    expect(set.takeEndingAt(39)).toBeUndefined()
  })
})

describe('FreeSpace', () => {
  const run = (first: number, pages: number) => ({ first, pages })

  it('is what nothing reaches', () => {
    const space = FreeSpace.derive([run(9, 3), run(4, 2)]) as FreeSpace
    expect(space.pageCount).toBe(12)
    expect(space.freePages).toBe(5)
    expect(space.allocate(2)).toEqual({ first: 2, reused: true })
    expect(space.allocate(3)).toEqual({ first: 6, reused: true })
    expect(space.allocate(1)).toEqual({ first: 12, reused: false })
  })

  it('says which page two runs claim', () => {
    expect(FreeSpace.derive([run(4, 3), run(6, 2)])).toBe('page 6 is in use twice')
    expect(FreeSpace.derive([run(1, 1)])).toBe('page 1 is in use twice')
  })

  it('grows by no more than is missing at the end', () => {
    const space = FreeSpace.derive([run(2, 2)]) as FreeSpace
    const { first } = space.allocate(4)
    space.giveBack(first, 4)
    expect(space.allocate(6)).toEqual({ first: 4, reused: true })
    expect(space.pageCount).toBe(10)
  })

  it('says of pages behind an end that has moved back that they may have held something', () => {
    const space = FreeSpace.derive([run(2, 2)]) as FreeSpace
    const { first } = space.allocate(4)
    space.giveBack(first, 4)
    expect(space.trim()).toBe(4)
    expect(space.allocate(5)).toEqual({ first: 4, reused: true })
    expect(space.allocate(1)).toEqual({ first: 9, reused: false })
  })
})
