import {
  isMillraceError,
  type KeyIndexRun,
  type NodeTable,
  type SegmentDescriptor,
} from '@millrace/core/internal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { divideMemory } from '../database-options.js'
import {
  batchRowsDefault,
  blockBytesEnough,
  loadBytesMin,
  maxRowBytesDefault,
  memoryBudgetMin,
} from '../limits.js'
import { noLooks } from './look-up-plan.js'
import { type MemoryPlan, planMemory } from './memory-plan.js'
import type { MemoryPlanRequest } from './memory-request.js'
import { unitBytesFor } from './worker-memory.js'

const mebibyte = 1 << 20

/** A node table of so many rows whose keys have an index, or none because the table is empty. */
function nodes(rowCount: number): NodeTable {
  const run = { entries: rowCount, bucketPages: Math.ceil(rowCount / 303) } as KeyIndexRun
  const runs = rowCount === 0 ? [] : [run]
  const rows = Math.min(65_536, rowCount)
  const key = { type: 'STRING', encoding: 'plain', rows, contentBytes: rows * 21 } as SegmentDescriptor
  const groups = Array.from({ length: Math.ceil(rowCount / rows) }, () => ({ rows, segments: [key] }))
  const keys = { sortedGroups: [], runs, hashedRange: null }
  const columns = [{ name: 'id', type: 'STRING' as const }]
  return { kind: 'node', id: 1, name: 'N', columns, keyColumn: 0, rowCount, groups, keys }
}

function request(change: Partial<MemoryPlanRequest>): MemoryPlanRequest {
  return {
    budgetBytes: 120 * mebibyte,
    threads: 2,
    blockSize: null,
    blockBytesMax: Number.POSITIVE_INFINITY,
    batchSize: null,
    recordBytes: 48,
    inputBytes: null,
    maxRowBytes: maxRowBytesDefault,
    columnCount: 3,
    heapBytes: { ofRow: 0, shared: 0 },
    target: { kind: 'node', strings: false },
    ...change,
  }
}

/** Bytes of all parts of a plan. */
function partsOf(plan: MemoryPlan): number {
  const { slotCount, slotBytes, threads, workerBytes, lookUps, loadBytes } = plan
  return slotCount * slotBytes + threads * workerBytes + lookUps.sharedBytes + loadBytes
}

const rels = (rowCount: number, strings = false) =>
  ({
    kind: 'rel',
    endpoints: [nodes(rowCount)],
    keyLooks: noLooks,
    strings,
    unitBytes: 10 * mebibyte,
    loadBytesMin,
  }) as const

/** The plan; null when it is said that there is no memory for any. */
function planOrNull(asked: MemoryPlanRequest): MemoryPlan | null {
  try {
    return planMemory(asked)
  } catch (error) {
    expect(error).toMatchObject({ code: 'MILLRACE_MEMORY_BUDGET' })
    return null
  }
}

