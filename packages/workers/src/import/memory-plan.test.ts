import type { KeyIndexRun, NodeTable } from '@millrace/core/internal'
import { describe, expect, test } from 'vitest'
import { batchRowsDefault, loadBytesMin, maxRowBytesDefault } from '../limits.js'
import { type MemoryPlanRequest, planMemory } from './memory-plan.js'

const mebibyte = 1 << 20

/** A node table of so many rows whose keys have an index, or none because the table is empty. */
function nodes(rowCount: number): NodeTable {
  const runs = rowCount === 0 ? [] : [{} as KeyIndexRun]
  const keys = { sortedGroups: [], runs, hashedRange: null }
  const columns = [{ name: 'id', type: 'STRING' as const }]
  return { kind: 'node', id: 1, name: 'N', columns, keyColumn: 0, rowCount, groups: [], keys }
}

function request(change: Partial<MemoryPlanRequest>): MemoryPlanRequest {
  return {
    budgetBytes: 120 * mebibyte,
    threads: 2,
    blockSize: null,
    batchSize: batchRowsDefault,
    maxRowBytes: maxRowBytesDefault,
    columnCount: 3,
    target: { kind: 'node' },
    ...change,
  }
}

const rels = (rowCount: number, strings = false) =>
  ({ kind: 'rel', endpoints: [nodes(rowCount)], strings, unitBytes: 10 * mebibyte }) as const

describe('a memory plan', () => {
  test('divides the whole budget and no more', () => {
    for (const target of [{ kind: 'node' } as const, rels(0), rels(1000), rels(10_000_000, true)]) {
      for (const threads of [1, 2, 6]) {
        const plan = planMemory(request({ target, threads }))
        expect(plan.loadBytes).toBeGreaterThanOrEqual(loadBytesMin)
        const parts = plan.slotCount * plan.slotBytes + threads * plan.workerBytes + plan.loadBytes
        expect(parts).toBe(120 * mebibyte)
      }
    }
  })

  test('keeps no memory for maps of keys that need none, or that are too many', () => {
    expect(planMemory(request({ target: rels(0) })).keyBytes).toBe(0)
    expect(planMemory(request({ target: rels(10_000_000) })).keyBytes).toBe(0)
    const mapped = planMemory(request({ target: rels(100_000) }))
    expect(mapped.keyBytes).toBeGreaterThan(100_000 * 24)
    expect(mapped.workerBytes).toBeGreaterThan(mapped.keyBytes)
  })

  test('gives the load of short relationships most of the default budget', () => {
    expect(planMemory(request({ target: rels(0) })).loadBytes).toBeGreaterThan(70 * mebibyte)
  })

  test('takes fewer threads than asked for where the budget has no room for them, and all where it has', () => {
    expect(planMemory(request({ threads: 4 })).threads).toBe(4)
    const many = planMemory(request({ threads: 64 }))
    expect(many.threads).toBeGreaterThan(4)
    expect(many.threads).toBeLessThan(64)
    const parts = many.slotCount * many.slotBytes + many.threads * many.workerBytes + many.loadBytes
    expect(parts).toBe(120 * mebibyte)
  })

  test('takes smaller blocks for a smaller budget, and says when none is small enough', () => {
    const small = planMemory(request({ budgetBytes: 48 * mebibyte, columnCount: 6 }))
    expect(small.blockBytes).toBeLessThan(planMemory(request({ columnCount: 6 })).blockBytes)
    expect(() => planMemory(request({ budgetBytes: 10 * mebibyte }))).toThrow(
      /An import with blocks of 65536 bytes/,
    )
  })
})
