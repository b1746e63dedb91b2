import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { Arena, MemoryBudget } from './index.js'

const pageBytes = 65_536

describe('a memory budget', () => {
  test('gives what is left and no more, and remembers its peak', () => {
    const budget = new MemoryBudget(100)
    budget.reserve(60, 'one thing')
    expect(budget.tryReserve(41)).toBe(false)
    expect(budget.reservedBytes).toBe(60)
    expect(budget.tryReserve(40)).toBe(true)
    expect(budget.availableBytes).toBe(0)
    budget.release(70)
    expect(budget.availableBytes).toBe(70)
    expect(budget.peakBytes).toBe(100)
  })

  test('names the purpose and the numbers when something does not fit', () => {
    const budget = new MemoryBudget(100)
    budget.reserve(60, 'one thing')
    expect(() => budget.reserve(50, 'another thing')).toThrow(
      /another thing needs 50 bytes, but only 40 of the budget of 100/,
    )
    expect(budget.reservedBytes).toBe(60)
  })
})

describe('an arena', () => {
  test('aligns what it gives and takes it back to a mark', () => {
    const arena = new Arena(new MemoryBudget(1 << 20), 1 << 20)
    const first = arena.allocate(3)
    const mark = arena.mark()
    const second = arena.allocate(10, 64)
    expect(first).toBeGreaterThanOrEqual(pageBytes)
    expect(second % 64).toBe(0)
    expect(second).toBeGreaterThanOrEqual(first + 3)
    arena.release(mark)
    expect(arena.allocate(10, 64)).toBe(second)
  })

  test('reserves its growth, and grows only for what is new', () => {
    const budget = new MemoryBudget(10 * pageBytes)
    const arena = new Arena(budget, 10 * pageBytes)
    const mark = arena.mark()
    arena.allocate(3 * pageBytes)
    expect(budget.reservedBytes).toBe(4 * pageBytes)
    expect(arena.sizeBytes).toBe(4 * pageBytes)
    arena.release(mark)
    arena.allocate(2 * pageBytes)
    expect(budget.reservedBytes).toBe(4 * pageBytes)
  })

  test('refuses to outgrow the budget and stays as it was', () => {
    const budget = new MemoryBudget(2 * pageBytes)
    const arena = new Arena(budget, 10 * pageBytes)
    const mark = arena.mark()
    let caught: unknown
    try {
      arena.allocate(5 * pageBytes)
    } catch (error) {
      caught = error
    }
    expect(isMillraceError(caught, 'MILLRACE_MEMORY_BUDGET')).toBe(true)
    expect(arena.mark()).toBe(mark)
    expect(arena.sizeBytes).toBe(pageBytes)
  })

  test('refuses to outgrow its own bound, and leaves the budget as it was', () => {
    const budget = new MemoryBudget(100 * pageBytes)
    const arena = new Arena(budget, 2 * pageBytes)
    const reserved = budget.reservedBytes
    let caught: unknown
    try {
      arena.allocate(5 * pageBytes)
    } catch (error) {
      caught = error
    }
    expect(isMillraceError(caught, 'MILLRACE_MEMORY_BUDGET')).toBe(true)
    expect(budget.reservedBytes).toBe(reserved)
  })

  test('gives addresses beyond 2 GiB', () => {
    const arena = new Arena(new MemoryBudget(2 ** 32), 2 ** 32)
    arena.allocate(2 ** 31)
    const address = arena.allocate(8)
    expect(address).toBeGreaterThan(2 ** 31)
    expect(address % 16).toBe(0)
    arena.bytes[address] = 1
  })

  test('does not release to a mark above its top', () => {
    const arena = new Arena(new MemoryBudget(1 << 20), 1 << 20)
    expect(() => arena.release(arena.mark() + 1)).toThrow(/arena mark/)
  })
})