describe('a memory plan', () => {
  test('that does not fit says how much would: more than there is, and enough', () => {
    for (const change of [
      { blockSize: 4 * mebibyte },
      { columnCount: 2000 },
      { columnCount: 2000, maxRowBytes: 1000 },
      { maxRowBytes: 64 * mebibyte },
    ]) {
      const tight = request({ budgetBytes: 16 * mebibyte, ...change })
      let needed = 0
      try {
        planMemory(tight)
      } catch (error) {
        expect(isMillraceError(error, 'MILLRACE_MEMORY_BUDGET')).toBe(true)
        needed = Number((error as { details: { needed: number } }).details.needed)
      }
      expect(needed).toBeGreaterThan(tight.budgetBytes)
      expect(planMemory({ ...tight, budgetBytes: needed }).threads).toBe(1)
      expect(() => planMemory({ ...tight, budgetBytes: needed - 1 })).toThrow('are left')
    }
  })

  test('divides the whole budget and no more', () => {
    for (const target of [
      { kind: 'node', strings: true } as const,
      rels(0),
      rels(1000),
      rels(10_000_000, true),
    ]) {
      for (const threads of [1, 2, 6]) {
        const plan = planMemory(request({ target, threads }))
        expect(plan.loadBytes).toBeGreaterThanOrEqual(loadBytesMin)
        expect(partsOf(plan)).toBe(120 * mebibyte)
      }
    }
  })

  test('has room for as many columns as a table may have: slots are given up', () => {
    for (const columnCount of [3000, 5000, 10_000]) {
      const plan = planMemory(request({ columnCount }))
      expect(plan.slotCount).toBeGreaterThanOrEqual(plan.threads)
      expect(plan.rowsMax).toBeGreaterThanOrEqual(10)
      expect(plan.loadBytes).toBeGreaterThanOrEqual(loadBytesMin)
      expect(partsOf(plan)).toBe(120 * mebibyte)
    }
    expect(planMemory(request({ columnCount: 10_000 })).slotCount).toBe(1)
  })

  test('fills half of a page of each column with a block, if it can: threads and slots are given up first', () => {
    for (const [columnCount, budget] of [
      [600, 40],
      [1000, 48],
      [1000, 72],
      [2000, 72],
      [2500, 72],
    ] as const) {
      const plan = planMemory(request({ columnCount, budgetBytes: budget * mebibyte, recordBytes: null }))
      expect(plan.blockBytes, `${columnCount} columns in ${budget} MiB`).toBeGreaterThanOrEqual(
        columnCount * 2048,
      )
    }
  })

  test('gives each worker a map of few keys, all one map of many, and none of too many', () => {
    expect(planMemory(request({ target: rels(0) })).lookUps).toMatchObject({ keyBytes: 0, passes: false })
    const few = planMemory(request({ target: rels(100_000) }))
    expect(few.lookUps).toMatchObject({ sharedBytes: 0, passes: false })
    expect(few.lookUps.keyBytes).toBeGreaterThan(100_000 * 24)
    expect(few.workerBytes).toBeGreaterThan(few.lookUps.keyBytes)
    const many = planMemory(request({ target: rels(5_000_000) }))
    expect(many.lookUps).toMatchObject({ keyBytes: 0, passes: true })
    expect(many.lookUps.sharedBytes).toBeGreaterThan(5_000_000 * 6)
    const tooMany = planMemory(request({ target: rels(50_000_000) }))
    expect(tooMany.lookUps).toMatchObject({ keyBytes: 0, sharedBytes: 0, passes: true })
  })

  test('gives all workers one map of packed keys, unless that leaves too little for anything else', () => {
    const tables = new Uint32Array(50_000)
    const packing = { contexts: 65, shift: 0, tables, tablesBytes: 200_000, placedByte: 0 }
    const packingOf = () => ({ ...packing, least: 16, most: 16, meanBytes: 14 })
    const target = { ...rels(5_000_000), keyLooks: { ...noLooks, packingOf }, unitBytes: 2.5 * mebibyte }
    const plan = planMemory(request({ target, recordBytes: 71 }))
    expect(plan.lookUps).toMatchObject({ passes: false, shared: [{ kind: 'packed' }] })
    expect(plan.lookUps.sharedBytes).toBeLessThan(5_000_000 * 18.5)
    expect(plan.threads).toBe(2)
    expect(plan.loadBytes).toBeGreaterThanOrEqual(12 * mebibyte)
    expect(partsOf(plan)).toBeLessThanOrEqual(120 * mebibyte)
    const longRecords = planMemory(request({ target, maxRowBytes: 20 * mebibyte }))
    expect(longRecords.lookUps).toMatchObject({ passes: true, shared: [{ kind: 'candidates' }] })
    const little = planMemory(request({ target, budgetBytes: 48 * mebibyte }))
    expect(little.lookUps.passes).toBe(true)
  })

  test('leaves a load of relationships what it takes, unless nothing else could be less', () => {
    const enough = 20 * mebibyte
    const target = { ...rels(0), loadBytesMin: enough }
    for (let budgetBytes = 16 * mebibyte; budgetBytes < 96 * mebibyte; budgetBytes += mebibyte) {
      const plan = planOrNull(request({ target, budgetBytes }))
      if (plan === null || (plan.threads === 1 && plan.rowsMax <= 1024)) continue
      expect(plan.loadBytes, `${budgetBytes}`).toBeGreaterThanOrEqual(enough)
    }
    expect(planMemory(request({ target, budgetBytes: 48 * mebibyte })).threads).toBe(2)
  })

  test('has room for what reading the keys takes, or says that there is none', () => {
    const readBytes = 14 * mebibyte
    const target = { ...rels(5_000_000), keyLooks: { ...noLooks, readBytesOf: () => readBytes } }
    for (let budgetBytes = 16 * mebibyte; budgetBytes < 64 * mebibyte; budgetBytes += mebibyte / 2) {
      const plan = planOrNull(request({ target, budgetBytes }))
      if (plan !== null) expect(plan.workerBytes, `${budgetBytes}`).toBeGreaterThan(readBytes)
    }
  })

  test('makes batches larger, and as many for each thread, where each of them reads all keys', () => {
    const target = rels(5_000_000)
    const plan = planMemory(request({ target, inputBytes: 100 * mebibyte }))
    const blocks = Math.ceil((100 * mebibyte) / plan.blockBytes)
    expect(plan.blockBytes).toBeGreaterThan(6 * mebibyte)
    expect(blocks % plan.threads).toBe(0)
    expect(plan.rowsMax).toBeGreaterThan(plan.blockBytes / 48)
    expect(planMemory(request({ target, blockSize: mebibyte })).blockBytes).toBe(mebibyte)
    expect(planMemory(request({ target, batchSize: 1000 })).rowsMax).toBe(1000)
    expect(planMemory(request({ target, blockBytesMax: mebibyte })).blockBytes).toBe(mebibyte)
  })

  test('gives the load of short relationships most of the default budget', () => {
    expect(planMemory(request({ target: rels(0) })).loadBytes).toBeGreaterThan(70 * mebibyte)
  })

  test('takes fewer threads than asked for where the budget has no room for them, and all where it has', () => {
    expect(planMemory(request({ threads: 4 })).threads).toBe(4)
    const many = planMemory(request({ threads: 64 }))
    expect(many.threads).toBeGreaterThan(4)
    expect(many.threads).toBeLessThan(64)
    expect(partsOf(many)).toBe(120 * mebibyte)
  })

  test('gives up threads before blocks become small', () => {
    const little = planMemory(request({ budgetBytes: 30 * mebibyte, threads: 4, columnCount: 6 }))
    expect(little.threads).toBeLessThan(4)
    expect(little.blockBytes).toBe(blockBytesEnough)
    const more = planMemory(request({ budgetBytes: 90 * mebibyte, threads: 4, columnCount: 6 }))
    expect(more.threads).toBe(4)
    expect(more.blockBytes).toBeGreaterThan(blockBytesEnough)
  })

  test('has room for every usual import in the smallest budget', () => {
    const { importBytes } = divideMemory(memoryBudgetMin)
    for (const columnCount of [3, 7, 60]) {
      const unitBytes = unitBytesFor(importBytes)
      for (const target of [{ kind: 'node', strings: true } as const, { ...rels(0, true), unitBytes }]) {
        const plan = planMemory(request({ budgetBytes: importBytes, columnCount, target }))
        expect(plan.blockBytes).toBeGreaterThanOrEqual(blockBytesEnough / 2)
      }
    }
  })

  test('has room for the longest record without taking it beside a block', () => {
    const plans = [1, 2 * mebibyte, 6 * mebibyte].map((maxRowBytes) => planMemory(request({ maxRowBytes })))
    expect(plans.map(({ blockBytes }) => blockBytes)).toEqual(Array(3).fill(plans[0]!.blockBytes))
    expect(plans[1]!.workerBytes).toBe(plans[0]!.workerBytes)
    for (const plan of plans) expect(plan.slotBytes).toBeGreaterThan(plan.blockBytes)
    expect(plans[2]!.slotBytes).toBeGreaterThan(6 * mebibyte)
  })

  test('says when nothing is small enough', () => {
    expect(() => planMemory(request({ budgetBytes: 10 * mebibyte }))).toThrow(
      /An import with blocks of 65536 bytes and records of up to 2097152 bytes/,
    )
  })

  const anyRequest = fc.record({
    threads: fc.integer({ min: 1, max: 64 }),
    blockSize: fc.constantFrom(null, null, 1, 1000, 3 * mebibyte, 20 * mebibyte),
    batchSize: fc.constantFrom(batchRowsDefault, 1, 5000, 10_000_000),
    maxRowBytes: fc.constantFrom(maxRowBytesDefault, 100, 20 * mebibyte),
    columnCount: fc.constantFrom(2, 3, 7, 30, 400, 600, 2000),
    kind: fc.constantFrom('node', 'rel'),
    // No table whose map of keys fits into some budgets only: it takes memory from the rest.
    rowCount: fc.constantFrom(0, 1000, 100_000_000),
    strings: fc.boolean(),
  })

  type AnyRequest = typeof anyRequest extends fc.Arbitrary<infer T> ? T : never

  /** The plan for a database's budget; null when there is none. */
  function planFor(memoryBudget: number, { kind, rowCount, strings, ...change }: AnyRequest) {
    const budgetBytes = divideMemory(memoryBudget).importBytes
    const target =
      kind === 'node'
        ? ({ kind, strings } as const)
        : { ...rels(rowCount, strings), unitBytes: unitBytesFor(budgetBytes), loadBytesMin: 11 * mebibyte }
    try {
      return { ...planMemory(request({ ...change, budgetBytes, target })), budgetBytes }
    } catch (error) {
      expect(isMillraceError(error, 'MILLRACE_MEMORY_BUDGET')).toBe(true)
      return null
    }
  }

  test('never goes beyond the budget, and more memory never gives smaller blocks or fewer threads', () => {
    // In steps: slots are whole pages, which a few bytes more may just have made one more.
    const growth = fc.integer({ min: 0, max: 25 }).map((steps) => steps * 8 * mebibyte)
    const budget = fc.integer({ min: memoryBudgetMin, max: 400 * mebibyte })
    fc.assert(
      fc.property(anyRequest, budget, growth, (asked, bytes, more) => {
        const plan = planFor(bytes, asked)
        if (plan === null) return
        const { threads, slotCount, slotBytes, loadBytes, budgetBytes } = plan
        expect(loadBytes).toBeGreaterThanOrEqual(loadBytesMin)
        expect(partsOf(plan)).toBe(budgetBytes)
        expect(threads).toBeLessThanOrEqual(asked.threads)
        // Of wide tables slots are given up.
        expect(slotCount).toBeGreaterThan(asked.columnCount > 512 ? threads - 1 : threads)
        if (asked.kind === 'node' || asked.strings) expect(slotBytes).toBeGreaterThan(asked.maxRowBytes)
        expect(plan.rowsMax).toBeLessThanOrEqual(asked.batchSize)
        const larger = planFor(bytes + more, asked)
        expect(larger).not.toBeNull()
        expect(larger!.blockBytes).toBeGreaterThanOrEqual(plan.blockBytes)
        expect(larger!.threads).toBeGreaterThanOrEqual(threads)
      }),
      { numRuns: 2000 },
    )
  })
})
